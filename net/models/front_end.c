/* Learned front ends before the stem: what the published code calls the neuromorphic stage.
 *   SE      squeeze and excitation over the frames
 *   UNet    frames -> 3 channels that the RGB stem takes
 *   USENet  the UNet with squeeze and excitation at its bottleneck */
#include "net/models/parts.h"

/* x * sigmoid(W2 ReLU(W1 mean(x))), without biases; the hidden width is a sixteenth. */
static bc_value *squeeze_excite(const bc_layers *l, const char *name, bc_value *x) {
    if (!x)
        return NULL;
    char path[BC_NAME];
    int c = x->shape.c, hidden = c < 16 ? 1 : c / 16;
    bc_value *s = bc_global_pool(l->graph, x, NULL);
    s = bc_layer_linear_fused(l, bc_name(path, "%s.fc1", name), s, hidden, false, BC_THEN_RELU);
    s = bc_layer_linear(l, bc_name(path, "%s.fc2", name), s, c, false);
    return bc_scale_channels(l->graph, x, bc_sigmoid(l->graph, s));
}

/* Twice: convolution 3x3 without bias, BatchNorm, ReLU. */
static bc_value *double_conv(const bc_layers *l, const char *name, bc_value *x, int mid, int out) {
    char path[BC_NAME];
    for (int i = 1; i <= 2; i++) {
        x = bc_layer_conv(l, bc_name(path, "%s.conv%d", name, i), x, i == 1 ? mid : out, 3, 1, false);
        x = bc_relu(l->graph, bc_layer_batch_norm(l, bc_name(path, "%s.norm%d", name, i), x));
    }
    return x;
}

static bc_value *down(const bc_layers *l, const char *name, bc_value *x, int out) {
    bc_layer_block(l);
    return double_conv(l, name, bc_max_pool(l->graph, x, 2, bc_conv_symmetric(2, 0)), out, out);
}

/* The coarser map at the finer one's size, beside it; then convolutions. */
static bc_value *up(const bc_layers *l, const char *name, bc_value *coarse, bc_value *fine, int out) {
    if (!coarse || !fine)
        return NULL;
    bc_layer_block(l);
    coarse = bc_resize(l->graph, coarse, fine->shape.h, fine->shape.w, BC_RESIZE_ALIGN_CORNERS);
    bc_value *both = bc_concat_channels(l->graph, fine, coarse);
    return both ? double_conv(l, name, both, both->shape.c / 2, out) : NULL;
}

/* Channels for 128 frames: 128 -> 128, 256, 512, 512 and back 256, 128, 64 -> 3. The usual UNet with bilinear upsampling, without its
 * first level, of 64: a step back up leaves as many channels as the next finer map has, to which it is joined, and the last one as
 * many as the level that is left out. */
static bc_value *unet(const bc_layers *l, bc_value *x, bool excite) {
    int c = x->shape.c;
    bc_value *x1 = double_conv(l, "front.in", x, c, c);
    bc_value *x2 = down(l, "front.down1", x1, 2 * c);
    bc_value *x3 = down(l, "front.down2", x2, 4 * c);
    bc_value *x4 = down(l, "front.down3", x3, 4 * c);
    if (excite)
        x4 = squeeze_excite(l, "front.se", x4);
    bc_value *y = up(l, "front.up1", x4, x3, 2 * c);
    y = up(l, "front.up2", y, x2, c);
    y = up(l, "front.up3", y, x1, c / 2);
    return bc_layer_conv(l, "front.out", y, 3, 1, 1, true);
}

bc_value *bc_front_end_layers(const bc_layers *l, bc_value *x) {
    switch (l->model->front_end) {
    case BC_FRONT_SE:
        return squeeze_excite(l, "front.se", x);
    case BC_FRONT_UNET:
        return unet(l, x, false);
    case BC_FRONT_USENET:
        return unet(l, x, true);
    case BC_FRONT_PLAIN:
        break;
    }
    return x;
}
