/* Every provider under one name, and two of them in a contest. */
#include "host/gemm/internal.h"

#include <stdio.h>

bc_gemm_provider bc_gemm_own_provider(const bc_host *host) {
    return bc_host_cpu_kernels(host) ? BC_GEMM_PANEL : BC_GEMM_LOCAL;
}

size_t bc_gemm_provider_workspace(bc_host *host, bc_gemm_provider provider, const bc_gemm *g) {
    if (provider == BC_GEMM_PANEL)
        return bc_gemm_panel_workspace(g);
    size_t local = bc_gemm_local_workspace(host, g);
    if (provider == BC_GEMM_LOCAL)
        return local;
    /* CLBlast may leave a product, or after its self-test all products, to our tiles. */
    size_t clblast = bc_gemm_clblast_workspace(host, g);
    return clblast > local ? clblast : local;
}

bc_status bc_gemm_provider_record(bc_tape *tape, bc_gemm_provider provider, const bc_gemm *g,
                                  bc_buffer workspace) {
    if (provider == BC_GEMM_PANEL)
        return bc_tape_gemm_panel(tape, g, workspace);
    return provider == BC_GEMM_LOCAL ? bc_tape_gemm_local(tape, g, workspace)
                                     : bc_tape_gemm_clblast(tape, g, workspace);
}

/* Floats that an array spans from the place of the first product. */
static size_t span(const bc_gemm *g, int rows, int columns, int row_length, const int stride[2]) {
    return (size_t)(g->outer - 1) * (size_t)stride[0] + (size_t)(g->inner - 1) * (size_t)stride[1] +
           (size_t)(rows - 1) * (size_t)row_length + (size_t)columns;
}

static size_t contest_workspace(const void *work, int variant) {
    const bc_gemm_contest *c = work;
    return bc_gemm_provider_workspace(c->host, c->providers[variant], &c->gemm);
}

static bc_status contest_record(const void *work, int variant, bc_tape *tape, const bc_trial *trial) {
    const bc_gemm_contest *c = work;
    bc_gemm g = c->gemm;
    g.a = trial->inputs[0];
    g.b = trial->inputs[1];
    g.c = trial->output;
    return bc_gemm_provider_record(tape, c->providers[variant], &g, trial->workspace);
}

void bc_gemm_contest_of(bc_host *host, const bc_gemm *gemm, bc_gemm_contest *out) {
    bc_gemm g = *gemm;
    g.a_offset = g.b_offset = g.c_offset = 0;
    g.bias = g.residual = (bc_buffer){0};
    g.activation = BC_ACTIVATION_NONE;
    g.beta = 0;
    *out = (bc_gemm_contest){
        .host = host, .gemm = g, .providers = {bc_gemm_own_provider(host), BC_GEMM_CLBLAST}};
    int batch = g.outer * g.inner, length;
    bc_contest *c = &out->contest;
    length =
        snprintf(c->key, sizeof c->key, "gemm %c%c %dx%dx%d", g.transpose_a ? 'T' : 'N',
                 g.transpose_b ? 'T' : 'N', bc_tuning_size(g.m), bc_tuning_size(g.n), bc_tuning_size(g.k));
    if (batch > 1)
        snprintf(c->key + length, sizeof c->key - (size_t)length, " batch %d", bc_tuning_size(batch));
    c->choices[0] = bc_host_cpu_kernels(host) ? "panel" : "local";
    c->choices[BC_GEMM_LIBRARY] = "clblast";
    c->count = 2;
    c->usual = bc_host_gemm(host) == BC_GEMM_CLBLAST ? BC_GEMM_LIBRARY : 0;
    c->tolerance = 1e-4;
    c->input_bytes[0] = 4 * span(&g, g.transpose_a ? g.k : g.m, g.transpose_a ? g.m : g.k, g.lda, g.a_stride);
    c->input_bytes[1] = 4 * span(&g, g.transpose_b ? g.n : g.k, g.transpose_b ? g.k : g.n, g.ldb, g.b_stride);
    c->output_bytes = 4 * span(&g, g.m, g.n, g.ldc, g.c_stride);
    c->workspace_bytes = contest_workspace;
    c->record = contest_record;
    c->work = out;
}
