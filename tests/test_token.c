/* Position embedding, tokens and readout: mistakes. */
#include "net/ops/ops.h"
#include "tests/support.h"

START_TEST(wrong_shapes_fail) {
    for (int i = 0; i < 4; i++) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *row = bc_graph_input(graph, "row", (bc_shape){1, 1, 10, 4});
        bc_value *map = bc_graph_input(graph, "map", (bc_shape){2, 3, 3, 4});
        bc_value *cls = bc_graph_input(graph, "cls", (bc_shape){1, 1, 1, 4});
        bc_value *y = i == 0   ? bc_position_resize(graph, row, 3, 4, 2, 2)
                      : i == 1 ? bc_tokens(graph, map, row, row)
                      : i == 2 ? bc_tokens(graph, map, cls, cls)
                               : bc_readout(graph, row, 2, 4);
        ck_assert_ptr_null(y);
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("token");
    TCase *t = tcase_create("token");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, wrong_shapes_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
