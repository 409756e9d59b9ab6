#include "bicross/losses/attributes.h"
#include "bicross/reference/references.h"

#include <math.h>
#include <stdlib.h>

void bc_reference_valid_mask(const bc_node *node, double *const *inputs, double *output) {
    const bc_valid_attributes *a = node->attributes;
    const bc_window *window = &a->window;
    bc_shape s = node->inputs[0]->shape;
    for (int n = 0; n < s.n; n++)
        for (int row = 0; row < s.h; row++)
            for (int column = 0; column < s.w; column++) {
                double label = inputs[0][(n * s.h + row) * s.w + column];
                bool inside = row >= window->top && row < window->bottom && column >= window->left &&
                              column < window->right;
                *output++ = inside && label > (double)a->above && label < (double)a->below;
            }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The index int(q n) of the decimal number q that was meant: the float beside 0.7 lies below it, and 0.7 * 10 is 7. */
static size_t rank_of(float q, size_t count) {
    size_t rank = (size_t)(round(1e6 * (double)q) * (double)count / 1e6);
    return rank < count ? rank : count - 1;
}

void bc_reference_quantile_mask(const bc_node *node, double *const *inputs, double *output) {
    const bc_quantile_attributes *a = node->attributes;
    const double *u = inputs[0], *mask = inputs[1];
    size_t count = bc_shape_count(node->inputs[0]->shape), kept = 0;
    for (size_t i = 0; i < count; i++)
        if (mask[i] == 1)
            output[kept++] = u[i]; /* only room to sort in */
    qsort(output, kept, sizeof *output, ascending);
    float threshold = kept ? (float)output[rank_of(a->quantile, kept)] : 0;
    float below = threshold + 1e-8f; /* the same float, unless the threshold is near 0 */
    for (size_t i = 0; i < count; i++)
        output[i] = mask[i] == 1 && (a->keep_below ? u[i] < below : u[i] > threshold);
}

void bc_reference_mask_and(const bc_node *node, double *const *inputs, double *output) {
    for (size_t i = 0; i < bc_shape_count(node->output->shape); i++)
        output[i] = inputs[0][i] == 1 && inputs[1][i] == 1;
}

void bc_reference_mask_or(const bc_node *node, double *const *inputs, double *output) {
    for (size_t i = 0; i < bc_shape_count(node->output->shape); i++)
        output[i] = inputs[0][i] == 1 || inputs[1][i] == 1;
}

void bc_reference_mask_or_all(const bc_node *node, double *const *inputs, double *output) {
    bc_shape s = node->inputs[0]->shape;
    for (int n = 0, pixels = s.h * s.w * s.c; n < s.n; n++) {
        const double *mask = inputs[0] + n * pixels;
        bool empty = true;
        for (int i = 0; i < pixels; i++)
            empty = empty && mask[i] == 0;
        for (int i = 0; i < pixels; i++)
            *output++ = empty ? 1 : mask[i];
    }
}
