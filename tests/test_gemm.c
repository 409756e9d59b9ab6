/* bc_tape_gemm against a double-precision product: tails, transposes, offsets, batches, alpha, beta, bias,
 * slices of k; for all providers. */
#include "host/base/random.h"
#include "host/gemm/gemm.h"
#include "host/gemm/internal.h"
#include "host/open.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct product {
    const char *label;
    int m, n, k, outer, inner;
    bool transpose_a, transpose_b, bias, shared_b;
    float alpha, beta;
    int extra; /* floats added to each row length, offset and stride */
} product;

typedef struct arrays {
    bc_gemm gemm;
    float *a, *b, *c, *bias, *residual;
    size_t a_count, b_count, c_count;
} arrays;

static float *draw(bc_random *r, size_t count) {
    float *values = malloc(4 * (count + 1));
    ck_assert_ptr_nonnull(values);
    for (size_t i = 0; i < count; i++)
        values[i] = bc_random_range(r, -1, 1);
    return values;
}

static bc_buffer upload(bc_host *host, const float *values, size_t count) {
    bc_buffer buffer;
    ck_ok(bc_buffer_create(host, 4 * count, "operand", &buffer));
    ck_ok(bc_buffer_write(host, buffer, 0, values, 4 * count));
    return buffer;
}

/* Inner batches side by side, outer ones after each other, with gaps of `extra`. */
static size_t lay_out(int rows, int length, int extra, int outer, int inner, int stride[2]) {
    stride[1] = rows * length + extra;
    stride[0] = stride[1] * inner + 2 * extra;
    return (size_t)(stride[0] * outer + extra);
}

/* What follows the sums. */
typedef struct ending {
    bc_activation activation;
    bool residual;
} ending;

static arrays make(bc_host *host, const product *p, ending e) {
    arrays x = {0};
    bc_gemm *g = &x.gemm;
    bc_random r = {.seed = 11, .stream = (uint32_t)(p->m * 31 + p->n * 7 + p->k)};
    *g = (bc_gemm){
        .m = p->m, .n = p->n, .k = p->k, .transpose_a = p->transpose_a, .transpose_b = p->transpose_b};
    g->outer = p->outer;
    g->inner = p->inner;
    g->alpha = p->alpha;
    g->beta = p->beta;
    g->a_offset = g->b_offset = g->c_offset = p->extra;
    g->lda = (p->transpose_a ? p->m : p->k) + p->extra;
    g->ldb = (p->transpose_b ? p->k : p->n) + p->extra;
    g->ldc = p->n + p->extra;
    int outer = p->outer ? p->outer : 1, inner = p->inner ? p->inner : 1;
    x.a_count = lay_out(p->transpose_a ? p->k : p->m, g->lda, p->extra, outer, inner, g->a_stride);
    x.b_count = lay_out(p->transpose_b ? p->n : p->k, g->ldb, p->extra, outer, inner, g->b_stride);
    x.c_count = lay_out(p->m, g->ldc, p->extra, outer, inner, g->c_stride);
    if (p->shared_b)
        g->b_stride[0] = 0;
    x.a = draw(&r, x.a_count);
    x.b = draw(&r, x.b_count);
    x.c = draw(&r, x.c_count);
    x.bias = draw(&r, (size_t)p->n);
    x.residual = draw(&r, x.c_count);
    g->activation = e.activation;
    if (p->beta == 0)
        for (size_t i = 0; i < x.c_count; i++)
            x.c[i] = NAN; /* must not be read */
    g->a = upload(host, x.a, x.a_count);
    g->b = upload(host, x.b, x.b_count);
    g->c = upload(host, x.c, x.c_count);
    if (p->bias)
        g->bias = upload(host, x.bias, (size_t)p->n);
    if (e.residual)
        g->residual = upload(host, x.residual, x.c_count);
    return x;
}

