#include "net/reference/references.h"

#include <string.h>

void bc_reference_add(const bc_node *node, double *const *inputs, double *output) {
    for (size_t i = 0; i < bc_shape_count(node->output->shape); i++)
        output[i] = inputs[0][i] + inputs[1][i];
}

void bc_reference_scale_channels(const bc_node *node, double *const *inputs, double *output) {
    bc_shape x = node->inputs[0]->shape;
    for (int n = 0; n < x.n; n++)
        for (int p = 0; p < x.h * x.w; p++)
            for (int c = 0; c < x.c; c++)
                *output++ = inputs[0][bc_at(x, n, 0, p, c)] * inputs[1][n * x.c + c];
}

void bc_reference_concat_channels(const bc_node *node, double *const *inputs, double *output) {
    bc_shape a = node->inputs[0]->shape, b = node->inputs[1]->shape;
    for (int p = 0; p < a.n * a.h * a.w; p++) {
        for (int c = 0; c < a.c; c++)
            *output++ = inputs[0][p * a.c + c];
        for (int c = 0; c < b.c; c++)
            *output++ = inputs[1][p * b.c + c];
    }
}

void bc_reference_slice_batch(const bc_node *node, double *const *inputs, double *output) {
    int first = ((const bc_slice_attributes *)node->attributes)->first;
    const double *slice = inputs[0] + bc_at(node->inputs[0]->shape, first, 0, 0, 0);
    memcpy(output, slice, bc_shape_count(node->output->shape) * sizeof *output);
}

void bc_reference_whole_batch(const bc_node *node, double *const *inputs, double *output) {
    memcpy(output, inputs[0], bc_shape_count(node->output->shape) * sizeof *output);
}
