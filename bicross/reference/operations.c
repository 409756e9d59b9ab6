#include "bicross/reference/operations.h"

#include "bicross/losses/attributes.h"
#include "bicross/losses/views.h"
#include "bicross/reference/references.h"
#include "bicross/train/metric_sums.h"
#include "bicross/train/paste.h"

const bc_operation bc_method_operations[] = {
    {&bc_sig_loss_op, bc_reference_sig_loss, NULL},
    {&bc_ssi_loss_op, bc_reference_ssi_loss, NULL},
    {&bc_uncertainty_loss_op, bc_reference_uncertainty_loss, NULL},
    {&bc_info_nce_loss_op, bc_reference_info_nce_loss, NULL},
    {&bc_feature_loss_op, bc_reference_feature_loss, NULL},
    {&bc_divergence_loss_op, bc_reference_divergence_loss, NULL},
    {&bc_nll_loss_op, bc_reference_nll_loss, NULL},
    {&bc_valid_mask_op, bc_reference_valid_mask, NULL},
    {&bc_quantile_mask_op, bc_reference_quantile_mask, NULL},
    {&bc_mask_and_op, bc_reference_mask_and, NULL},
    {&bc_mask_or_op, bc_reference_mask_or, NULL},
    {&bc_view_mean_op, bc_reference_view_mean, NULL},
    {&bc_view_disagreement_op, bc_reference_view_disagreement, NULL},
    {&bc_mask_or_all_op, bc_reference_mask_or_all, NULL},
    {&bc_metric_sums_op, bc_reference_metric_sums, NULL},
    {&bc_paste_op, bc_reference_paste, NULL},
    {0},
};

static const bc_operation *take(const bc_operation *list, int *index) {
    for (; list->op; list++)
        if ((*index)-- == 0)
            return list;
    return NULL;
}

const bc_operation *bc_operation_at(int index) {
    const bc_operation *found = take(bc_net_operations, &index);
    return found ? found : take(bc_method_operations, &index);
}
