/* The full DPT-Hybrid, forward and backward, against the tensors of an independent float64 implementation
 * (tests/golden/README.md says how the weights are made and what float32 can be held to). */
#include "tests/support.h"
#include "tests/support_hashed.h"

#include "bicross/formats/npy.h"
#include "net/models/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN TEST_SOURCE_DIR "/golden/dpt_hybrid_64x96/"

enum { N = 2, H = 64, W = 96, FRAMES = 128, WORDS = FRAMES / 32, PIXELS = N * H * W };

static bc_graph *graph;
static bc_params *params;
static bc_plan *plan;
static bc_value *input;
static bc_network net;

/* --- files --- */

static float *read_npy(const char *name, size_t count) {
    char path[512];
    bc_npy npy;
    snprintf(path, sizeof path, GOLDEN "%s", name);
    ck_ok(bc_npy_open(&test_error, path, &npy));
    ck_assert_uint_eq(npy.count, count);
    float *values = malloc(count * sizeof *values);
    ck_assert_ptr_nonnull(values);
    ck_ok(bc_npy_floats(&test_error, path, &npy, values));
    bc_npy_close(&npy);
    return values;
}

static FILE *open_table(const char *name) {
    char path[512], header[256];
    snprintf(path, sizeof path, GOLDEN "%s", name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    if (strcmp(name, "loss.tsv") != 0)
        ck_assert_ptr_nonnull(fgets(header, sizeof header, file));
    return file;
}

/* --- one forward pass, shared by the tests --- */

static void write_input(void) {
    float *spikes = read_npy("spikes.npy", (size_t)PIXELS * FRAMES);
    uint32_t *words = calloc((size_t)PIXELS * WORDS, sizeof *words);
    ck_assert_ptr_nonnull(words);
    for (int n = 0; n < N; n++)
        for (int f = 0; f < FRAMES; f++)
            for (int p = 0; p < H * W; p++)
                if (spikes[(n * FRAMES + f) * H * W + p] > 0)
                    words[(n * H * W + p) * WORDS + f / 32] |= 1u << (f % 32);
    ck_ok(bc_value_write(graph, input, words));
    free(spikes);
    free(words);
}

/* With halves, taps are not kept: what is kept is not halved. */
static void describe(bool halves) {
    bc_model model;
    ck_ok(bc_model_preset(&test_error, BC_HYBRID, BC_OUTDOOR, FRAMES, &model));
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_ok(bc_params_create(test_host(), true, &params));
    input = bc_graph_input(graph, "spikes", (bc_shape){N, H, W, WORDS});
    ck_ok(bc_network_build(graph, params, &model, input, true, &net));
    bc_value *taps[] = {net.layer1, net.layer2, net.layer3, net.layer4, net.path4,      net.path3,
                        net.path2,  net.path1,  net.raw,    net.depth,  net.uncertainty};
    for (size_t i = halves ? 9 : 0; i < sizeof taps / sizeof *taps; i++)
        bc_graph_keep(graph, taps[i]);
    if (halves)
        bc_graph_halve(graph);
    bc_graph_root(graph, net.depth);
    bc_graph_root(graph, net.uncertainty);
}

static void set_up_as(bool halves) {
    describe(halves);
    ck_ok(bc_params_allocate(params));
    test_hashed_weights(params, 1);
    ck_ok(bc_plan_create(graph, BC_TRAIN, &plan));
    write_input();
    ck_ok(bc_plan_forward(plan));
}

static void set_up(void) {
    set_up_as(false);
}

static void set_up_halves(void) {
    set_up_as(true);
}

static void tear_down(void) {
    bc_plan_release(plan);
    bc_graph_release(graph);
    bc_params_release(params);
}

static float *read_value(const bc_value *value) {
    float *data = malloc(bc_shape_count(value->shape) * sizeof *data);
    ck_assert_ptr_nonnull(data);
    ck_ok(bc_value_read(graph, value, data));
    return data;
}

/* --- forward --- */

/* Largest difference to a stored channels-first tensor over its largest value. */
static double difference(const bc_value *value, const char *file) {
    bc_shape s = value->shape;
    float *expected = read_npy(file, bc_shape_count(s)), *found = read_value(value);
    double worst = 0, largest = 0;
    for (int n = 0; n < s.n; n++)
        for (int c = 0; c < s.c; c++)
            for (int p = 0; p < s.h * s.w; p++) {
                double e = expected[(n * s.c + c) * s.h * s.w + p], f = found[(n * s.h * s.w + p) * s.c + c];
                worst = fmax(worst, fabs(e - f));
                largest = fmax(largest, fabs(e));
                if (isnan(f))
                    worst = INFINITY;
            }
    free(expected);
    free(found);
    return worst / largest;
}

START_TEST(stored_taps_agree) {
    const struct {
        const bc_value *value;
        const char *file;
    } stored[] = {{net.layer4, "layer_4.npy"},
                  {net.path4, "path_4.npy"},
                  {net.depth, "depth.npy"},
                  {net.uncertainty, "uncertainty.npy"}};
    for (size_t i = 0; i < sizeof stored / sizeof *stored; i++) {
        double found = difference(stored[i].value, stored[i].file);
        printf("%s: %.2g\n", stored[i].file, found);
        ck_assert_msg(found <= 3e-4, "%s differs by %g of its largest value", stored[i].file, found);
    }
}
END_TEST

static const bc_value *tap_named(const char *name) {
    const bc_value *taps[] = {net.layer1, net.layer2, net.layer3, net.layer4, net.path4,      net.path3,
                              net.path2,  net.path1,  net.raw,    net.depth,  net.uncertainty};
    for (size_t i = 0; i < sizeof taps / sizeof *taps; i++)
        if (strcmp(taps[i]->name, name) == 0)
            return taps[i];
    ck_abort_msg("no tap is called %s", name);
}

START_TEST(statistics_of_all_taps_agree) {
    FILE *table = open_table("taps.tsv");
    char name[64], shape[64];
    double mean, rms, low, high;
    int rows = 0;
    while (fscanf(table, "%63s %63s %lf %lf %lf %lf", name, shape, &mean, &rms, &low, &high) == 6) {
        const bc_value *tap = tap_named(name);
        float *data = read_value(tap);
        double sum = 0, squares = 0, least = data[0], most = data[0];
        size_t count = bc_shape_count(tap->shape);
        for (size_t i = 0; i < count; i++) {
            sum += data[i];
            squares += (double)data[i] * data[i];
            least = fmin(least, data[i]);
            most = fmax(most, data[i]);
        }
        free(data);
        double unit = 3e-4 * fmax(fabs(low), fabs(high));
        ck_assert_msg(fabs(sum / (double)count - mean) < unit, "%s: mean", name);
        ck_assert_msg(fabs(sqrt(squares / (double)count) - rms) < unit, "%s: rms", name);
        ck_assert_msg(fabs(least - low) < unit && fabs(most - high) < unit, "%s: range", name);
        rows++;
    }
    fclose(table);
    ck_assert_int_eq(rows, 11);
}
END_TEST

/* --- the loss, on the host in double --- */

typedef struct loss {
    int valid;
    double sig, uncertainty;
    float d_depth[PIXELS], d_uncertainty[PIXELS];
} loss;

static bool is_valid(int p, float label) {
    int row = p / W % H, column = p % W; /* the Garg crop */
    return label > 1e-3f && label < 80 && row >= (int)(0.40810811 * H) && row < (int)(0.99189189 * H) &&
           column >= (int)(0.03594771 * W) && column < (int)(0.96405229 * W);
}

static double log_ratio(float depth, float label) {
    return log(depth + 0.1) - log(label + 0.1);
}

/* SigLoss sqrt(var + 0.15 mean^2) and its gradient. */
static void add_sig_loss(loss *l, const float *depth, const float *label) {
    double sum = 0, squares = 0, mean;
    for (int p = 0; p < PIXELS; p++)
        if (is_valid(p, label[p])) {
            l->valid++;
            sum += log_ratio(depth[p], label[p]);
        }
    mean = sum / l->valid;
    for (int p = 0; p < PIXELS; p++)
        if (is_valid(p, label[p]))
            squares += pow(log_ratio(depth[p], label[p]) - mean, 2);
    l->sig = sqrt(squares / (l->valid - 1) + 0.15 * mean * mean);
    for (int p = 0; p < PIXELS; p++)
        if (is_valid(p, label[p]))
            l->d_depth[p] +=
                (float)(((log_ratio(depth[p], label[p]) - mean) / (l->valid - 1) + 0.15 * mean / l->valid) /
                        l->sig / (depth[p] + 0.1));
}

/* mean |u - clamp(|d-y|/y, 0, 1)|; the error is not detached, so the depth gets a gradient too. */
static void add_uncertainty_loss(loss *l, const float *depth, const float *uncertainty, const float *label) {
    for (int p = 0; p < PIXELS; p++) {
        if (!is_valid(p, label[p]))
            continue;
        double ratio = fabs((double)depth[p] - label[p]) / label[p], error = fmin(ratio, 1);
        double sign = uncertainty[p] > error ? 1 : -1;
        l->uncertainty += fabs(uncertainty[p] - error) / l->valid;
        l->d_uncertainty[p] = (float)(sign / l->valid);
        if (ratio < 1)
            l->d_depth[p] += (float)(-sign * (depth[p] > label[p] ? 1 : -1) / ((double)label[p] * l->valid));
    }
}

static void check_loss(const loss *l) {
    FILE *table = open_table("loss.tsv");
    int valid = 0;
    double sig = 0, uncertainty = 0;
    ck_assert_int_eq(
        fscanf(table, "valid_pixels %d sig_loss %lf uncertainty_loss %lf", &valid, &sig, &uncertainty), 3);
    fclose(table);
    ck_assert_int_eq(l->valid, valid);
    ck_assert_double_eq_tol(l->sig, sig, 1e-5);
    ck_assert_double_eq_tol(l->uncertainty, uncertainty, 1e-4);
}

static void run_backward(void) {
    float *depth = read_value(net.depth), *uncertainty = read_value(net.uncertainty);
    float *label = read_npy("label.npy", PIXELS);
    loss *l = calloc(1, sizeof *l);
    ck_assert_ptr_nonnull(l);
    add_sig_loss(l, depth, label);
    add_uncertainty_loss(l, depth, uncertainty, label);
    check_loss(l);
    ck_ok(bc_value_write_grad(graph, net.depth, l->d_depth));
    ck_ok(bc_value_write_grad(graph, net.uncertainty, l->d_uncertainty));
    ck_ok(bc_plan_backward(plan));
    free(l);
    free(depth);
    free(uncertainty);
    free(label);
}

/* --- gradients --- */

static double norm_of(const float *values, size_t count) {
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (double)values[i] * values[i];
    return sqrt(squares);
}

/* One line of grads.tsv. Returns the relative error of the norm. The three elements check the layout, to
 * which a norm is blind; a wrong order would be off by about the tensor's typical element. */
static double check_gradient(const char *line) {
    char name[128];
    double norm, sum, element[3];
    int fields =
        sscanf(line, "%127s %lf %lf %lf %lf %lf", name, &norm, &sum, &element[0], &element[1], &element[2]);
    ck_assert_msg(fields == 6 || fields == 1, "bad line: %s", line);
    bc_param *param = bc_params_find(params, name);
    ck_assert_msg(param != NULL, "the network has no %s", name);
    float *found = malloc(param->count * sizeof *found);
    ck_assert_ptr_nonnull(found);
    test_read_gradient(params, param, found);
    double measured = norm_of(found, param->count);
    size_t place[3] = {0, param->count / 2, param->count - 1};
    if (fields == 1)
        ck_assert_msg(measured == 0, "%s is not used, its gradient has norm %g", name, measured);
    for (int i = 0; fields == 6 && i < 3; i++)
        ck_assert_msg(fabs(found[place[i]] - element[i]) <=
                          0.15 * (fabs(element[i]) + norm / sqrt((double)param->count)),
                      "%s[%zu]: gradient %g, expected %g", name, place[i], found[place[i]], element[i]);
    free(found);
    double error = fields == 6 ? fabs(measured - norm) / norm : 0;
    ck_assert_msg(error <= 2e-2, "%s: gradient norm %g, expected %g", name, measured, norm);
    return error;
}

START_TEST(all_gradients_agree) {
    run_backward();
    FILE *table = open_table("grads.tsv");
    char line[512], worst_name[128] = "";
    double worst = 0;
    int rows = 0;
    for (; fgets(line, sizeof line, table); rows++) {
        double error = check_gradient(line);
        if (error > worst) {
            worst = error;
            sscanf(line, "%127s", worst_name);
        }
    }
    fclose(table);
    printf("worst gradient norm: %.2g (%s)\n", worst, worst_name);
    ck_assert_int_eq(rows, bc_params_count(params));
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("golden");
    TCase *c = tcase_create("hybrid");
    tcase_set_timeout(c, 300);
    tcase_add_unchecked_fixture(c, set_up, tear_down);
    tcase_add_test(c, stored_taps_agree);
    tcase_add_test(c, statistics_of_all_taps_agree);
    tcase_add_test(c, all_gradients_agree);
    suite_add_tcase(s, c);
    TCase *halves = tcase_create("hybrid, activations kept in halves");
    tcase_set_timeout(halves, 300);
    tcase_add_unchecked_fixture(halves, set_up_halves, tear_down);
    tcase_add_test(halves, all_gradients_agree);
    suite_add_tcase(s, halves);
    return s;
}

int main(void) {
    return test_run(suite());
}
