/* Plain-C references, written for clarity; sums in double precision. */
#include "apps/selftest_reference.h"

#include <math.h>

/* The element of x at (y,x,c), or `outside` beyond the border. */
static double at(const float *x, bc_shape s, int row, int column, int channel, double outside) {
    if (row < 0 || row >= s.h || column < 0 || column >= s.w)
        return outside;
    return x[(row * s.w + column) * s.c + channel];
}

void app_reference_conv(const float *x, bc_shape xs, const float *w, bc_shape ws, bc_conv g, bc_shape ys,
                        float *y) {
    for (int oy = 0; oy < ys.h; oy++)
        for (int ox = 0; ox < ys.w; ox++)
            for (int co = 0; co < ys.c; co++) {
                double sum = 0;
                for (int k = 0; k < ws.n * ws.h * ws.w; k++) { /* (kh,kw,ci) */
                    int ci = k % ws.w, kx = k / ws.w % ws.h, ky = k / ws.w / ws.h;
                    sum += w[k * ws.c + co] *
                           at(x, xs, oy * g.stride + ky - g.pad_top, ox * g.stride + kx - g.pad_left, ci, 0);
                }
                y[(oy * ys.w + ox) * ys.c + co] = (float)sum;
            }
}

void app_reference_linear(const float *x, const float *w, const float *bias, int rows, int in, int out,
                          float *y) {
    for (int r = 0; r < rows; r++)
        for (int o = 0; o < out; o++) {
            double sum = bias[o];
            for (int i = 0; i < in; i++)
                sum += (double)x[r * in + i] * w[i * out + o];
            y[r * out + o] = (float)sum;
        }
}

/* Normalises channels first..first+width-1 of `rows` rows together. */
static void normalise(const float *x, int rows, int c, int first, int width, const float *gamma,
                      const float *beta, float epsilon, float *y) {
    double mean = 0, variance = 0, count = (double)rows * width;
    for (int pass = 0; pass < 2; pass++)
        for (int r = 0; r < rows; r++)
            for (int k = first; k < first + width; k++) {
                double v = x[r * c + k];
                if (pass == 0)
                    mean += v / count;
                else
                    variance += (v - mean) * (v - mean) / count;
            }
    for (int r = 0; r < rows; r++)
        for (int k = first; k < first + width; k++)
            y[r * c + k] = (float)((x[r * c + k] - mean) / sqrt(variance + epsilon) * gamma[k] + beta[k]);
}

void app_reference_group_norm(const float *x, bc_shape s, int groups, const float *gamma, const float *beta,
                              float epsilon, float *y) {
    for (int g = 0; g < groups; g++)
        normalise(x, s.h * s.w, s.c, g * (s.c / groups), s.c / groups, gamma, beta, epsilon, y);
}

void app_reference_layer_norm(const float *x, int rows, int c, const float *gamma, const float *beta,
                              float epsilon, float *y) {
    for (int r = 0; r < rows; r++)
        normalise(x + r * c, 1, c, 0, c, gamma, beta, epsilon, y + r * c);
}

/* One query of one head: softmax over all keys, twice computed instead of stored. */
static double attend(const float *qkv, int tokens, int width, int size, int query, int column) {
    int head = column / size * size;
    double largest = -INFINITY, weights = 0, sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < tokens; k++) {
            double score = 0;
            for (int i = head; i < head + size; i++)
                score += (double)qkv[query * 3 * width + i] * qkv[k * 3 * width + width + i];
            score /= sqrt(size);
            if (pass == 0) {
                largest = fmax(largest, score);
                continue;
            }
            weights += exp(score - largest);
            sum += exp(score - largest) * qkv[k * 3 * width + 2 * width + column];
        }
    return sum / weights;
}

void app_reference_attention(const float *qkv, int tokens, int width, int heads, float *y) {
    for (int t = 0; t < tokens; t++)
        for (int column = 0; column < width; column++)
            y[t * width + column] = (float)attend(qkv, tokens, width, width / heads, t, column);
}

/* Keys' kernel with a = -0.75 at distance d. */
static double cubic(double d) {
    const double a = -0.75;
    d = fabs(d);
    if (d <= 1)
        return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

static int clamped(int i, int n) {
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

void app_reference_bicubic(const float *x, bc_shape xs, bc_shape ys, float *y) {
    for (int oy = 0; oy < ys.h; oy++)
        for (int ox = 0; ox < ys.w; ox++)
            for (int c = 0; c < ys.c; c++) {
                double sy = (oy + 0.5) * xs.h / ys.h - 0.5, sx = (ox + 0.5) * xs.w / ys.w - 0.5, sum = 0;
                for (int i = -1; i <= 2; i++)
                    for (int j = -1; j <= 2; j++) {
                        int row = (int)floor(sy) + i, column = (int)floor(sx) + j;
                        sum += cubic(sy - row) * cubic(sx - column) *
                               at(x, xs, clamped(row, xs.h), clamped(column, xs.w), c, 0);
                    }
                y[(oy * ys.w + ox) * ys.c + c] = (float)sum;
            }
}

void app_reference_max_pool(const float *x, bc_shape xs, int kernel, bc_conv g, bc_shape ys, float *y) {
    for (int oy = 0; oy < ys.h; oy++)
        for (int ox = 0; ox < ys.w; ox++)
            for (int c = 0; c < ys.c; c++) {
                double largest = -INFINITY;
                for (int k = 0; k < kernel * kernel; k++)
                    largest = fmax(largest, at(x, xs, oy * g.stride + k / kernel - g.pad_top,
                                               ox * g.stride + k % kernel - g.pad_left, c, -INFINITY));
                y[(oy * ys.w + ox) * ys.c + c] = (float)largest;
            }
}
