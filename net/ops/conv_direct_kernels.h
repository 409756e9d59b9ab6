/* Recording the kernels of cl_kernels/conv.cl: only for conv_direct.c. All sizes and offsets count floats. */
#ifndef BC_NET_OPS_CONV_DIRECT_KERNELS_H
#define BC_NET_OPS_CONV_DIRECT_KERNELS_H

#include "host/device/launch.h"

/* How much one work-item holds. */
typedef struct bc_direct_tile {
    const char *defines;
    int panel;  /* output channels */
    int pixels; /* output pixels of the convolution */
    int rows;   /* rows of the weight gradient */
} bc_direct_tile;
enum { BC_DIRECT_TILES = 3 };
extern const bc_direct_tile bc_direct_tiles[BC_DIRECT_TILES];
/* The one for maps of this many output channels, by the rule. */
int bc_direct_tile_rule(int channels);
/* Channels rounded up to whole panels. */
int bc_conv_panel_channels(const bc_direct_tile *tile, int channels);

/* A map (n,h,w,c) somewhere in a buffer. */
typedef struct bc_conv_map {
    bc_buffer buffer;
    int offset, n, h, w, c;
} bc_conv_map;

/* Copies `in` into the larger or smaller `out`, from its pixel (top, left) on (may be negative), and zeros
 * around it. With maps one pixel wide, rows of in.c channels become rows of out.c channels. */
bc_status bc_tape_conv_pad(bc_tape *tape, const bc_direct_tile *tile, const bc_conv_map *out,
                           const bc_conv_map *in, int top, int left);

/* Weights (kernel_h, kernel_w, in, out) into panels of some of their taps: first + step * (0..taps-1) along
 * each axis. transposed: the panels convolve maps of `out` channels to maps of `in` channels. */
typedef struct bc_conv_taps {
    int y_first, y_step, y_count, x_first, x_step, x_count;
} bc_conv_taps;
bc_status bc_tape_conv_pack(bc_tape *tape, const bc_direct_tile *tile, bc_buffer panels, int panels_offset,
                            bc_buffer weight, int kernel_w, int in, int out, bool transposed,
                            const bc_conv_taps *taps);

/* y at the pixels (y_top + i*y_step, y_left + j*y_step), i < grid_h, j < grid_w, becomes the convolution of x
 * at (x_top + i*stride, x_left + j*stride) with packed taps, plus bias, with relu not below 0, plus the residual, which
 * is like y. Bias and residual may be empty. */
typedef struct bc_conv_direct {
    bc_conv_map x, y;
    bc_buffer panels, bias, residual;
    int panels_offset, taps_y, taps_x;
    int grid_h, grid_w, stride, x_top, x_left, y_step, y_top, y_left;
    int relu, accumulate;
} bc_conv_direct;
bc_status bc_tape_conv_direct(bc_tape *tape, const bc_direct_tile *tile, const bc_conv_direct *conv);

/* dw (slices, kernel_h, kernel_w, x.c, outputs) from x, padded, and dy (n,oh,ow,c), c whole panels of which
 * the first `outputs` channels count. Slices share the rows (n,oh). */
typedef struct bc_conv_weight_gradient {
    bc_buffer dw;
    int dw_offset;
    bc_conv_map x, dy;
    int kernel_h, kernel_w, stride, outputs;
    int accumulate;
} bc_conv_weight_gradient;
/* The number of slices that bc_tape_conv_weight_gradient makes: how large dw must be. */
int bc_conv_slices(const bc_direct_tile *tile, const bc_conv_weight_gradient *gradient);
bc_status bc_tape_conv_weight_gradient(bc_tape *tape, const bc_direct_tile *tile,
                                       const bc_conv_weight_gradient *gradient);

#endif
