#include "bicross/losses/common.h"

#include "net/ops/vector.h"

#include <limits.h>

bool bc_same_shapes(bc_graph *g, const char *operation, int count, bc_value *const *inputs) {
    for (int i = 0; i < count; i++) {
        bc_shape a = inputs[0]->shape, b = inputs[i]->shape;
        if (!bc_shape_same(a, b)) {
            bc_graph_fail(g, "%s: input %d is %dx%dx%dx%d, input 0 is %dx%dx%dx%d; they must be equal",
                          operation, i, b.n, b.h, b.w, b.c, a.n, a.h, a.w, a.c);
            return false;
        }
    }
    if (bc_shape_count(inputs[0]->shape) > INT_MAX / 2) {
        bc_graph_fail(g, "%s: %zu elements are too many, %d can be counted", operation,
                      bc_shape_count(inputs[0]->shape), INT_MAX / 2);
        return false;
    }
    return true;
}

const char *bc_loss_vector(const bc_node *node, int length) {
    return bc_vector_for(bc_graph_host(node->graph), length).define;
}

int bc_element_count(const bc_value *value) {
    return (int)bc_shape_count(value->shape);
}

size_t bc_mean_workspace(const bc_node *node, bool backward) {
    (void)node;
    return backward ? 0 : 2 * BC_PARTIALS * sizeof(float);
}

size_t bc_mean_saved(const bc_node *node) {
    (void)node;
    return sizeof(float);
}

bc_status bc_tape_mean_finish(bc_node *node, bc_tape *tape, bc_buffer divisor, int channels,
                              const char *vector) {
    bc_launch finish = {
        .source = "losses.cl",
        .kernel = "mean_finish",
        .defines = vector,
        .items = {1},
        .flops = 2 * BC_PARTIALS,
        .bytes = 2 * BC_PARTIALS * sizeof(float),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(divisor), BC_BUFFER(node->workspace),
                BC_INT(BC_PARTIALS), BC_FLOAT(channels)),
    };
    return bc_tape_launch(tape, &finish);
}
