/* ONNX files: what is written is a graph that holds together, with the network's own weights. What it computes: onnx_runtime.py. */
#include "bicross/train/weights.h"
#include "net/models/network_onnx.h"
#include "net/onnx/export.h"
#include "support.h"

#include <math.h>
#include <onnx.pb-c.h>
#include <stdlib.h>
#include <string.h>

typedef struct Onnx__ModelProto model_proto;
typedef struct Onnx__GraphProto graph_proto;
typedef struct Onnx__TensorProto tensor_proto;

static model_proto *unpack(const char *path) {
    uint8_t *data;
    size_t bytes;
    ck_ok(bc_file_read_within(&test_error, path, BC_FILE_WEIGHTS, &data, &bytes));
    model_proto *model = onnx__model_proto__unpack(NULL, bytes, data);
    ck_assert_msg(model != NULL, "%s is no ONNX model", path);
    free(data);
    return model;
}

/* --- a graph that holds together --- */

/* Names of tensors that are there when a node runs. */
typedef struct known {
    const char *names[4096];
    bool used[4096];
    int count;
} known;

static int find(const known *k, const char *name) {
    for (int i = 0; i < k->count; i++)
        if (strcmp(k->names[i], name) == 0)
            return i;
    return -1;
}

static void add(known *k, const char *name) {
    ck_assert_int_lt(k->count, 4096);
    ck_assert_msg(*name && find(k, name) < 0, "there are two tensors %s", name);
    k->names[k->count++] = name;
}

static void use(known *k, const char *name, const char *by) {
    int i = find(k, name);
    ck_assert_msg(i >= 0, "%s reads %s, which is not there yet", by, name);
    k->used[i] = true;
}

static void check_tensor(const tensor_proto *t) {
    size_t count = 1, element = t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT ? 4 : 8;
    ck_assert(t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT ||
              t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64);
    for (size_t i = 0; i < t->n_dims; i++)
        count *= (size_t)t->dims[i];
    ck_assert_msg(t->raw_data.len == count * element, "%s has %zu bytes, expected %zu", t->name,
                  t->raw_data.len, count * element);
}

static void check_node(known *tensors, known *nodes, const Onnx__NodeProto *node) {
    add(nodes, node->name);
    ck_assert_ptr_nonnull(node->op_type);
    for (size_t i = 0; i < node->n_input; i++)
        if (*node->input[i])
            use(tensors, node->input[i], node->name);
    ck_assert_uint_ge(node->n_output, 1);
    for (size_t i = 0; i < node->n_output; i++)
        add(tensors, node->output[i]);
    for (size_t i = 0; i < node->n_attribute; i++)
        ck_assert(node->attribute[i]->has_type && node->attribute[i]->name);
}

static void check_graph(const graph_proto *g) {
    static known tensors, nodes;
    tensors = nodes = (known){0};
    for (size_t i = 0; i < g->n_input; i++)
        add(&tensors, g->input[i]->name);
    for (size_t i = 0; i < g->n_initializer; i++) {
        add(&tensors, g->initializer[i]->name);
        check_tensor(g->initializer[i]);
    }
    for (size_t i = 0; i < g->n_node; i++)
        check_node(&tensors, &nodes, g->node[i]);
    for (size_t i = 0; i < g->n_output; i++)
        use(&tensors, g->output[i]->name, "the model");
    for (int i = 0; i < tensors.count; i++)
        ck_assert_msg(tensors.used[i], "nobody reads %s", tensors.names[i]);
}

static void check_port(const Onnx__ValueInfoProto *port, const char *name, int rank, const int *sides) {
    const Onnx__TensorShapeProto *shape = port->type->tensor_type->shape;
    ck_assert_str_eq(port->name, name);
    ck_assert_int_eq(port->type->tensor_type->elem_type, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT);
    ck_assert_uint_eq(shape->n_dim, (size_t)rank + 1);
    ck_assert_str_eq(shape->dim[0]->dim_param, "N");
    for (int i = 0; i < rank; i++)
        ck_assert_int_eq(shape->dim[i + 1]->dim_value, sides[i]);
}

/* --- the network's own weights --- */

static const tensor_proto *initializer(const graph_proto *g, const char *name) {
    for (size_t i = 0; i < g->n_initializer; i++)
        if (strcmp(g->initializer[i]->name, name) == 0)
            return g->initializer[i];
    return NULL;
}

