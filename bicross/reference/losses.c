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

/* An image, and the scale and shift that bring its depth to its label. */
typedef struct aligned {
    const double *depth, *label, *mask;
    double scale, shift;
} aligned;

static double error_at(const aligned *a, int i) {
    return a->scale * a->depth[i] + a->shift - a->label[i];
}

/* Least squares by the normal equations. False where they do not determine scale and shift: no two depths differ. */
static bool align(aligned *a, int count) {
    double dd = 0, d = 0, n = 0, dy = 0, y = 0;
    for (int i = 0; i < count; i++)
        if (a->mask[i] == 1) {
            dd += a->depth[i] * a->depth[i];
            d += a->depth[i];
            n++;
            dy += a->depth[i] * a->label[i];
            y += a->label[i];
        }
    double determinant = dd * n - d * d;
    a->scale = (n * dy - d * y) / determinant;
    a->shift = (dd * y - d * dy) / determinant;
    return determinant > 1e-12 * dd * n;
}

/* At one stride: adds the image's pixels to *pixels, and |differences| of neighbours' errors to *sum. */
static void add_differences(const aligned *a, bc_shape s, int stride, double *pixels, double *sum) {
    for (int y = 0; y < s.h; y += stride)
        for (int x = 0; x < s.w; x += stride) {
            int i = y * s.w + x, right = i + stride, below = i + stride * s.w;
            *pixels += a->mask[i];
            if (x + stride < s.w && a->mask[i] * a->mask[right] == 1)
                *sum += fabs(error_at(a, right) - error_at(a, i));
            if (y + stride < s.h && a->mask[i] * a->mask[below] == 1)
                *sum += fabs(error_at(a, below) - error_at(a, i));
        }
}

void bc_reference_ssi_loss(const bc_node *node, double *const *inputs, double *output) {
    enum { STRIDES = 4 };
    bc_shape s = node->inputs[0]->shape;
    int count = s.h * s.w;
    double square = 0, sum[STRIDES] = {0}, pixels[STRIDES] = {0};
    for (int n = 0; n < s.n; n++) {
        aligned a = {inputs[0] + n * count, inputs[1] + n * count, inputs[2] + n * count, 0, 0};
        if (!align(&a, count))
            continue;
        for (int i = 0; i < count; i++)
            square += a.mask[i] * pow(error_at(&a, i), 2);
        for (int k = 0; k < STRIDES; k++)
            add_differences(&a, s, 1 << k, &pixels[k], &sum[k]);
    }
    *output = square / (2 * fmax(pixels[0], 1));
    for (int k = 0; k < STRIDES; k++)
        *output += 0.5 * sum[k] / fmax(pixels[k], 1);
}

static double uncertainty_error(double u, double depth, double label, int form) {
    double difference = fabs(depth - label), excess = u - fmin(difference / label, 1);
    double spread = fmax(u, (double)0.1f);
    if (form == BC_UNCERTAINTY_L1LOG)
        return difference / spread + log(spread) + (spread - u);
    return form == BC_UNCERTAINTY_L2 ? excess * excess : fabs(excess);
}

void bc_reference_uncertainty_loss(const bc_node *node, double *const *inputs, double *output) {
    const bc_uncertainty_attributes *a = node->attributes;
    double pixels = 0, sum = 0;
    for (size_t i = 0; i < bc_shape_count(node->inputs[0]->shape); i++)
        if (inputs[3][i] == 1) {
            pixels++;
            sum += uncertainty_error(inputs[0][i], inputs[1][i], inputs[2][i], a->form);
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

void bc_reference_divergence_loss(const bc_node *node, double *const *inputs, double *output) {
    bc_shape s = node->inputs[0]->shape;
    double sum = 0, weight = 0;
    for (int r = 0; r < s.n * s.h * s.w; r++) {
        double kept = inputs[2] ? inputs[2][r] : 1;
        weight += kept;
        for (int i = r * s.c; i < (r + 1) * s.c; i++)
            sum += kept * exp(inputs[1][i]) * (inputs[1][i] - inputs[0][i]);
    }
    *output = sum / fmax(weight, 1);
}

void bc_reference_nll_loss(const bc_node *node, double *const *inputs, double *output) {
    const bc_nll_attributes *a = node->attributes;
    bc_shape s = node->inputs[0]->shape;
    *output = 0;
    for (int r = 0; r < s.n; r++)
        *output -= inputs[0][r * s.c + a->label] / s.n;
}
