/* Matrix products through host/gemm/gemm.h, and the optimisers' passes over all parameters of a network. */
#include "apps/bench/bench.h"

#include "bicross/data/spikes.h"
#include "net/store/optimiser.h"

/* --- matrix products --- */

typedef struct product_case {
    int m, n, k;
    bool transpose_a, transpose_b;
} product_case;

static const product_case products[] = {
    {512, 512, 512, false, false},   {1024, 1024, 1024, false, false}, {2048, 2048, 2048, false, false},
    {1024, 1024, 1024, true, false}, {1024, 1024, 1024, false, true},
};
enum { PRODUCT_COUNT = sizeof products / sizeof products[0] };

typedef struct product {
    bc_gemm gemm;
    bc_buffer workspace;
    bc_tape *tape;
} product;

static bc_status make_matrix(bench *b, int rows, int columns, bc_buffer *out) {
    BC_TRY(bc_buffer_create(b->host, sizeof(float) * (size_t)rows * (size_t)columns,
                            "a matrix to measure with", out));
    return bench_fill(b->host, *out, false);
}

static bc_status open_product(bench *b, const product_case *c, product *p) {
    p->gemm = (bc_gemm){.m = c->m,
                        .n = c->n,
                        .k = c->k,
                        .transpose_a = c->transpose_a,
                        .transpose_b = c->transpose_b,
                        .lda = c->transpose_a ? c->m : c->k,
                        .ldb = c->transpose_b ? c->k : c->n,
                        .ldc = c->n,
                        .alpha = 1};
    BC_TRY(make_matrix(b, c->m, c->k, &p->gemm.a));
    BC_TRY(make_matrix(b, c->k, c->n, &p->gemm.b));
    BC_TRY(make_matrix(b, c->m, c->n, &p->gemm.c));
    BC_TRY(bc_buffer_create(b->host, bc_gemm_workspace(b->host, &p->gemm), "scratch of a product",
                            &p->workspace));
    BC_TRY(bc_tape_create(b->host, &p->tape));
    return bc_tape_gemm(p->tape, &p->gemm, p->workspace);
}

static void close_product(product *p) {
    bc_tape_release(p->tape);
    bc_buffer_release(&p->workspace);
    bc_buffer_release(&p->gemm.a);
    bc_buffer_release(&p->gemm.b);
    bc_buffer_release(&p->gemm.c);
}

static bc_status run_product(void *state) {
    return bc_tape_run(((product *)state)->tape);
}

static bc_status measure_product(bench *b, const product_case *c) {
    double elements = (double)c->m * c->k + (double)c->k * c->n + (double)c->m * c->n;
    bench_row row = {.kind = "operation",
                     .operation = c->transpose_a   ? "gemm TN"
                                  : c->transpose_b ? "gemm NT"
                                                   : "gemm NN",
                     .pass = "forward",
                     .inputs = {{1, 1, c->m, c->k}, {1, 1, c->k, c->n}},
                     .input_count = 2,
                     .output = {1, 1, c->m, c->n},
                     .flops = 2.0 * c->m * c->n * c->k,
                     .bytes = sizeof(float) * elements};
    snprintf(row.name, sizeof row.name, "product %s(%dx%d, %dx%d)", row.operation, c->m, c->k, c->k, c->n);
    if (!bench_wants(b, row.name))
        return BC_OK;
    product p = {0};
    bc_status status = open_product(b, c, &p);
    if (status == BC_OK)
        status = bench_measure(b, &row, run_product, &p);
    close_product(&p);
    return bench_left_out(b, row.name, status);
}

bc_status bench_products(bench *b) {
    for (int i = 0; i < PRODUCT_COUNT; i++)
        BC_TRY(measure_product(b, &products[i]));
    return BC_OK;
}

/* --- optimisers --- */

typedef struct update {
    bench_described student, teacher;
    bc_optimiser *optimiser;
} update;

static bc_status run_step(void *state) {
    static const float rate[BC_GROUP_COUNT]; /* zero: the work is the same, the weights stay */
    return bc_optimiser_step(((update *)state)->optimiser, rate);
}

static bc_status run_average(void *state) {
    update *u = state;
    return bc_ema_update(u->teacher.params, u->student.params, 0.999f);
}

static const struct {
    const char *name;
    bc_preset model;
    bc_optimiser_options options;
    bool average;
    int passes; /* over the parameters: values, gradients and moments that are read or written */
} updates[] = {
    {"adam", BC_TINY, {.kind = BC_ADAM, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f}, false, 7},
    {"adam", BC_HYBRID, {.kind = BC_ADAM, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f}, false, 7},
    {"adam, clipped",
     BC_TINY,
     {.kind = BC_ADAM, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f, .clip_norm = 1},
     false,
     8},
    {"sgd", BC_TINY, {.kind = BC_SGD, .momentum = 0.9f}, false, 5},
    {"ema", BC_TINY, {0}, true, 3},
};
enum { UPDATE_COUNT = sizeof updates / sizeof updates[0] };

static bc_status open_params(bench *b, bc_preset model, bench_described *out) {
    bench_network_case c = {model, 1, 64, 64, BC_SPIKE_FRAMES, true, 1};
    BC_TRY(bench_describe(b->host, b->config, &c, out));
    BC_TRY(bc_params_allocate(out->params));
    return bc_params_initialise(out->params, 1);
}

static double parameters_of(const bc_params *params) {
    size_t first, count;
    bc_params_group_range(params, BC_GROUP_BUFFERS, &first, &count);
    return (double)first; /* everything that is trained lies before the buffers */
}

static bc_status measure_update(bench *b, int index) {
    bench_row row = {.kind = "operation", .operation = updates[index].name, .pass = "update"};
    snprintf(row.name, sizeof row.name, "optimiser %s of %s's parameters", updates[index].name,
             bc_preset_words[updates[index].model]);
    if (!bench_wants(b, row.name))
        return BC_OK;
    update u = {0};
    bool average = updates[index].average;
    bc_status status = open_params(b, updates[index].model, &u.student);
    if (status == BC_OK)
        status = average ? open_params(b, updates[index].model, &u.teacher)
                         : bc_optimiser_create(u.student.params, &updates[index].options, &u.optimiser);
    if (status == BC_OK) {
        double count = parameters_of(u.student.params);
        row.inputs[0] = row.output = (bc_shape){1, 1, 1, (int)count};
        row.input_count = 1;
        row.bytes = sizeof(float) * updates[index].passes * count;
        status = bench_measure(b, &row, average ? run_average : run_step, &u);
    }
    bc_optimiser_release(u.optimiser);
    bench_describe_release(&u.student);
    bench_describe_release(&u.teacher);
    return bench_left_out(b, row.name, status);
}

bc_status bench_optimisers(bench *b) {
    for (int i = 0; i < UPDATE_COUNT; i++)
        BC_TRY(measure_update(b, i));
    return BC_OK;
}
