/* The depth networks: DPT-Hybrid and its small relatives, with RGB or spike input and optional front ends.
 * Sizes are data. */
#ifndef BC_NET_MODELS_MODEL_H
#define BC_NET_MODELS_MODEL_H

#include "net/ops/ops.h"
#include "net/store/params.h"

typedef enum bc_preset { BC_HYBRID, BC_TINY } bc_preset;
typedef enum bc_model_scene { BC_OUTDOOR, BC_INDOOR } bc_model_scene;
typedef enum bc_front_end { BC_FRONT_PLAIN, BC_FRONT_SE, BC_FRONT_UNET, BC_FRONT_USENET } bc_front_end;

typedef struct bc_model {
    char name[32];      /* "hybrid", "tiny" */
    int input_channels; /* 3 RGB, 128 spikes */
    bool unit_rgb;      /* RGB comes in [0,1], not normalised to [-1,1] */
    bc_front_end front_end;
    int stem;                /* channels after the 7x7 stride-2 stem */
    int groups;              /* GroupNorm groups: min(groups, channels) */
    int mid[3], blocks[3];   /* bottleneck width and count of each stage; a stage ends in 4*mid channels */
    int width, depth, heads; /* ViT; MLP is 4*width */
    int tap3, tap4;          /* block indices whose outputs feed layer_3 and layer_4 */
    int classes;          /* of the ViT's unused classifier in published weights (1000); 0: there is none */
    int grid;             /* side of the square position-embedding grid in the weights (24) */
    int features;         /* decoder channels */
    int head[2];          /* channels inside the output heads (features/2, 32) */
    float weight_epsilon; /* weight standardisation, sqrt(var + eps) */
    float stem_epsilon; /* the same in a stem that reads frames; one that reads colours has weight_epsilon */
    float depth_scale, depth_shift, depth_floor; /* depth = 1/max(scale*raw+shift, floor) */
    bool floor_gradient;                         /* the gradient passes through the floor */
    float head_bias;                             /* initial last bias of the depth head */
    bool drawn_bias;                             /* instead, it is drawn as PyTorch does */
    bool conv_direct;                            /* convolutions never by Winograd's method */
    bool recompute; /* training keeps the borders of the network's blocks, and makes their insides again */
} bc_model;

/* The scene sets scale and shift of the depth output. */
bc_status bc_model_preset(bc_error *err, bc_preset preset, bc_model_scene scene, int input_channels,
                          bc_model *out);

/* All taps of one network in a graph (method.md 8). */
typedef struct bc_network {
    bc_value *layer1, *layer2, *layer3, *layer4; /* layer4: the CKD and SCA tap */
    bc_value *path4, *path3, *path2, *path1;     /* path4: the FKD tap */
    bc_value *raw, *depth,
        *uncertainty; /* (n,h,w,1): raw head output; metres; the second head's raw output */
} bc_network;

/* Appends the network to the graph, declaring or reusing parameters in `params`. x (n,h,w,input_channels), or
 * packed spikes (n,h,w,input_channels/32), 32 frames a word (bc_spike_conv2d); sides multiples of 32. Fails
 * through the graph. Front-end parameters are named "front.*" and are in BC_GROUP_HEADS. training: batch
 * statistics in the front end's BatchNorm. */
bc_status bc_network_build(bc_graph *graph, bc_params *params, const bc_model *model, bc_value *x,
                           bool training, bc_network *out);

/* The stem's weight in a state dict: its second side is the channels that a network's stem reads. */
extern const char bc_stem_name[];

/* Spike stem from the RGB stem in a file: its grey mean, repeated over the frames (a firing rate is a grey value). */
bc_status bc_stem_inflate(bc_params *spike, const bc_tensor_file *rgb);

/* Global-average-pooled vector -> Linear -> BatchNorm1d -> ReLU -> Linear (CKD projection heads, SCA domain
 * classifier), parameters "<prefix>.{0,1,3}.*" in BC_GROUP_HEADS. x (n,1,1,in) -> (n,1,1,out). */
bc_value *bc_projection_head(bc_graph *g, bc_params *params, const char *prefix, bc_value *x, int hidden,
                             int out, bool training);

#endif
