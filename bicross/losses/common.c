#include "bicross/losses/common.h"

#include "host/team/steps.h"
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

int bc_pooled_partials(const bc_node *node) {
    return BC_PARTIALS * bc_team_size(bc_graph_share_of(node->graph)->team);
}

bc_status bc_tape_pool_partials(bc_node *node, bc_tape *tape, int quantities) {
    return bc_tape_gather(tape, bc_graph_share_of(node->graph)->team, node->workspace, 0, (size_t)quantities,
                          BC_PARTIALS * sizeof(float));
}

int bc_pooled_count(const bc_node *node, int count) {
    return (int)bc_share_whole(bc_graph_share_of(node->graph), count);
}

size_t bc_mean_workspace(const bc_node *node, bool backward) {
    return backward ? 0 : 2 * (size_t)bc_pooled_partials(node) * sizeof(float);
}

size_t bc_mean_saved(const bc_node *node) {
    (void)node;
    return sizeof(float);
}

static bc_status record_finish(bc_node *node, bc_tape *tape, int partials, bc_buffer divisor, int channels,
                               const char *vector) {
    bc_launch finish = {
        .source = "losses.cl",
        .kernel = "mean_finish",
        .defines = vector,
        .items = {1},
        .flops = 2.0 * partials,
        .bytes = 2.0 * partials * sizeof(float),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(divisor), BC_BUFFER(node->workspace),
                BC_INT(partials), BC_FLOAT(channels)),
    };
    return bc_tape_launch(tape, &finish);
}

bc_status bc_tape_mean_finish(bc_node *node, bc_tape *tape, bc_buffer divisor, int channels,
                              const char *vector) {
    BC_TRY(bc_tape_pool_partials(node, tape, 2));
    return record_finish(node, tape, bc_pooled_partials(node), divisor, channels, vector);
}

bc_status bc_tape_own_mean_finish(bc_node *node, bc_tape *tape, bc_buffer divisor, int channels,
                                  const char *vector) {
    return record_finish(node, tape, BC_PARTIALS, divisor, channels, vector);
}
