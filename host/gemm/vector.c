/* Products whose C is a vector, a column without gaps: a panel would have one column of use. */
#include "host/base/divide.h"
#include "host/gemm/internal.h"

static bool is_column(const bc_gemm *g) {
    return g->n == 1 && g->ldc == 1 && !g->b_panels && (g->transpose_b || g->ldb == 1);
}

bool bc_gemm_is_vector(const bc_gemm *g) {
    return is_column(g) && !g->transpose_a;
}

/* C^T = B^T A with a row of C^T: the stored A is the second operand, row by row. A column without gaps is a row, too. */
bc_gemm bc_gemm_turned(const bc_gemm *g) {
    bc_gemm t = *g;
    if (!is_column(g) || !g->transpose_a || g->bias.mem)
        return t;
    t.m = 1;
    t.n = g->m;
    t.transpose_a = t.transpose_b = false;
    t.a = g->b;
    t.a_offset = g->b_offset;
    t.lda = g->k;
    t.b = g->a;
    t.b_offset = g->a_offset;
    t.ldb = g->lda;
    t.ldc = g->m;
    for (int level = 0; level < 2; level++) {
        t.a_stride[level] = g->b_stride[level];
        t.b_stride[level] = g->a_stride[level];
    }
    return t;
}

bc_status bc_tape_gemm_vector(bc_tape *tape, const bc_gemm *g, const char *defines) {
    bc_launch launch = {
        .source = "gemm.cl",
        .defines = defines,
        .kernel = "gemm_vector",
        .items = {(size_t)bc_divide_up(g->m, 16), (size_t)g->outer * (size_t)g->inner},
        .group = {16, 1, 1},
        .flops = bc_gemm_flops(g),
        .bytes = bc_gemm_bytes(g),
        BC_ARGS(BC_BUFFER(g->c), BC_BUFFER(g->a), BC_BUFFER(g->b), BC_BUFFER(g->bias), BC_BUFFER(g->residual),
                BC_INT(g->m), BC_INT(g->k), BC_INT(g->inner), BC_INT(g->a_offset), BC_INT(g->a_stride[0]),
                BC_INT(g->a_stride[1]), BC_INT(g->lda), BC_INT(g->b_offset), BC_INT(g->b_stride[0]),
                BC_INT(g->b_stride[1]), BC_INT(g->c_offset), BC_INT(g->c_stride[0]), BC_INT(g->c_stride[1]),
                BC_FLOAT(g->alpha), BC_FLOAT(g->beta), BC_INT(g->activation))};
    return bc_tape_launch(tape, &launch);
}
