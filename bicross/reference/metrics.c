#include "bicross/reference/references.h"
#include "bicross/train/metric_sums.h"
#include "bicross/train/paste.h"

#include <math.h>

static void add_pixel(double *sums, double depth, double label) {
    double error = label - depth;
    float limit = (float)fmin(label, depth); /* compared in float, as the device does */
    sums[BC_SUM_PIXELS]++;
    sums[BC_SUM_ABSOLUTE] += fabs(error) / label;
    sums[BC_SUM_RELATIVE_SQUARE] += error * error / label;
    sums[BC_SUM_SQUARE] += error * error;
    sums[BC_SUM_SQUARE_LOG] += pow(log(label) - log(depth), 2);
    for (int k = 0; k < 3; k++)
        sums[BC_SUM_CLOSE + k] += fmax(label, depth) < limit * (float)pow(1.25, k + 1);
}

void bc_reference_metric_sums(const bc_node *node, double *const *inputs, double *output) {
    const double *depth = inputs[0], *label = inputs[1], *mask = inputs[2];
    for (int k = 0; k < BC_METRIC_SUMS; k++)
        output[k] = 0;
    for (size_t i = 0; i < bc_shape_count(node->inputs[0]->shape); i++) {
        output[BC_SUM_NOT_FINITE] += !isfinite(depth[i]);
        if (mask[i] == 1)
            add_pixel(output, depth[i], label[i]);
    }
}

void bc_reference_paste(const bc_node *node, double *const *inputs, double *output) {
    const bc_pasting *how = &((const bc_paste_attributes *)node->attributes)->how;
    const bc_crop *crop = &how->crop;
    bc_shape full = node->output->shape;
    for (int y = 0; y < full.h; y++)
        for (int x = 0; x < full.w; x++) {
            int row = y - crop->top, column = x - crop->left;
            bool inside = row >= 0 && row < crop->height && column >= 0 && column < crop->width;
            double value = inside ? inputs[0][row * crop->width + column] : 0;
            double clamped = isfinite(value) ? fmin(fmax(value, how->low), how->high) : NAN;
            *output++ = inside ? clamped : (double)how->fill;
        }
}
