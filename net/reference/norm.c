#include "net/reference/references.h"

#include <math.h>

/* What shares a mean and a variance: columns that are neighbours, of rows that lie `stride` apart. */
typedef struct block {
    size_t first;
    int rows, columns, stride;
} block;

typedef struct statistics {
    double mean, scale; /* 1/sqrt(variance + epsilon) */
} statistics;

static size_t place(const block *b, int row, int column) {
    return b->first + (size_t)row * (size_t)b->stride + (size_t)column;
}

static statistics statistics_of(const block *b, const double *x, double epsilon) {
    double count = (double)b->rows * b->columns, mean = 0, variance = 0;
    for (int r = 0; r < b->rows; r++)
        for (int c = 0; c < b->columns; c++)
            mean += x[place(b, r, c)] / count;
    for (int r = 0; r < b->rows; r++)
        for (int c = 0; c < b->columns; c++)
            variance += pow(x[place(b, r, c)] - mean, 2) / count;
    return (statistics){mean, 1 / sqrt(variance + epsilon)};
}

/* gamma and beta: of the block's columns. */
static void normalise(const block *b, statistics s, const double *x, const double *gamma, const double *beta,
                      double *y) {
    for (int r = 0; r < b->rows; r++)
        for (int c = 0; c < b->columns; c++)
            y[place(b, r, c)] = (x[place(b, r, c)] - s.mean) * s.scale * gamma[c] + beta[c];
}

static void cut_off(const bc_node *node, double *y) {
    if (((const bc_norm_attributes *)node->attributes)->relu)
        for (size_t i = 0; i < bc_shape_count(node->output->shape); i++)
            y[i] = fmax(y[i], 0);
}

void bc_reference_weight_standard(const bc_node *node, double *const *inputs, double *output) {
    const bc_weight_standard_attributes *a = node->attributes;
    bc_shape w = node->inputs[0]->shape;
    for (int c = 0; c < w.c; c++) {
        block column = {(size_t)c, w.n * w.h * w.w, 1, w.c};
        normalise(&column, statistics_of(&column, inputs[0], a->epsilon), inputs[0], (const double[]){1},
                  (const double[]){0}, output);
    }
}

void bc_reference_group_norm(const bc_node *node, double *const *inputs, double *output) {
    const bc_norm_attributes *a = node->attributes;
    bc_shape x = node->inputs[0]->shape;
    int columns = x.c / a->groups;
    for (int n = 0; n < x.n; n++)
        for (int c = 0; c < x.c; c += columns) {
            block group = {bc_at(x, n, 0, 0, c), x.h * x.w, columns, x.c};
            normalise(&group, statistics_of(&group, inputs[0], a->epsilon), inputs[0], inputs[1] + c,
                      inputs[2] + c, output);
        }
    cut_off(node, output);
}

void bc_reference_batch_norm(const bc_node *node, double *const *inputs, double *output) {
    const bc_norm_attributes *a = node->attributes;
    bc_shape x = node->inputs[0]->shape;
    for (int c = 0; c < x.c; c++) {
        block channel = {(size_t)c, x.n * x.h * x.w, 1, x.c};
        statistics running = {inputs[3][c], 1 / sqrt(inputs[4][c] + a->epsilon)};
        normalise(&channel, a->given ? running : statistics_of(&channel, inputs[0], a->epsilon), inputs[0],
                  inputs[1] + c, inputs[2] + c, output);
    }
    cut_off(node, output);
}

void bc_reference_layer_norm(const bc_node *node, double *const *inputs, double *output) {
    const bc_layer_norm_attributes *a = node->attributes;
    bc_shape x = node->inputs[0]->shape;
    for (int r = 0; r < x.n * x.h * x.w; r++) {
        block row = {(size_t)r * (size_t)x.c, 1, x.c, x.c};
        normalise(&row, statistics_of(&row, inputs[0], a->epsilon), inputs[0], inputs[1], inputs[2], output);
    }
}
