/* The decoder of DPT: reassemble, fusion, output heads. */
#include "net/models/parts.h"

#include <math.h>

bc_value *bc_reassemble(const bc_layers *l, const char *name, bc_value *tokens, int h, int w) {
    char path[BC_NAME];
    bc_layer_block(l);
    bc_value *x = bc_readout(l->graph, tokens, h, w);
    x = bc_layer_linear_fused(l, bc_name(path, "%s.0.project.0", name), x, l->model->width, true,
                              BC_THEN_GELU);
    return bc_layer_conv(l, bc_name(path, "%s.3", name), x, l->model->width, 1, 1, true);
}

/* Twice the size, corners aligned, as all upsampling in DPT. */
static bc_value *twice(const bc_layers *l, bc_value *x) {
    return x ? bc_resize(l->graph, x, 2 * x->shape.h, 2 * x->shape.w, BC_RESIZE_ALIGN_CORNERS) : NULL;
}

/* Residual convolution unit: x + conv2(ReLU(conv1(ReLU(x)))). */
static bc_value *residual_unit(const bc_layers *l, const char *name, bc_value *x) {
    char path[BC_NAME];
    int features = l->model->features;
    bc_value *y = bc_relu(l->graph, x);
    y = bc_layer_conv_fused(l, bc_name(path, "%s.conv1", name), y, features, 3, 1, true, BC_THEN_RELU);
    return bc_layer_conv_fused(l, bc_name(path, "%s.conv2", name), y, features, 3, 1, true, bc_then_add(x));
}

/* The coarsest fusion block has one input only; its first unit exists in published weights and is not used.
 */
static void declare_unused_unit(const bc_layers *l, const char *name) {
    char path[BC_NAME];
    int f = l->model->features;
    float bound = 1.0f / sqrtf(9.0f * (float)f);
    for (int i = 1; i <= 2; i++) {
        bc_layer_param(l, bc_name(path, "%s.conv%d.weight", name, i), BC_LAYOUT_CONV, BC_INIT_UNIFORM, bound,
                       4, f, f, 3, 3);
        bc_layer_param(l, bc_name(path, "%s.conv%d.bias", name, i), BC_LAYOUT_PLAIN, BC_INIT_UNIFORM, bound,
                       1, f, 0, 0, 0);
    }
}

/* Fusion block: out_conv(resize(RCU2(previous + RCU1(skip)))). The 1x1 convolution commutes with the bilinear
 * resize (whose weights sum to 1, so with the bias too) and is done before it, at a quarter of the cost. */
static bc_value *fuse(const bc_layers *l, int index, bc_value *previous, bc_value *layer) {
    char path[BC_NAME];
    int features = l->model->features;
    bc_value *x = bc_layer_conv(l, bc_name(path, "scratch.layer%d_rn", index), layer, features, 3, 1, false);
    bc_name(path, "scratch.refinenet%d.resConfUnit1", index);
    if (previous)
        x = bc_add(l->graph, previous, residual_unit(l, path, x));
    else
        declare_unused_unit(l, path);
    x = residual_unit(l, bc_name(path, "scratch.refinenet%d.resConfUnit2", index), x);
    x = bc_layer_conv(l, bc_name(path, "scratch.refinenet%d.out_conv", index), x, features, 1, 1, true);
    bc_layer_block(l); /* the border is where the map is small */
    return twice(l, x);
}

void bc_decode(const bc_layers *l, bc_network *net) {
    net->path4 = fuse(l, 4, NULL, net->layer4);
    net->path3 = fuse(l, 3, net->path4, net->layer3);
    net->path2 = fuse(l, 2, net->path3, net->layer2);
    net->path1 = fuse(l, 1, net->path2, net->layer1);
}

/* The 1x1 convolution to one channel, with its own rule for the bias. */
static bc_value *last_conv(const bc_layers *l, const char *name, bc_value *x, const float *bias) {
    if (!bias || !x)
        return bc_layer_conv(l, name, x, 1, 1, 1, true);
    char path[BC_NAME];
    int in = x->shape.c;
    bc_value *weight = bc_layer_param(l, bc_name(path, "%s.weight", name), BC_LAYOUT_CONV, BC_INIT_UNIFORM,
                                      1.0f / sqrtf((float)in), 4, 1, in, 1, 1);
    return bc_conv2d(l->graph, x, weight, bc_layer_vector(l, bc_name(path, "%s.bias", name), 1, *bias),
                     bc_conv_symmetric(1, 0));
}

bc_value *bc_head_start(const bc_layers *l, const char *name, bc_value *path1) {
    char path[BC_NAME];
    return bc_layer_conv(l, bc_name(path, "%s.0", name), path1, l->model->head[0], 3, 1, true);
}

bc_value *bc_output_head(const bc_layers *l, const char *name, bc_value *x, const float *last_bias) {
    char path[BC_NAME];
    const int *width = l->model->head;
    bc_layer_block(l);
    x = bc_layer_conv_fused(l, bc_name(path, "%s.2", name), twice(l, x), width[1], 3, 1, true, BC_THEN_RELU);
    return last_conv(l, bc_name(path, "%s.4", name), x, last_bias);
}
