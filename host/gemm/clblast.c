/* The CLBlast provider. Reports of wrong results on single devices exist, so it has to pass a self-test
 * first; and where it refuses a product, our own tiles compute that product instead. */
#include "host/base/difference.h"
#include "host/gemm/internal.h"

#include <clblast_c.h>
#include <stdlib.h>

/* What a host keeps of it. */
typedef struct state {
    bool used, tested, good; /* called; its self-test has run; and passed */
} state;

static const char key;

static void release(void *data) {
    const state *s = data;
    if (s->used)
        CLBlastClearCache();
    free(data);
}

/* NULL: no memory. */
static state *state_of(bc_host *host) {
    state *s = bc_host_kept(host, &key);
    if (s || !(s = calloc(1, sizeof *s)))
        return s;
    return bc_host_keep(host, &key, s, release) == BC_OK ? s : NULL;
}

/* Its cache refers to the context: to be said before anything is called that fills it. False: no memory to remember that. */
static bool note_use(bc_host *host) {
    state *s = state_of(host);
    if (s)
        s->used = true;
    return s;
}

static CLBlastTranspose transpose(bool yes) {
    return yes ? CLBlastTransposeYes : CLBlastTransposeNo;
}

/* Makes one level of batch out of two where the strides allow it, so that one call does all. */
static bc_gemm flattened(const bc_gemm *gemm) {
    bc_gemm g = *gemm;
    int *strides[3] = {g.a_stride, g.b_stride, g.c_stride};
    bool even = true;
    for (int i = 0; i < 3; i++)
        even = even && (g.inner == 1 || strides[i][0] == g.inner * strides[i][1]);
    if (!even || g.outer == 1)
        return g;
    for (int i = 0; i < 3; i++)
        strides[i][1] = g.inner == 1 ? strides[i][0] : strides[i][1];
    g.inner *= g.outer;
    g.outer = 1;
    return g;
}

/* Product `index` of the outer level. */
static bc_gemm single(const bc_gemm *gemm, int index) {
    bc_gemm g = *gemm;
    g.outer = 1;
    g.a_offset += index * g.a_stride[0];
    g.b_offset += index * g.b_stride[0];
    g.c_offset += index * g.c_stride[0];
    return g;
}

static size_t temporary_bytes(bc_host *host, const bc_gemm *g) {
    size_t bytes = 0;
    cl_command_queue queue = bc_host_queue(host);
    CLBlastStatusCode code = CLBlastSGemmTempBufferSize(
        CLBlastLayoutRowMajor, transpose(g->transpose_a), transpose(g->transpose_b), (size_t)g->m,
        (size_t)g->n, (size_t)g->k, (size_t)g->a_offset, (size_t)g->lda, (size_t)g->b_offset, (size_t)g->ldb,
        (size_t)g->c_offset, (size_t)g->ldc, &queue, &bytes);
    return code == CLBlastSuccess ? bytes : 0;
}

size_t bc_gemm_clblast_workspace(bc_host *host, const bc_gemm *gemm) {
    bc_gemm g = flattened(gemm), one = single(&g, 0);
    size_t fallback = bc_gemm_local_workspace(host, &one),
           temporary = g.inner == 1 ? temporary_bytes(host, &one) : 0;
    return fallback > temporary ? fallback : temporary;
}

static CLBlastStatusCode multiply(bc_host *host, const bc_gemm *g, bc_buffer workspace) {
    cl_command_queue queue = bc_host_queue(host);
    if (!note_use(host))
        return CLBlastOpenCLOutOfHostMemory;
    if (g->inner > 1)
        return CLBlastSgemmStridedBatched(
            CLBlastLayoutRowMajor, transpose(g->transpose_a), transpose(g->transpose_b), (size_t)g->m,
            (size_t)g->n, (size_t)g->k, g->alpha, g->a.mem, (size_t)g->a_offset, (size_t)g->lda,
            (size_t)g->a_stride[1], g->b.mem, (size_t)g->b_offset, (size_t)g->ldb, (size_t)g->b_stride[1],
            g->beta, g->c.mem, (size_t)g->c_offset, (size_t)g->ldc, (size_t)g->c_stride[1], (size_t)g->inner,
            &queue, NULL);
    size_t temporary = temporary_bytes(host, g);
    return CLBlastSgemmWithTempBuffer(
        CLBlastLayoutRowMajor, transpose(g->transpose_a), transpose(g->transpose_b), (size_t)g->m,
        (size_t)g->n, (size_t)g->k, g->alpha, g->a.mem, (size_t)g->a_offset, (size_t)g->lda, g->b.mem,
        (size_t)g->b_offset, (size_t)g->ldb, g->beta, g->c.mem, (size_t)g->c_offset, (size_t)g->ldc, &queue,
        NULL, temporary > 0 && temporary <= workspace.bytes ? workspace.mem : NULL);
}

