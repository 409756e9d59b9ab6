/* Inputs of cases of convolutions and linear layers, by their shape: only for the files that list such cases. */
#ifndef BC_NET_OPS_CASES_H
#define BC_NET_OPS_CASES_H

#include "net/graph/op.h"

#define IN(...)                                                                                              \
    {                                                                                                        \
        .shape = { __VA_ARGS__ }                                                                             \
    }
#define FROZEN(...)                                                                                          \
    { .shape = {__VA_ARGS__}, .frozen = true }
#define HALF(...)                                                                                            \
    { .shape = {__VA_ARGS__}, .low = -0.5f, .high = 0.5f }

#endif
