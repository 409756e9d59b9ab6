#include "bicross/losses/views.h"
#include "bicross/reference/references.h"

#include <math.h>

static size_t mirrored(size_t i, size_t width) {
    size_t column = i % width;
    return i - column + width - 1 - column;
}

void bc_reference_view_mean(const bc_node *node, double *const *inputs, double *output) {
    bc_shape s = node->output->shape;
    for (size_t i = 0; i < bc_shape_count(s); i++)
        output[i] = sqrt(inputs[0][i] * inputs[1][mirrored(i, (size_t)s.w)]);
}

void bc_reference_view_disagreement(const bc_node *node, double *const *inputs, double *output) {
    bc_shape s = node->output->shape;
    for (size_t i = 0; i < bc_shape_count(s); i++) {
        size_t j = mirrored(i, (size_t)s.w);
        output[i] = (inputs[2][i] + inputs[3][j]) / 2 + fabs(log(inputs[0][i]) - log(inputs[1][j]));
    }
}