typedef struct call {
    bc_gemm gemm;
    bc_buffer workspace;
} call;

/* CLBlast writes C in its last kernel, so a product that failed has left C alone and can be done again. */
static bc_status run_call(bc_host *host, void *user) {
    const call *c = user;
    for (int i = 0; i < c->gemm.outer; i++) {
        bc_gemm one = single(&c->gemm, i);
        if (multiply(host, &one, c->workspace) == CLBlastSuccess)
            continue;
        bc_launch launches[BC_LOCAL_LAUNCHES];
        int count = bc_gemm_local_launches(host, &one, c->workspace, launches);
        for (int j = 0; j < count; j++)
            BC_TRY(bc_run(host, &launches[j]));
    }
    return BC_OK;
}

bc_status bc_tape_gemm_clblast(bc_tape *tape, const bc_gemm *g, bc_buffer workspace) {
    bc_host *host = bc_tape_host(tape);
    call *c = malloc(sizeof *c);
    if (!c)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory to record a product");
    c->gemm = flattened(g);
    c->gemm.bias = c->gemm.residual = (bc_buffer){0};
    c->gemm.activation = BC_ACTIVATION_NONE;
    c->workspace = workspace;
    BC_TRY(bc_tape_call(tape, "clblast:sgemm", bc_gemm_flops(g), bc_gemm_bytes(g), run_call, c));
    return bc_tape_epilogue(tape, g);
}

/* One product by CLBlast into `got` and by our own tiles into `expected`; both are read into `values`, one after
 * the other. */
static bc_status run_both(bc_host *host, const bc_gemm *g, bc_buffer workspace, bc_buffer expected,
                          float *values) {
    size_t bytes = 4 * (size_t)g->m * (size_t)g->n;
    if (multiply(host, g, workspace) != CLBlastSuccess)
        return BC_E_OPENCL;
    bc_gemm own = *g;
    bc_launch launches[BC_LOCAL_LAUNCHES];
    own.c = expected;
    int count = bc_gemm_local_launches(host, &own, workspace, launches);
    for (int i = 0; i < count; i++)
        BC_TRY(bc_run(host, &launches[i]));
    BC_TRY(bc_buffer_read(host, g->c, 0, values, bytes));
    return bc_buffer_read(host, expected, 0, values + bytes / 4, bytes);
}

/* Whether a product by CLBlast agrees with our own tiles. */
static bool agrees(bc_host *host, int m, int n, int k) {
    size_t a = (size_t)m * (size_t)k, b = (size_t)k * (size_t)n, c = (size_t)m * (size_t)n;
    size_t most = a + b > 2 * c ? a + b : 2 * c;
    bc_gemm g = {
        .m = m, .n = n, .k = k, .transpose_b = true, .lda = k, .ldb = k, .ldc = n, .outer = 1, .inner = 1};
    g.alpha = 1;
    g.way =
        bc_gemm_rule(BC_GEMM_LOCAL); /* of the product to compare with; CLBlast's own is called directly */
    bc_buffer expected = {0}, workspace = {0};
    float *values = malloc(4 * most);
    bool good = false;
    if (!values)
        goto done;
    for (size_t i = 0; i < a + b; i++)
        values[i] = (float)(int)(i * 2654435761u % 1000) * 0.002f - 1.0f;
    if (bc_buffer_create(host, 4 * a, "self-test", &g.a) != BC_OK ||
        bc_buffer_create(host, 4 * b, "self-test", &g.b) != BC_OK ||
        bc_buffer_create(host, 4 * c, "self-test", &g.c) != BC_OK ||
        bc_buffer_create(host, 4 * c, "self-test", &expected) != BC_OK ||
        bc_buffer_create(host, bc_gemm_clblast_workspace(host, &g), "self-test", &workspace) != BC_OK ||
        bc_buffer_write(host, g.a, 0, values, 4 * a) != BC_OK ||
        bc_buffer_write(host, g.b, 0, values + a, 4 * b) != BC_OK)
        goto done;
    good = run_both(host, &g, workspace, expected, values) == BC_OK &&
           bc_largest_difference(values, values + c, c) <= 1e-4;
done:
    bc_buffer_release(&g.a);
    bc_buffer_release(&g.b);
    bc_buffer_release(&g.c);
    bc_buffer_release(&expected);
    bc_buffer_release(&workspace);
    free(values);
    return good;
}

bool bc_gemm_clblast_usable(bc_host *host) {
    state *s = state_of(host);
    if (!s || s->tested)
        return s && s->good;
    s->tested = true;
    /* CLBlast has one kernel for small products and another for large ones. */
    s->good = agrees(host, 33, 45, 29) && agrees(host, 520, 544, 512);
    bc_error_clear(bc_host_error(host)); /* a failure here is no failure of the caller's */
    return s->good;
}
