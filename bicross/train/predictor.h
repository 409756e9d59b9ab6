/* Inference, one sample after the other: the one way from a sample to maps of its size. Output of the network -> bicubic to the crop
 * -> pasted into a map of the sample's size, clamped. The graph is made for the first sample, and again where the size changes. */
#ifndef BC_BICROSS_TRAIN_PREDICTOR_H
#define BC_BICROSS_TRAIN_PREDICTOR_H

#include "bicross/data/loader.h"
#include "net/models/model.h"

typedef struct bc_predictor_options {
    bool rgb;                      /* the network reads RGB, not spikes */
    int input_height, input_width; /* network input */
    float dmax;
    float outside;    /* the depth outside the crop, of which the network says nothing */
    bool uncertainty; /* wanted too: else its head is not computed */
    bool training;    /* the weights change between samples: nothing that is made of them is kept */
    void *user;
    /* Adds to a new graph what else is computed of its maps (1,h,w,1; the uncertainty NULL where it is not wanted); may be NULL. */
    bc_status (*extend)(void *user, bc_graph *graph, bc_value *depth, bc_value *uncertainty);
} bc_predictor_options;

typedef struct bc_predictor {
    bc_host *host;
    bc_params *params;
    const bc_model *model;
    bc_predictor_options options;
    bc_loader *loader;
    int height, width; /* of the sample */
    bc_crop crop;      /* what the network sees of it */
    bc_graph *graph;
    bc_plan *plan; /* NULL: there is no graph yet */
    bc_batch batch;
    bc_value *depth_value, *uncertainty_value; /* NULL, as below: it is not wanted */
    float *depth,
        *uncertainty; /* (height, width), of bc_predictor_read: depth in BC_NEAREST to dmax; uncertainty 0 outside the crop */
} bc_predictor;

/* `params` and `model` must outlive it. */
bc_status bc_predictor_open(bc_host *host, bc_params *params, const bc_model *model,
                            const bc_predictor_options *options, bc_predictor *out);
void bc_predictor_close(bc_predictor *predictor);
/* Puts a sample into the network's input: its bottom-centre crop of the wanted size (0 x 0: all of it), which may not be larger.
 * Like _run it does not wait for what is being computed, whose maps can still be read afterwards, if the sizes are the same. */
bc_status bc_predictor_load(bc_predictor *predictor, const bc_sample *sample, int crop_height,
                            int crop_width);
/* Computes what the graph has: enqueues it. */
bc_status bc_predictor_run(bc_predictor *predictor);
/* Brings the maps to the host. BC_E_NUMERIC when one is not finite. */
bc_status bc_predictor_read(bc_predictor *predictor);

#endif
