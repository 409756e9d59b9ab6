/* The sizes of an attention node. */
#include "net/ops/attention.h"

#include <math.h>

bc_attention_size bc_attention_size_of(const bc_node *node) {
    const bc_attention_attributes *attributes = node->attributes;
    bc_shape s = node->outputs[0]->shape;
    int heads = attributes->heads, head = s.c / heads;
    return (bc_attention_size){
        .n = s.n, .t = s.w, .d = s.c, .heads = heads, .head = head, .scale = 1.0f / sqrtf((float)head)};
}
