/* Two views of one image, the second mirrored left to right, as one teacher (cross-domain). */
#ifndef BC_BICROSS_LOSSES_VIEWS_H
#define BC_BICROSS_LOSSES_VIEWS_H

#include "net/graph/graph.h"

extern const bc_op bc_view_mean_op; /* a, mirrored b */
extern const bc_op
    bc_view_disagreement_op; /* depth a, mirrored depth b, uncertainty a, mirrored uncertainty b */

/* Maps (n,h,w,1). The geometric mean of two positive depth maps, of which b is of the mirrored image: a depth map of a's. Forward only. */
bc_value *bc_view_mean(bc_graph *g, bc_value *a, bc_value *b);
/* How uncertain both are together: the mean of their uncertainties and |ln a - ln b| of their depths. Forward only. */
bc_value *bc_view_disagreement(bc_graph *g, bc_value *depth_a, bc_value *depth_b, bc_value *uncertainty_a,
                               bc_value *uncertainty_b);

#endif