/* Published numbers, in their order; or, of matrices, transposed. */
static void check_values(const bc_param *param, const float *published, const tensor_proto *t,
                         bool transposed) {
    const float *found = (const void *)t->raw_data.data;
    ck_assert_uint_eq(t->raw_data.len, param->count * sizeof(float));
    size_t out = (size_t)param->spec.shape[0], in = param->count / out;
    ck_assert(!transposed || (t->dims[0] == (int64_t)in && t->dims[1] == (int64_t)out));
    size_t wrong = 0;
    for (size_t i = 0; i < param->count; i++)
        wrong += found[transposed ? i % in * out + i / in : i] != published[i];
    ck_assert_msg(wrong == 0, "%s has %zu other numbers", param->name, wrong);
}

/* Zero mean and unit variance of each output channel, where those of the parameter were spread. */
static void check_standardised(const bc_param *param, const tensor_proto *t) {
    const float *w = (const void *)t->raw_data.data;
    size_t out = (size_t)param->spec.shape[0], in = param->count / out;
    ck_assert_uint_eq(t->n_dims, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(t->dims[i], param->spec.shape[i]);
    for (size_t o = 0; o < out; o++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < in; i++) {
            sum += w[o * in + i];
            squares += (double)w[o * in + i] * w[o * in + i];
        }
        ck_assert_double_lt(fabs(sum / (double)in), 1e-5);
        ck_assert_double_lt(fabs(squares / (double)in - 1), 1e-2);
    }
}

/* Whether the parameter is there in one of its forms, which is then checked. */
static bool check_parameter(bc_params *params, const bc_param *param, const graph_proto *g) {
    char made[200];
    const tensor_proto *same = initializer(g, param->name);
    snprintf(made, sizeof made, "%s.T", param->name);
    const tensor_proto *transposed = initializer(g, made);
    snprintf(made, sizeof made, "%s.weight_standard", param->name);
    const tensor_proto *standardised = initializer(g, made);
    snprintf(made, sizeof made, "%s.position_resize", param->name);
    const tensor_proto *resized = initializer(g, made);
    if (same || transposed) {
        float *published = malloc(param->count * sizeof *published);
        ck_assert_ptr_nonnull(published);
        ck_ok(bc_param_read(params, param, published));
        check_values(param, published, same ? same : transposed, !same);
        free(published);
    }
    if (standardised)
        check_standardised(param, standardised);
    return same || transposed || standardised || resized;
}

