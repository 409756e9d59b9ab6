/* Motion between images in plain C. */
#include "bicross/reference/motion.h"
#include "cl_kernels/shared.h"

#include <math.h>
#include <stdlib.h>

/* Maps of some channels a pixel. */
typedef struct map {
    const double *values;
    int height, width, channels;
} map;

static int within(int i, int count) {
    return i < 0 ? 0 : i >= count ? count - 1 : i;
}

/* The border goes on. */
static double at(map m, int x, int y, int channel) {
    long pixel = (long)within(y, m.height) * m.width + within(x, m.width);
    return m.values[pixel * m.channels + channel];
}

static double between(map m, double x, double y, int channel) {
    x = fmin(fmax(x, 0), m.width - 1);
    y = fmin(fmax(y, 0), m.height - 1);
    int left = (int)x, top = (int)y;
    double u = x - left, v = y - top;
    return (1 - v) * ((1 - u) * at(m, left, top, channel) + u * at(m, left + 1, top, channel)) +
           v * ((1 - u) * at(m, left, top + 1, channel) + u * at(m, left + 1, top + 1, channel));
}

static double inside(map m, double x, double y) {
    double beyond = fmax(fmax(-x, x - (m.width - 1)), 0) + fmax(fmax(-y, y - (m.height - 1)), 0);
    return fmax(1 - beyond, 0);
}

void bc_reference_motion_halve(double *half, const double *image, int height, int width) {
    static const double taps[5] = {1, 4, 6, 4, 1};
    map m = {image, height, width, 1};
    for (int y = 0; y < (height + 1) / 2; y++)
        for (int x = 0; x < (width + 1) / 2; x++) {
            double sum = 0;
            for (int dy = 0; dy < 5; dy++)
                for (int dx = 0; dx < 5; dx++)
                    sum += taps[dy] * taps[dx] * at(m, 2 * x + dx - 2, 2 * y + dy - 2, 0);
            half[(long)y * ((width + 1) / 2) + x] = sum / 256;
        }
}

void bc_reference_motion_double(double *flow, const double *coarse, int height, int width) {
    map m = {coarse, (height + 1) / 2, (width + 1) / 2, 2};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int k = 0; k < 2; k++)
                flow[2 * ((long)y * width + x) + k] = 2 * between(m, x / 2.0, y / 2.0, k);
}

/* The mean of the slopes of a at (x, y) and of b at (to_x, to_y). */
static void mean_slope(map a, map b, int x, int y, double to_x, double to_y, double slope[2]) {
    slope[0] = (at(a, x + 1, y, 0) - at(a, x - 1, y, 0) + between(b, to_x + 1, to_y, 0) -
                between(b, to_x - 1, to_y, 0)) /
               4;
    slope[1] = (at(a, x, y + 1, 0) - at(a, x, y - 1, 0) + between(b, to_x, to_y + 1, 0) -
                between(b, to_x, to_y - 1, 0)) /
               4;
}

void bc_reference_motion_terms(double *terms, const double *a, const double *b, const double *flow,
                               int height, int width) {
    map first = {a, height, width, 1}, second = {b, height, width, 1};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            long pixel = (long)y * width + x;
            double u = flow[2 * pixel], v = flow[2 * pixel + 1], *term = terms + 4 * pixel;
            double change = between(second, x + u, y + v, 0) - a[pixel];
            double relative = change / (double)BC_MOTION_CHANGE;
            mean_slope(first, second, x, y, x + u, y + v, term);
            term[2] = change - term[0] * u - term[1] * v;
            term[3] = inside(second, x + u, y + v) / sqrt(1 + relative * relative);
        }
}

void bc_reference_motion_relax(double *next, const double *flow, const double *terms, int height, int width) {
    map m = {flow, height, width, 2};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            long pixel = (long)y * width + x;
            const double *term = terms + 4 * pixel;
            double mean[2], weight = term[3];
            for (int k = 0; k < 2; k++)
                mean[k] =
                    (at(m, x - 1, y, k) + at(m, x + 1, y, k) + at(m, x, y - 1, k) + at(m, x, y + 1, k)) / 4;
            double rest = term[0] * mean[0] + term[1] * mean[1] + term[2];
            double steepness = term[0] * term[0] + term[1] * term[1];
            double step = weight * rest / (4 * (double)BC_MOTION_SMOOTH + weight * steepness);
            for (int k = 0; k < 2; k++)
                next[2 * pixel + k] = mean[k] - term[k] * step;
        }
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void bc_reference_motion_median(double *out, const double *flow, int height, int width) {
    map m = {flow, height, width, 2};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int k = 0; k < 2; k++) {
                double around[9];
                for (int i = 0; i < 9; i++)
                    around[i] = at(m, x + i % 3 - 1, y + i / 3 - 1, k);
                qsort(around, 9, sizeof *around, compare);
                out[2 * ((long)y * width + x) + k] = around[4];
            }
}

/* What image `m` shows at (x, y) the share `time` of the way along `flow`, and how far that is to be trusted. */
static double follow(map m, map flow, map back, int x, int y, double time, double *trust) {
    double from_x = x, from_y = y;
    for (int k = 0; k < BC_MOTION_STEPS; k++) {
        double u = between(flow, from_x, from_y, 0), v = between(flow, from_x, from_y, 1);
        from_x = x - time * u;
        from_y = y - time * v;
    }
    double u = between(flow, from_x, from_y, 0), v = between(flow, from_x, from_y, 1);
    double to_x = from_x + u, to_y = from_y + v;
    double home_x = u + between(back, to_x, to_y, 0), home_y = v + between(back, to_x, to_y, 1);
    double missed_x = x - from_x - time * u, missed_y = y - from_y - time * v;
    double doubt = (home_x * home_x + home_y * home_y) / (1 + 0.02 * (u * u + v * v)) +
                   4 * (missed_x * missed_x + missed_y * missed_y);
    *trust = inside(m, from_x, from_y) * inside(m, to_x, to_y) * exp(-doubt);
    return between(m, from_x, from_y, 0);
}

void bc_reference_motion_between(double *out, const bc_reference_pair *pair, int height, int width,
                                 double time) {
    map a = {pair->a, height, width, 1}, b = {pair->b, height, width, 1};
    map forward = {pair->forward, height, width, 2}, backward = {pair->backward, height, width, 2};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double trust_a, trust_b, standing = (1 - time) * at(a, x, y, 0) + time * at(b, x, y, 0);
            double first = follow(a, forward, backward, x, y, time, &trust_a);
            double second = follow(b, backward, forward, x, y, 1 - time, &trust_b);
            double weight = (double)BC_MOTION_STANDING;
            trust_a *= 1 - time;
            trust_b *= time;
            out[(long)y * width + x] =
                (trust_a * first + trust_b * second + weight * standing) / (trust_a + trust_b + weight);
        }
}
