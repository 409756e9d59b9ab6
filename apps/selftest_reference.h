/* Plain-C references of the operations that `bicross selftest` checks. All maps are (h,w,c), one image. */
#ifndef BC_APPS_SELFTEST_REFERENCE_H
#define BC_APPS_SELFTEST_REFERENCE_H

#include "net/ops/ops.h"

void app_reference_conv(const float *x, bc_shape xs, const float *w, bc_shape ws, bc_conv geometry,
                        bc_shape ys, float *y);
/* y (rows,out) = x (rows,in) w (in,out) + bias */
void app_reference_linear(const float *x, const float *w, const float *bias, int rows, int in, int out,
                          float *y);
void app_reference_group_norm(const float *x, bc_shape s, int groups, const float *gamma, const float *beta,
                              float epsilon, float *y);
void app_reference_layer_norm(const float *x, int rows, int c, const float *gamma, const float *beta,
                              float epsilon, float *y);
void app_reference_attention(const float *qkv, int tokens, int width, int heads, float *y);
void app_reference_bicubic(const float *x, bc_shape xs, bc_shape ys, float *y);
void app_reference_max_pool(const float *x, bc_shape xs, int kernel, bc_conv geometry, bc_shape ys, float *y);

#endif
