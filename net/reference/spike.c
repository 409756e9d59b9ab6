#include "net/reference/references.h"

/* A spike is 1, none is -1; the first in a word's lowest bit. */
void bc_reference_spike_unpack(const bc_node *node, double *const *inputs, double *output) {
    for (size_t i = 0; i < bc_shape_count(node->output->shape); i++) {
        uint32_t word = (uint32_t)inputs[0][i / 32];
        output[i] = word >> i % 32 & 1 ? 1 : -1;
    }
}
