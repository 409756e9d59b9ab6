/* The configuration: one struct, filled from an INI file and from --set section.key=value, every key described once in a
 * table (bicross/config/config.c) that reading, checking, defaults, --help and writing back all use. Keys carry the published
 * configuration's names where it has one. */
#ifndef BC_BICROSS_CONFIG_CONFIG_H
#define BC_BICROSS_CONFIG_CONFIG_H

#include "bicross/config/words.h"
#include "bicross/data/loader.h"
#include "bicross/data/video.h"
#include "bicross/world/world.h"
#include "host/tuning/choices.h"
#include "net/models/model.h"
#include "net/store/optimiser.h"

enum { BC_TEXT = 256 };

/* The choices that belong to no room below. How each is written: bicross/config/words.h. */
typedef enum bc_method { BC_METHOD_PAPER, BC_METHOD_CODE, BC_METHOD_PLUS } bc_method;
typedef enum bc_data_kind { BC_DATA_WORLD, BC_DATA_FOLDER } bc_data_kind;
typedef enum bc_recompute {
    BC_RECOMPUTE_NONE,
    BC_RECOMPUTE_BLOCKS,
    BC_RECOMPUTE_UNSAID, /* written as nothing, where it does not count (bc_config_essence) */
} bc_recompute;
typedef enum bc_storage { BC_STORAGE_FLOAT, BC_STORAGE_HALF } bc_storage;
typedef enum bc_convolution { BC_CONVOLUTION_AUTO, BC_CONVOLUTION_DIRECT } bc_convolution;
typedef enum bc_stem_init { BC_STEM_FRESH, BC_STEM_INFLATED } bc_stem_init;
typedef enum bc_init_from { BC_FROM_LAST, BC_FROM_BEST } bc_init_from;
typedef enum bc_validation { BC_VALIDATE_SOURCE, BC_VALIDATE_TEST } bc_validation;
typedef enum bc_epoch { BC_EPOCH_TARGET, BC_EPOCH_SHORTER } bc_epoch;
typedef enum bc_depth_loss { BC_DEPTH_SIG, BC_DEPTH_MSE, BC_DEPTH_SSI } bc_depth_loss;
typedef enum bc_distillation { BC_DISTIL_MSE, BC_DISTIL_KLD } bc_distillation;
typedef enum bc_scp_keep { BC_KEEP_QUANTILE, BC_KEEP_BY_DEPTH } bc_scp_keep;
typedef enum bc_npy_axes { BC_NPY_AUTO, BC_NPY_THW, BC_NPY_HWT, BC_NPY_TWH, BC_NPY_WHT } bc_npy_axes;
typedef enum bc_schedule { BC_SCHEDULE_PLATEAU, BC_SCHEDULE_COSINE, BC_SCHEDULE_CONSTANT } bc_schedule;

/* One run of training (sections [pretrain], [neuromorphic], [crossmodality], [crossdomain], [supervised]); control reads [crossdomain]. */
typedef struct bc_stage_config {
    int epochs, steps; /* steps > 0: that many updates; else epochs * floor(samples / batch) */
    int batch;
    float lr_backbone, lr_scratch, lr_heads;
    bc_schedule schedule;
    int rate_warmup; /* updates of linear learning-rate warm-up (cosine) */
    bc_optimiser_kind optimiser;
    float clip_norm;      /* 0: off */
    bool double_backbone; /* the released code's double update of the backbone */
    int validate_every;   /* updates between validations on the source; 0: once an epoch */
    int checkpoint_every; /* updates between checkpoints; 0: once an epoch */
} bc_stage_config;

/* How the images of one domain are read: validation samples as the source, test samples as the target. */
typedef struct bc_domain_config {
    float depth_scale;           /* 16-bit PNG units a metre */
    int crop_height, crop_width; /* bottom-centre; 0: none */
} bc_domain_config;

/* Where a key's value comes from. */
typedef enum bc_given { BC_GIVEN_NOT, BC_GIVEN_BY_FILE, BC_GIVEN_BY_HAND } bc_given;
enum { BC_MAX_KEYS = 256 };

