/* Adam, SGD with momentum, gradient-norm clipping, EMA, and learning-rate schedules. */
#ifndef BC_NET_STORE_OPTIMISER_H
#define BC_NET_STORE_OPTIMISER_H

#include "net/store/params.h"

typedef enum bc_optimiser_kind { BC_ADAM, BC_SGD } bc_optimiser_kind;

typedef struct bc_optimiser_options {
    bc_optimiser_kind kind;
    float beta1, beta2, epsilon; /* Adam: 0.9, 0.999, 1e-8 */
    float momentum;              /* SGD: 0.9 */
    float clip_norm;      /* 0: off; else gradients are scaled so that their global L2 norm is at most this */
    bool double_backbone; /* the released code's quirk: the backbone is updated twice a step, by a second
                             optimiser state at the scratch rate first (method.md 3) */
} bc_optimiser_options;

typedef struct bc_optimiser bc_optimiser;
bc_status bc_optimiser_create(bc_params *params, const bc_optimiser_options *options, bc_optimiser **out);
void bc_optimiser_release(bc_optimiser *optimiser);
/* One update with the learning rate of each group. The step count is inside. Enqueues only. */
bc_status bc_optimiser_step(bc_optimiser *optimiser, const float rate[BC_GROUP_COUNT]);
/* How many steps ago the gradient's norm was first not finite; -1: it always was (waits). */
bc_status bc_optimiser_bad_since(bc_optimiser *optimiser, long *steps_ago);
/* State for checkpoints: safetensors beside the weights. */
bc_status bc_optimiser_save(bc_optimiser *optimiser, const char *path);
bc_status bc_optimiser_load(bc_optimiser *optimiser, const char *path);

/* teacher <- alpha * teacher + (1-alpha) * student, over all parameters; same declarations on both sides. */
bc_status bc_ema_update(bc_params *teacher, const bc_params *student, float alpha);

/* PyTorch's ReduceLROnPlateau with its defaults: mode min, factor 0.1, patience 10, relative threshold 1e-4.
 */
typedef struct bc_plateau {
    float best;
    int bad_epochs, patience;
    float factor, threshold;
    float scale; /* multiply rates by this */
} bc_plateau;
void bc_plateau_init(bc_plateau *p);
void bc_plateau_step(bc_plateau *p, float metric);
/* Linear warm-up to 1 over `warm` steps, then half a cosine to 0 at `total`. step counts from 0. */
float bc_cosine_scale(long step, long warm, long total);

#endif
