#include "net/reference/references.h"

#include <math.h>

void bc_reference_max_pool(const bc_node *node, double *const *inputs, double *output) {
    const bc_pool_attributes *a = node->attributes;
    bc_shape x = node->inputs[0]->shape, y = node->output->shape;
    for (int n = 0; n < y.n; n++)
        for (int oy = 0; oy < y.h; oy++)
            for (int ox = 0; ox < y.w; ox++)
                for (int c = 0; c < y.c; c++) {
                    double largest = -INFINITY;
                    for (int k = 0; k < a->kernel * a->kernel; k++) {
                        int iy = oy * a->geometry.stride + k / a->kernel - a->geometry.pad_top;
                        int ix = ox * a->geometry.stride + k % a->kernel - a->geometry.pad_left;
                        if (iy >= 0 && iy < x.h && ix >= 0 && ix < x.w)
                            largest = fmax(largest, inputs[0][bc_at(x, n, iy, ix, c)]);
                    }
                    *output++ = largest;
                }
}

void bc_reference_average_pool(const bc_node *node, double *const *inputs, double *output) {
    int kernel = ((const bc_pool_attributes *)node->attributes)->kernel;
    bc_shape x = node->inputs[0]->shape, y = node->output->shape;
    for (int n = 0; n < y.n; n++)
        for (int oy = 0; oy < y.h; oy++)
            for (int ox = 0; ox < y.w; ox++)
                for (int c = 0; c < y.c; c++) {
                    double sum = 0;
                    for (int k = 0; k < kernel * kernel; k++)
                        sum += inputs[0][bc_at(x, n, oy * kernel + k / kernel, ox * kernel + k % kernel, c)];
                    *output++ = sum / (kernel * kernel);
                }
}

void bc_reference_global_pool(const bc_node *node, double *const *inputs, double *output) {
    bc_shape x = node->inputs[0]->shape;
    const double *weights = inputs[1];
    for (int n = 0; n < x.n; n++)
        for (int c = 0; c < x.c; c++) {
            double sum = 0, total = 0;
            for (int p = 0; p < x.h * x.w; p++) {
                double weight = weights ? weights[n * x.h * x.w + p] : 1;
                total += weight;
                sum += weight * inputs[0][bc_at(x, n, 0, p, c)];
            }
            *output++ = sum / fmax(total, 1e-6);
        }
}
