/* Plans: what backward makes again instead of keeping, what is not run at all, what is made once, and frozen networks. */
#include "tests/support.h"

#include "host/base/random.h"
#include "net/models/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 64, CHANNELS = 68, WEIGHTS = 5 };

typedef struct parameter {
    bc_buffer data, grad;
    bc_shape shape;
} parameter;

/* A chain in which every cheap operation lies between two that read its output in backward. */
typedef struct chain {
    bc_graph *graph;
    bc_plan *plan;
    parameter weights[WEIGHTS];
    bc_value *x, *y;
} chain;

static float *random_array(size_t count, uint32_t stream) {
    bc_random random = {.seed = 9, .stream = stream};
    float *values = malloc(count * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = bc_random_range(&random, -1, 1);
    return values;
}

static bc_value *weight_of(chain *c, int index, bc_shape shape) {
    parameter *p = &c->weights[index];
    size_t count = bc_shape_count(shape);
    float *values = random_array(count, (uint32_t)index);
    p->shape = shape;
    ck_ok(bc_buffer_create(test_host(), count * sizeof(float), "a test weight", &p->data));
    ck_ok(bc_buffer_create(test_host(), count * sizeof(float), "a test gradient", &p->grad));
    ck_ok(bc_buffer_write(test_host(), p->data, 0, values, count * sizeof(float)));
    free(values);
    return bc_graph_external(c->graph, "w", shape, &p->data, &p->grad);
}

typedef enum variant { KEPT, AGAIN, BLOCKS } variant;

static void build(chain *c, variant v) {
    bc_shape square = {1, 1, CHANNELS, CHANNELS}, vector = {1, 1, 1, CHANNELS};
    *c = (chain){0};
    ck_ok(bc_graph_create(test_host(), &c->graph));
    bc_graph *g = c->graph;
    bc_value *cheap[4], *gamma = weight_of(c, 3, vector), *beta = weight_of(c, 4, vector);
    c->x = bc_graph_input(g, "x", (bc_shape){1, SIDE, SIDE, CHANNELS});
    if (v == BLOCKS)
        bc_graph_block_begin(g);
    cheap[0] = bc_gelu(g, bc_linear(g, c->x, weight_of(c, 0, square), NULL));
    bc_value *second = weight_of(c, 1, square);
    cheap[1] = bc_group_norm(g, bc_linear(g, cheap[0], second, NULL), gamma, beta, 4, 1e-3f, true);
    if (v == BLOCKS)
        bc_graph_block_begin(g);
    cheap[2] = bc_layer_norm(g, bc_linear(g, cheap[1], second, NULL), gamma, beta, 1e-3f);
    cheap[3] = bc_resize(g, bc_linear(g, cheap[2], second, NULL), 3 * SIDE / 2, 2 * SIDE, BC_RESIZE_BILINEAR);
    c->y =
        bc_conv2d(g, cheap[3], weight_of(c, 2, (bc_shape){3, 3, CHANNELS, 3}), NULL, bc_conv_symmetric(1, 1));
    bc_graph_block_end(g);
    for (int i = 0; v == KEPT && i < 4; i++)
        bc_graph_keep(g, cheap[i]);
    bc_graph_keep(g, c->y);
    bc_graph_root(g, c->y);
    ck_ok(bc_plan_create(g, BC_TRAIN, &c->plan));
}

/* All gradients of the weights, one after the other. */
static float *run(chain *c, size_t *count) {
    float *x = random_array(bc_shape_count(c->x->shape), 20),
          *dy = random_array(bc_shape_count(c->y->shape), 21);
    ck_ok(bc_value_write(c->graph, c->x, x));
    ck_ok(bc_plan_forward(c->plan));
    ck_ok(bc_value_write_grad(c->graph, c->y, dy));
    ck_ok(bc_plan_backward(c->plan));
    free(x);
    free(dy);
    *count = 0;
    for (int i = 0; i < WEIGHTS; i++)
        *count += bc_shape_count(c->weights[i].shape);
    float *all = malloc(*count * sizeof *all), *to = all;
    for (int i = 0; i < WEIGHTS; i++) {
        size_t part = bc_shape_count(c->weights[i].shape);
        ck_ok(bc_buffer_read(test_host(), c->weights[i].grad, 0, to, part * sizeof(float)));
        to += part;
    }
    return all;
}

static void release(chain *c) {
    bc_plan_release(c->plan);
    bc_graph_release(c->graph);
    for (int i = 0; i < WEIGHTS; i++) {
        bc_buffer_release(&c->weights[i].data);
        bc_buffer_release(&c->weights[i].grad);
    }
}

START_TEST(what_is_made_again_changes_no_bit) {
    chain kept, again, blocks;
    size_t count, same;
    build(&kept, KEPT);
    build(&again, AGAIN);
    build(&blocks, BLOCKS);
    float *expected = run(&kept, &count);
    chain *others[] = {&again, &blocks};
    for (int i = 0; i < 2; i++) {
        float *found = run(others[i], &same);
        ck_assert_uint_eq(same, count);
        ck_assert_int_eq(memcmp(found, expected, count * sizeof *found), 0);
        free(found);
    }
    /* The four cheap outputs are not alive at once any more: at most two are. */
    size_t map = (size_t)SIDE * SIDE * CHANNELS * sizeof(float);
    ck_assert_uint_lt(bc_plan_bytes(again.plan) + 2 * map, bc_plan_bytes(kept.plan));
    ck_assert_uint_le(bc_plan_bytes(blocks.plan), bc_plan_bytes(again.plan));
    free(expected);
    release(&kept);
    release(&again);
    release(&blocks);
}
END_TEST

/* --- networks --- */

enum { NETWORK_SIDE = 96, FRAMES = 128 };

typedef struct network {
    bc_graph *graph;
    bc_params *params;
    bc_value *x;
    bc_network out;
    bc_plan *plan;
} network;

static bc_model tiny_model(bc_front_end front_end, bool recompute) {
    bc_model model;
    ck_ok(bc_model_preset(&test_error, BC_TINY, BC_OUTDOOR, FRAMES, &model));
    model.front_end = front_end;
    model.recompute = recompute;
    return model;
}

static void add_network(network *n, bc_graph *graph, const bc_model *model, bool training) {
    n->graph = graph;
    ck_ok(bc_params_create(test_host(), training, &n->params));
    n->x = bc_graph_input(graph, "x", (bc_shape){1, NETWORK_SIDE, NETWORK_SIDE, FRAMES / 32});
    ck_ok(bc_network_build(graph, n->params, model, n->x, training, &n->out));
    ck_ok(bc_params_allocate(n->params));
    ck_ok(bc_params_initialise(n->params, 1));
}

static void open_network_as(network *n, const bc_model *model, bc_plan_mode mode, bool halves) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    if (halves)
        bc_graph_halve(graph);
    add_network(n, graph, model, mode == BC_TRAIN);
    bc_value *roots[] = {n->out.depth, n->out.uncertainty};
    for (int i = 0; i < 2; i++)
        if (mode == BC_TRAIN)
            bc_graph_root(graph, bc_graph_keep(graph, roots[i]));
    if (mode == BC_INFER)
        bc_graph_keep(graph, n->out.path4);
    ck_ok(bc_plan_create(graph, mode, &n->plan));
}

