/* The networks as wholes: parameter counts and names, shapes, first outputs, front ends, heads, errors. */
#include "tests/support.h"

#include "host/base/random.h"
#include "net/models/model.h"
#include "net/store/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A described network, planned by plan_it. */
typedef struct rig {
    bc_model model;
    bc_graph *graph;
    bc_params *params;
    bc_value *input;
    bc_network net;
    bc_plan *plan;
} rig;

static void describe(rig *r, const bc_model *model, bc_shape shape, bool trainable) {
    *r = (rig){.model = *model};
    ck_ok(bc_graph_create(test_host(), &r->graph));
    ck_ok(bc_params_create(test_host(), trainable, &r->params));
    r->input = bc_graph_input(r->graph, "input", shape);
    ck_ok(bc_network_build(r->graph, r->params, &r->model, r->input, true, &r->net));
}

static void plan_it(rig *r, bc_plan_mode mode, uint32_t seed) {
    bc_graph_keep(r->graph, r->net.raw);
    bc_graph_keep(r->graph, r->net.depth);
    bc_graph_keep(r->graph, r->net.uncertainty);
    if (mode == BC_TRAIN)
        bc_graph_root(r->graph, r->net.raw);
    ck_ok(bc_params_allocate(r->params));
    ck_ok(bc_params_initialise(r->params, seed));
    ck_ok(bc_plan_create(r->graph, mode, &r->plan));
}

static void release(rig *r) {
    bc_plan_release(r->plan);
    bc_graph_release(r->graph);
    bc_params_release(r->params);
}

static bc_model preset(bc_preset name, bc_model_scene scene, int channels) {
    bc_model model;
    ck_ok(bc_model_preset(&test_error, name, scene, channels, &model));
    return model;
}

static float *read_value(const rig *r, const bc_value *value) {
    float *data = malloc(bc_shape_count(value->shape) * sizeof *data);
    ck_assert_ptr_nonnull(data);
    ck_ok(bc_value_read(r->graph, value, data));
    return data;
}

/* Fills the input with the values of `pixel` in every channel: a grey picture, or a constant firing rate. */
static void write_grey(const rig *r, uint32_t seed) {
    bc_shape s = r->input->shape;
    size_t pixels = (size_t)s.n * (size_t)s.h * (size_t)s.w;
    float *data = malloc(bc_shape_count(s) * sizeof *data);
    ck_assert_ptr_nonnull(data);
    bc_random random = {.seed = seed};
    for (size_t p = 0; p < pixels; p++) {
        float grey = bc_random_range(&random, -1, 1);
        for (int c = 0; c < s.c; c++)
            data[p * (size_t)s.c + (size_t)c] = grey;
    }
    ck_ok(bc_value_write(r->graph, r->input, data));
    free(data);
}

static long parameter_count(bc_params *params) {
    long count = 0;
    for (int i = 0; i < bc_params_count(params); i++)
        if (bc_params_at(params, i)->spec.group != BC_GROUP_BUFFERS)
            count += (long)bc_params_at(params, i)->count;
    return count;
}

/* --- description --- */

START_TEST(the_hybrid_has_the_published_parameters) {
    rig r;
    bc_model spikes = preset(BC_HYBRID, BC_OUTDOOR, 128), rgb = preset(BC_HYBRID, BC_INDOOR, 3);
    describe(&r, &spikes, (bc_shape){1, 384, 384, 128}, true);
    ck_assert_int_eq(parameter_count(r.params), 123870954);
    ck_assert(bc_shape_same(r.net.layer1->shape, (bc_shape){1, 96, 96, 256}));
    ck_assert(bc_shape_same(r.net.layer4->shape, (bc_shape){1, 12, 12, 768}));
    ck_assert(bc_shape_same(r.net.path4->shape, (bc_shape){1, 24, 24, 256}));
    ck_assert(bc_shape_same(r.net.path1->shape, (bc_shape){1, 192, 192, 256}));
    ck_assert(bc_shape_same(r.net.depth->shape, (bc_shape){1, 384, 384, 1}));
    const bc_param *stem = bc_params_find(r.params, bc_stem_name);
    const bc_param *head = bc_params_find(r.params, "pretrained.model.head.weight");
    ck_assert_ptr_nonnull(stem);
    ck_assert_int_eq(stem->spec.shape[1], 128);
    ck_assert_ptr_nonnull(head);
    ck_assert_int_eq(head->spec.shape[0], 1000);
    release(&r);
    describe(&r, &rgb, (bc_shape){2, 224, 224, 3}, true);
    ck_assert_int_eq(parameter_count(r.params), 123478954);
    release(&r);
}
END_TEST

