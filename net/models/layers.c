/* Layers: parameter names, initialisation rules and operations, put together once for all networks. */
#include "net/models/layers.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *bc_name(char out[BC_NAME], const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(out, BC_NAME, format, list);
    va_end(list);
    return out;
}

static bool starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* "pretrained." is the backbone; "scratch." and "uncertaity_head." are the decoder; all else are heads. */
static bc_group group_of(const char *name) {
    if (starts_with(name, "pretrained."))
        return BC_GROUP_BACKBONE;
    return starts_with(name, "scratch.") || starts_with(name, "uncertaity_head.") ? BC_GROUP_SCRATCH
                                                                                  : BC_GROUP_HEADS;
}

bc_value *bc_layer_param(const bc_layers *l, const char *name, bc_param_layout layout, bc_init_rule init,
                         float init_value, int rank, int s0, int s1, int s2, int s3) {
    bc_param_spec spec = {.rank = rank,
                          .shape = {s0, s1, s2, s3},
                          .layout = layout,
                          .init = init,
                          .init_value = init_value,
                          .group = group_of(name)};
    return bc_param_value(l->graph, l->params, name, &spec);
}

bc_value *bc_layer_vector(const bc_layers *l, const char *name, int c, float value) {
    return bc_layer_param(l, name, BC_LAYOUT_PLAIN, BC_INIT_CONSTANT, value, 1, c, 0, 0, 0);
}

static float default_bound(int fan_in) {
    return 1.0f / sqrtf((float)fan_in);
}

/* NAME.bias as PyTorch draws it, or NULL. */
static bc_value *default_bias(const bc_layers *l, const char *name, int out, int fan_in, bool wanted) {
    char path[BC_NAME];
    return wanted ? bc_layer_param(l, bc_name(path, "%s.bias", name), BC_LAYOUT_PLAIN, BC_INIT_UNIFORM,
                                   default_bound(fan_in), 1, out, 0, 0, 0)
                  : NULL;
}

bc_value *bc_layer_conv_fused(const bc_layers *l, const char *name, bc_value *x, int out, int kernel,
                              int stride, bool bias, bc_epilogue epilogue) {
    if (!x)
        return NULL;
    char path[BC_NAME];
    int in = x->shape.c, fan_in = in * kernel * kernel;
    bc_value *weight = bc_layer_param(l, bc_name(path, "%s.weight", name), BC_LAYOUT_CONV, BC_INIT_UNIFORM,
                                      default_bound(fan_in), 4, out, in, kernel, kernel);
    bc_conv geometry = bc_conv_symmetric(stride, kernel / 2);
    return bc_conv2d_fused(l->graph, x, weight, default_bias(l, name, out, fan_in, bias), geometry, epilogue);
}

bc_value *bc_layer_conv(const bc_layers *l, const char *name, bc_value *x, int out, int kernel, int stride,
                        bool bias) {
    return bc_layer_conv_fused(l, name, x, out, kernel, stride, bias, BC_THEN_NOTHING);
}

/* NAME.weight of a square kernel, standardised. */
static bc_value *standard_weight(const bc_layers *l, const char *name, int in, int out, int kernel,
                                 bool stem) {
    enum { COLOURS = 3 };
    char path[BC_NAME];
    int area = kernel * kernel;
    float value = stem ? default_bound(in * area) : sqrtf(2.0f / (float)(out * area));
    bc_value *weight =
        bc_layer_param(l, bc_name(path, "%s.weight", name), BC_LAYOUT_CONV,
                       stem ? BC_INIT_UNIFORM : BC_INIT_NORMAL, value, 4, out, in, kernel, kernel);
    return bc_weight_standard(l->graph, weight,
                              stem && in != COLOURS ? l->model->stem_epsilon : l->model->weight_epsilon);
}

bc_value *bc_layer_std_conv(const bc_layers *l, const char *name, bc_value *x, int out, int kernel,
                            int stride, bool stem) {
    if (!x)
        return NULL;
    bc_conv geometry = bc_conv_same(x->shape, kernel, kernel, stride);
    return bc_conv2d(l->graph, x, standard_weight(l, name, x->shape.c, out, kernel, stem), NULL, geometry);
}