static void release(arrays *x) {
    bc_buffer_release(&x->gemm.a);
    bc_buffer_release(&x->gemm.b);
    bc_buffer_release(&x->gemm.c);
    bc_buffer_release(&x->gemm.bias);
    bc_buffer_release(&x->gemm.residual);
    free(x->a);
    free(x->b);
    free(x->c);
    free(x->bias);
    free(x->residual);
}

static double dot(const bc_gemm *g, const float *a, const float *b, int row, int column) {
    double sum = 0;
    for (int p = 0; p < g->k; p++)
        sum += (double)(g->transpose_a ? a[(size_t)p * g->lda + row] : a[(size_t)row * g->lda + p]) *
               (g->transpose_b ? b[(size_t)column * g->ldb + p] : b[(size_t)p * g->ldb + column]);
    return sum;
}

static double activate(double v, bc_activation activation) {
    if (activation == BC_ACTIVATION_GELU)
        return 0.5 * v * (1 + erf(v / sqrt(2)));
    return activation == BC_ACTIVATION_RELU && v < 0 ? 0 : v;
}

/* Fills `expected`, which starts as C before the product. */
static void reference(const arrays *x, float *expected) {
    const bc_gemm *g = &x->gemm;
    for (int i = 0; i < (g->outer ? g->outer : 1); i++)
        for (int j = 0; j < (g->inner ? g->inner : 1); j++) {
            const float *a = x->a + g->a_offset + i * g->a_stride[0] + j * g->a_stride[1];
            const float *b = x->b + g->b_offset + i * g->b_stride[0] + j * g->b_stride[1];
            float *c = expected + g->c_offset + i * g->c_stride[0] + j * g->c_stride[1];
            for (int row = 0; row < g->m; row++)
                for (int column = 0; column < g->n; column++) {
                    float *e = c + (size_t)row * g->ldc + column;
                    double value = g->alpha * dot(g, a, b, row, column) +
                                   (g->beta != 0 ? g->beta * (double)*e : 0) +
                                   (g->bias.mem ? x->bias[column] : 0);
                    *e = (float)(activate(value, g->activation) +
                                 (g->residual.mem ? x->residual[e - expected] : 0));
                }
        }
}

static void compare(const char *label, const arrays *x, const float *got, const float *expected) {
    double tolerance = 2e-7 * (4 + sqrt((double)x->gemm.k)) * fmax(1, fabs(x->gemm.alpha)) * 16;
    for (size_t i = 0; i < x->c_count; i++) {
        if (isnan(expected[i])) { /* between the rows: untouched */
            ck_assert_msg(isnan(got[i]), "%s: element %zu lies outside the product and became %g", label, i,
                          got[i]);
            continue;
        }
        ck_assert_msg(fabs((double)got[i] - expected[i]) <= tolerance, "%s: element %zu is %.9g, not %.9g",
                      label, i, got[i], expected[i]);
    }
}

static void check_ending(bc_host *host, const bc_gemm_way *way, const product *p, ending e) {
    arrays x = make(host, p, e);
    x.gemm.way = way;
    float *expected = malloc(4 * x.c_count), *got = malloc(4 * x.c_count), *again = malloc(4 * x.c_count);
    ck_assert(expected && got && again);
    memcpy(expected, x.c, 4 * x.c_count);
    reference(&x, expected);

    bc_buffer workspace;
    bc_tape *tape;
    ck_ok(bc_buffer_create(host, bc_gemm_workspace(host, &x.gemm), "scratch", &workspace));
    ck_ok(bc_tape_create(host, &tape));
    ck_ok(bc_tape_gemm(tape, &x.gemm, workspace));
    for (int run = 0; run < 2; run++) {
        ck_ok(bc_buffer_write(host, x.gemm.c, 0, x.c, 4 * x.c_count));
        ck_ok(bc_buffer_fill(host, workspace, 0, workspace.bytes, NAN)); /* scratch may hold anything */
        ck_ok(bc_tape_run(tape));
        ck_ok(bc_buffer_read(host, x.gemm.c, 0, run ? again : got, 4 * x.c_count));
    }
    compare(p->label, &x, got, expected);
    ck_assert_msg(memcmp(got, again, 4 * x.c_count) == 0, "%s: a second run gave other bits", p->label);
    bc_tape_release(tape);
    bc_buffer_release(&workspace);
    free(expected);
    free(got);
    free(again);
    release(&x);
}

