/* Operations on feature maps. */
#include "net/onnx/emitters.h"
#include "net/onnx/epilogue.h"

#define STRIDES(geometry) BC_ONNX_INTS("strides", 2, (geometry).stride, (geometry).stride)
#define PADS(geometry)                                                                                       \
    BC_ONNX_INTS("pads", 4, (geometry).pad_top, (geometry).pad_left, (geometry).pad_bottom,                  \
                 (geometry).pad_right)

static void put(bc_onnx_emission *e, const bc_onnx_node *node) {
    bc_onnx_output(e, BC_ONNX_MAP, bc_onnx_add(e, node));
}

void bc_onnx_conv(bc_onnx_emission *e) {
    const bc_conv_attributes *a = e->node->attributes;
    const char *x = bc_onnx_input(e, 0, BC_ONNX_MAP), *weight = bc_onnx_constant(e, 1, BC_ONNX_KERNEL),
               *bias = bc_onnx_constant(e, 2, BC_ONNX_VECTOR);
    const char *y = bc_onnx_add(e, &(bc_onnx_node){.type = "Conv",
                                                   .inputs = {x, weight, bias},
                                                   .attributes = {STRIDES(a->geometry), PADS(a->geometry)}});
    bc_activation activation = a->relu ? BC_ACTIVATION_RELU : BC_ACTIVATION_NONE;
    bc_onnx_output(e, BC_ONNX_MAP, bc_onnx_finish(e, BC_ONNX_MAP, y, activation, 3));
}

/* One number for each group. */
static const char *for_groups(bc_onnx_emission *e, const char *name, int groups, float value) {
    float *data;
    name = bc_onnx_floats(e->model, bc_onnx_text(e->model, "%s/%s", e->scopes[e->node->output->id], name),
                          (bc_onnx_dims){1, {groups}}, &data);
    for (int i = 0; name && i < groups; i++)
        data[i] = value;
    return name;
}

/* GroupNormalization came after our opset: InstanceNormalization of (N, groups, all of a group), then the channels' own gain and shift. */
void bc_onnx_group_norm(bc_onnx_emission *e) {
    const bc_norm_attributes *a = e->node->attributes;
    bc_shape s = e->node->output->shape;
    const char *x = bc_onnx_input(e, 0, BC_ONNX_MAP);
    x = bc_onnx_reshape(e, "groups", x, 3, (const int64_t[]){0, a->groups, -1});
    const char *ones = for_groups(e, "ones", a->groups, 1), *zeros = for_groups(e, "zeros", a->groups, 0);
    x = bc_onnx_add(e, &(bc_onnx_node){.type = "InstanceNormalization",
                                       .inputs = {x, ones, zeros},
                                       .attributes = {BC_ONNX_FLOAT("epsilon", a->epsilon)}});
    x = bc_onnx_reshape(e, "channels", x, 4, (const int64_t[]){0, s.c, s.h, s.w});
    const char *gamma = bc_onnx_constant(e, 1, BC_ONNX_CHANNELS),
               *beta = bc_onnx_constant(e, 2, BC_ONNX_CHANNELS);
    x = bc_onnx_add(e, &(bc_onnx_node){.type = "Mul", .inputs = {x, gamma}});
    x = bc_onnx_add(e, &(bc_onnx_node){.type = "Add", .inputs = {x, beta}});
    bc_onnx_output(e, BC_ONNX_MAP, bc_onnx_activate(e, x, a->relu ? BC_ACTIVATION_RELU : BC_ACTIVATION_NONE));
}

void bc_onnx_batch_norm(bc_onnx_emission *e) {
    const bc_norm_attributes *a = e->node->attributes;
    if (!a->given)
        bc_onnx_fail(e->model, BC_E_ARGUMENT, "%s takes statistics of its batch, as in training",
                     e->scopes[e->node->output->id]);
    const char *inputs[5] = {bc_onnx_input(e, 0, BC_ONNX_MAP)};
    for (int i = 1; i < 5; i++)
        inputs[i] = bc_onnx_constant(e, i, BC_ONNX_VECTOR);
    put(e, &(bc_onnx_node){.type = "BatchNormalization",
                           .inputs = {inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]},
                           .attributes = {BC_ONNX_FLOAT("epsilon", a->epsilon)}});
}

/* Padding is -infinity there, too. */
void bc_onnx_max_pool(bc_onnx_emission *e) {
    const bc_pool_attributes *a = e->node->attributes;
    const char *x = bc_onnx_input(e, 0, BC_ONNX_MAP);
    put(e, &(bc_onnx_node){.type = "MaxPool",
                           .inputs = {x},
                           .attributes = {BC_ONNX_INTS("kernel_shape", 2, a->kernel, a->kernel),
                                          STRIDES(a->geometry), PADS(a->geometry)}});
}

void bc_onnx_global_pool(bc_onnx_emission *e) {
    if (e->node->inputs[1])
        bc_onnx_fail(e->model, BC_E_ARGUMENT, "%s: a mean with weights has no form in ONNX here",
                     e->scopes[e->node->output->id]);
    const char *x = bc_onnx_input(e, 0, BC_ONNX_MAP);
    put(e, &(bc_onnx_node){.type = "GlobalAveragePool", .inputs = {x}});
}

/* By factors, as sizes would have to name the batch; so by whole ones, which floating point does not bend. */
void bc_onnx_resize(bc_onnx_emission *e) {
    const bc_resize_attributes *a = e->node->attributes;
    bc_shape from = e->node->inputs[0]->shape, to = e->node->output->shape;
    if (a->mode != BC_RESIZE_ALIGN_CORNERS || to.h % from.h || to.w % from.w)
        bc_onnx_fail(
            e->model, BC_E_ARGUMENT,
            "%s: from %dx%d to %dx%d; only whole factors with aligned corners have a form in ONNX here",
            e->scopes[e->node->output->id], from.h, from.w, to.h, to.w);
    float *factors;
    const char *scales =
        bc_onnx_floats(e->model, bc_onnx_text(e->model, "%s/factors", e->scopes[e->node->output->id]),
                       (bc_onnx_dims){1, {4}}, &factors);
    const char *x = bc_onnx_input(e, 0, BC_ONNX_MAP);
    if (!scales)
        return;
    factors[0] = factors[1] = 1;
    factors[2] = (float)to.h / (float)from.h;
    factors[3] = (float)to.w / (float)from.w;
    put(e, &(bc_onnx_node){.type = "Resize",
                           .inputs = {x, "", scales},
                           .attributes = {BC_ONNX_TEXT("mode", "linear"),
                                          BC_ONNX_TEXT("coordinate_transformation_mode", "align_corners")}});
}

void bc_onnx_scale_channels(bc_onnx_emission *e) {
    const char *x = bc_onnx_input(e, 0, BC_ONNX_MAP), *s = bc_onnx_input(e, 1, BC_ONNX_MAP);
    put(e, &(bc_onnx_node){.type = "Mul", .inputs = {x, s}});
}

void bc_onnx_concat_channels(bc_onnx_emission *e) {
    const char *a = bc_onnx_input(e, 0, BC_ONNX_MAP), *b = bc_onnx_input(e, 1, BC_ONNX_MAP);
    put(e, &(bc_onnx_node){.type = "Concat", .inputs = {a, b}, .attributes = {BC_ONNX_INT("axis", 1)}});
}
