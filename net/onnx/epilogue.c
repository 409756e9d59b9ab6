#include "net/onnx/epilogue.h"

#include <math.h>

static const char *binary(bc_onnx_emission *e, const char *type, const char *name, const char *a,
                          const char *b) {
    return bc_onnx_add(e, &(bc_onnx_node){.type = type, .name = name, .inputs = {a, b}});
}

/* x (1 + erf(x/sqrt 2)) / 2, node by node as runtimes know it to be GELU. */
static const char *gelu(bc_onnx_emission *e, const char *x) {
    const char *y = binary(e, "Div", "gelu.scaled", x, bc_onnx_add_scalar(e, "gelu.sqrt2", (float)M_SQRT2));
    y = bc_onnx_add(e, &(bc_onnx_node){.type = "Erf", .name = "gelu.erf", .inputs = {y}});
    y = binary(e, "Add", "gelu.plus_one", y, bc_onnx_add_scalar(e, "gelu.one", 1));
    y = binary(e, "Mul", "gelu.product", x, y);
    return binary(e, "Mul", "gelu", y, bc_onnx_add_scalar(e, "gelu.half", 0.5f));
}

const char *bc_onnx_activate(bc_onnx_emission *e, const char *x, bc_activation activation) {
    switch (activation) {
    case BC_ACTIVATION_RELU:
        return bc_onnx_add(e, &(bc_onnx_node){.type = "Relu", .inputs = {x}});
    case BC_ACTIVATION_GELU:
        return gelu(e, x);
    case BC_ACTIVATION_NONE:
        break;
    }
    return x;
}

const char *bc_onnx_finish(bc_onnx_emission *e, bc_onnx_form form, const char *x, bc_activation activation,
                           int residual) {
    x = bc_onnx_activate(e, x, activation);
    if (!e->node->inputs[residual])
        return x;
    return binary(e, "Add", "residual", x, bc_onnx_input(e, residual, form));
}