static void open_network(network *n, const bc_model *model, bc_plan_mode mode) {
    open_network_as(n, model, mode, false);
}

static void close_network(network *n) {
    bc_plan_release(n->plan);
    bc_graph_release(n->graph);
    bc_params_release(n->params);
}

/* Two steps on random spikes and gradients: running statistics that are updated too often would differ. */
static void train(network *n) {
    float *bits = random_array(bc_shape_count(n->x->shape), 30),
          *dy = random_array(bc_shape_count(n->out.depth->shape), 31);
    for (int step = 0; step < 2; step++) {
        ck_ok(bc_value_write(n->graph, n->x, bits));
        ck_ok(bc_plan_forward(n->plan));
        ck_ok(bc_value_write_grad(n->graph, n->out.depth, dy));
        ck_ok(bc_value_write_grad(n->graph, n->out.uncertainty, dy));
        ck_ok(bc_plan_backward(n->plan));
    }
    free(bits);
    free(dy);
}

static void check_same_buffer(bc_buffer a, bc_buffer b, size_t count, const char *name) {
    if (!a.mem)
        return;
    float *first = malloc(2 * count * sizeof *first), *second = first + count;
    ck_ok(bc_buffer_read(test_host(), a, 0, first, count * sizeof *first));
    ck_ok(bc_buffer_read(test_host(), b, 0, second, count * sizeof *second));
    ck_assert_msg(memcmp(first, second, count * sizeof *first) == 0, "%s differs", name);
    free(first);
}

