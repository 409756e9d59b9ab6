/* Separable resampling and its adjoint, as recorded by bc_resize and by the position embedding. */
#ifndef BC_NET_OPS_RESAMPLE_H
#define BC_NET_OPS_RESAMPLE_H

#include "net/ops/ops.h"

/* What output `at` of `out` reads of `in` in a nearest resize: min(floor(at * step), in - 1) with step = in / out, all in float32, as
 * PyTorch has it. In exact arithmetic some would be one more: 255 instead of 254 of 480 to 224 at output 119. Kernels take the step
 * (nearest_source in cl_kernels/prelude.clh). */
float bc_nearest_step(int in, int out);
int bc_nearest_source(int at, int in, int out);

/* (n, in_h, in_w, c) from float in_offset of a buffer -> (n, out_h, out_w, c) from out_offset of another. */
typedef struct bc_resample {
    bc_resize_mode mode;
    int n, in_h, in_w, out_h, out_w, c;
    int in_offset, out_offset;
} bc_resample;

bc_status bc_tape_resample(bc_tape *tape, const bc_resample *r, bc_buffer out, bc_buffer in);
/* The adjoint: in_grad = or += transposed resampling of out_grad. Rows first, through the workspace, then
 * columns. */
size_t bc_resample_adjoint_workspace(const bc_resample *r);
bc_status bc_tape_resample_adjoint(bc_tape *tape, const bc_resample *r, bc_buffer in_grad, bc_buffer out_grad,
                                   bc_buffer workspace, int accumulate);

#endif
