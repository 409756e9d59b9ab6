#include "net/ops/epilogue.h"

#include "net/ops/column_sum.h"
#include "net/ops/copy_block.h"
#include "net/ops/vector.h"

bool bc_epilogue_fits(bc_graph *g, const bc_value *weight, bc_activation activation, const bc_value *r,
                      bc_shape shape) {
    const char *name = weight->name ? weight->name : "?";
    if (!r)
        return true;
    if (activation != BC_ACTIVATION_NONE)
        bc_graph_fail(g, "weight %s is followed by an activation and a residual; one node does only one",
                      name);
    else if (!bc_shape_same(r->shape, shape))
        bc_graph_fail(g, "the residual added after weight %s is %dx%dx%dx%d, expected %dx%dx%dx%d", name,
                      r->shape.n, r->shape.h, r->shape.w, r->shape.c, shape.n, shape.h, shape.w, shape.c);
    else
        return true;
    return false;
}

bc_status bc_tape_relu_gradient(bc_tape *tape, const bc_value *y) {
    size_t count = bc_shape_count(y->shape);
    bc_vector vector = bc_vector_for(bc_tape_host(tape), (int)count);
    bc_launch launch = {
        .source = "activation.cl",
        .kernel = "relu_mask",
        .defines = vector.define,
        .items = {count / vector.width},
        .flops = (double)count,
        .bytes = 12.0 * (double)count,
        BC_ARGS(BC_BUFFER(y->grad), BC_BUFFER(y->data), BC_INT(count / vector.width)),
    };
    return bc_tape_launch(tape, &launch);
}

static int row_count(const bc_value *y) {
    return y->shape.n * y->shape.h * y->shape.w;
}

size_t bc_bias_gradient_workspace(const bc_value *bias, const bc_value *y) {
    return bias && bias->needs_grad ? bc_column_sum_workspace(1, row_count(y), y->shape.c) : 0;
}

bc_status bc_tape_bias_gradient(bc_tape *tape, bc_value *bias, const bc_value *y, bc_buffer workspace) {
    if (!bias || !bias->needs_grad)
        return BC_OK;
    bc_column_sum sum = {.out = bias->grad,
                         .x = y->grad,
                         .batch = 1,
                         .rows = row_count(y),
                         .columns = y->shape.c,
                         .accumulate = bc_grad_accumulate(bias)};
    return bc_tape_column_sum(tape, &sum, workspace, 0);
}

bc_status bc_tape_residual_gradient(bc_tape *tape, bc_value *residual, const bc_value *y) {
    if (!residual || !residual->needs_grad)
        return BC_OK;
    return bc_tape_copy_range(tape, residual->grad, 0, y->grad, 0, bc_shape_count(y->shape),
                              bc_grad_accumulate(residual));
}
