/* The references of the method's operations: for operations.c, and for tests that need one by its name. */
#ifndef BC_BICROSS_REFERENCE_REFERENCES_H
#define BC_BICROSS_REFERENCE_REFERENCES_H

#include "net/reference/operations.h"

/* losses.c */
bc_reference bc_reference_sig_loss, bc_reference_ssi_loss, bc_reference_uncertainty_loss,
    bc_reference_info_nce_loss, bc_reference_feature_loss, bc_reference_divergence_loss,
    bc_reference_nll_loss;

/* masks.c */
bc_reference bc_reference_valid_mask, bc_reference_quantile_mask, bc_reference_mask_and, bc_reference_mask_or,
    bc_reference_mask_or_all;

/* views.c */
bc_reference bc_reference_view_mean, bc_reference_view_disagreement;

/* metrics.c */
bc_reference bc_reference_metric_sums, bc_reference_paste;

#endif