/* In every tile of the host's provider. */
static void check_product(bc_host *host, const product *p) {
    for (int i = 0; bc_tuning_gemm_words[i]; i++) {
        const bc_gemm_way *way = bc_gemm_way_named(bc_tuning_gemm_words[i]);
        if (way->provider == bc_host_gemm(host))
            check_ending(host, way, p, (ending){0});
    }
}

static bc_host *open_host(bc_gemm_provider provider) {
    bc_host_options options = {.gemm = provider};
    bc_host *host;
    ck_ok(bc_host_open(&options, &test_error, &host));
    return host;
}

static void check_all(bc_host *host, const product *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        check_product(host, &list[i]);
}

/* Tiles in local memory need work-groups of 256, and CLBlast is checked against them. */
static bool possible(bc_gemm_provider provider) {
    bool built = provider != BC_GEMM_CLBLAST || strcmp(bc_clblast_version(), "none") != 0;
    return built && (provider == BC_GEMM_PANEL || bc_host_large_groups(test_host()));
}

/* Our own providers go through the same products. */
static const bc_gemm_provider own[] = {BC_GEMM_PANEL, BC_GEMM_LOCAL};

START_TEST(own_match_at_every_tail) {
    if (!possible(own[_i]))
        return;
    bc_host *host = open_host(own[_i]);
    static const int sizes[] = {7, 17, 1, 8, 16, 31, 32, 33, 65, 71};
    int count = test_tiny() ? 2 : 10;
    for (int i = 0; i < count; i++)
        for (int t = 0; t < 4; t++) {
            product p = {.label = "tails",
                         .m = sizes[i],
                         .n = sizes[(i * 3 + 1) % count],
                         .k = sizes[(i * 7 + 2) % count],
                         .transpose_a = t & 1,
                         .transpose_b = t & 2,
                         .bias = i & 1,
                         .alpha = 1,
                         .extra = i % 3};
            check_product(host, &p);
        }
    bc_host_close(host);
}
END_TEST

START_TEST(own_match_in_batches) {
    static const product list[] = {
        {"gaps, both transposed", 7, 19, 9, 2, 2, true, true, true, false, -0.5f, 1, 5},
        {"shared B in place", 5, 17, 11, 3, 1, false, false, true, true, 1, 1, 0},
        /* The rest is too long for an interpreter. */
        {"attention scores", 33, 33, 16, 2, 3, false, true, false, false, 0.25f, 0, 0},
        {"attention values", 33, 16, 33, 2, 3, false, false, false, false, 1, 0, 0},
        {"wide, both transposed", 21, 70, 19, 3, 2, true, true, true, false, -0.5f, 1, 5},
        {"wide, transposed A", 12, 96, 9, 2, 2, true, false, false, false, 1, 0.5f, 3},
        {"shared B", 20, 40, 11, 3, 2, false, true, false, true, 1, 0, 1},
        {"wide, shared B in place", 9, 64, 11, 3, 1, false, false, true, true, 1, 1, 0},
    };
    if (!possible(own[_i]))
        return;
    bc_host *host = open_host(own[_i]);
    check_all(host, list, test_tiny() ? 2 : sizeof list / sizeof *list);
    bc_host_close(host);
}
END_TEST

