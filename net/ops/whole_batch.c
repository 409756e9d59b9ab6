/* From a rank's share of a batch to the batch: for what looks at all samples at once, and is small. */
#include "host/team/steps.h"
#include "net/ops/attributes.h"
#include "net/ops/copy_block.h"

#include <stdlib.h>

static bool whole_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    *out = inputs[0]->shape;
    out->n = (int)bc_share_whole(bc_graph_share_of(g), out->n);
    return true;
}

static bc_status record_gather(const bc_node *node, bc_tape *tape, size_t sample_bytes) {
    const bc_share *share = bc_graph_share_of(node->graph);
    int ranks = bc_team_size(share->team);
    size_t *bytes = malloc((size_t)ranks * sizeof *bytes);
    if (!share->team || !bytes) {
        free(bytes);
        return share->team ? bc_fail(bc_host_error(bc_tape_host(tape)), BC_E_MEMORY,
                                     "no host memory to gather a batch of %d ranks", ranks)
                           : BC_OK;
    }
    for (int r = 0; r < ranks; r++)
        bytes[r] = (size_t)share->counts[r] * sample_bytes;
    bc_status status = bc_tape_gather_parts(tape, share->team, node->output->data, bytes);
    free(bytes);
    return status;
}

static bc_status whole_forward(bc_node *node, bc_tape *tape) {
    size_t count = bc_shape_count(node->inputs[0]->shape);
    BC_TRY(bc_tape_copy_range(tape, node->output->data, 0, node->inputs[0]->data, 0, count, 0));
    return record_gather(node, tape, count * sizeof(float) / (size_t)node->inputs[0]->shape.n);
}

static bc_status whole_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0];
    size_t count = bc_shape_count(x->shape), sample = count / (size_t)x->shape.n;
    size_t place = sample * (size_t)bc_graph_share_of(node->graph)->first;
    return bc_tape_copy_range(tape, x->grad, 0, node->output->grad, place, count, bc_grad_accumulate(x));
}

/* Of one process: what several make of it is seen in tests/test_ranks.c. */
static const bc_op_case whole_cases[] = {
    {.label = "a batch of three", .inputs = {{.shape = {3, 1, 2, 5}}}, .use = BC_CASE_TINY},
    {0},
};

const bc_op bc_whole_batch_op = {
    .name = "whole_batch",
    .input_count = 1,
    .shape = whole_shape,
    .forward = whole_forward,
    .backward = whole_backward,
    .cases = whole_cases,
};

bc_value *bc_whole_batch(bc_graph *g, bc_value *x) {
    return bc_graph_share_of(g)->team ? bc_graph_node(g, &bc_whole_batch_op, &x, NULL) : x;
}
