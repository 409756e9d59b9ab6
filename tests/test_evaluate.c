/* Evaluation: the seven metrics against double precision, and a small network over data sets made for the
 * purpose. */
#include "support.h"

#include "bicross/train/evaluate.h"
#include "host/base/random.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* --- the metrics of one image --- */

static bool counts(int row, int column, int height, int width, double label, double dmax, bool whole) {
    bc_window w = bc_garg_window(height, width);
    bool inside = whole || (row >= w.top && row < w.bottom && column >= w.left && column < w.right);
    return inside && label > 1e-3 && label < dmax;
}

static bc_metrics reference_metrics(const float *depth, const float *label, int height, int width,
                                    double dmax, bool whole) {
    bc_metrics m = {0};
    for (int i = 0; i < height * width; i++) {
        double y = label[i], d = fmin(fmax(depth[i], (double)1e-3f), dmax);
        if (!counts(i / width, i % width, height, width, y, dmax, whole))
            continue;
        m.pixels++;
        m.abs_rel += fabs(y - d) / y;
        m.sq_rel += (y - d) * (y - d) / y;
        m.rmse += (y - d) * (y - d);
        m.rmse_log += pow(log(y) - log(d), 2);
        for (int k = 0; k < 3; k++)
            m.delta[k] += fmax(y / d, d / y) < pow(1.25, k + 1);
    }
    double n = (double)m.pixels;
    m.images = n > 0;
    m.abs_rel /= n;
    m.sq_rel /= n;
    m.rmse = sqrt(m.rmse / n);
    m.rmse_log = sqrt(m.rmse_log / n);
    for (int k = 0; k < 3; k++)
        m.delta[k] /= n;
    return m;
}

static void expect_close(const char *what, double found, double expected, double tolerance) {
    ck_assert_msg(fabs(found - expected) <= tolerance * fmax(1e-9, fabs(expected)),
                  "%s is %.9g, expected %.9g", what, found, expected);
}

static void expect_metrics(const bc_metrics *found, const bc_metrics *expected, double tolerance) {
    ck_assert_int_eq(found->pixels, expected->pixels);
    ck_assert_int_eq(found->images, expected->images);
    expect_close("AbsRel", found->abs_rel, expected->abs_rel, tolerance);
    expect_close("SqRel", found->sq_rel, expected->sq_rel, tolerance);
    expect_close("RMSE", found->rmse, expected->rmse, tolerance);
    expect_close("RMSElog", found->rmse_log, expected->rmse_log, tolerance);
    for (int k = 0; k < 3; k++)
        expect_close("delta", found->delta[k], expected->delta[k], 1e-12);
}

/* Gaps, broken and far labels; predictions on both sides of the clamp. */
START_TEST(metrics_against_doubles) {
    enum { HEIGHT = 37, WIDTH = 53, PIXELS = HEIGHT * WIDTH };
    float depth[PIXELS], label[PIXELS];
    bc_random random = {.seed = 21};
    const float odd_labels[] = {0, NAN, INFINITY, -1, 80, 200, 1e-4f};
    for (int i = 0; i < PIXELS; i++) {
        label[i] = bc_random_range(&random, 0.5f, 90);
        depth[i] = label[i] * bc_random_range(&random, 0.4f, 2.2f);
        if (bc_random_uniform(&random) < 0.2f)
            label[i] = odd_labels[bc_random_below(&random, 7)];
        if (bc_random_uniform(&random) < 0.05f)
            depth[i] = bc_random_uniform(&random) < 0.5f ? -3.0f : 500.0f;
    }
    for (int whole = 0; whole < 2; whole++) {
        bc_metrics found, expected = reference_metrics(depth, label, HEIGHT, WIDTH, 80, whole);
        ck_ok(bc_metrics_of(test_host(), depth, label, HEIGHT, WIDTH, 80, whole, &found));
        expect_metrics(&found, &expected, 2e-6);
    }
}
END_TEST