START_TEST(recomputed_blocks_change_no_bit) {
    static const bc_front_end front_ends[] = {BC_FRONT_PLAIN, BC_FRONT_UNET};
    if (test_tiny())
        return;
    network kept = {0}, again = {0};
    bc_model model = tiny_model(front_ends[_i], false), recomputing = tiny_model(front_ends[_i], true);
    open_network(&kept, &model, BC_TRAIN);
    open_network(&again, &recomputing, BC_TRAIN);
    train(&kept);
    train(&again);
    int count = bc_params_count(kept.params);
    ck_assert_int_eq(bc_params_count(again.params), count);
    for (int i = 0; i < count; i++) {
        const bc_param *a = bc_params_at(kept.params, i), *b = bc_params_at(again.params, i);
        check_same_buffer(a->value, b->value, a->count, a->name);
        check_same_buffer(a->grad, b->grad, a->count, a->name);
    }
    ck_assert_uint_lt(bc_plan_bytes(again.plan), bc_plan_bytes(kept.plan) * 9 / 10);
    close_network(&kept);
    close_network(&again);
}
END_TEST

/* The largest difference of two gradients, over the norm of the first. */
static double gradient_difference(const bc_param *a, const bc_param *b) {
    float *first = malloc(2 * a->count * sizeof *first), *second = first + a->count;
    double difference = 0, norm = 0;
    ck_ok(bc_buffer_read(test_host(), a->grad, 0, first, a->count * sizeof *first));
    ck_ok(bc_buffer_read(test_host(), b->grad, 0, second, a->count * sizeof *second));
    for (size_t i = 0; i < a->count; i++) {
        difference += pow((double)first[i] - (double)second[i], 2);
        norm += pow((double)first[i], 2);
    }
    free(first);
    return norm > 0 ? sqrt(difference / norm) : sqrt(difference);
}

/* Activations that wait as halves: forward to the same bits, gradients that differ by roundings, twice the same bits, and the memory. (What
 * is small stays floats, which counts more here than in networks of the usual size: they have 0.50 to 0.52.) */
START_TEST(halves_round_gradients_alone) {
    static const bc_front_end front_ends[] = {BC_FRONT_PLAIN, BC_FRONT_UNET};
    if (test_tiny())
        return;
    network floats = {0}, halves[2] = {{0}};
    bc_model model = tiny_model(front_ends[_i], false);
    open_network(&floats, &model, BC_TRAIN);
    train(&floats);
    for (int i = 0; i < 2; i++) {
        open_network_as(&halves[i], &model, BC_TRAIN, true);
        train(&halves[i]);
    }
    check_same_buffer(floats.out.depth->data, halves[0].out.depth->data,
                      bc_shape_count(floats.out.depth->shape), "depth");
    double worst = 0;
    for (int i = 0; i < bc_params_count(floats.params); i++) {
        const bc_param *a = bc_params_at(floats.params, i), *b = bc_params_at(halves[0].params, i);
        check_same_buffer(b->grad, bc_params_at(halves[1].params, i)->grad, b->count, b->name);
        if (a->grad.mem)
            worst = fmax(worst, gradient_difference(a, b));
    }
    double all = (double)bc_plan_bytes(halves[0].plan) / (double)bc_plan_bytes(floats.plan);
    double waiting =
        (double)bc_plan_waiting_bytes(halves[0].plan) / (double)bc_plan_waiting_bytes(floats.plan);
    printf("gradients differ by at most %.1e of their norm; what waits takes %.2f of the memory, all %.2f\n",
           worst, waiting, all);
    ck_assert(worst > 0 && worst < 2e-3 && waiting <= 0.6 && all < 0.9);
    close_network(&floats);
    close_network(&halves[0]);
    close_network(&halves[1]);
}
END_TEST

/* Of a frozen network in the same graph only what is read of it takes memory beside the trained one's, though it was
 * described after it. */
START_TEST(frozen_network_takes_little) {
    network alone = {0}, trained = {0}, frozen = {0};
    bc_graph *graph;
    bc_model model = tiny_model(BC_FRONT_PLAIN, false);
    ck_ok(bc_graph_create(test_host(), &graph));
    add_network(&trained, graph, &model, true);
    add_network(&frozen, graph, &model, false);
    bc_value *sum = bc_graph_keep(graph, bc_add(graph, trained.out.depth, frozen.out.depth));
    bc_graph_root(graph, sum);
    bc_graph_root(graph, bc_graph_keep(graph, trained.out.uncertainty));
    ck_ok(bc_plan_create(graph, BC_TRAIN, &trained.plan));
    open_network(&alone, &model, BC_TRAIN);
    size_t input = bc_shape_count(frozen.x->shape) * sizeof(float);
    size_t maps = 4 * bc_shape_count(sum->shape) * sizeof(float); /* both depths, their sum, its gradient */
    ck_assert_uint_le(bc_plan_bytes(trained.plan), bc_plan_bytes(alone.plan) * 101 / 100 + input + maps);
    bc_params_release(frozen.params);
    close_network(&trained);
    close_network(&alone);
}
END_TEST

