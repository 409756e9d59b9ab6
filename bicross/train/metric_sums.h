/* The sums over one map that the metrics are made of. */
#ifndef BC_BICROSS_TRAIN_METRIC_SUMS_H
#define BC_BICROSS_TRAIN_METRIC_SUMS_H

#include "net/graph/graph.h"

/* Over the pixels of the mask: their number, |y-d|/y, (y-d)^2/y, (y-d)^2, (ln y - ln d)^2, and how many have max(y/d, d/y) below 1.25,
 * 1.25^2 and 1.25^3; over all elements of d: how many are not finite. */
enum {
    BC_SUM_PIXELS,
    BC_SUM_ABSOLUTE,
    BC_SUM_RELATIVE_SQUARE,
    BC_SUM_SQUARE,
    BC_SUM_SQUARE_LOG,
    BC_SUM_CLOSE,
    BC_SUM_NOT_FINITE = BC_SUM_CLOSE + 3,
    BC_METRIC_SUMS
};
extern const bc_op bc_metric_sums_op; /* depth, label, mask */

/* depth, label and mask of one shape -> (1,1,1,BC_METRIC_SUMS). Forward only. */
bc_value *bc_metric_sums(bc_graph *g, bc_value *depth, bc_value *label, bc_value *mask);

#endif
