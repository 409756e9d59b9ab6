#include "net/reference/references.h"

#include <math.h>

/* value: of x, with the attributes a */
#define ELEMENTWISE(name_, value_)                                                                           \
    void bc_reference_##name_(const bc_node *node, double *const *inputs, double *output) {                  \
        bc_activation_attributes a = *(const bc_activation_attributes *)node->attributes;                    \
        (void)a;                                                                                             \
        for (size_t i = 0; i < bc_shape_count(node->output->shape); i++) {                                   \
            double x = inputs[0][i];                                                                         \
            output[i] = (value_);                                                                            \
        }                                                                                                    \
    }

ELEMENTWISE(relu, fmax(x, 0))
ELEMENTWISE(gelu, (1 + erf(x / sqrt(2))) / 2 * x)
ELEMENTWISE(sigmoid, 1 / (1 + exp(-x)))
ELEMENTWISE(clamp_min, fmax(x, a.a))
ELEMENTWISE(inverse_depth, 1 / fmax(a.a * x + a.b, a.c))
ELEMENTWISE(gradient_reversal, x)
ELEMENTWISE(reversed, x * -a.a)

/* The inverse depth, and below the floor its tangent there. */
static double depth_unclamped(double x, bc_activation_attributes a) {
    double inverse = a.a * x + a.b, floor = a.c;
    return inverse > floor ? 1 / inverse : 1 / floor - (inverse - floor) / (floor * floor);
}

ELEMENTWISE(inverse_depth_unclamped, depth_unclamped(x, a))
