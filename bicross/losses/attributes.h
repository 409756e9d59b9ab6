/* The operations behind losses.h, and what their nodes carry beside their inputs: for those who go through all operations, and for
 * their references (bicross/reference). */
#ifndef BC_BICROSS_LOSSES_ATTRIBUTES_H
#define BC_BICROSS_LOSSES_ATTRIBUTES_H

#include "bicross/losses/losses.h"

extern const bc_op bc_ssi_loss_op;        /* depth, label, mask */
extern const bc_op bc_info_nce_loss_op;   /* r, s */
extern const bc_op bc_feature_loss_op;    /* a, b, mask or NULL */
extern const bc_op bc_divergence_loss_op; /* log p, log q, mask or NULL */

/* depth, label, mask */
typedef struct bc_sig_attributes {
    float mean_weight, softness;
} bc_sig_attributes;
extern const bc_op bc_sig_loss_op;

/* u, depth, label, mask */
typedef struct bc_uncertainty_attributes {
    int form;
} bc_uncertainty_attributes;
extern const bc_op bc_uncertainty_loss_op;

/* log probabilities */
typedef struct bc_nll_attributes {
    int label;
} bc_nll_attributes;
extern const bc_op bc_nll_loss_op;

/* label */
typedef struct bc_valid_attributes {
    bc_window window;
    float above, below;
} bc_valid_attributes;
extern const bc_op bc_valid_mask_op;

/* u, mask */
typedef struct bc_quantile_attributes {
    float quantile;
    bool keep_below;
} bc_quantile_attributes;
extern const bc_op bc_quantile_mask_op;

extern const bc_op bc_mask_and_op;    /* a, b */
extern const bc_op bc_mask_or_op;     /* a, b */
extern const bc_op bc_mask_or_all_op; /* mask */

#endif
