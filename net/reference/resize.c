#include "net/reference/references.h"

#include <math.h>

/* The kernel of cubic convolution with a = -0.75. */
static double cubic(double distance) {
    double t = distance;
    return t <= 1 ? (1.25 * t - 2.25) * t * t + 1 : t < 2 ? ((-0.75 * t + 3.75) * t - 6) * t + 3 : 0;
}

static double source_of(bc_resize_mode mode, int o, int in, int out) {
    if (mode == BC_RESIZE_ALIGN_CORNERS)
        return out > 1 ? o * (in - 1.0) / (out - 1.0) : 0;
    double source = (o + 0.5) * in / out - 0.5;
    return mode == BC_RESIZE_BILINEAR ? fmax(source, 0) : source;
}

/* Weight of input i in output o along one axis. Neighbours beyond an end are the end itself. */
static double axis_weight(bc_resize_mode mode, int o, int i, int in, int out) {
    if (mode == BC_RESIZE_NEAREST)
        return fminf(floorf((float)o * ((float)in / (float)out)), (float)(in - 1)) == (float)i;
    double source = source_of(mode, o, in, out), weight = 0;
    int base = (int)floor(source);
    for (int k = base - 1; k <= base + 2; k++) {
        int at = k < 0 ? 0 : k >= in ? in - 1 : k;
        double distance = fabs(source - k);
        if (at == i)
            weight += mode == BC_RESIZE_BICUBIC ? cubic(distance) : fmax(1 - distance, 0);
    }
    return weight;
}

/* Adds the pixel from, weighted, to the pixel to. */
static void add_pixel(double weight, const double *from, int channels, double *to) {
    for (int c = 0; c < channels; c++)
        to[c] += weight * from[c];
}

void bc_reference_resample(bc_resize_mode mode, bc_shape in, const double *x, bc_shape out, double *y) {
    for (size_t i = 0; i < bc_shape_count(out); i++)
        y[i] = 0;
    for (int oy = 0; oy < out.h; oy++)
        for (int iy = 0; iy < in.h; iy++)
            for (int ox = 0; ox < out.w; ox++)
                for (int ix = 0; ix < in.w; ix++) {
                    double weight =
                        axis_weight(mode, oy, iy, in.h, out.h) * axis_weight(mode, ox, ix, in.w, out.w);
                    for (int n = 0; n < in.n; n++)
                        add_pixel(weight, x + bc_at(in, n, iy, ix, 0), in.c, y + bc_at(out, n, oy, ox, 0));
                }
}

void bc_reference_resize(const bc_node *node, double *const *inputs, double *output) {
    bc_resize_mode mode = ((const bc_resize_attributes *)node->attributes)->mode;
    bc_reference_resample(mode, node->inputs[0]->shape, inputs[0], node->output->shape, output);
}