typedef struct bc_config {
    unsigned char given[BC_MAX_KEYS]; /* bc_given of each key, in the table's order */
    /* [run] */
    int seed;
    char out[BC_TEXT]; /* run folder */
    bc_method method;
    bc_init_from init_from; /* which weights of the stage before a stage starts from */
    bc_validation validate_on;
    int gradients_every; /* updates between looks at the gradient of each term; 0: none */
    /* [device] */
    char device[BC_TEXT]; /* selector; empty: best */
    bc_gemm_provider gemm;
    bc_convolution convolution;
    char tuning[BC_TEXT]; /* auto | off | lazy | a file of measured choices (host/tuning/tuning.h) */
    char shares
        [BC_TEXT]; /* of each batch, of the ranks: equal | measured | numbers, one a rank (bicross/train/ranks.h) */
    /* [model] */
    bc_preset preset;
    bc_model_scene scene;
    int input_height, input_width;
    bc_front_end front_end;
    bc_storage gradients;   /* while they travel between ranks */
    bc_storage storage;     /* of activations that wait for backward */
    bc_recompute recompute; /* what training makes again instead of keeping it */
    bc_stem_init stem_init; /* the stem of a spike network that starts from RGB weights */
    float stem_epsilon;     /* of its weight standardisation */
    bool last_bias;         /* the depth head's starts inside the range of depths; false: drawn */
    char init
        [BC_TEXT]; /* weights to start pretrain, neuromorphic and supervised from (ImageNet); empty: random */
    /* [data] */
    bc_data_kind kind;
    bc_scenario scenario;                                         /* world */
    int source_count, target_count, validation_count, test_count; /* world: samples; folder: 0 = all */
    int source_first, target_first, validation_first,
        test_first;                /* folder: where they begin among the sorted names */
    int world_height, world_width; /* world: rendered size */
    char source[BC_TEXT], target[BC_TEXT], validation[BC_TEXT],
        test[BC_TEXT]; /* paths, or KIND:PATH (bicross/data/layout.h) */
    char source_list[BC_TEXT], target_list[BC_TEXT], validation_list[BC_TEXT], test_list[BC_TEXT];
    bc_domain_config source_domain, target_domain;
    int dat_width, dat_height; /* of .dat files in spikes/; 0: as described, else the camera's */
    bc_dat_layout dat_layout;
    bool dat_msb_first, dat_no_flip; /* false: as described, else as the camera writes */
    bc_npy_axes npy_axes;            /* of .npy files in spikes/ */
    int stride;                      /* of windows of recordings */
    int threads;                     /* that read ahead; -1: as many as pay */
    bool simulate;                   /* spikes from rgb/ when there is no spikes/ */
    bc_noise noise;                  /* of simulated spikes */
    bc_interpolation interpolate;    /* between the pictures that they are made from */
    int sub_frames, fps_up;          /* from one picture to the next: images by motion, spike frames */
    float simulation_gain, theta;    /* of simulated spikes: what light 1 adds, threshold */
    char maps[BC_TEXT];              /* file of a camera's pixels for simulated spikes; empty: drawn */
    bool normalise_rgb;              /* to [-1,1]; false: in [0,1] */
    float dmax;
    /* [augment] */
    bool flip;
    float gain, contrast, colour, thin, dark, fixed_pattern;
    char sensor[BC_TEXT]; /* file of a camera's noise and light for source spikes; empty: none */
    /* [loss] */
    bc_depth_loss depth_loss;
    int uncertainty_loss; /* BC_UNCERTAINTY_L1, ... (cl_kernels/shared.h) */
    /* stages */
    bc_stage_config pretrain, neuromorphic, crossmodality, crossdomain, supervised;
    /* [crossmodality] */
    bool ckd, fkd, filter;        /* terms and the uncertainty filter */
    float ckd_weight, fkd_weight; /* 0.01 each */
    float filter_quantile,
        filter_spike_quantile;    /* the RGB network certain below, the spike network uncertain above */
    bc_distillation distillation; /* what the fine term compares features by */
    bool distillation_decay;      /* the weights of both terms fall to 0 over the run */
    /* [crossdomain] */
    bc_epoch epoch;             /* a pass over what */
    bool scp, sca, source_loss; /* terms */
    float scp_weight, sca_weight, source_weight;
    float alpha, beta; /* EMA of the teacher, gradient reversal */
    float scp_quantile;
    float
        horizon; /* the teacher's, as a share of the run: alpha is 1 - 1 / (horizon * updates); 0: alpha itself */
    bc_scp_keep scp_keep;         /* what the quantile is taken over */
    int scp_views;                /* 2: the teacher is the mean of an image and its mirror image */
    float scp_mean, scp_softness; /* of the pseudo-label loss: weight of the mean, smoothness near zero */
    bool strong_view;             /* of the target, for the student */
    float scp_ramp;               /* share of the run over which scp_weight rises from 0 */
    bool calibrate;               /* source spikes get the noise and light that the target's show */
    bool warmup;
    int warmup_step;
    bool shared_head; /* one domain classifier for both domains */
    /* [eval] */
    bool whole_image;
    bool save_pictures;
} bc_config;

/* Published values where there are any (method.md 3); paper form; the built-in world; tiny model. */
void bc_config_defaults(bc_config *config);
/* Reads an INI file over what is there. An unknown section or key, or a value that does not parse or is out of range, is an error
 * that names it, its line's key, what is allowed, and the nearest known name. */
bc_status bc_config_read(bc_error *err, const char *path, bc_config *config);
/* "section.key=value". */
bc_status bc_config_set(bc_error *err, const char *assignment, bc_config *config);
/* What follows from other keys where it was not given: what published data sets bring (depth scales, crops, scene, input of an indoor
 * network), dmax from the scene, and all that run.method stands for. */
void bc_config_settle(bc_config *config);
/* Checks that belong to several keys at once (input sides multiples of 32, folder paths given, ...). */
bc_status bc_config_check(bc_error *err, const bc_config *config);
/* The settings of a stage that follow from run.method and are as it says, as "crossdomain.sca = false, ..."; empty when there are none.
 * Cut to `size`, like the next. */
void bc_config_implied(const bc_config *config, const char *stage, size_t size, char *text);
/* With method = code: the settings that a stage reads and that the released code has otherwise, or not at all; empty when there are
 * none, or with another method. */
void bc_config_departures(const bc_config *config, const char *stage, size_t size, char *text);
/* The same without what the results do not depend on: where a run is written, which words chose the device and its measured choices,
 * what is computed again instead of kept, what is looked at, and how many threads read ahead. */
bc_config bc_config_essence(const bc_config *config);
/* The whole configuration as INI text with a comment line per key; malloc'ed. */
bc_status bc_config_text(bc_error *err, const bc_config *config, char **text);

#endif
