#include "net/reference/references.h"

#include <string.h>

/* The class token's row stays; the grid behind it is resized. */
void bc_reference_position_resize(const bc_node *node, double *const *inputs, double *output) {
    const bc_position_attributes *a = node->attributes;
    int c = node->output->shape.c;
    memcpy(output, inputs[0], (size_t)c * sizeof *output);
    bc_reference_resample(BC_RESIZE_BILINEAR, (bc_shape){1, a->grid_h, a->grid_w, c}, inputs[0] + c,
                          (bc_shape){1, a->h, a->w, c}, output + c);
}

void bc_reference_tokens(const bc_node *node, double *const *inputs, double *output) {
    bc_shape map = node->inputs[0]->shape, y = node->output->shape;
    const double *cls = inputs[1], *pos = inputs[2];
    for (int n = 0; n < y.n; n++)
        for (int t = 0; t < y.w; t++)
            for (int c = 0; c < y.c; c++) {
                double token = t == 0 ? cls[c] : inputs[0][bc_at(map, n, 0, t - 1, c)];
                *output++ = token + pos[t * y.c + c];
            }
}

void bc_reference_readout(const bc_node *node, double *const *inputs, double *output) {
    bc_shape x = node->inputs[0]->shape;
    for (int n = 0; n < x.n; n++)
        for (int t = 1; t < x.w; t++) {
            for (int c = 0; c < x.c; c++)
                *output++ = inputs[0][bc_at(x, n, 0, t, c)];
            for (int c = 0; c < x.c; c++)
                *output++ = inputs[0][bc_at(x, n, 0, 0, c)];
        }
}
