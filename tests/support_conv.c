/* Refusals that the tests of convolutions share. */
#include "tests/support.h"

#include <string.h>

void check_bad_conv(conv_builder *build, bc_shape x, const bad_conv *bad) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *in = bc_graph_input(graph, "x", x);
    bc_value *weight = bc_graph_input(graph, "w", bad->weight);
    bc_value *bias = bad->bias ? bc_graph_input(graph, "b", (bc_shape){1, 1, 1, bad->bias}) : NULL;
    ck_assert_ptr_null(build(graph, in, weight, bias, bad->geometry));
    ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, bad->message));
    ck_assert_ptr_null(build(graph, NULL, weight, NULL, bad->geometry));
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}
