/* What labels are compared with, and how. */
#ifndef BC_BICROSS_TRAIN_SUPERVISION_H
#define BC_BICROSS_TRAIN_SUPERVISION_H

#include "bicross/config/config.h"
#include "bicross/data/labels.h"

/* What [loss] depth says: SigLoss, or another; maps of one shape. */
bc_value *bc_supervised_depth_loss(bc_graph *graph, const bc_config *config, bc_value *depth, bc_value *label,
                                   bc_value *mask);

/* Two losses; NULL when the graph has failed. */
typedef struct bc_supervision {
    bc_value *depth, *uncertainty;
} bc_supervision;
/* Depth and uncertainty brought to the label's size (bicubic), and their losses on valid pixels, as [loss] says. NULL values (an earlier
 * failure of the graph) are let through. */
bc_supervision bc_supervise(bc_graph *graph, const bc_config *config, bc_value *depth, bc_value *uncertainty,
                            bc_value *label);

/* Where maps of this size are learned from and scored: the Garg crop, or everything when the configuration says so. */
bc_window bc_learning_window(const bc_config *config, int height, int width);
/* Labels of a batch: of the crop, where the data set has one. */
bc_shape bc_label_shape(const bc_dataset *dataset, int batch);
/* Which labels count. */
bc_label_range bc_label_range_of(const bc_config *config);

#endif