START_TEST(own_match_with_slices_of_k) {
    static const product list[] = {
        /* Two slices, for each of `own`. */
        {"short, panels", 5, 3, 519, 1, 1, true, false, true, false, -0.5f, 0.5f, 2},
        {"short, tiles", 5, 3, 263, 1, 1, true, false, true, false, -0.5f, 0.5f, 2},
        /* The rest is too long for an interpreter. */
        {"weight gradient", 40, 48, 2050, 1, 1, true, false, false, false, 1, 1, 0},
        {"weight gradient, first", 16, 64, 1031, 0, 0, true, false, true, false, 0.5f, 0, 3},
        {"column", 3, 1, 5000, 1, 2, false, false, true, false, 1, 0, 0},
        {"long k, many tiles", 72, 260, 9001, 1, 1, false, true, false, false, 1, 0, 0},
        {"batches of slices", 5, 35, 300, 1, 2, false, true, true, false, -0.5f, 0.5f, 2},
    };
    if (!possible(own[_i]))
        return;
    bc_host *host = open_host(own[_i]);
    check_all(host, list + (test_tiny() ? _i : 0), test_tiny() ? 1 : sizeof list / sizeof *list);
    bc_host_close(host);
}
END_TEST

START_TEST(own_match_around_their_tiles) {
    static const product list[] = {
        {"a row and a column more", 65, 65, 17, 1, 1, false, false, true, false, 1, 1, 0},
        {"a term less", 63, 64, 15, 1, 1, true, false, false, false, 1, 0, 1},
        {"one of each", 1, 1, 1, 1, 1, true, true, true, false, 2, 1, 0},
        {"many tiles", 385, 97, 35, 1, 1, false, true, true, false, 0.5f, 1, 3},
        {"many tiles, transposed A", 257, 64, 33, 1, 2, true, false, false, false, 1, 0, 0},
        {"many narrow tiles", 300, 3, 33, 1, 1, true, true, true, false, 1, 0.5f, 1},
        {"wide, transposed A", 33, 200, 37, 2, 1, true, false, false, false, 1, 0, 1},
        {"rows of A 4 KiB apart", 29, 200, 1001, 2, 2, false, false, true, false, 0.5f, 1, 23},
        {"whole panels, transposed B", 70, 130, 37, 2, 1, false, true, false, false, 1, 0, 0},
        {"a vector", 37, 1, 53, 2, 2, false, true, true, false, -0.5f, 2, 0},
        {"a vector of sums over rows", 37, 1, 1000, 2, 1, true, false, false, false, 0.5f, 1, 0},
        {"a vector of sums over rows, bias", 37, 1, 90, 1, 1, true, false, true, false, 1, 0, 0},
        {"several parts of k", 130, 300, 600, 1, 1, false, false, true, false, -0.5f, 2, 1},
    };
    if (!possible(own[_i]))
        return;
    bc_host *host = open_host(own[_i]);
    check_all(host, list, test_tiny() ? 3 : sizeof list / sizeof *list);
    bc_host_close(host);
}
END_TEST

/* One launch, slices of k, batches with gaps and tails: activations and residuals, all providers. */
START_TEST(endings_match) {
    static const product list[] = {
        {"ending", 9, 37, 11, 1, 1, false, false, true, false, 1, 0, 0},
        {"ending of slices", 5, 35, 600, 1, 2, false, true, true, false, -0.5f, 0.5f, 2},
        {"ending of whole tiles", 16, 64, 8, 1, 1, true, false, false, false, 1, 0, 0},
        {"ending of several parts of k", 33, 520, 600, 1, 1, false, false, true, false, 1, 0.5f, 0},
        {"ending of a vector", 35, 1, 19, 2, 3, false, true, true, false, 0.5f, 1, 0},
        {"ending of sums over rows", 35, 1, 700, 1, 1, true, true, false, false, 0.5f, 1, 0},
        {"ending of batches", 9, 19, 23, 2, 3, false, false, true, false, 0.5f, 1, 3},
    };
    static const ending endings[] = {
        {BC_ACTIVATION_GELU, true}, {BC_ACTIVATION_RELU, true}, {BC_ACTIVATION_GELU, false}, {0, true}};
    static const bc_gemm_provider providers[] = {BC_GEMM_PANEL, BC_GEMM_LOCAL, BC_GEMM_CLBLAST};
    if (test_tiny() && providers[_i] == BC_GEMM_CLBLAST)
        return; /* an interpreter needs minutes for CLBlast's own kernels */
    if (!possible(providers[_i]))
        return;
    bc_host *host = open_host(providers[_i]);
    for (size_t i = 0; i < (test_tiny() ? 1 : sizeof list / sizeof *list); i++)
        for (size_t e = 0; e < (test_tiny() ? 2 : sizeof endings / sizeof *endings); e++)
            check_ending(host, NULL, &list[i], endings[e]);
    bc_host_close(host);
}
END_TEST