START_TEST(known_values) {
    const float label[] = {1, 2, 4, 0}, depth[] = {1.25f, 2, 2, 7};
    bc_metrics m;
    ck_ok(bc_metrics_of(test_host(), depth, label, 2, 2, 10, true, &m));
    ck_assert_int_eq(m.pixels, 3);
    expect_close("AbsRel", m.abs_rel, (0.25 + 0 + 0.5) / 3, 1e-6);
    expect_close("SqRel", m.sq_rel, (0.0625 + 0 + 1) / 3, 1e-6);
    expect_close("RMSE", m.rmse, sqrt((0.0625 + 0 + 4) / 3), 1e-6);
    expect_close("RMSElog", m.rmse_log, sqrt((pow(log(1.25), 2) + pow(log(2), 2)) / 3), 1e-6);
    /* A ratio of 1.25 is not below 1.25; 2 is above 1.25^3. */
    for (int k = 0; k < 3; k++)
        expect_close("delta", m.delta[k], k == 0 ? 1.0 / 3 : 2.0 / 3, 1e-12);
}
END_TEST

START_TEST(perfect_prediction) {
    float label[12 * 20];
    bc_random random = {.seed = 2};
    for (int i = 0; i < 240; i++)
        label[i] = bc_random_range(&random, 0.5f, 9.5f);
    bc_metrics m;
    ck_ok(bc_metrics_of(test_host(), label, label, 12, 20, 10, false, &m));
    ck_assert_double_eq(m.abs_rel + m.sq_rel + m.rmse + m.rmse_log, 0);
    ck_assert_double_eq(m.delta[0], 1);
}
END_TEST

START_TEST(no_valid_pixel) {
    const float label[4] = {0}, depth[4] = {1, 2, 3, 4};
    bc_metrics m;
    ck_ok(bc_metrics_of(test_host(), depth, label, 2, 2, 10, true, &m));
    ck_assert_int_eq(m.images, 0);
    ck_assert_int_eq(m.pixels, 0);
    ck_assert_int_eq(m.looked_at, 1);
    ck_assert(isnan(m.rmse) && isnan(m.delta[0])); /* not 0, which would be perfect */
}
END_TEST

START_TEST(broken_prediction) {
    const float label[4] = {1, 1, 1, 0}, broken[] = {NAN, INFINITY, -INFINITY};
    for (int k = 0; k < 3; k++) {
        float depth[4] = {1, 2, 3, broken[k]};
        bc_metrics m;
        ck_assert_int_eq(bc_metrics_of(test_host(), depth, label, 2, 2, 10, true, &m), BC_E_NUMERIC);
        ck_assert_ptr_nonnull(strstr(test_error.text, "1 pixels"));
        bc_error_clear(&test_error);
    }
}
END_TEST

/* --- a data set in memory: sample i is of the i-th size --- */

typedef struct shelf {
    bc_dataset base; /* first: a bc_dataset pointer is a shelf pointer */
    const int (*sizes)[2];
    int unlabelled, missing; /* samples whose label is empty, and absent; -1: none */
} shelf;

static bc_status shelf_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    (void)err;
    const shelf *s = (const shelf *)dataset;
    bc_random random = {.seed = 77, .stream = (uint32_t)index};
    int height = s->sizes[index][0], width = s->sizes[index][1];
    size_t pixels = (size_t)height * (size_t)width;
    *out = (bc_sample){.height = height, .width = width};
    snprintf(out->name, sizeof out->name, "shelf-%d", index);
    out->rgb = malloc(pixels * 3);
    out->spikes = malloc(pixels * BC_SPIKE_WORDS * sizeof(uint32_t));
    for (size_t i = 0; i < pixels * 3; i++)
        out->rgb[i] = (uint8_t)bc_random_below(&random, 256);
    for (size_t i = 0; i < pixels * BC_SPIKE_WORDS; i++)
        out->spikes[i] = bc_random_bits(&random);
    if (index == s->missing)
        return BC_OK;
    out->depth = calloc(pixels, sizeof(float));
    for (size_t i = 0; i < pixels && index != s->unlabelled; i++)
        out->depth[i] = bc_random_range(&random, 1, 90);
    out->objects = malloc(pixels); /* the first sample has none: nothing of it is measured there */
    for (size_t i = 0; i < pixels; i++)
        out->objects[i] = index > 0 && bc_random_below(&random, 3) == 0;
    return BC_OK;
}

