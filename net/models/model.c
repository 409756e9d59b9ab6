/* The whole depth network, and the models that have a name. */
#include "net/models/model.h"

#include "net/models/parts.h"

#include <stdlib.h>

/* --- presets --- */

/* DPT-Hybrid as published. */
static const bc_model hybrid = {.name = "hybrid",
                                .stem = 64,
                                .groups = 32,
                                .mid = {64, 128, 256},
                                .blocks = {3, 4, 9},
                                .width = 768,
                                .depth = 12,
                                .heads = 12,
                                .tap3 = 8,
                                .tap4 = 11,
                                .classes = 1000,
                                .grid = 24,
                                .features = 256,
                                .head = {128, 32},
                                .weight_epsilon = 1e-8f,
                                .stem_epsilon = 1e-8f};

/* The same family, small enough to learn from scratch on a CPU in minutes. */
static const bc_model tiny = {.name = "tiny",
                              .stem = 32,
                              .groups = 32,
                              .mid = {16, 32, 64},
                              .blocks = {1, 1, 2},
                              .width = 192,
                              .depth = 4,
                              .heads = 3,
                              .tap3 = 1,
                              .tap4 = 3,
                              .grid = 8,
                              .features = 32,
                              .head = {16, 32},
                              .weight_epsilon = 1e-8f,
                              .stem_epsilon = 1e-8f,
                              .floor_gradient = true};

typedef struct depth_range {
    float scale, shift, floor, bias;
} depth_range;

/* depth = 1 / max(scale * raw + shift, floor). The published constants need raw values in the hundreds, so
 * their bias starts there (outdoors at 20 m, indoors at 3 m); the small network has a thousand times the
 * scale, a bias that starts at 8 m and 3 m, and a floor at twice the largest depth. */
static depth_range range_of(bc_preset preset, bc_model_scene scene) {
    bool outdoor = scene == BC_OUTDOOR;
    if (preset == BC_TINY)
        return outdoor ? (depth_range){0.06016f, 0.00579f, 1.0f / 160, 2.0f}
                       : (depth_range){0.305f, 0.1378f, 1.0f / 20, 0.64f};
    return outdoor ? (depth_range){0.00006016f, 0.00579f, 1e-8f, 700.0f}
                   : (depth_range){0.000305f, 0.1378f, 1e-8f, 640.0f};
}

bc_status bc_model_preset(bc_error *err, bc_preset preset, bc_model_scene scene, int input_channels,
                          bc_model *out) {
    if (input_channels < 1)
        return bc_fail(err, BC_E_ARGUMENT, "a model needs at least one input channel, not %d",
                       input_channels);
    depth_range range = range_of(preset, scene);
    *out = preset == BC_TINY ? tiny : hybrid;
    out->input_channels = input_channels;
    out->depth_scale = range.scale;
    out->depth_shift = range.shift;
    out->depth_floor = range.floor;
    out->head_bias = range.bias;
    return BC_OK;
}

/* --- the network --- */

/* Names for messages and taps. */
static bc_value *named(bc_value *value, const char *name) {
    if (value)
        value->name = name;
    return value;
}

static void name_taps(bc_network *net) {
    named(net->layer1, "layer_1");
    named(net->layer2, "layer_2");
    named(net->layer3, "layer_3");
    named(net->layer4, "layer_4");
    named(net->path4, "path_4");
    named(net->path3, "path_3");
    named(net->path2, "path_2");
    named(net->path1, "path_1");
    named(net->raw, "raw");
    named(net->depth, "depth");
    named(net->uncertainty, "uncertainty");
}

/* Packed spikes go into the stem as they are; front ends need numbers. */
static bc_resnet read_input(const bc_layers *l, bc_value *x) {
    bool packed = x->shape.c != l->model->input_channels;
    if (packed && l->model->front_end == BC_FRONT_PLAIN)
        return bc_resnet_layers(l, x, true);
    if (packed)
        x = bc_spike_unpack(l->graph, x);
    return bc_resnet_layers(l, bc_front_end_layers(l, x), false);
}