START_TEST(names_decide_the_groups) {
    rig r;
    bc_model model = preset(BC_TINY, BC_OUTDOOR, 128);
    model.front_end = BC_FRONT_SE;
    describe(&r, &model, (bc_shape){1, 32, 32, 128}, true);
    for (int i = 0; i < bc_params_count(r.params); i++) {
        const bc_param *param = bc_params_at(r.params, i);
        bc_group expected = strncmp(param->name, "pretrained.", 11) == 0 ? BC_GROUP_BACKBONE
                            : strncmp(param->name, "front.", 6) == 0     ? BC_GROUP_HEADS
                                                                         : BC_GROUP_SCRATCH;
        ck_assert_msg(param->spec.group == expected, "%s is in group %d", param->name, param->spec.group);
    }
    ck_assert_ptr_nonnull(bc_params_find(r.params, "front.se.fc1.weight"));
    release(&r);
}
END_TEST

START_TEST(the_small_network_is_small) {
    rig r;
    bc_model model = preset(BC_TINY, BC_OUTDOOR, 128);
    describe(&r, &model, (bc_shape){3, 64, 96, 128}, true);
    long count = parameter_count(r.params);
    ck_assert_msg(count > 2500000 && count < 3500000, "tiny has %ld parameters", count);
    ck_assert_ptr_null(bc_params_find(r.params, "pretrained.model.head.weight"));
    ck_assert(bc_shape_same(r.net.layer1->shape, (bc_shape){3, 16, 24, 64}));
    ck_assert(bc_shape_same(r.net.layer2->shape, (bc_shape){3, 8, 12, 128}));
    ck_assert(bc_shape_same(r.net.layer3->shape, (bc_shape){3, 4, 6, 192}));
    ck_assert(bc_shape_same(r.net.layer4->shape, (bc_shape){3, 2, 3, 192}));
    ck_assert(bc_shape_same(r.net.uncertainty->shape, (bc_shape){3, 64, 96, 1}));
    release(&r);
}
END_TEST

/* Describing must fail with this word in the message. */
static void refuse(bc_shape shape, const char *word) {
    bc_model model = preset(BC_TINY, BC_OUTDOOR, 128);
    bc_graph *graph;
    bc_params *params;
    bc_network net;
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_ok(bc_params_create(test_host(), true, &params));
    bc_value *input = bc_graph_input(graph, "input", shape);
    ck_assert_int_eq(bc_network_build(graph, params, &model, input, true, &net), BC_E_ARGUMENT);
    ck_assert_msg(strstr(test_error.text, word) != NULL, "message: %s", test_error.text);
    bc_error_clear(&test_error);
    bc_graph_release(graph);
    bc_params_release(params);
}

START_TEST(wrong_inputs_are_refused) {
    bc_model model;
    refuse((bc_shape){1, 48, 64, 128}, "48x64");
    refuse((bc_shape){1, 64, 64, 3}, "128 input channels, found 3");
    refuse((bc_shape){1, 64, 64, 5}, "128 input channels, found 5");
    ck_assert_int_eq(bc_model_preset(&test_error, BC_TINY, BC_INDOOR, 0, &model), BC_E_ARGUMENT);
    bc_error_clear(&test_error);
}
END_TEST

/* --- first outputs --- */