static void shelf_release(bc_dataset *dataset) {
    (void)dataset;
}

static shelf make_shelf(const int (*sizes)[2], int count) {
    return (shelf){.base = {.name = "shelf",
                            .count = count,
                            .has_rgb = true,
                            .has_depth = true,
                            .has_spikes = true,
                            .height = sizes[0][0],
                            .width = sizes[0][1],
                            .load = shelf_load,
                            .release = shelf_release},
                   .sizes = sizes,
                   .unlabelled = -1,
                   .missing = -1};
}

/* --- a very small network --- */

enum { SIDE = 32 };

static bc_model small_model(bool rgb) {
    bc_model model;
    ck_ok(bc_model_preset(&test_error, BC_TINY, BC_OUTDOOR, rgb ? 3 : BC_SPIKE_FRAMES, &model));
    model.stem = 8;
    for (int i = 0; i < 3; i++) {
        model.mid[i] = 4;
        model.blocks[i] = 1;
    }
    model.width = 12;
    model.depth = 2;
    model.heads = 1;
    model.tap3 = 0;
    model.tap4 = 1;
    model.grid = 2;
    model.features = 8;
    model.head[0] = model.head[1] = 4;
    return model;
}

static bc_params *small_params(const bc_model *model) {
    bc_params *params;
    bc_graph *graph;
    bc_network network;
    ck_ok(bc_params_create(test_host(), false, &params));
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *x = bc_graph_input(graph, "x", (bc_shape){1, SIDE, SIDE, model->input_channels});
    ck_ok(bc_network_build(graph, params, model, x, false, &network));
    ck_ok(bc_params_allocate(params));
    ck_ok(bc_params_initialise(params, 4));
    bc_graph_release(graph);
    return params;
}

/* The network's depth for one sample by a graph of its own, at the crop's size, clamped on the host. */
static float *expected_crop(bc_params *params, const bc_model *model, bc_dataset *dataset, int index,
                            bool rgb, const bc_crop *crop, float dmax) {
    bc_graph *graph;
    bc_plan *plan;
    bc_loader *loader;
    bc_network network;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *input = bc_graph_input(graph, "x", (bc_shape){1, SIDE, SIDE, rgb ? 3 : BC_SPIKE_WORDS});
    ck_ok(bc_network_build(graph, params, model, input, false, &network));
    bc_value *depth =
        bc_graph_keep(graph, bc_resize(graph, network.depth, crop->height, crop->width, BC_RESIZE_BICUBIC));
    ck_ok(bc_plan_create(graph, BC_INFER, &plan));
    ck_ok(bc_loader_create(test_host(), &loader));
    bc_loader_use_unit_rgb(loader, model->unit_rgb);
    bc_batch batch = {.rgb = rgb ? input : NULL, .spikes = rgb ? NULL : input};
    ck_ok(bc_loader_fill(loader, dataset, &index, 1, 0, &batch, NULL, 0));
    ck_ok(bc_plan_forward(plan));
    size_t count = (size_t)crop->height * (size_t)crop->width;
    float *out = malloc(count * sizeof(float));
    ck_ok(bc_value_read(graph, depth, out));
    for (size_t i = 0; i < count; i++)
        out[i] = fminf(fmaxf(out[i], 1e-3f), dmax);
    bc_loader_release(loader);
    bc_plan_release(plan);
    bc_graph_release(graph);
    return out;
}

