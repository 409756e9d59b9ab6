/* The losses as method.md has them, and 0 where there is nothing to learn from. */
#include "bicross/losses/attributes.h"
#include "bicross/reference/references.h"

#include <math.h>

void bc_reference_sig_loss(const bc_node *node, double *const *inputs, double *output) {
    const bc_sig_attributes *a = node->attributes;
    const double *depth = inputs[0], *label = inputs[1], *mask = inputs[2];
    double softness = (double)a->softness;
    size_t count = bc_shape_count(node->inputs[0]->shape);
    double pixels = 0, mean = 0, variance = 0;
    for (size_t i = 0; i < count; i++)
        if (mask[i] == 1) {
            pixels++;
            mean += log(depth[i] + 0.1) - log(label[i] + 0.1);
        }
    mean /= pixels;
    for (size_t i = 0; i < count; i++)
        if (mask[i] == 1)
            variance += pow(log(depth[i] + 0.1) - log(label[i] + 0.1) - mean, 2) / (pixels - 1);
    double square = variance + (double)a->mean_weight * mean * mean;
    *output = pixels < 2 ? 0 : sqrt(square + softness * softness) - softness;
}

void bc_reference_uncertainty_loss(const bc_node *node, double *const *inputs, double *output) {
    const double *u = inputs[0], *depth = inputs[1], *label = inputs[2], *mask = inputs[3];
    double pixels = 0, sum = 0;
    for (size_t i = 0; i < bc_shape_count(node->inputs[0]->shape); i++)
        if (mask[i] == 1) {
            double error = fmin(fabs(depth[i] - label[i]) / label[i], 1);
            pixels++;
            sum += fabs(u[i] - error);
        }
    *output = sum / fmax(pixels, 1);
}

static double product(const double *a, const double *b, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

void bc_reference_info_nce_loss(const bc_node *node, double *const *inputs, double *output) {
    bc_shape s = node->inputs[0]->shape;
    *output = 0;
    for (int i = 0; i < s.n; i++) {
        const double *r = inputs[0] + i * s.c;
        double sum = 0;
        for (int j = 0; j < s.n; j++)
            sum += exp(product(r, inputs[1] + j * s.c, s.c));
        *output += (log(sum) - product(r, inputs[1] + i * s.c, s.c)) / s.n;
    }
}

void bc_reference_feature_loss(const bc_node *node, double *const *inputs, double *output) {
    bc_shape s = node->inputs[0]->shape;
    double sum = 0, weight = 0;
    for (int r = 0; r < s.n * s.h * s.w; r++) {
        double kept = inputs[2] ? inputs[2][r] : 1;
        weight += kept;
        for (int c = 0; c < s.c; c++)
            sum += kept * pow(inputs[0][r * s.c + c] - inputs[1][r * s.c + c], 2);
    }
    *output = sum / (s.c * fmax(weight, 1));
}

void bc_reference_nll_loss(const bc_node *node, double *const *inputs, double *output) {
    const bc_nll_attributes *a = node->attributes;
    bc_shape s = node->inputs[0]->shape;
    *output = 0;
    for (int r = 0; r < s.n; r++)
        *output -= inputs[0][r * s.c + a->label] / s.n;
}
