/* What convolutions are checked with. Each is checked in every tile, and those of 3x3 without stride by Winograd's method, too. */
#include "net/ops/cases.h"
#include "net/ops/conv.h"

#define TINY BC_CASE_TINY
#define CHECK BC_CASE_CHECK

#define FROZEN_HALF(...)                                                                                     \
    { .shape = {__VA_ARGS__}, .low = -0.5f, .high = 0.5f, .frozen = true }
/* `count` 0: none */
#define BIAS(count)                                                                                          \
    {                                                                                                        \
        .shape = {(count) > 0, 1, 1, count }                                                                 \
    }

/* x, weight, how many channels a bias has, geometry */
#define CONV(label_, use_, x_, weight_, bias_, ...)                                                          \
    {                                                                                                        \
        .label = (label_), .inputs = {x_, weight_, BIAS(bias_)},                                             \
        .attributes = &(const bc_conv_attributes){__VA_ARGS__, false}, .use = (use_)                         \
    }
/* What follows the sums of a 3x3 convolution. The differences' step: a sum may lie close to ReLU's kink. */
#define FOLLOWED(label_, relu_, ...)                                                                         \
    {                                                                                                        \
        .label = (label_), .inputs = {__VA_ARGS__},                                                          \
        .attributes = &(const bc_conv_attributes){{1, 1, 1, 1, 1}, relu_}, .use = TINY, .step = 1e-7         \
    }

const bc_op_case bc_conv_cases[] = {
    CONV("3x3 stride 2, padding 1, odd sides", TINY, IN(1, 7, 5, 2), IN(3, 3, 2, 3), 3, {2, 1, 1, 1, 1}),
    CONV("2x3 stride 3, gaps after", TINY, IN(1, 8, 11, 2), IN(2, 3, 2, 3), 3, {3, 0, 1, 0, 0}),
    CONV("3x3, padding 1", TINY, IN(2, 5, 7, 3), IN(3, 3, 3, 5), 5, {1, 1, 1, 1, 1}),
    CONV("3x3 without padding", TINY, IN(1, 5, 6, 2), IN(3, 3, 2, 3), 0, {1, 0, 0, 0, 0}),
    CONV("3x3 stride 2, padding after only", TINY, IN(2, 6, 8, 3), IN(3, 3, 3, 4), 0, {2, 0, 0, 1, 1}),
    CONV("7x7 stride 2, uneven padding", TINY, IN(1, 10, 12, 2), IN(7, 7, 2, 3), 3, {2, 2, 2, 3, 3}),
    CONV("7x7 stride 2 of a fixed input", TINY, FROZEN(2, 8, 10, 3), IN(7, 7, 3, 4), 0, {2, 2, 2, 3, 3}),
    CONV("1x1 stride 2", TINY, IN(2, 5, 6, 3), IN(1, 1, 3, 4), 4, {2, 0, 0, 0, 0}),
    CONV("1x1 stride 3 with padding", TINY, IN(1, 5, 7, 2), IN(1, 1, 2, 3), 0, {3, 1, 2, 0, 1}),
    CONV("1x1 with padding", TINY, IN(1, 3, 4, 2), IN(1, 1, 2, 3), 3, {1, 1, 1, 1, 1}),
    CONV("5x2, padding larger than the kernel", TINY, IN(1, 4, 3, 2), IN(5, 2, 2, 3), 3, {1, 5, 3, 4, 2}),
    CONV("1x1, a stride larger than the map", TINY, IN(2, 2, 2, 3), IN(1, 1, 3, 2), 2, {3, 0, 0, 0, 0}),
    CONV("one channel each", TINY, IN(1, 4, 5, 1), IN(3, 3, 1, 1), 1, {1, 1, 1, 1, 1}),
    CONV("16 channels out", TINY, IN(1, 3, 5, 3), IN(3, 3, 3, 16), 16, {1, 1, 1, 1, 1}),
    /* more than a tile in local memory: columns, columns of the gradient of x, pixels */
    CONV("3 to 66 channels", TINY, IN(1, 3, 4, 3), IN(3, 3, 3, 66), 66, {1, 1, 1, 1, 1}),
    CONV("66 to 3 channels", TINY, IN(1, 4, 3, 66), IN(3, 2, 66, 3), 0, {2, 1, 1, 1, 0}),
    CONV("many pixels", TINY, IN(1, 22, 24, 2), IN(3, 3, 2, 5), 5, {2, 0, 1, 1, 0}),
    /* Winograd's tiles: of 2x2 (fewer products at 2 rows), inner ones, paddings */
    CONV("3x3, tiles of 2x2", TINY, IN(1, 2, 3, 4), IN(3, 3, 4, 4), 4, {1, 1, 1, 1, 1}),
    CONV("3x3 without padding, whole tiles", TINY, IN(1, 6, 8, 2), IN(3, 3, 2, 4), 0, {1, 0, 0, 0, 0}),
    CONV("3x3, uneven padding", TINY, IN(1, 4, 9, 1), IN(3, 3, 1, 3), 3, {1, 2, 0, 0, 1}),
    CONV("3 to 33 channels", CHECK, IN(1, 3, 4, 3), IN(3, 3, 3, 33), 33, {1, 1, 1, 1, 1}),
    CONV("33 to 5 channels", CHECK, IN(1, 3, 3, 33), IN(3, 3, 33, 5), 0, {1, 1, 1, 1, 1}),
    CONV("17 to 32 channels, stride 2", CHECK, IN(1, 3, 4, 17), IN(2, 2, 17, 32), 32, {2, 0, 0, 1, 0}),
    CONV("16 to 32 channels", CHECK, IN(1, 5, 9, 16), IN(3, 3, 16, 32), 32, {1, 1, 1, 1, 1}),
    CONV("33 to 20 channels", CHECK, IN(2, 3, 3, 33), IN(3, 3, 33, 20), 0, {1, 1, 1, 1, 1}),
    CONV("1x1, 20 to 48 channels, stride 2", CHECK, IN(1, 5, 5, 20), IN(1, 1, 20, 48), 0, {2, 0, 0, 0, 0}),
    FOLLOWED("3x3, residual", false, IN(2, 5, 7, 3), HALF(3, 3, 3, 5), BIAS(5), IN(2, 5, 7, 5)),
    FOLLOWED("frozen 3x3, residual, long sums", false, FROZEN(1, 2, 3, 130), FROZEN_HALF(3, 3, 130, 5),
             FROZEN(1, 1, 1, 5), IN(1, 2, 3, 5)),
    {0},
};

