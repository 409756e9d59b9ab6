#include "net/reference/references.h"

#include <math.h>

void bc_reference_log_softmax(const bc_node *node, double *const *inputs, double *output) {
    bc_shape s = node->output->shape;
    const double *x = inputs[0];
    for (int row = 0; row < s.n * s.h * s.w; row++, x += s.c) {
        double largest = -INFINITY, sum = 0;
        for (int c = 0; c < s.c; c++)
            largest = fmax(largest, x[c]);
        for (int c = 0; c < s.c; c++)
            sum += exp(x[c] - largest);
        for (int c = 0; c < s.c; c++)
            *output++ = x[c] - largest - log(sum);
    }
}