static bool unused(const char *name) {
    static const char *const names[] = {"pretrained.model.norm.", "pretrained.model.head.",
                                        "scratch.refinenet4.resConfUnit1."};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static void check_weights(bc_params *params, const graph_proto *g) {
    for (int i = 0; i < bc_params_count(params); i++) {
        const bc_param *param = bc_params_at(params, i);
        ck_assert_msg(check_parameter(params, param, g) != unused(param->name), "%s", param->name);
    }
}

/* --- networks --- */

static void check_network(bc_preset preset, bc_front_end front_end, bool rgb, int height, int width) {
    bc_config config;
    bc_model model;
    bc_params *params;
    bc_onnx_size size;
    bc_config_defaults(&config);
    config.preset = preset;
    config.front_end = front_end;
    ck_ok(bc_config_model(&test_error, &config, rgb, &model));
    ck_ok(bc_weights_declare(test_host(), &model, false, &params));
    ck_ok(bc_weights_draw(params, 5));
    const char *path = test_path("network.onnx");
    ck_ok(bc_network_export(params, &model, height, width, path, &size));
    model_proto *m = unpack(path);
    ck_assert_int_eq(m->opset_import[0]->version, BC_ONNX_OPSET);
    ck_assert_int_eq((int)m->graph->n_node, size.nodes);
    ck_assert_int_eq((int)m->graph->n_initializer, size.tensors);
    check_graph(m->graph);
    check_weights(params, m->graph);
    ck_assert_uint_eq(m->graph->n_input, 1);
    ck_assert_uint_eq(m->graph->n_output, 2);
    check_port(m->graph->input[0], rgb ? "image" : "spikes", 3, (const int[]){rgb ? 3 : 128, height, width});
    check_port(m->graph->output[0], "depth", 2, (const int[]){height, width});
    check_port(m->graph->output[1], "uncertainty", 2, (const int[]){height, width});
    onnx__model_proto__free_unpacked(m, NULL);
    bc_params_release(params);
}

START_TEST(every_front_end) {
    for (bc_front_end front = BC_FRONT_PLAIN; front <= BC_FRONT_USENET; front++)
        check_network(BC_TINY, front, false, 32, 96);
}
END_TEST

START_TEST(pictures) {
    check_network(BC_TINY, BC_FRONT_PLAIN, true, 64, 32);
}
END_TEST

START_TEST(positions_of_their_own_size) {
    check_network(BC_TINY, BC_FRONT_PLAIN, false, 128, 128);
}
END_TEST

/* Half a gigabyte, so once: the other front ends and inputs are seen on the small network. */
START_TEST(hybrid) {
    check_network(BC_HYBRID, BC_FRONT_USENET, false, 32, 32);
}
END_TEST

/* --- graphs of a few nodes --- */

typedef struct little {
    bc_graph *graph;
    bc_params *params;
    bc_value *x; /* (1,4,6,2) */
} little;

static little open_little(void) {
    little l;
    ck_ok(bc_graph_create(test_host(), &l.graph));
    ck_ok(bc_params_create(test_host(), false, &l.params));
    l.x = bc_graph_input(l.graph, "x", (bc_shape){1, 4, 6, 2});
    return l;
}

static bc_value *parameter(little *l, const char *name, bc_param_layout layout, int rank, int s0, int s1,
                           float value) {
    bc_param_spec spec = {.rank = rank,
                          .shape = {s0, s1, 1, 1},
                          .layout = layout,
                          .init = BC_INIT_CONSTANT,
                          .init_value = value};
    return bc_param_value(l->graph, l->params, name, &spec);
}

static bc_value *kernel(little *l, int out, int in, float value) {
    return parameter(l, "layer.weight", BC_LAYOUT_CONV, 4, out, in, value);
}

/* Two channels to one. */
static bc_value *to_one(little *l, bc_value *x) {
    return bc_linear(l->graph, x, kernel(l, 1, 2, 0.5f), NULL);
}

static bc_status export_little(little *l, bc_value *y, const char *path) {
    bc_onnx_size size;
    bc_onnx_port input = {l->x, "x", NULL}, output = {y, "y", NULL};
    ck_ok(bc_graph_status(l->graph));
    ck_ok(bc_weights_draw(l->params, 1));
    bc_status status = bc_onnx_export(l->graph, "little", 1, &input, 1, &output, path, &size);
    bc_graph_release(l->graph);
    bc_params_release(l->params);
    return status;
}

static void refuse(little *l, bc_value *y, bc_status wanted, const char *first, const char *second) {
    const char *path = test_path("refused.onnx");
    test_expect_failure(export_little(l, y, path), wanted, &test_error, first, second);
    ck_assert_msg(!bc_file_exists(path), "%s was written", path);
}

START_TEST(operations_without_a_form_are_named) {
    little l = open_little();
    refuse(&l, bc_log_softmax(l.graph, to_one(&l, l.x)), BC_E_ARGUMENT, "log_softmax", "no form in ONNX");
    l = open_little();
    refuse(&l, bc_resize(l.graph, to_one(&l, l.x), 6, 9, BC_RESIZE_ALIGN_CORNERS), BC_E_ARGUMENT,
           "layer.resize", "from 4x6 to 6x9");
    l = open_little();
    refuse(&l, bc_resize(l.graph, to_one(&l, l.x), 8, 12, BC_RESIZE_BICUBIC), BC_E_ARGUMENT, "layer.resize",
           "aligned corners");
    l = open_little();
    refuse(&l, bc_global_pool(l.graph, to_one(&l, l.x), to_one(&l, l.x)), BC_E_ARGUMENT, "mean with weights",
           "layer");
}
END_TEST

START_TEST(training_has_no_form) {
    little l = open_little();
    bc_value *vectors[4];
    static const char *const names[4] = {"n.weight", "n.bias", "n.running_mean", "n.running_var"};
    for (int i = 0; i < 4; i++)
        vectors[i] = parameter(&l, names[i], BC_LAYOUT_PLAIN, 1, 1, 0, 1);
    bc_value *y = bc_batch_norm(l.graph, to_one(&l, l.x), vectors[0], vectors[1], vectors[2], vectors[3],
                                1e-5f, 0.1f, true);
    refuse(&l, y, BC_E_ARGUMENT, "n takes statistics", "training");
}
END_TEST

START_TEST(weights_are_constants_and_data_are_not) {
    little l = open_little();
    bc_value *pooled = bc_global_pool(l.graph, l.x, NULL); /* (1,1,1,2) */
    bc_value *y = bc_linear(l.graph, to_one(&l, l.x), bc_global_pool(l.graph, to_one(&l, l.x), NULL), NULL);
    refuse(&l, y, BC_E_ARGUMENT, "input 1", "computed from data");
    ck_assert_ptr_nonnull(pooled);
    l = open_little();
    bc_value *map = parameter(&l, "map", BC_LAYOUT_PLAIN, 1, 1, 0, 1);
    y = bc_add(l.graph, bc_global_pool(l.graph, to_one(&l, l.x), NULL), map);
    refuse(&l, y, BC_E_ARGUMENT, "map", "parameters alone");
}
END_TEST

START_TEST(bad_outputs_and_numbers) {
    little l = open_little();
    refuse(&l, bc_relu(l.graph, l.x), BC_E_ARGUMENT, "output y", "it has 2");
    l = open_little();
    refuse(&l, bc_linear(l.graph, l.x, kernel(&l, 1, 2, NAN), NULL), BC_E_NUMERIC, "layer.weight",
           "not finite");
    l = open_little();
    bc_value *y = to_one(&l, l.x);
    test_expect_failure(export_little(&l, y, "/nowhere/at/all.onnx"), BC_E_FILE, &test_error,
                        "/nowhere/at/all.onnx", "cannot write");
}
END_TEST

START_TEST(no_file_of_two_gibibytes) {
    ck_ok(bc_onnx_check_bytes(&test_error, "a.onnx", INT32_MAX));
    test_expect_failure(bc_onnx_check_bytes(&test_error, "a.onnx", (size_t)INT32_MAX + 1), BC_E_ARGUMENT,
                        &test_error, "a.onnx", "less than 2 GiB");
}
END_TEST

/* Two nodes without a name of their own on one input. */
START_TEST(like_nodes_have_names_of_their_own) {
    little l = open_little();
    bc_value *y = to_one(&l, l.x);
    y = bc_add(l.graph, bc_relu(l.graph, y), bc_relu(l.graph, y));
    const char *path = test_path("little.onnx");
    ck_ok(export_little(&l, y, path));
    model_proto *m = unpack(path);
    check_graph(m->graph);
    ck_assert_uint_eq(m->graph->n_node, 5);
    ck_assert_str_eq(m->graph->node[1]->name, "layer.relu/Relu");
    ck_assert_str_eq(m->graph->node[2]->name, "layer.relu.2/Relu");
    onnx__model_proto__free_unpacked(m, NULL);
}
END_TEST

/* A parameter that is read twice is there once; what the output does not need is not there. */
START_TEST(nothing_is_there_that_is_not_needed) {
    little l = open_little();
    bc_value *y = bc_add(l.graph, to_one(&l, l.x), bc_relu(l.graph, to_one(&l, l.x)));
    bc_gelu(l.graph, l.x);
    const char *path = test_path("little.onnx");
    ck_ok(export_little(&l, y, path));
    model_proto *m = unpack(path);
    check_graph(m->graph);
    ck_assert_uint_eq(m->graph->n_node, 5); /* 2 Conv, Relu, Add, Squeeze */
    ck_assert_uint_eq(m->graph->n_initializer, 2);
    onnx__model_proto__free_unpacked(m, NULL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("onnx");
    TCase *c = tcase_create("onnx");
    tcase_set_timeout(c, 240);
    tcase_add_test(c, every_front_end);
    tcase_add_test(c, pictures);
    tcase_add_test(c, positions_of_their_own_size);
    tcase_add_test(c, hybrid);
    tcase_add_test(c, operations_without_a_form_are_named);
    tcase_add_test(c, training_has_no_form);
    tcase_add_test(c, weights_are_constants_and_data_are_not);
    tcase_add_test(c, bad_outputs_and_numbers);
    tcase_add_test(c, no_file_of_two_gibibytes);
    tcase_add_test(c, like_nodes_have_names_of_their_own);
    tcase_add_test(c, nothing_is_there_that_is_not_needed);
    suite_add_tcase(suite, c);
    return test_run(suite);
}