/* --- the network over the data set --- */

typedef struct witness {
    bc_params *params;
    const bc_model *model;
    bc_dataset *dataset;
    bool rgb;
    float dmax;
    int calls;
    bc_metrics sum[BC_REGION_COUNT];
    bc_uncertainty_score uncertainty;
} witness;

static bool belongs(const bc_sample *s, int pixel, bc_region region, float dmax) {
    return region == BC_REGION_ALL || (region == BC_REGION_OBJECTS && s->objects[pixel]) ||
           (region == BC_REGION_FAR && s->depth[pixel] > dmax / 4);
}

/* The metrics of each region, which are those of labels that are there alone. */
static void sum_regions(witness *w, const bc_evaluated *image) {
    const bc_sample *s = image->sample;
    int pixels = s->height * s->width;
    float *label = malloc((size_t)pixels * sizeof *label);
    for (int region = 0; region < BC_REGION_COUNT; region++) {
        int inside = 0;
        for (int i = 0; i < pixels; i++) {
            label[i] = belongs(s, i, (bc_region)region, w->dmax) ? s->depth[i] : 0;
            inside += label[i] > 0 && label[i] < w->dmax;
        }
        if (inside == 0)
            continue;
        bc_metrics m = reference_metrics(image->depth, label, s->height, s->width, w->dmax, true);
        if (region == BC_REGION_ALL)
            expect_metrics(&image->metrics, &m, 2e-6);
        w->sum[region].abs_rel += m.abs_rel;
        w->sum[region].rmse += m.rmse;
        w->sum[region].delta[2] += m.delta[2];
        w->sum[region].images += m.images;
        w->sum[region].pixels += m.pixels;
    }
    free(label);
}

static void sum_uncertainty(witness *w, const bc_evaluated *image) {
    const bc_sample *s = image->sample;
    int pixels = s->height * s->width, count = 0;
    bc_judged_pixel *judged = malloc((size_t)pixels * sizeof *judged);
    for (int i = 0; i < pixels; i++)
        if (s->depth[i] > 0 && s->depth[i] < w->dmax)
            judged[count++] =
                (bc_judged_pixel){fabsf(image->depth[i] - s->depth[i]) / s->depth[i], image->uncertainty[i]};
    bc_uncertainty_add(&w->uncertainty, judged, count);
    free(judged);
}

/* Checks everything an image comes with: the map against a graph of its own, the metrics against the map. */
static bc_status witness_image(void *user, const bc_evaluated *image) {
    witness *w = user;
    const bc_sample *s = image->sample;
    bc_crop crop;
    ck_assert_int_eq(image->index, w->calls++);
    ck_ok(bc_crop_bottom_centre(&test_error, s->height, s->width, w->dataset->crop_height,
                                w->dataset->crop_width, &crop));
    float *expected = expected_crop(w->params, w->model, w->dataset, image->index, w->rgb, &crop, w->dmax);
    for (int i = 0; i < s->height * s->width; i++) {
        int row = i / s->width - crop.top, column = i % s->width - crop.left;
        bool inside = row >= 0 && row < crop.height && column >= 0 && column < crop.width;
        float wanted = inside ? expected[row * crop.width + column] : 1e-3f;
        ck_assert_msg(fabsf(image->depth[i] - wanted) <= 1e-5f * wanted, "pixel %d is %g, expected %g", i,
                      (double)image->depth[i], (double)wanted);
        ck_assert(isfinite(image->uncertainty[i]) && (inside || image->uncertainty[i] == 0));
    }
    sum_regions(w, image);
    sum_uncertainty(w, image);
    free(expected);
    return BC_OK;
}

