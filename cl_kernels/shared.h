/* Numbers that the host and the kernels must agree on: the host includes this file, and every kernel source begins with it
 * (host/device/program.c). Only #define: what C11 and OpenCL C 1.2 both read. What a launch may choose freely comes as an argument or
 * as -D instead. */
#ifndef BC_CL_KERNELS_SHARED_H
#define BC_CL_KERNELS_SHARED_H

/* What follows a sum before it is stored: nothing, ReLU, exact GELU. */
#define BC_NO_ACTIVATION 0
#define BC_RELU 1
#define BC_GELU 2

/* Products in panels: floats of the second operand that a work-item keeps at hand, 32 KiB, which is a first-level cache, and the local
 * memory that every device has. */
#define BC_PANEL_FLOATS 8192

/* Products by tiles in local memory: items along a side of a work-group's square, and terms of a sum that lie there at once. */
#define BC_TILE_SIDE 16

/* Attention: queries of an item or group, on GPUs also keys; items along a side of a GPU's work-group. */
#define BC_ATTENTION_BLOCK 32
#define BC_ATTENTION_SIDE 8

/* Convolution of spikes on GPUs: channels and pixels that a work-group makes in forward, items of one in backward. */
#define BC_SPIKE_TILE_CHANNELS 32
#define BC_SPIKE_TILE_PIXELS 128
#define BC_SPIKE_GRADIENT_GROUP 64

/* Layer norm on GPUs: items that share a row. */
#define BC_NORM_LAYER_GROUP 64

/* Initial values that a work-item draws. */
#define BC_INIT_VALUES 32

/* Values in a block of the optimiser's sums. */
#define BC_SUM_BLOCK 1024

/* The work of a quantile: words of its state, then a histogram's bins, then those of each group, which counts values by blocks. */
#define BC_QUANTILE_STATE 16
#define BC_QUANTILE_BINS 256
#define BC_QUANTILE_BLOCK 16

/* Pixels of a tile of the built-in world's screen, and items of a work-group. */
#define BC_WORLD_TILE_WIDTH 16
#define BC_WORLD_TILE_HEIGHT 8

/* Share of 4096 that a strong view leaves of all entries: nine tenths. */
#define BC_STRONG_KEPT 3686

/* How an uncertainty is compared with the error that it predicts. */
#define BC_UNCERTAINTY_L1 0
#define BC_UNCERTAINTY_L2 1
#define BC_UNCERTAINTY_L1LOG 2

/* Depth free of scale and shift: sums that are taken over an image, floats that are kept of it, and strides. */
#define BC_SSI_SUMS 8
#define BC_SSI_FIT 11
#define BC_SSI_SCALES 4

/* Motion between images: the change of brightness from which on one counts less; weight of smoothness; steps of the way back; weight
 * of what stands still, where no motion is trusted. */
#define BC_MOTION_CHANGE 0.02f
#define BC_MOTION_SMOOTH 0.001f
#define BC_MOTION_STEPS 4
#define BC_MOTION_STANDING 0.01f

/* Random streams that only kernels draw from, under keys and seeds of their own. The host's: bicross/data/streams.h. */
#define BC_STREAM_AUGMENT_FIELD 1u   /* nodes of the smooth field that thins spikes */
#define BC_STREAM_AUGMENT_PATTERN 2u /* thinning of each pixel */
#define BC_STREAM_AUGMENT_THIN 3u    /* which spikes are lost */
#define BC_STREAM_AUGMENT_DARK 4u    /* which are added */
#define BC_STREAM_AUGMENT_NOISE 5u   /* of colours */
#define BC_STREAM_AUGMENT_LIGHT 6u   /* what a pixel has integrated when its light is changed */
#define BC_STREAM_AUGMENT_STRONG 7u  /* which entries a strong view loses */
#define BC_STREAM_SENSOR 0x53454e53u /* "SENS": what a sensor's own seed decides for each pixel */

#endif