START_TEST(fresh_networks_start_in_the_middle) {
    const char *scenes[] = {"outdoor", "indoor"};
    const double low[] = {4, 1.5}, high[] = {16, 6};
    for (int i = 0; i < 2; i++) {
        rig r;
        bc_model model = preset(BC_TINY, i ? BC_INDOOR : BC_OUTDOOR, 3);
        describe(&r, &model, (bc_shape){1, 32, 64, 3}, false);
        plan_it(&r, BC_INFER, 1);
        write_grey(&r, 3);
        ck_ok(bc_plan_forward(r.plan));
        float *depth = read_value(&r, r.net.depth);
        for (int p = 0; p < 32 * 64; p++)
            ck_assert_msg(depth[p] > low[i] && depth[p] < high[i], "%s starts at %g m", scenes[i], depth[p]);
        free(depth);
        release(&r);
    }
}
END_TEST

/* What the published network does: its bias is drawn, and so nearly 0, and all is far. */
START_TEST(the_last_bias_may_be_drawn) {
    for (int drawn = 0; drawn < 2; drawn++) {
        rig r;
        float bias, bound = 1 / sqrtf(32);
        bc_model model = preset(BC_TINY, BC_OUTDOOR, 3);
        model.drawn_bias = drawn;
        describe(&r, &model, (bc_shape){1, 32, 32, 3}, false);
        ck_ok(bc_params_allocate(r.params));
        ck_ok(bc_params_initialise(r.params, 1));
        ck_ok(bc_param_read(r.params, bc_params_find(r.params, "scratch.output_conv.4.bias"), &bias));
        ck_assert_msg(drawn ? bias != 0 && fabsf(bias) <= bound : bias == model.head_bias, "bias %g",
                      (double)bias);
        release(&r);
    }
}
END_TEST

/* The raw output of a network drawn from one seed, with this epsilon in the stem. */
static float *raw_with(float stem_epsilon, int channels, int words) {
    rig r;
    bc_model model = preset(BC_TINY, BC_OUTDOOR, channels);
    model.stem_epsilon = stem_epsilon;
    describe(&r, &model, (bc_shape){1, 32, 32, words ? words : channels}, false);
    plan_it(&r, BC_INFER, 1);
    write_grey(&r, 3);
    ck_ok(bc_plan_forward(r.plan));
    float *raw = read_value(&r, r.net.raw);
    release(&r);
    return raw;
}

/* As numbers or packed; an RGB stem has none of its own. (One so large that GroupNorm, which takes out a factor, sees its own epsilon.) */
START_TEST(a_stem_that_reads_frames_has_its_own_epsilon) {
    static const struct { int channels, words; } cases[] = {{3, 0}, {32, 0}, {32, 1}};
    for (int i = 0; i < 3; i++) {
        float *a = raw_with(1e-8f, cases[i].channels, cases[i].words),
              *b = raw_with(1e6f, cases[i].channels, cases[i].words);
        bool same = memcmp(a, b, 32 * 32 * sizeof *a) == 0;
        ck_assert_msg(same == (cases[i].channels == 3), "%d channels, %d words", cases[i].channels,
                      cases[i].words);
        free(a);
        free(b);
    }
}
END_TEST

START_TEST(another_batch_size_shares_the_parameters) {
    rig two, one;
    bc_model model = preset(BC_TINY, BC_OUTDOOR, 3);
    describe(&two, &model, (bc_shape){2, 32, 32, 3}, false);
    plan_it(&two, BC_INFER, 1);
    write_grey(&two, 3);
    ck_ok(bc_plan_forward(two.plan));
    float *both = read_value(&two, two.net.depth), *images = read_value(&two, two.input);
    one = (rig){.model = model, .params = two.params};
    ck_ok(bc_graph_create(test_host(), &one.graph));
    one.input = bc_graph_input(one.graph, "input", (bc_shape){1, 32, 32, 3});
    ck_ok(bc_network_build(one.graph, one.params, &one.model, one.input, false, &one.net));
    bc_graph_keep(one.graph, one.net.depth);
    ck_ok(bc_plan_create(one.graph, BC_INFER, &one.plan));
    ck_ok(bc_value_write(one.graph, one.input, images + 32 * 32 * 3));
    ck_ok(bc_plan_forward(one.plan));
    float *second = read_value(&one, one.net.depth);
    for (int p = 0; p < 32 * 32; p++)
        ck_assert_float_eq_tol(second[p], both[32 * 32 + p], 1e-4f);
    free(both);
    free(images);
    free(second);
    bc_plan_release(one.plan);
    bc_graph_release(one.graph);
    release(&two);
}
END_TEST