const bc_op_case bc_conv_relu_cases[] = {
    FOLLOWED("3x3, ReLU", true, IN(2, 5, 7, 3), HALF(3, 3, 3, 5), BIAS(5)),
    FOLLOWED("frozen 3x3, ReLU, long sums", true, FROZEN(1, 2, 3, 130), FROZEN_HALF(3, 3, 130, 5),
             FROZEN(1, 1, 1, 5)),
    {0},
};

#define BITS(...)                                                                                            \
    { .shape = {__VA_ARGS__}, .bits = true }
#define SPIKES(label_, use_, bits_, weight_, bias_, ...)                                                     \
    {                                                                                                        \
        .label = (label_), .inputs = {bits_, weight_, BIAS(bias_)},                                          \
        .attributes = &(const bc_spike_conv_attributes){__VA_ARGS__}, .use = (use_), .grad_tolerance = 1e-5  \
    }

const bc_op_case bc_spike_conv_cases[] = {
    SPIKES("3x3, padding 1", TINY, BITS(2, 5, 7, 1), IN(3, 3, 32, 5), 5, {1, 1, 1, 1, 1}),
    SPIKES("3x3, no padding", TINY, BITS(1, 5, 8, 1), IN(3, 3, 32, 16), 0, {1, 0, 0, 0, 0}),
    SPIKES("3x3 stride 2", TINY, BITS(1, 5, 7, 1), IN(3, 3, 32, 2), 2, {2, 1, 0, 1, 2}),
    SPIKES("3x3 stride 2, padding after", TINY, BITS(2, 6, 8, 1), IN(3, 3, 32, 17), 0, {2, 0, 0, 1, 1}),
    SPIKES("2x2 stride 2, 3 words", TINY, BITS(1, 5, 9, 3), IN(2, 2, 96, 3), 3, {2, 1, 0, 0, 1}),
    SPIKES("1x1 stride 3, gaps, tiles", TINY, BITS(1, 20, 61, 1), IN(1, 1, 32, 35), 35, {3, 0, 1, 0, 0}),
    SPIKES("5x2, padding beyond the kernel", TINY, BITS(1, 4, 3, 1), IN(5, 2, 32, 3), 3, {1, 5, 3, 4, 2}),
    SPIKES("2x3 stride 4, beyond the kernel", TINY, BITS(1, 9, 9, 1), IN(2, 3, 32, 2), 2, {4, 3, 6, 0, 1}),
    SPIKES("5x5 stride 2, uneven padding", CHECK, BITS(1, 7, 9, 2), IN(5, 5, 64, 3), 3, {2, 1, 1, 2, 2}),
    {0},
};