static void check_evaluation(bool rgb, bool unit_rgb, const int (*sizes)[2], int count, int crop_height,
                             int crop_width, int unlabelled) {
    bc_model model = small_model(rgb);
    model.unit_rgb = unit_rgb;
    bc_params *params = small_params(&model);
    shelf data = make_shelf(sizes, count);
    data.base.crop_height = crop_height;
    data.base.crop_width = crop_width;
    data.unlabelled = unlabelled;
    witness w = {.params = params, .model = &model, .dataset = &data.base, .rgb = rgb, .dmax = 80};
    bc_evaluate_options options = {.rgb = rgb,
                                   .input_height = SIDE,
                                   .input_width = SIDE,
                                   .dmax = 80,
                                   .whole_image = true,
                                   .user = &w,
                                   .each = witness_image};
    bc_scores mean, again;
    ck_ok(bc_evaluate(test_host(), params, &model, &data.base, &options, &mean));
    ck_assert_int_eq(w.calls, count);
    ck_assert_int_eq(mean.regions[BC_REGION_ALL].images, count - (unlabelled >= 0));
    for (int region = 0; region < BC_REGION_COUNT; region++) {
        const bc_metrics *found = &mean.regions[region], *sum = &w.sum[region];
        ck_assert(found->images == sum->images && found->pixels == sum->pixels);
        if (sum->images == 0)
            continue;
        expect_close("mean AbsRel", found->abs_rel, sum->abs_rel / sum->images, 2e-6);
        expect_close("mean RMSE", found->rmse, sum->rmse / sum->images, 2e-6);
        expect_close("mean delta3", found->delta[2], sum->delta[2] / sum->images, 1e-9);
    }
    bc_uncertainty_finish(&w.uncertainty);
    expect_close("sparsification error", mean.uncertainty.sparsification_error,
                 w.uncertainty.sparsification_error, 1e-6);
    expect_close("calibration error", mean.uncertainty.calibration_error, w.uncertainty.calibration_error,
                 1e-6);
    float abs_rel[16];
    double sum = 0;
    ck_assert_int_le(count, 16);
    options.each = NULL;
    options.abs_rel = abs_rel;
    ck_ok(bc_evaluate(test_host(), params, &model, &data.base, &options, &again));
    for (int i = 0; i < count; i++) {
        ck_assert(isnan(abs_rel[i]) == (i == unlabelled)); /* without a label nothing was measured */
        sum += i == unlabelled ? 0 : (double)abs_rel[i];
    }
    expect_close("AbsRel of the images", sum, w.sum[BC_REGION_ALL].abs_rel, 2e-6);
    ck_assert_mem_eq(&again.regions[0], &mean.regions[0], offsetof(bc_metrics, images));
    bc_dataset_release(&data.base);
    bc_params_release(params);
}

/* A network whose uncertainty is NaN everywhere, and whose depth is fine. */
START_TEST(uncertainty_that_is_no_number_is_refused) {
    const int sizes[][2] = {{SIDE, SIDE}};
    bc_model model = small_model(false);
    bc_params *params = small_params(&model);
    shelf data = make_shelf(sizes, 1);
    bc_evaluate_options options = {
        .input_height = SIDE, .input_width = SIDE, .dmax = 80, .whole_image = true};
    bc_scores mean;
    ck_ok(bc_evaluate(test_host(), params, &model, &data.base, &options, &mean));
    bc_param *bias = bc_params_find(params, "uncertaity_head.4.bias");
    ck_assert_ptr_nonnull(bias);
    ck_ok(bc_param_write(params, bias, &(float){NAN}));
    ck_assert_int_eq(bc_evaluate(test_host(), params, &model, &data.base, &options, &mean), BC_E_NUMERIC);
    ck_assert_msg(strstr(test_error.text, "uncertainty of shelf-0"), "%s", test_error.text);
    bc_error_clear(&test_error);
    bc_dataset_release(&data.base);
    bc_params_release(params);
}
END_TEST

