/* Operations that take maps and rows alike, and leave them so. */
#include "net/onnx/emitters.h"
#include "net/onnx/epilogue.h"

/* On maps it is the 1x1 convolution that it was published as, where it was one. */
void bc_onnx_linear(bc_onnx_emission *e) {
    bc_activation activation = ((const bc_linear_attributes *)e->node->attributes)->activation;
    bc_onnx_form form = bc_onnx_form_of(e, 0);
    const char *x = bc_onnx_input(e, 0, form), *y;
    if (form == BC_ONNX_MAP) {
        const char *weight = bc_onnx_constant(e, 1, BC_ONNX_KERNEL),
                   *bias = bc_onnx_constant(e, 2, BC_ONNX_VECTOR);
        y = bc_onnx_add(e, &(bc_onnx_node){.type = "Conv", .inputs = {x, weight, bias}});
    } else {
        const char *weight = bc_onnx_constant(e, 1, BC_ONNX_MATRIX),
                   *bias = bc_onnx_constant(e, 2, BC_ONNX_VECTOR);
        y = bc_onnx_add(e, &(bc_onnx_node){.type = "MatMul", .inputs = {x, weight}});
        if (bias)
            y = bc_onnx_add(e, &(bc_onnx_node){.type = "Add", .name = "bias", .inputs = {y, bias}});
    }
    bc_onnx_output(e, form, bc_onnx_finish(e, form, y, activation, 3));
}

void bc_onnx_relu(bc_onnx_emission *e) {
    bc_onnx_form form = bc_onnx_form_of(e, 0);
    bc_onnx_output(e, form, bc_onnx_activate(e, bc_onnx_input(e, 0, form), BC_ACTIVATION_RELU));
}

void bc_onnx_gelu(bc_onnx_emission *e) {
    bc_onnx_form form = bc_onnx_form_of(e, 0);
    bc_onnx_output(e, form, bc_onnx_activate(e, bc_onnx_input(e, 0, form), BC_ACTIVATION_GELU));
}

void bc_onnx_sigmoid(bc_onnx_emission *e) {
    bc_onnx_form form = bc_onnx_form_of(e, 0);
    const char *x = bc_onnx_input(e, 0, form);
    bc_onnx_output(e, form, bc_onnx_add(e, &(bc_onnx_node){.type = "Sigmoid", .inputs = {x}}));
}

void bc_onnx_sum(bc_onnx_emission *e) {
    bc_onnx_form form = bc_onnx_form_of(e, 0);
    const char *a = bc_onnx_input(e, 0, form), *b = bc_onnx_input(e, 1, form);
    bc_onnx_output(e, form, bc_onnx_add(e, &(bc_onnx_node){.type = "Add", .inputs = {a, b}}));
}

/* 1 / max(scale x + shift, floor) */
void bc_onnx_inverse_depth(bc_onnx_emission *e) {
    static const char *const steps[] = {"Mul", "Add", "Max"}, *const names[] = {"scale", "shift", "floor"};
    const bc_activation_attributes *a = e->node->attributes;
    const float numbers[] = {a->a, a->b, a->c};
    bc_onnx_form form = bc_onnx_form_of(e, 0);
    const char *x = bc_onnx_input(e, 0, form);
    for (int i = 0; i < 3; i++) {
        const char *number = bc_onnx_add_scalar(e, names[i], numbers[i]);
        x = bc_onnx_add(e, &(bc_onnx_node){.type = steps[i], .inputs = {x, number}});
    }
    bc_onnx_output(e, form, bc_onnx_add(e, &(bc_onnx_node){.type = "Reciprocal", .inputs = {x}}));
}
