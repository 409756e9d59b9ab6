/* The convolutional part of the hybrid: ResNetV2 "non-preact" bottlenecks (timm's resnetv2 with StdConv2dSame
 * and GroupNorm), named as in the published state dict (method: layers of the backbone). */
#include "net/models/parts.h"

#define BACKBONE "pretrained.model.patch_embed.backbone."
#define STEM BACKBONE "stem.conv"

const char bc_stem_name[] = STEM ".weight";

/* StdConv NAME.conv<tag> followed by GroupNorm NAME.norm<tag>. */
static bc_value *conv_norm(const bc_layers *l, const char *name, const char *tag, bc_value *x, int out,
                           int kernel, int stride, bool relu) {
    char conv[BC_NAME], norm[BC_NAME];
    x = bc_layer_std_conv(l, bc_name(conv, "%s.conv%s", name, tag), x, out, kernel, stride, false);
    return bc_layer_group_norm(l, bc_name(norm, "%s.norm%s", name, tag), x, relu);
}

/* out = ReLU(GN conv3 ReLU GN conv2 ReLU GN conv1 x + shortcut); the stride sits on the 3x3 (conv2). */
static bc_value *bottleneck(const bc_layers *l, const char *name, bc_value *x, int mid, int stride,
                            bool downsample) {
    char path[BC_NAME];
    bc_value *shortcut = x;
    bc_layer_block(l);
    if (downsample)
        shortcut = conv_norm(l, bc_name(path, "%s.downsample", name), "", x, 4 * mid, 1, stride, false);
    bc_value *y = conv_norm(l, name, "1", x, mid, 1, 1, true);
    y = conv_norm(l, name, "2", y, mid, 3, stride, true);
    y = conv_norm(l, name, "3", y, 4 * mid, 1, 1, false);
    return bc_relu(l->graph, bc_add(l->graph, y, shortcut));
}

static bc_value *stage(const bc_layers *l, int index, bc_value *x) {
    char name[BC_NAME];
    for (int block = 0; block < l->model->blocks[index]; block++)
        x = bottleneck(l, bc_name(name, BACKBONE "stages.%d.blocks.%d", index, block), x,
                       l->model->mid[index], block == 0 && index > 0 ? 2 : 1, block == 0);
    return x;
}

bc_resnet bc_resnet_layers(const bc_layers *l, bc_value *x, bool packed) {
    bc_resnet out = {0};
    bc_layer_block(l);
    x = packed ? bc_layer_spike_stem(l, STEM, x, l->model->stem, 7, 2)
               : bc_layer_std_conv(l, STEM, x, l->model->stem, 7, 2, true);
    x = bc_layer_group_norm(l, BACKBONE "stem.norm", x, true);
    if (!x)
        return out;
    x = bc_max_pool(l->graph, x, 3, bc_conv_same(x->shape, 3, 3, 2));
    out.layer1 = stage(l, 0, x);
    out.layer2 = stage(l, 1, out.layer1);
    out.top = stage(l, 2, out.layer2);
    return out;
}