/* Inflates the spike network's stem from the other's, by way of a file. */
static bc_status inflate(rig *spikes, rig *rgb) {
    char path[512];
    bc_tensor_file file;
    snprintf(path, sizeof path, "%s/rgb.safetensors", test_folder());
    ck_ok(bc_params_save(rgb->params, path, NULL, 0));
    ck_ok(bc_safetensors_open(&test_error, path, &file));
    bc_status status = bc_stem_inflate(spikes->params, &file);
    bc_tensor_file_close(&file);
    return status;
}

/* Copies the tensors whose name and shape occur in both, and counts them. */
static int copy_params(bc_params *to, bc_params *from) {
    int copied = 0;
    for (int i = 0; i < bc_params_count(from); i++) {
        const bc_param *source = bc_params_at(from, i);
        bc_param *target = bc_params_find(to, source->name);
        if (!target || !bc_shape_same(target->shape, source->shape))
            continue;
        float *values = malloc(source->count * sizeof *values);
        ck_assert_ptr_nonnull(values);
        ck_ok(bc_param_read(from, source, values));
        ck_ok(bc_param_write(to, target, values));
        free(values);
        copied++;
    }
    return copied;
}

/* A grey picture and the spike stream whose firing rates it gives look the same through an inflated stem:
 * weight standardisation and GroupNorm (one channel a group here) take out the number of channels. */
START_TEST(an_inflated_stem_sees_rates_as_grey) {
    rig rgb, spikes;
    bc_model three = preset(BC_TINY, BC_OUTDOOR, 3), many = preset(BC_TINY, BC_OUTDOOR, 20);
    describe(&rgb, &three, (bc_shape){1, 32, 64, 3}, false);
    describe(&spikes, &many, (bc_shape){1, 32, 64, 20}, false);
    plan_it(&rgb, BC_INFER, 1);
    plan_it(&spikes, BC_INFER, 2);
    ck_assert_int_eq(copy_params(spikes.params, rgb.params), bc_params_count(rgb.params) - 1);
    ck_ok(inflate(&spikes, &rgb));
    write_grey(&rgb, 5);
    write_grey(&spikes, 5);
    ck_ok(bc_plan_forward(rgb.plan));
    ck_ok(bc_plan_forward(spikes.plan));
    float *a = read_value(&rgb, rgb.net.depth), *b = read_value(&spikes, spikes.net.depth);
    for (int p = 0; p < 32 * 64; p++)
        ck_assert_msg(fabsf(a[p] - b[p]) < 1e-3f * a[p], "pixel %d: %g and %g m", p, a[p], b[p]);
    free(a);
    free(b);
    release(&rgb);
    release(&spikes);
}
END_TEST

START_TEST(stems_of_other_sizes_are_not_inflated) {
    rig a, b;
    bc_model small = preset(BC_TINY, BC_OUTDOOR, 3), wide = preset(BC_TINY, BC_OUTDOOR, 8);
    wide.stem = 16;
    describe(&a, &small, (bc_shape){1, 32, 32, 3}, false);
    describe(&b, &wide, (bc_shape){1, 32, 32, 8}, false);
    ck_ok(bc_params_allocate(a.params));
    ck_assert_int_eq(inflate(&b, &a), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "rgb.safetensors"));
    bc_error_clear(&test_error);
    release(&a);
    release(&b);
}
END_TEST

/* --- front ends --- */

