#include "net/reference/references.h"

#include <math.h>

static double activate(bc_activation activation, double x) {
    if (activation == BC_ACTIVATION_RELU)
        return fmax(x, 0);
    return activation == BC_ACTIVATION_GELU ? 0.5 * x * (1 + erf(x / sqrt(2))) : x;
}

void bc_reference_epilogue(const bc_node *node, bc_activation activation, const double *residual,
                           double *output) {
    for (size_t i = 0; i < bc_shape_count(node->output->shape); i++)
        output[i] = activate(activation, output[i]) + (residual ? residual[i] : 0);
}

void bc_reference_linear(const bc_node *node, double *const *inputs, double *output) {
    bc_shape x = node->inputs[0]->shape, y = node->output->shape;
    const double *weight = inputs[1], *bias = inputs[2];
    for (int r = 0; r < x.n * x.h * x.w; r++)
        for (int o = 0; o < y.c; o++) {
            double sum = bias ? bias[o] : 0;
            for (int i = 0; i < x.c; i++)
                sum += inputs[0][r * x.c + i] * weight[i * y.c + o];
            output[r * y.c + o] = sum;
        }
    const bc_linear_attributes *a = node->attributes;
    bc_reference_epilogue(node, a->activation, inputs[3], output);
}
