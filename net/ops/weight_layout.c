#include "net/ops/weight_layout.h"

#include <stddef.h>

typedef enum direction { TO_DEVICE, TO_PUBLISHED } direction;

/* 16 output channels at a time, so that the strided side stays in the cache. */
static void reorder(bc_shape device, const float *from, float *to, direction way) {
    size_t out = (size_t)device.c, in = (size_t)device.w;
    size_t kk = (size_t)device.n * (size_t)device.h;
    for (size_t first = 0; first < out; first += 16) {
        size_t last = first + 16 < out ? first + 16 : out;
        for (size_t ci = 0; ci < in; ci++)
            for (size_t k = 0; k < kk; k++)
                for (size_t co = first; co < last; co++) {
                    size_t theirs = (co * in + ci) * kk + k, ours = (k * in + ci) * out + co;
                    if (way == TO_DEVICE)
                        to[ours] = from[theirs];
                    else
                        to[theirs] = from[ours];
                }
    }
}

void bc_weight_to_device(bc_shape device, const float *published, float *out) {
    reorder(device, published, out, TO_DEVICE);
}

void bc_weight_to_published(bc_shape device, const float *weight, float *out) {
    reorder(device, weight, out, TO_PUBLISHED);
}
