/* Small heads on a pooled vector: CKD's projections and SCA's domain classifier. */
#include "net/models/layers.h"

bc_value *bc_projection_head(bc_graph *g, bc_params *params, const char *prefix, bc_value *x, int hidden,
                             int out, bool training) {
    char path[BC_NAME];
    bc_layers l = {.graph = g, .params = params, .training = training};
    x = bc_layer_linear(&l, bc_name(path, "%s.0", prefix), x, hidden, true);
    x = bc_relu(g, bc_layer_batch_norm(&l, bc_name(path, "%s.1", prefix), x));
    return bc_layer_linear(&l, bc_name(path, "%s.3", prefix), x, out, true);
}
