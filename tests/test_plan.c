/* Plans: values that backward makes again instead of keeping. */
#include "tests/support.h"

#include "host/random.h"
#include "net/ops.h"

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

static void build(chain *c, bool keep) {
    bc_shape square = {1, 1, CHANNELS, CHANNELS}, vector = {1, 1, 1, CHANNELS};
    *c = (chain){0};
    ck_ok(bc_graph_create(test_host(), &c->graph));
    bc_graph *g = c->graph;
    bc_value *cheap[4], *gamma = weight_of(c, 3, vector), *beta = weight_of(c, 4, vector);
    c->x = bc_graph_input(g, "x", (bc_shape){1, SIDE, SIDE, CHANNELS});
    cheap[0] = bc_gelu(g, bc_linear(g, c->x, weight_of(c, 0, square), NULL));
    bc_value *second = weight_of(c, 1, square);
    cheap[1] = bc_group_norm(g, bc_linear(g, cheap[0], second, NULL), gamma, beta, 4, 1e-3f, true);
    cheap[2] = bc_layer_norm(g, bc_linear(g, cheap[1], second, NULL), gamma, beta, 1e-3f);
    cheap[3] = bc_resize(g, bc_linear(g, cheap[2], second, NULL), 3 * SIDE / 2, 2 * SIDE, BC_RESIZE_BILINEAR);
    c->y =
        bc_conv2d(g, cheap[3], weight_of(c, 2, (bc_shape){3, 3, CHANNELS, 3}), NULL, bc_conv_symmetric(1, 1));
    for (int i = 0; keep && i < 4; i++)
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
    chain kept, again;
    size_t count, same;
    build(&kept, true);
    build(&again, false);
    float *expected = run(&kept, &count), *found = run(&again, &same);
    ck_assert_uint_eq(same, count);
    ck_assert_int_eq(memcmp(found, expected, count * sizeof *found), 0);
    /* The four cheap outputs are not alive at once any more: at most two are. */
    size_t map = (size_t)SIDE * SIDE * CHANNELS * sizeof(float);
    ck_assert_uint_lt(bc_plan_bytes(again.plan) + 2 * map, bc_plan_bytes(kept.plan));
    free(expected);
    free(found);
    release(&kept);
    release(&again);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("plan");
    TCase *t = tcase_create("plan");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, what_is_made_again_changes_no_bit);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
