#include "net/reference/references.h"

/* The number of a channel of a pixel whose channels begin here: as it lies, or a bit of a word. */
typedef double channel_of(const double *pixel, int channel);

static double number(const double *pixel, int channel) {
    return pixel[channel];
}

static double spike(const double *pixel, int channel) {
    uint32_t word = (uint32_t)pixel[channel / 32];
    return word >> (channel % 32) & 1 ? 1 : -1;
}

/* Adds to an output pixel what an input pixel gives through one place of the kernel: `weight` (channels, outputs). */
static void add_pixel(const double *pixel, channel_of *channel, const double *weight, int channels,
                      int outputs, double *output) {
    for (int i = 0; i < channels; i++) {
        double value = channel(pixel, i);
        for (int o = 0; o < outputs; o++)
            output[o] += value * weight[i * outputs + o];
    }
}

static void convolve(const bc_node *node, bc_conv geometry, channel_of *channel, double *const *inputs,
                     double *output) {
    bc_shape x = node->inputs[0]->shape, w = node->inputs[1]->shape, y = node->output->shape;
    const double *bias = inputs[2];
    for (int n = 0; n < y.n; n++)
        for (int oy = 0; oy < y.h; oy++)
            for (int ox = 0; ox < y.w; ox++, output += y.c) {
                for (int o = 0; o < y.c; o++)
                    output[o] = bias ? bias[o] : 0;
                for (int k = 0; k < w.n * w.h; k++) {
                    int iy = oy * geometry.stride + k / w.h - geometry.pad_top;
                    int ix = ox * geometry.stride + k % w.h - geometry.pad_left;
                    if (iy >= 0 && iy < x.h && ix >= 0 && ix < x.w)
                        add_pixel(inputs[0] + bc_at(x, n, iy, ix, 0), channel,
                                  inputs[1] + bc_at(w, k / w.h, k % w.h, 0, 0), w.w, w.c, output);
                }
            }
}

void bc_reference_conv(const bc_node *node, double *const *inputs, double *output) {
    const bc_conv_attributes *a = node->attributes;
    convolve(node, a->geometry, number, inputs, output);
    bc_reference_epilogue(node, a->relu ? BC_ACTIVATION_RELU : BC_ACTIVATION_NONE, inputs[3], output);
}

void bc_reference_spike_conv(const bc_node *node, double *const *inputs, double *output) {
    const bc_spike_conv_attributes *a = node->attributes;
    convolve(node, a->geometry, spike, inputs, output);
}