/* L = sum of weight * raw, in double. */
static double objective(const rig *r, const float *weight) {
    ck_ok(bc_plan_forward(r->plan));
    float *raw = read_value(r, r->net.raw);
    double sum = 0;
    for (size_t i = 0; i < bc_shape_count(r->net.raw->shape); i++)
        sum += (double)weight[i] * raw[i];
    free(raw);
    return sum;
}

static void move(rig *r, bc_param *param, const float *values, const float *gradient, double step) {
    float *moved = malloc(param->count * sizeof *moved);
    ck_assert_ptr_nonnull(moved);
    for (size_t i = 0; i < param->count; i++)
        moved[i] = (float)(values[i] + step * gradient[i]);
    ck_ok(bc_param_write(r->params, param, moved));
    free(moved);
}

/* Along its own gradient g the objective changes by |g|^2 a step: one number that every path through the
 * network has to get right. Returns the relative error of the central difference. */
static double slope_error(rig *r, bc_param *param, const float *weight) {
    size_t bytes = param->count * sizeof(float);
    float *values = malloc(bytes), *gradient = malloc(bytes);
    ck_assert(values && gradient);
    ck_ok(bc_param_read(r->params, param, values));
    test_read_gradient(r->params, param, gradient);
    double square = 0;
    for (size_t i = 0; i < param->count; i++)
        square += (double)gradient[i] * gradient[i];
    double step = 3e-3 / square; /* a change far above rounding, far below the distance to most kinks */
    move(r, param, values, gradient, step);
    double up = objective(r, weight);
    move(r, param, values, gradient, -step);
    double down = objective(r, weight);
    move(r, param, values, gradient, 0);
    free(values);
    free(gradient);
    return fabs((up - down) / (2 * step) / square - 1);
}

/* Random spikes of a rig with `frames` frames, for it and for another one that reads them packed. */
static void write_spikes(const rig *numbers, const rig *packed) {
    bc_random random = {.seed = 12};
    size_t count = bc_shape_count(packed->input->shape);
    uint32_t *words = malloc(count * sizeof *words);
    float *x = malloc(32 * count * sizeof *x);
    ck_assert(words && x);
    for (size_t i = 0; i < 32 * count; i++) {
        if (i % 32 == 0)
            words[i / 32] = bc_random_bits(&random);
        x[i] = words[i / 32] >> (i % 32) & 1 ? 1.0f : -1.0f;
    }
    ck_ok(bc_value_write(numbers->graph, numbers->input, x));
    ck_ok(bc_value_write(packed->graph, packed->input, words));
    free(words);
    free(x);
}

static double stem_gradient_difference(const rig *a, const rig *b) {
    const bc_param *of_a = bc_params_find(a->params, bc_stem_name),
                   *of_b = bc_params_find(b->params, bc_stem_name);
    ck_assert(of_a && of_b && of_a->count == of_b->count);
    float *x = malloc(of_a->count * sizeof *x), *y = malloc(of_a->count * sizeof *y);
    ck_assert(x && y);
    test_read_gradient(a->params, of_a, x);
    test_read_gradient(b->params, of_b, y);
    double worst = 0, largest = 0;
    for (size_t i = 0; i < of_a->count; i++) {
        worst = fmax(worst, fabs((double)x[i] - y[i]));
        largest = fmax(largest, fabs(x[i]));
    }
    free(x);
    free(y);
    return worst / largest;
}