static bool cpu_multiplies_and_adds_at_once(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("fma");
#elif defined(__aarch64__)
    return true;
#else
    return false;
#endif
}

/* x x - (1 + 2^-11) in every element: 2^-24 where it is rounded once, 0 where x x is rounded to 1 + 2^-11 before. */
static void check_rounding(bc_host *host, const char *word) {
    const float root = 1 + ldexpf(1, -12), square = 1 + ldexpf(1, -11);
    product p = {"rounding", 70, 70, 2, 1, 1, false, false, false, false, 1, 0, 0};
    arrays x = make(host, &p, (ending){0});
    x.gemm.way = bc_gemm_way_named(word);
    for (int i = 0; i < p.m; i++)
        memcpy(x.a + 2 * i, (float[]){1, root}, 2 * sizeof(float));
    for (int j = 0; j < 2 * p.n; j++)
        x.b[j] = j < p.n ? -square : root;
    ck_ok(bc_buffer_write(host, x.gemm.a, 0, x.a, 4 * x.a_count));
    ck_ok(bc_buffer_write(host, x.gemm.b, 0, x.b, 4 * x.b_count));
    bc_buffer workspace;
    bc_tape *tape;
    ck_ok(bc_buffer_create(host, bc_gemm_workspace(host, &x.gemm), "scratch", &workspace));
    ck_ok(bc_tape_create(host, &tape));
    ck_ok(bc_tape_gemm(tape, &x.gemm, workspace));
    ck_ok(bc_tape_run(tape));
    ck_ok(bc_buffer_read(host, x.gemm.c, 0, x.c, 4 * x.c_count));
    for (size_t i = 0; i < x.c_count; i++)
        ck_assert_msg(x.c[i] == ldexpf(1, -24), "%s: element %zu is %g", word, i, x.c[i]);
    bc_tape_release(tape);
    bc_buffer_release(&workspace);
    release(&x);
}

/* A compiler that makes two instructions of a multiply-add halves the speed of products where both go to the same ports. Seen by
 * the rounding, on the compilers for CPUs; kernels write it in one way only (lint.sh). */
START_TEST(a_multiply_add_is_one_instruction) {
    if (!possible(own[_i]))
        return;
    bc_host *host = open_host(own[_i]);
    if (bc_host_cpu_kernels(host) && !test_interpreted() && cpu_multiplies_and_adds_at_once())
        for (int w = 0; bc_tuning_gemm_words[w]; w++)
            if (bc_gemm_way_named(bc_tuning_gemm_words[w])->provider == bc_host_gemm(host))
                check_rounding(host, bc_tuning_gemm_words[w]);
    bc_host_close(host);
}
END_TEST