START_TEST(labels_of_which_none_counts_are_refused) {
    const int sizes[][2] = {{SIDE, SIDE}};
    bc_model model = small_model(false);
    bc_params *params = small_params(&model);
    shelf data = make_shelf(sizes, 1);
    bc_evaluate_options options = {
        .input_height = SIDE, .input_width = SIDE, .dmax = 0.9f, .whole_image = true};
    bc_scores mean;
    ck_assert_int_eq(bc_evaluate(test_host(), params, &model, &data.base, &options, &mean), BC_E_FORMAT);
    ck_assert_msg(strstr(test_error.text, "shelf: none of the 1 samples") &&
                      strstr(test_error.text, "dmax = 0.9"),
                  "%s", test_error.text);
    bc_error_clear(&test_error);
    bc_dataset_release(&data.base);
    bc_params_release(params);
}
END_TEST

START_TEST(spikes_at_the_network_size) {
    const int sizes[][2] = {{SIDE, SIDE}, {SIDE, SIDE}};
    check_evaluation(false, false, sizes, 2, 0, 0, 1);
}
END_TEST

START_TEST(rgb_of_several_sizes_with_a_crop) {
    const int sizes[][2] = {{40, 61}, {40, 61}, {37, 50}};
    check_evaluation(true, false, sizes, 3, 36, 50, -1);
    check_evaluation(true, true, sizes, 3, 36, 50, -1); /* the network says in which range it reads */
}
END_TEST

/* --- what can go wrong --- */

static bc_status stop_at_once(void *user, const bc_evaluated *image) {
    (void)image;
    return *(const bc_status *)user;
}

START_TEST(failures) {
    const int sizes[][2] = {{SIDE, SIDE}, {SIDE, 40}};
    bc_model model = small_model(true);
    bc_params *params = small_params(&model);
    bc_evaluate_options options = {.rgb = true, .input_height = SIDE, .input_width = SIDE, .dmax = 80};
    bc_scores mean;

    shelf data = make_shelf(sizes, 2);
    data.missing = 1;
    ck_assert_int_eq(bc_evaluate(test_host(), params, &model, &data.base, &options, &mean), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "shelf-1"));
    bc_error_clear(&test_error);

    data.base.crop_height = data.base.crop_width = 36;
    ck_assert_int_eq(bc_evaluate(test_host(), params, &model, &data.base, &options, &mean), BC_E_ARGUMENT);
    bc_error_clear(&test_error);
    data.base.crop_height = data.base.crop_width = 0;

    bc_status stop = BC_E_INTERRUPTED;
    options.user = &stop;
    options.each = stop_at_once;
    ck_assert_int_eq(bc_evaluate(test_host(), params, &model, &data.base, &options, &mean), BC_E_INTERRUPTED);
    options.each = NULL;

    bc_buffer weights = bc_params_vector(params);
    ck_ok(bc_buffer_fill(test_host(), weights, 0, weights.bytes / 4 * 4, NAN));
    bc_status status = bc_evaluate(test_host(), params, &model, &data.base, &options, &mean);
    ck_assert_int_eq(status, BC_E_NUMERIC);
    ck_assert_ptr_nonnull(strstr(test_error.text, "shelf-0"));
    bc_error_clear(&test_error);
    bc_dataset_release(&data.base);
    bc_params_release(params);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("evaluate");
    TCase *t = tcase_create("evaluate");
    tcase_set_timeout(t, 300);
    tcase_add_test(t, metrics_against_doubles);
    tcase_add_test(t, known_values);
    tcase_add_test(t, perfect_prediction);
    tcase_add_test(t, no_valid_pixel);
    tcase_add_test(t, uncertainty_that_is_no_number_is_refused);
    tcase_add_test(t, labels_of_which_none_counts_are_refused);
    tcase_add_test(t, broken_prediction);
    tcase_add_test(t, spikes_at_the_network_size);
    tcase_add_test(t, rgb_of_several_sizes_with_a_crop);
    tcase_add_test(t, failures);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