START_TEST(packed_spikes_are_the_same_input) {
    const bc_front_end kinds[] = {BC_FRONT_PLAIN, BC_FRONT_SE};
    float weight[32 * 64], *raw[2];
    bc_random random = {.seed = 13};
    for (int i = 0; i < 32 * 64; i++)
        weight[i] = bc_random_range(&random, -1, 1);
    rig rigs[2]; /* numbers, packed */
    bc_model model = preset(BC_TINY, BC_OUTDOOR, 64);
    model.front_end = kinds[_i];
    for (int i = 0; i < 2; i++) {
        describe(&rigs[i], &model, (bc_shape){1, 32, 64, i == 0 ? 64 : 2}, true);
        plan_it(&rigs[i], BC_TRAIN, 5);
    }
    write_spikes(&rigs[0], &rigs[1]);
    for (int i = 0; i < 2; i++) {
        ck_ok(bc_plan_forward(rigs[i].plan));
        ck_ok(bc_value_write_grad(rigs[i].graph, rigs[i].net.raw, weight));
        ck_ok(bc_plan_backward(rigs[i].plan));
        raw[i] = read_value(&rigs[i], rigs[i].net.raw);
    }
    for (int p = 0; p < 32 * 64; p++)
        ck_assert_float_eq_tol(raw[0][p], raw[1][p], 1e-4f);
    double difference = stem_gradient_difference(&rigs[0], &rigs[1]);
    ck_assert_msg(difference < 1e-3, "the stem's gradients differ by %g", difference);
    for (int i = 0; i < 2; i++) {
        free(raw[i]);
        release(&rigs[i]);
    }
}
END_TEST

/* Positive weights of positive means: the squeezed values of squeeze and excitation are far above the kink of their ReLU. */
static void wake(rig *r) {
    bc_param *param = bc_params_find(r->params, "front.se.fc1.weight");
    if (!param)
        return;
    float *values = malloc(param->count * sizeof *values);
    ck_assert_ptr_nonnull(values);
    ck_ok(bc_param_read(r->params, param, values));
    for (size_t i = 0; i < param->count; i++)
        values[i] = fabsf(values[i]);
    ck_ok(bc_param_write(r->params, param, values));
    free(values);
}

static void check_front_end(bc_front_end kind, int frames, const char *const *names, int count) {
    rig r;
    float weight[32 * 32];
    bc_random random = {.seed = 11};
    bc_model model = preset(BC_TINY, BC_OUTDOOR, frames);
    model.front_end = kind;
    describe(&r, &model, (bc_shape){1, 32, 32, frames}, true);
    plan_it(&r, BC_TRAIN, 4);
    wake(&r);
    float *x = malloc(bc_shape_count(r.input->shape) * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < bc_shape_count(r.input->shape); i++)
        x[i] = bc_random_below(&random, 4) ? 1.0f : -1.0f; /* a mean of 1/2 */
    ck_ok(bc_value_write(r.graph, r.input, x));
    free(x);
    for (int i = 0; i < 32 * 32; i++)
        weight[i] = bc_random_range(&random, -1, 1);
    objective(&r, weight);
    ck_ok(bc_value_write_grad(r.graph, r.net.raw, weight));
    ck_ok(bc_plan_backward(r.plan));
    for (int i = 0; i < count; i++) {
        bc_param *param = bc_params_find(r.params, names[i]);
        ck_assert_msg(param != NULL, "there is no %s", names[i]);
        double error = slope_error(&r, param, weight);
        ck_assert_msg(error < 0.05, "%s: slope differs by %g", names[i], error);
    }
    release(&r);
}

START_TEST(squeeze_and_excitation_learns) {
    const char *names[] = {"front.se.fc1.weight", "front.se.fc2.weight", bc_stem_name};
    check_front_end(BC_FRONT_SE, 64, names, 3);
}
END_TEST

START_TEST(the_unet_learns) {
    const char *names[] = {"front.in.conv1.weight", "front.down2.norm1.weight", "front.up1.conv2.weight",
                           "front.out.weight", "pretrained.model.patch_embed.backbone.stem.norm.bias"};
    check_front_end(BC_FRONT_UNET, 16, names, 5);
}
END_TEST

START_TEST(the_usenet_learns) {
    const char *names[] = {"front.in.norm2.bias", "front.se.fc2.weight", "front.down3.conv2.weight"};
    check_front_end(BC_FRONT_USENET, 16, names, 3);
}
END_TEST