/* Panels for the kernels of CPUs, tiles in local memory for those of GPUs, CLBlast only on a GPU. */
START_TEST(usual_provider_follows_the_kernels) {
    bc_host *host = open_host(BC_GEMM_AUTO);
    bool ours = bc_host_device(host)->kind == BC_CLASS_CPU || !possible(BC_GEMM_CLBLAST);
    bc_gemm_provider expected = bc_host_cpu_kernels(host) ? BC_GEMM_PANEL
                                : ours                    ? BC_GEMM_LOCAL
                                                          : BC_GEMM_CLBLAST;
    ck_assert_int_eq(bc_host_gemm(host), expected);
    ck_assert_int_eq(bc_gemm_panel_columns(host) > 0, expected == BC_GEMM_PANEL);
    product p = {"usual", 17, 33, 21, 1, 1, false, true, true, false, 1, 0, 1};
    if (expected != BC_GEMM_CLBLAST)
        check_product(host, &p);
    bc_host_close(host);
}
END_TEST

START_TEST(clblast_matches) {
    static const product list[] = {
        {"single", 33, 47, 29, 1, 1, false, true, true, false, 1, 0, 3},
        {"batch", 17, 19, 23, 2, 3, true, false, true, false, 0.5f, 1, 0},
        {"uneven batch", 17, 19, 23, 2, 3, false, false, false, false, 1, 0, 2},
        {"shared B", 17, 19, 23, 3, 1, false, false, false, true, 1, 0, 0},
        {"large", 300, 257, 301, 1, 1, true, true, false, false, 1, 0.5f, 0},
    };
    if (test_tiny())
        return; /* an interpreter needs minutes for CLBlast's own kernels */
    if (!possible(BC_GEMM_CLBLAST))
        return;
    bc_host *host = open_host(BC_GEMM_CLBLAST);
    check_all(host, list, sizeof list / sizeof *list);
    ck_assert(bc_gemm_clblast_usable(
        host)); /* its self-test has passed: it was not our own tiles that were right */
    bc_host_close(host);
}
END_TEST

START_TEST(impossible_products_are_refused) {
    bc_host *host = open_host(BC_GEMM_PANEL);
    product p = {.label = "refused", .m = 5, .n = 6, .k = 700, .alpha = 1};
    arrays x = make(host, &p, (ending){.residual = true});
    bc_tape *tape;
    ck_ok(bc_tape_create(host, &tape));
    bc_gemm good = x.gemm, wrong[6] = {good, good, good, good, good, good};
    wrong[0].k = 0;
    wrong[1].lda = 6;
    wrong[2].b_offset = 1;
    wrong[3].inner = 2;
    wrong[4].bias = (bc_buffer){x.gemm.a.mem, 8};
    wrong[5].residual = (bc_buffer){x.gemm.a.mem, 8};
    bc_buffer workspace;
    ck_ok(bc_buffer_create(host, 1 << 16, "scratch", &workspace));
    for (int i = 0; i < 6; i++) {
        ck_assert_msg(bc_tape_gemm(tape, &wrong[i], workspace) == BC_E_ARGUMENT, "case %d was accepted", i);
        ck_assert_msg(strstr(test_error.text, "a product 5 x 6 x") != NULL, "%s", test_error.text);
        bc_error_clear(&test_error);
    }
    ck_assert_int_eq(bc_tape_gemm(tape, &good, (bc_buffer){0}), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "scratch"));
    bc_error_clear(&test_error);
    bc_tape_release(tape);
    bc_buffer_release(&workspace);
    release(&x);
    bc_host_close(host);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("gemm");
    TCase *c = tcase_create("gemm");
    tcase_set_timeout(c, 240);
    tcase_add_loop_test(c, own_match_at_every_tail, 0, 2);
    tcase_add_loop_test(c, own_match_in_batches, 0, 2);
    tcase_add_loop_test(c, own_match_with_slices_of_k, 0, 2);
    tcase_add_loop_test(c, own_match_around_their_tiles, 0, 2);
    tcase_add_loop_test(c, endings_match, 0, 3);
    tcase_add_loop_test(c, a_multiply_add_is_one_instruction, 0, 2);
    tcase_add_test(c, usual_provider_follows_the_kernels);
    tcase_add_test(c, clblast_matches);
    tcase_add_test(c, impossible_products_are_refused);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