/* Nobody asks for the heads: they are not run and have no memory. */
START_TEST(what_nobody_needs_is_not_run) {
    network part = {0}, whole = {0};
    bc_model model = tiny_model(BC_FRONT_PLAIN, false);
    open_network(&part, &model, BC_INFER);
    ck_ok(bc_graph_create(test_host(), &whole.graph));
    add_network(&whole, whole.graph, &model, false);
    bc_graph_keep(whole.graph, whole.out.depth);
    ck_ok(bc_plan_create(whole.graph, BC_INFER, &whole.plan));
    ck_assert_double_lt(bc_plan_cost(part.plan, false).flops, 0.9 * bc_plan_cost(whole.plan, false).flops);
    ck_assert_ptr_nonnull(part.out.path4->data.mem);
    ck_assert_ptr_null(part.out.path3->data.mem);
    ck_assert_ptr_null(part.out.depth->data.mem);
    ck_assert_ptr_null(whole.out.uncertainty->data.mem);
    close_network(&part);
    close_network(&whole);
}
END_TEST

/* Describing stops at the first size that kernels could not count, without memory being asked for. */
static void expect_uncountable(bc_graph *graph, const bc_value *value, const char *part) {
    bc_plan *plan;
    ck_assert_ptr_null(value);
    ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
    ck_assert_int_eq(bc_plan_create(graph, BC_INFER, &plan), BC_E_ARGUMENT);
    ck_assert_msg(strstr(test_error.text, part), "%s", test_error.text);
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}

/* A convolution of standardised weights, and one of weights as they are, computed in this way. */
static void build_fixed(chain *c, const char *way, bc_plan_mode mode) {
    bc_shape shape = {3, 3, 16, 16};
    *c = (chain){0};
    ck_ok(bc_graph_create(test_host(), &c->graph));
    c->x = bc_graph_input(c->graph, "x", (bc_shape){1, 9, 11, 16});
    bc_graph_prefer(c->graph, way);
    bc_value *standard = bc_weight_standard(c->graph, weight_of(c, 0, shape), 1e-5f);
    bc_value *y = bc_conv2d(c->graph, c->x, standard, NULL, bc_conv_symmetric(1, 1));
    c->y = bc_conv2d(c->graph, bc_relu(c->graph, y), weight_of(c, 1, shape), NULL, bc_conv_symmetric(2, 1));
    bc_graph_keep(c->graph, c->y);
    ck_ok(bc_plan_create(c->graph, mode, &c->plan));
}

static void run_fixed(chain *c, uint32_t stream, float *y) {
    float *x = random_array(bc_shape_count(c->x->shape), stream);
    ck_ok(bc_value_write(c->graph, c->x, x));
    ck_ok(bc_plan_forward(c->plan));
    ck_ok(bc_value_read(c->graph, c->y, y));
    free(x);
}

/* What depends on weights alone is made once: the same bits for every input, and later changes of the weights are not seen. */
START_TEST(fixed_weights_are_prepared_once) {
    enum { OUTPUTS = 5 * 6 * 16 };
    static const char *const ways[] = {"direct", "winograd", NULL};
    float expected[2][OUTPUTS], got[OUTPUTS];
    chain each, fixed;
    build_fixed(&each, ways[_i], BC_INFER);
    build_fixed(&fixed, ways[_i], BC_INFER_FIXED);
    for (int run = 0; run < 2; run++) {
        run_fixed(&each, 30 + (uint32_t)run, expected[run]);
        run_fixed(&fixed, 30 + (uint32_t)run, got);
        ck_assert_msg(memcmp(got, expected[run], sizeof got) == 0, "run %d: other bits", run);
    }
    ck_assert(memcmp(expected[0], expected[1], sizeof got) != 0);
    ck_assert(bc_plan_cost(fixed.plan, false).bytes < bc_plan_cost(each.plan, false).bytes);
    ck_ok(bc_buffer_fill(test_host(), fixed.weights[0].data, 0, fixed.weights[0].data.bytes, 0.5f));
    run_fixed(&fixed, 30, got);
    ck_assert(memcmp(got, expected[0], sizeof got) == 0);
    release(&each);
    release(&fixed);
}
END_TEST