bc_value *bc_layer_spike_stem(const bc_layers *l, const char *name, bc_value *bits, int out, int kernel,
                              int stride) {
    if (!bits)
        return NULL;
    bc_value *weight = standard_weight(l, name, 32 * bits->shape.c, out, kernel, true);
    return bc_spike_conv2d(l->graph, bits, weight, NULL, bc_conv_same(bits->shape, kernel, kernel, stride));
}

bc_value *bc_layer_linear_fused(const bc_layers *l, const char *name, bc_value *x, int out, bool bias,
                                bc_epilogue epilogue) {
    if (!x)
        return NULL;
    char path[BC_NAME];
    int in = x->shape.c;
    bc_value *weight = bc_layer_param(l, bc_name(path, "%s.weight", name), BC_LAYOUT_LINEAR, BC_INIT_UNIFORM,
                                      default_bound(in), 2, out, in, 0, 0);
    return bc_linear_fused(l->graph, x, weight, default_bias(l, name, out, in, bias), epilogue);
}

bc_value *bc_layer_linear(const bc_layers *l, const char *name, bc_value *x, int out, bool bias) {
    return bc_layer_linear_fused(l, name, x, out, bias, BC_THEN_NOTHING);
}

bc_value *bc_layer_vit_linear(const bc_layers *l, const char *name, bc_value *x, int out,
                              bc_epilogue epilogue) {
    if (!x)
        return NULL;
    char path[BC_NAME];
    bc_value *weight = bc_layer_param(l, bc_name(path, "%s.weight", name), BC_LAYOUT_LINEAR,
                                      BC_INIT_TRUNC_NORMAL, 0.02f, 2, out, x->shape.c, 0, 0);
    bc_value *bias = bc_layer_vector(l, bc_name(path, "%s.bias", name), out, 0.0f);
    return bc_linear_fused(l->graph, x, weight, bias, epilogue);
}

typedef struct affine {
    bc_value *gamma, *beta;
} affine;

/* NAME.weight of ones and NAME.bias of zeros. */
static affine affine_of(const bc_layers *l, const char *name, int c) {
    char path[BC_NAME];
    bc_value *gamma = bc_layer_vector(l, bc_name(path, "%s.weight", name), c, 1.0f);
    return (affine){gamma, bc_layer_vector(l, bc_name(path, "%s.bias", name), c, 0.0f)};
}

bc_value *bc_layer_group_norm(const bc_layers *l, const char *name, bc_value *x, bool relu) {
    if (!x)
        return NULL;
    int c = x->shape.c;
    affine a = affine_of(l, name, c);
    return bc_group_norm(l->graph, x, a.gamma, a.beta, l->model->groups < c ? l->model->groups : c, 1e-5f,
                         relu);
}

bc_value *bc_layer_layer_norm(const bc_layers *l, const char *name, bc_value *x) {
    if (!x)
        return NULL;
    affine a = affine_of(l, name, x->shape.c);
    return bc_layer_norm(l->graph, x, a.gamma, a.beta, 1e-6f);
}

/* One of BatchNorm's running statistics: saved with the parameters, never trained. */
static bc_value *statistic(const bc_layers *l, const char *name, const char *what, int c, float value) {
    char path[BC_NAME];
    bc_param_spec spec = {.rank = 1,
                          .shape = {c},
                          .layout = BC_LAYOUT_PLAIN,
                          .init = BC_INIT_CONSTANT,
                          .init_value = value,
                          .group = BC_GROUP_BUFFERS};
    return bc_param_value(l->graph, l->params, bc_name(path, "%s.%s", name, what), &spec);
}

bc_value *bc_layer_batch_norm(const bc_layers *l, const char *name, bc_value *x) {
    if (!x)
        return NULL;
    int c = x->shape.c;
    affine a = affine_of(l, name, c);
    bc_value *mean = statistic(l, name, "running_mean", c, 0.0f);
    bc_value *variance = statistic(l, name, "running_var", c, 1.0f);
    return bc_batch_norm(l->graph, x, a.gamma, a.beta, mean, variance, 1e-5f, 0.1f, l->training);
}