START_TEST(the_unet_has_the_described_channels) {
    rig r;
    bc_model model = preset(BC_HYBRID, BC_OUTDOOR, 128);
    model.front_end = BC_FRONT_USENET;
    describe(&r, &model, (bc_shape){1, 64, 64, 128}, true);
    const struct {
        const char *name;
        int out, in;
    } expected[] = {{"front.in.conv1.weight", 128, 128},
                    {"front.down1.conv1.weight", 256, 128},
                    {"front.down2.conv2.weight", 512, 512},
                    {"front.down3.conv1.weight", 512, 512},
                    {"front.se.fc1.weight", 32, 512},
                    {"front.up1.conv1.weight", 512, 1024},
                    {"front.up1.conv2.weight", 256, 512},
                    {"front.up2.conv2.weight", 128, 256},
                    {"front.up3.conv1.weight", 128, 256},
                    {"front.up3.conv2.weight", 64, 128},
                    {"front.out.weight", 3, 64}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const bc_param *param = bc_params_find(r.params, expected[i].name);
        ck_assert_msg(param != NULL, "there is no %s", expected[i].name);
        ck_assert_int_eq(param->spec.shape[0], expected[i].out);
        ck_assert_int_eq(param->spec.shape[1], expected[i].in);
    }
    const bc_param *mean = bc_params_find(r.params, "front.up2.norm1.running_mean");
    ck_assert_ptr_nonnull(mean);
    ck_assert_int_eq(mean->spec.group, BC_GROUP_BUFFERS);
    release(&r);
}
END_TEST

/* --- projection heads --- */

START_TEST(projection_heads_are_shared_by_name) {
    bc_graph *graph;
    bc_params *params;
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_ok(bc_params_create(test_host(), true, &params));
    bc_value *x = bc_graph_input(graph, "x", (bc_shape){4, 1, 1, 6});
    bc_value *first = bc_projection_head(graph, params, "head_domain", x, 5, 2, true);
    bc_value *second = bc_projection_head(graph, params, "head_domain", x, 5, 2, true);
    bc_value *other = bc_projection_head(graph, params, "head_rgb", x, 5, 3, true);
    ck_assert(first && second && other);
    ck_assert(bc_shape_same(second->shape, (bc_shape){4, 1, 1, 2}));
    ck_assert_int_eq(bc_params_count(params), 2 * 8);
    const bc_param *weight = bc_params_find(params, "head_domain.0.weight");
    ck_assert_ptr_nonnull(weight);
    ck_assert_int_eq(weight->spec.group, BC_GROUP_HEADS);
    ck_assert_ptr_nonnull(bc_params_find(params, "head_rgb.1.running_var"));
    ck_assert_ptr_nonnull(bc_params_find(params, "head_rgb.3.bias"));
    bc_graph_release(graph);
    bc_params_release(params);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("model");
    TCase *described = tcase_create("description"), *run = tcase_create("outputs");
    tcase_add_test(described, the_hybrid_has_the_published_parameters);
    tcase_add_test(described, names_decide_the_groups);
    tcase_add_test(described, the_small_network_is_small);
    tcase_add_test(described, wrong_inputs_are_refused);
    tcase_add_test(described, the_unet_has_the_described_channels);
    tcase_add_test(described, projection_heads_are_shared_by_name);
    tcase_set_timeout(run, 120);
    tcase_add_test(run, fresh_networks_start_in_the_middle);
    tcase_add_test(run, the_last_bias_may_be_drawn);
    tcase_add_test(run, a_stem_that_reads_frames_has_its_own_epsilon);
    tcase_add_test(run, another_batch_size_shares_the_parameters);
    tcase_add_test(run, an_inflated_stem_sees_rates_as_grey);
    tcase_add_test(run, stems_of_other_sizes_are_not_inflated);
    tcase_add_loop_test(run, packed_spikes_are_the_same_input, 0, 2);
    tcase_add_test(run, squeeze_and_excitation_learns);
    tcase_add_test(run, the_unet_learns);
    tcase_add_test(run, the_usenet_learns);
    suite_add_tcase(s, described);
    suite_add_tcase(s, run);
    return s;
}

int main(void) {
    return test_run(suite());
}
