/* What all providers share: what a product is and costs, and what follows it where they do not do it themselves. */
#include "host/gemm/internal.h"

bc_gemm bc_gemm_with_defaults(const bc_host *host, const bc_gemm *gemm) {
    bc_gemm g = *gemm;
    g.way = g.way ? g.way : bc_gemm_rule(bc_host_gemm(host));
    g.outer = g.outer ? g.outer : 1;
    g.inner = g.inner ? g.inner : 1;
    return g;
}

double bc_gemm_flops(const bc_gemm *g) {
    return 2.0 * g->m * g->n * g->k * g->outer * g->inner;
}

double bc_gemm_bytes(const bc_gemm *g) {
    double a = (double)g->m * g->k, b = (double)g->k * g->n, c = (double)g->m * g->n;
    int times = 1 + (g->beta != 0) + (g->residual.mem != NULL);
    return 4.0 * (a + b + times * c) * g->outer * g->inner;
}

bc_status bc_tape_epilogue(bc_tape *tape, const bc_gemm *gemm) {
    bc_gemm g = bc_gemm_with_defaults(bc_tape_host(tape), gemm);
    if (!g.bias.mem && !g.residual.mem && g.activation == BC_ACTIVATION_NONE)
        return BC_OK;
    double elements = (double)g.m * g.n * g.outer * g.inner;
    bc_launch launch = {
        .source = "epilogue.cl",
        .kernel = "epilogue",
        .items = {(size_t)g.n, (size_t)g.m, (size_t)g.outer * (size_t)g.inner},
        .flops = elements * ((g.bias.mem != NULL) + (g.residual.mem != NULL) +
                             (g.activation == BC_ACTIVATION_GELU ? 25 : g.activation == BC_ACTIVATION_RELU)),
        .bytes = 4 * elements * (g.residual.mem ? 3 : 2),
        BC_ARGS(BC_BUFFER(g.c), BC_BUFFER(g.bias), BC_BUFFER(g.residual), BC_INT(g.n), BC_INT(g.inner),
                BC_INT(g.c_offset), BC_INT(g.c_stride[0]), BC_INT(g.c_stride[1]), BC_INT(g.ldc),
                BC_INT(g.activation))};
    return bc_tape_launch(tape, &launch);
}