/* A weight of a loss may change while its plan lives. */
START_TEST(a_loss_takes_another_weight) {
    static const float weights[] = {0.5f, 0, -3};
    chain c = {0};
    float gradient;
    ck_ok(bc_graph_create(test_host(), &c.graph));
    c.y = bc_add(c.graph, weight_of(&c, 0, (bc_shape){1, 1, 1, 1}), weight_of(&c, 1, (bc_shape){1, 1, 1, 1}));
    bc_graph_loss(c.graph, c.y, weights[0]);
    ck_ok(bc_plan_create(c.graph, BC_TRAIN, &c.plan));
    for (int run = 0; run < 3; run++) {
        if (run)
            bc_graph_loss_weight(c.graph, c.y, weights[run]);
        ck_ok(bc_plan_forward(c.plan));
        ck_ok(bc_plan_backward(c.plan));
        ck_ok(bc_buffer_read(test_host(), c.weights[0].grad, 0, &gradient, sizeof gradient));
        ck_assert_float_eq(gradient, weights[run]);
    }
    release(&c);
}
END_TEST

START_TEST(sizes_that_kernels_cannot_count_are_refused) {
    static const bc_shape most = {1, 46341, 46340, 1}, shapes[] = {
                                                           {1, 1 << 16, 1 << 15, 1},
                                                           {1 << 16, 1 << 16, 1, 1}, /* 0 in 32 bits */
                                                           {1 << 16, 1 << 16, 1 << 16, 1 << 16},
                                                           {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX},
                                                       };
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_assert_ptr_nonnull(bc_graph_input(graph, "the largest", most));
    ck_ok(bc_graph_status(graph));
    bc_graph_release(graph);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char text[80];
        ck_ok(bc_graph_create(test_host(), &graph));
        snprintf(text, sizeof text, "image would have the shape %dx%dx%dx%d", shapes[i].n, shapes[i].h,
                 shapes[i].w, shapes[i].c);
        expect_uncountable(graph, bc_graph_input(graph, "image", shapes[i]), text);
    }
    /* a parameter, an output, and what an operation would save */
    bc_params *params;
    bc_param_spec spec = {.rank = 2, .shape = {1 << 16, 1 << 16}, .layout = BC_LAYOUT_LINEAR};
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_ok(bc_params_create(test_host(), false, &params));
    expect_uncountable(graph, bc_param_value(graph, params, "wide.weight", &spec), "wide.weight would have");
    bc_params_release(params);

    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *x = bc_graph_input(graph, "x", (bc_shape){1, 1 << 14, 1 << 14, 1});
    bc_value *w = bc_graph_input(graph, "w", (bc_shape){3, 3, 1, 64});
    expect_uncountable(graph, bc_conv2d(graph, x, w, NULL, bc_conv_symmetric(1, 1)),
                       "would have the shape 1x16384x16384x64");

    ck_ok(bc_graph_create(test_host(), &graph));
    x = bc_graph_input(graph, "tokens", (bc_shape){1, 1, 1 << 16, 12});
    expect_uncountable(graph, bc_attention_plain(graph, x, 1),
                       "probabilities would have the shape 1x1x65536x65536");
}
END_TEST

static size_t much_scratch(const bc_node *node, bool backward) {
    (void)node;
    (void)backward;
    return ((size_t)INT32_MAX + 1) * sizeof(float);
}

START_TEST(scratch_that_kernels_cannot_count_is_refused) {
    static const bc_op greedy = {
        .name = "greedy", .input_count = 1, .shape = bc_shape_of_first, .workspace_bytes = much_scratch};
    bc_graph *graph;
    bc_plan *plan;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *x = bc_graph_input(graph, "x", (bc_shape){1, 1, 1, 1});
    bc_graph_keep(graph, bc_graph_node(graph, &greedy, &x, NULL));
    ck_assert_int_eq(bc_plan_create(graph, BC_INFER, &plan), BC_E_ARGUMENT);
    ck_assert_msg(strstr(test_error.text, "greedy needs 8.0 GiB of scratch"), "%s", test_error.text);
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("plan");
    TCase *t = tcase_create("plan");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, what_is_made_again_changes_no_bit);
    tcase_add_loop_test(t, recomputed_blocks_change_no_bit, 0, 2);
    tcase_add_loop_test(t, halves_round_gradients_alone, 0, 2);
    tcase_add_test(t, frozen_network_takes_little);
    tcase_add_test(t, what_nobody_needs_is_not_run);
    tcase_add_loop_test(t, fixed_weights_are_prepared_once, 0, 3);
    tcase_add_test(t, a_loss_takes_another_weight);
    tcase_add_test(t, sizes_that_kernels_cannot_count_are_refused);
    tcase_add_test(t, scratch_that_kernels_cannot_count_is_refused);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
