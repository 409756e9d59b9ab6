/* Handing a product to its way, and which way that is: the host's, or what was measured for products of this class. */
#include "host/base/divide.h"
#include "host/gemm/internal.h"

#include <stdio.h>

size_t bc_gemm_way_workspace(bc_host *host, const bc_gemm *g) {
    if (g->way->provider == BC_GEMM_PANEL)
        return bc_gemm_panel_workspace(g);
    size_t local = bc_gemm_local_workspace(host, g);
    if (g->way->provider == BC_GEMM_LOCAL)
        return local;
    /* CLBlast may leave a product, or after its self-test all products, to our tiles. */
    size_t clblast = bc_gemm_clblast_workspace(host, g);
    return clblast > local ? clblast : local;
}

bc_status bc_gemm_way_record(bc_tape *tape, const bc_gemm *g, bc_buffer workspace) {
    if (g->way->provider == BC_GEMM_PANEL)
        return bc_tape_gemm_panel(tape, g, workspace);
    return g->way->provider == BC_GEMM_LOCAL ? bc_tape_gemm_local(tape, g, workspace)
                                             : bc_tape_gemm_clblast(tape, g, workspace);
}

/* --- contests --- */

/* What a contest is about: this product, at the beginning of buffers of its own. */
typedef struct gemm_work {
    bc_host *host;
    bc_gemm gemm;
    const bc_gemm_way *ways[BC_VARIANTS];
} gemm_work;

/* Floats that an array spans from the place of the first product. */
static size_t span(const bc_gemm *g, int rows, int columns, int row_length, const int stride[2]) {
    return (size_t)(g->outer - 1) * (size_t)stride[0] + (size_t)(g->inner - 1) * (size_t)stride[1] +
           (size_t)(rows - 1) * (size_t)row_length + (size_t)columns;
}

static size_t panels_span(const bc_gemm *g) {
    int columns = bc_panel_columns(0);
    return span(g, g->k, bc_divide_up(g->n, columns) * columns, bc_divide_up(g->n, columns) * columns,
                g->b_stride);
}

static size_t ways_workspace(const void *work, int variant) {
    const gemm_work *w = work;
    bc_gemm g = w->gemm;
    g.way = w->ways[variant];
    return bc_gemm_way_workspace(w->host, &g);
}

static bc_status record_way(const void *work, int variant, bc_tape *tape, const bc_trial *trial) {
    const gemm_work *w = work;
    bc_gemm g = w->gemm;
    g.way = w->ways[variant];
    g.a = trial->inputs[0];
    g.b = trial->inputs[1];
    g.c = trial->output;
    return bc_gemm_way_record(tape, &g, trial->workspace);
}

/* CLBlast has a chance with the kernels for GPUs, also where it is not the rule. */
static bool may_win(const bc_host *host, const bc_gemm_way *way) {
    return bc_gemm_has_way(host, way) ||
           (way->provider == BC_GEMM_CLBLAST && bc_host_gemm(host) != BC_GEMM_PANEL);
}

/* Our own provider by its rule comes first: it is the reference. */
static void enter_ways(const bc_host *host, gemm_work *w, bc_contest *c) {
    for (int i = 0; bc_tuning_gemm_words[i]; i++) {
        const bc_gemm_way *way = bc_gemm_way_named(bc_tuning_gemm_words[i]);
        if (!may_win(host, way) || bc_host_leaves_out(host, "gemm", bc_tuning_gemm_words[i]) ||
            (w->gemm.b_panels && !bc_gemm_reads_panels(way)))
            continue;
        if (way == bc_gemm_rule(bc_host_gemm(host)))
            c->usual = c->count;
        c->choices[c->count] = bc_tuning_gemm_words[i];
        w->ways[c->count++] = way;
    }
}

static bc_contest contest_of(bc_host *host, const bc_gemm *gemm, gemm_work *w) {
    bc_gemm g = *gemm;
    g.a_offset = g.b_offset = g.c_offset = 0;
    g.bias = g.residual = (bc_buffer){0};
    g.activation = BC_ACTIVATION_NONE;
    g.beta = 0;
    *w = (gemm_work){.host = host, .gemm = g};
    bc_contest c = {.tolerance = 1e-4,
                    .workspace_bytes = ways_workspace,
                    .record = record_way,
                    .work = w,
                    .output_bytes = 4 * span(&g, g.m, g.n, g.ldc, g.c_stride)};
    c.input_bytes[0] = 4 * span(&g, g.transpose_a ? g.k : g.m, g.transpose_a ? g.m : g.k, g.lda, g.a_stride);
    c.input_bytes[1] =
        4 * (g.b_panels ? panels_span(&g)
                        : span(&g, g.transpose_b ? g.n : g.k, g.transpose_b ? g.k : g.n, g.ldb, g.b_stride));
    int batch = g.outer * g.inner;
    int length =
        snprintf(c.key, sizeof c.key, "gemm %c%c %dx%dx%d", g.transpose_a ? 'T' : 'N',
                 g.transpose_b ? 'T' : 'N', bc_tuning_size(g.m), bc_tuning_size(g.n), bc_tuning_size(g.k));
    if (batch > 1)
        length += snprintf(c.key + length, sizeof c.key - (size_t)length, " batch %d", bc_tuning_size(batch));
    if (g.b_panels)
        snprintf(c.key + length, sizeof c.key - (size_t)length, ", B packed");
    enter_ways(host, w, &c);
    return c;
}

/* A provider that was asked for is taken by its rule. */
const bc_gemm_way *bc_gemm_choose(bc_host *host, const bc_gemm *gemm) {
    bc_gemm g = bc_gemm_with_defaults(host, gemm);
    if (!bc_host_tuning(host) || bc_host_gemm_given(host))
        return g.way;
    gemm_work work;
    bc_contest contest = contest_of(host, &g, &work);
    return work.ways[bc_contest_choose(host, &contest)];
}
