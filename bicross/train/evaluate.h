/* The evaluation protocol of method.md 5: seven metrics an image, then averaged over the images that have labels; the same over the
 * pixels of objects and over far ones; and what the predicted uncertainty is worth. */
#ifndef BC_BICROSS_TRAIN_EVALUATE_H
#define BC_BICROSS_TRAIN_EVALUATE_H

#include "bicross/data/loader.h"
#include "bicross/losses/losses.h"
#include "bicross/train/uncertainty_score.h"
#include "host/team/team.h"
#include "net/models/model.h"

typedef struct bc_metrics {
    double abs_rel, sq_rel, rmse, rmse_log, delta[3]; /* NaN where nothing was measured */
    int images;                                       /* images with at least one valid pixel, */
    int looked_at;                                    /* of so many */
    long pixels;
} bc_metrics;

/* Which of the labelled pixels are scored. */
typedef enum bc_region {
    BC_REGION_ALL,
    BC_REGION_OBJECTS, /* not on the ground plane; where the data set knows them (the built-in world does) */
    BC_REGION_FAR,     /* beyond a quarter of dmax: 20 of 80 m */
    BC_REGION_COUNT
} bc_region;

typedef struct bc_scores {
    bc_metrics regions[BC_REGION_COUNT]; /* images 0: there are no such pixels */
    bc_uncertainty_score uncertainty;    /* over all labelled pixels */
} bc_scores;

/* What a picture or a file needs of one image; all maps at the label's full size, valid during the call. */
typedef struct bc_evaluated {
    const bc_sample *sample;
    int index;
    const float *depth,
        *uncertainty; /* (h,w); depth clamped to [BC_NEAREST, dmax], outside the crop BC_NEAREST; uncertainty NULL-able */
    bc_metrics metrics; /* of this image, all its pixels */
} bc_evaluated;

typedef struct bc_evaluate_options {
    bool rgb;                      /* the network reads RGB, not spikes */
    int input_height, input_width; /* network input */
    float dmax;
    bool whole_image; /* mask without the Garg crop */
    float *
        abs_rel; /* of each image of the data set, for all ranks; NaN without a label that counts; NULL: not wanted */
    bc_team *team; /* whose ranks have the images in turn; NULL: this process has all */
    void *user;
    bc_status (*each)(void *user, const bc_evaluated *image); /* of this rank's images; may be NULL */
} bc_evaluate_options;

/* Runs the network over the data set, batch 1: output -> bicubic to the crop -> pasted into a map of the label's size -> clamp ->
 * metrics on the device; the uncertainty is judged on the host. All ranks get the same scores, which do not depend on their number. Depth or uncertainty that is not finite is BC_E_NUMERIC and names the sample; a data set without any valid
 * label is BC_E_FORMAT (labels.h). */
bc_status bc_evaluate(bc_host *host, bc_params *params, const bc_model *model, bc_dataset *dataset,
                      const bc_evaluate_options *options, bc_scores *scores);

/* The sums (metric_sums.h) over the labelled pixels that are scored: of the Garg crop, or of everything; maps (1,h,w,1). NULL once the graph
 * has failed. */
bc_value *bc_scored_sums(bc_graph *g, bc_value *depth, bc_value *label, float dmax, bool whole_image);

/* The metrics of one prediction against one label, both (h,w) on the host, computed by the same kernels. */
bc_status bc_metrics_of(bc_host *host, const float *depth, const float *label, int height, int width,
                        float dmax, bool whole_image, bc_metrics *out);

#endif
