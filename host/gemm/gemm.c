/* Checks a product and hands it to its provider. */
#include "host/base/divide.h"
#include "host/gemm/internal.h"

int bc_gemm_panel_columns(const bc_host *host) {
    return bc_host_gemm(host) == BC_GEMM_PANEL ? bc_panel_columns(0) : 0;
}

size_t bc_gemm_workspace(bc_host *host, const bc_gemm *gemm) {
    bc_gemm g = bc_gemm_with_defaults(host, gemm);
    return bc_gemm_way_workspace(host, &g);
}

/* Floats that an array of `rows` x `columns` with this batch spans from its buffer's beginning. */
static double extent(const bc_gemm *g, int rows, int columns, int offset, int row_length,
                     const int stride[2]) {
    return (double)offset + (double)(g->outer - 1) * stride[0] + (double)(g->inner - 1) * stride[1] +
           (double)(rows - 1) * row_length + columns;
}

static bc_status check_array(bc_host *host, const bc_gemm *g, const char *name, bc_buffer buffer, int rows,
                             int columns, int offset, int row_length, const int stride[2]) {
    if (row_length < columns)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "a product %d x %d x %d: rows of %s have %d floats, its row length is %d", g->m, g->n,
                       g->k, name, columns, row_length);
    double needed = 4 * extent(g, rows, columns, offset, row_length, stride);
    if (offset < 0 || stride[0] < 0 || stride[1] < 0 || needed > (double)buffer.bytes)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "a product %d x %d x %d: %s needs %.0f bytes, its buffer has %zu", g->m, g->n, g->k,
                       name, needed, buffer.bytes);
    return BC_OK;
}

static bc_status check(bc_host *host, const bc_gemm *g) {
    if (g->m <= 0 || g->n <= 0 || g->k <= 0 || g->outer < 0 || g->inner < 0)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "a product %d x %d x %d (batch %d x %d) is impossible", g->m, g->n, g->k, g->outer,
                       g->inner);
    BC_TRY(check_array(host, g, "A", g->a, g->transpose_a ? g->k : g->m, g->transpose_a ? g->m : g->k,
                       g->a_offset, g->lda, g->a_stride));
    if (g->b_panels && !bc_gemm_reads_panels(g->way))
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "a product %d x %d x %d: B is in panels, this host's provider wants rows", g->m, g->n,
                       g->k);
    bool rows_of_n = g->transpose_b && !g->b_panels;
    int b_rows = rows_of_n ? g->n : g->k, b_columns = rows_of_n ? g->k : g->n, ldb = g->ldb;
    if (g->b_panels)
        b_columns = ldb = bc_divide_up(g->n, bc_panel_columns(0)) * bc_panel_columns(0);
    BC_TRY(check_array(host, g, "B", g->b, b_rows, b_columns, g->b_offset, ldb, g->b_stride));
    BC_TRY(check_array(host, g, "C", g->c, g->m, g->n, g->c_offset, g->ldc, g->c_stride));
    if (g->bias.mem && g->bias.bytes < 4 * (size_t)g->n)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "a product %d x %d x %d: the bias needs %d floats, its buffer has %zu bytes", g->m,
                       g->n, g->k, g->n, g->bias.bytes);
    if (g->residual.mem)
        BC_TRY(
            check_array(host, g, "the residual", g->residual, g->m, g->n, g->c_offset, g->ldc, g->c_stride));
    return BC_OK;
}

bc_status bc_tape_gemm(bc_tape *tape, const bc_gemm *gemm, bc_buffer workspace) {
    bc_host *host = bc_tape_host(tape);
    bc_gemm g = bc_gemm_with_defaults(host, gemm);
    BC_TRY(check(host, &g));
    size_t scratch = bc_gemm_workspace(host, &g);
    if (workspace.bytes < scratch)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "a product %d x %d x %d needs %zu bytes of scratch, it was given %zu", g.m, g.n, g.k,
                       scratch, workspace.bytes);
    if (g.way->provider == BC_GEMM_CLBLAST && !bc_gemm_clblast_usable(host))
        g.way = bc_gemm_rule(BC_GEMM_LOCAL); /* its scratch is within CLBlast's */
    return bc_gemm_way_record(tape, &g, workspace);
}
