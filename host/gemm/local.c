/* The provider for GPUs of our own: one launch of cl_kernels/gemm_local.cl, and one more that adds slices of k where C has
 * too few tiles to keep the device busy. */
#include "host/gemm/internal.h"
#include "host/gemm/local_tile.h"

static bc_local_tile tile_of(const bc_host *host, const bc_gemm *g) {
    return bc_local_tile_for(host, g->way->tile, g->m, g->n, g->k, g->outer * g->inner);
}

size_t bc_gemm_local_workspace(const bc_host *host, const bc_gemm *g) {
    int slices = tile_of(host, g).slices;
    size_t products = (size_t)g->outer * (size_t)g->inner;
    return slices > 1 ? 4 * products * (size_t)slices * (size_t)g->m * (size_t)g->n : 0;
}

/* With slices, plain sums (batch, slices, m, n) go to scratch and `sum` does the rest. */
static bc_launch multiply(const bc_gemm *g, const bc_local_tile *tile, bc_buffer workspace) {
    bool cut = tile->slices > 1;
    bc_buffer none = {0};
    long slice = (long)g->m * g->n, product = slice * tile->slices;
    return (bc_launch){
        .source = "gemm_local.cl",
        .kernel = "gemm_local",
        .defines = tile->defines,
        .items = {tile->items[0], tile->items[1], tile->items[2]},
        .group = {16, 16, 1},
        .flops = bc_gemm_flops(g),
        .bytes = bc_gemm_bytes(g),
        BC_ARGS(BC_BUFFER(cut ? workspace : g->c), BC_BUFFER(g->a), BC_BUFFER(g->b),
                BC_BUFFER(cut ? none : g->bias), BC_BUFFER(cut ? none : g->residual), BC_INT(g->m),
                BC_INT(g->n), BC_INT(g->k), BC_INT(g->inner), BC_INT(tile->slices), BC_INT(g->a_offset),
                BC_INT(g->a_stride[0]), BC_INT(g->a_stride[1]), BC_INT(g->transpose_a ? 1 : g->lda),
                BC_INT(g->transpose_a ? g->lda : 1), BC_INT(g->b_offset), BC_INT(g->b_stride[0]),
                BC_INT(g->b_stride[1]), BC_INT(g->transpose_b ? 1 : g->ldb),
                BC_INT(g->transpose_b ? g->ldb : 1), BC_INT(cut ? 0 : g->c_offset),
                BC_INT(cut ? product * g->inner : g->c_stride[0]), BC_INT(cut ? product : g->c_stride[1]),
                BC_INT(slice), BC_INT(cut ? g->n : g->ldc), BC_FLOAT(cut ? 1 : g->alpha),
                BC_FLOAT(cut ? 0 : g->beta), BC_INT(cut ? BC_ACTIVATION_NONE : g->activation))};
}

static bc_launch sum(const bc_gemm *g, const bc_local_tile *tile, bc_buffer workspace) {
    double elements = (double)g->m * g->n * g->outer * g->inner;
    return (bc_launch){.source = "gemm_local.cl",
                       .kernel = "gemm_local_sum",
                       .defines = tile->defines,
                       .items = {(size_t)g->n, (size_t)g->m, (size_t)g->outer * (size_t)g->inner},
                       .flops = elements * tile->slices,
                       .bytes = 4 * elements * (tile->slices + 1),
                       BC_ARGS(BC_BUFFER(g->c), BC_BUFFER(workspace), BC_BUFFER(g->bias),
                               BC_BUFFER(g->residual), BC_INT(g->m), BC_INT(g->n), BC_INT(tile->slices),
                               BC_INT(g->inner), BC_INT(g->c_offset), BC_INT(g->c_stride[0]),
                               BC_INT(g->c_stride[1]), BC_INT(g->ldc), BC_FLOAT(g->alpha), BC_FLOAT(g->beta),
                               BC_INT(g->activation))};
}

int bc_gemm_local_launches(const bc_host *host, const bc_gemm *g, bc_buffer workspace,
                           bc_launch out[BC_LOCAL_LAUNCHES]) {
    bc_local_tile tile = tile_of(host, g);
    out[0] = multiply(g, &tile, workspace);
    if (tile.slices > 1)
        out[1] = sum(g, &tile, workspace);
    return tile.slices > 1 ? 2 : 1;
}

bc_status bc_tape_gemm_local(bc_tape *tape, const bc_gemm *g, bc_buffer workspace) {
    bc_launch launches[BC_LOCAL_LAUNCHES];
    int count = bc_gemm_local_launches(bc_tape_host(tape), g, workspace, launches);
    for (int i = 0; i < count; i++)
        BC_TRY(bc_tape_launch(tape, &launches[i]));
    return BC_OK;
}