static void build(const bc_layers *l, bc_value *x, bc_network *net) {
    const bc_model *m = l->model;
    int h = x->shape.h / 16, w = x->shape.w / 16;
    bc_layer_block(l);
    bc_resnet resnet = read_input(l, x);
    bc_vit vit = bc_vit_layers(l, resnet.top);
    net->layer1 = resnet.layer1;
    net->layer2 = resnet.layer2;
    net->layer3 = bc_reassemble(l, "pretrained.act_postprocess3", vit.tap3, h, w);
    net->layer4 = bc_reassemble(l, "pretrained.act_postprocess4", vit.tap4, h, w);
    net->layer4 = bc_layer_conv(l, "pretrained.act_postprocess4.4", net->layer4, m->width, 3, 2, true);
    bc_decode(l, net);
    const char *depth = "scratch.output_conv", *uncertainty = "uncertaity_head"; /* the published spelling */
    bc_value *depth_map = bc_head_start(l, depth, net->path1);
    bc_value *uncertainty_map = bc_head_start(l, uncertainty, net->path1);
    net->raw = bc_output_head(l, depth, depth_map, m->drawn_bias ? NULL : &m->head_bias);
    net->uncertainty = bc_output_head(l, uncertainty, uncertainty_map, NULL);
    net->depth = bc_inverse_depth(l->graph, net->raw, m->depth_scale, m->depth_shift, m->depth_floor,
                                  m->floor_gradient);
    bc_graph_block_end(l->graph);
}

bc_status bc_network_build(bc_graph *graph, bc_params *params, const bc_model *model, bc_value *x,
                           bool training, bc_network *out) {
    bc_layers layers = {.graph = graph, .params = params, .model = model, .training = training};
    *out = (bc_network){0};
    if (bc_graph_status(graph) != BC_OK)
        return bc_graph_status(graph);
    bc_graph_prefer(graph, model->conv_direct ? BC_CONV_DIRECT : NULL);
    if (x->shape.c != model->input_channels && 32 * x->shape.c != model->input_channels)
        bc_graph_fail(
            graph, "model %s takes %d input channels, found %d, which is no packing of 32 in a word either",
            model->name, model->input_channels, x->shape.c);
    if (x->shape.h % 32 || x->shape.w % 32)
        bc_graph_fail(graph, "the network's input sides must be multiples of 32, found %dx%d", x->shape.h,
                      x->shape.w);
    if (bc_graph_status(graph) == BC_OK)
        build(&layers, x, out);
    bc_graph_prefer(graph, NULL);
    name_taps(out);
    return bc_graph_status(graph);
}

/* --- stem inflation --- */

/* Published layout (out,in,7,7): every frame gets the mean over the colours. */
static void repeat_grey(int colours, const float *rgb, const bc_param_spec *to, float *spike) {
    int out = to->shape[0], frames = to->shape[1];
    size_t area = (size_t)to->shape[2] * (size_t)to->shape[3];
    for (int o = 0; o < out; o++)
        for (size_t k = 0; k < area; k++) {
            float sum = 0;
            for (int c = 0; c < colours; c++)
                sum += rgb[((size_t)o * (size_t)colours + (size_t)c) * area + k];
            for (int f = 0; f < frames; f++)
                spike[((size_t)o * (size_t)frames + (size_t)f) * area + k] = sum / (float)colours;
        }
}

/* Equal but for the channels that are read. */
static bool same_stem(const bc_tensor_entry *file, const bc_param *param) {
    const int *shape = param->spec.shape;
    return file->rank == 4 && file->shape[0] == shape[0] && file->shape[1] > 0 &&
           file->shape[2] == shape[2] && file->shape[3] == shape[3];
}

bc_status bc_stem_inflate(bc_params *spike, const bc_tensor_file *rgb) {
    bc_error *err = bc_host_error(bc_params_host(spike));
    bc_param *to = bc_params_find(spike, bc_stem_name);
    const bc_tensor_entry *from = bc_tensor_file_find(rgb, bc_stem_name);
    if (!to || !from || !same_stem(from, to))
        return bc_fail(err, BC_E_FORMAT, "%s does not hold a stem of the network's size", rgb->path);
    size_t count = to->count / (size_t)to->spec.shape[1] * (size_t)from->shape[1];
    float *source = malloc(count * sizeof *source), *target = malloc(to->count * sizeof *target);
    bc_status status = source && target ? bc_tensor_file_floats(err, rgb, from, source, count)
                                        : bc_fail(err, BC_E_MEMORY, "no host memory to inflate the stem");
    if (status == BC_OK) {
        repeat_grey((int)from->shape[1], source, &to->spec, target);
        status = bc_param_write(spike, to, target);
    }
    free(source);
    free(target);
    return status;
}
