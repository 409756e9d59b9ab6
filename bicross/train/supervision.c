/* Supervision as all stages and the validation have it. */
#include "bicross/train/supervision.h"

#include "net/ops/ops.h"

bc_window bc_learning_window(const bc_config *config, int height, int width) {
    return config->whole_image ? (bc_window){0, height, 0, width} : bc_garg_window(height, width);
}

bc_shape bc_label_shape(const bc_dataset *dataset, int batch) {
    int height = dataset->crop_height ? dataset->crop_height : dataset->height;
    int width = dataset->crop_width ? dataset->crop_width : dataset->width;
    return (bc_shape){batch, height, width, 1};
}

bc_label_range bc_label_range_of(const bc_config *config) {
    return (bc_label_range){config->dmax, config->whole_image};
}

bc_value *bc_supervised_depth_loss(bc_graph *g, const bc_config *config, bc_value *depth, bc_value *label,
                                   bc_value *mask) {
    if (config->depth_loss == BC_DEPTH_MSE)
        return bc_feature_loss(g, depth, label, mask);
    return config->depth_loss == BC_DEPTH_SSI ? bc_ssi_loss(g, depth, label, mask)
                                              : bc_sig_loss(g, depth, label, mask);
}

bc_supervision bc_supervise(bc_graph *g, const bc_config *config, bc_value *depth, bc_value *uncertainty,
                            bc_value *label) {
    if (!depth || !uncertainty || !label)
        return (bc_supervision){0};
    bc_shape size = label->shape;
    if (depth->shape.h != size.h || depth->shape.w != size.w) {
        /* Bicubic interpolation overshoots, even below zero. */
        depth = bc_clamp_min(g, bc_resize(g, depth, size.h, size.w, BC_RESIZE_BICUBIC), BC_NEAREST);
        uncertainty = bc_resize(g, uncertainty, size.h, size.w, BC_RESIZE_BICUBIC);
    }
    bc_window window = bc_learning_window(config, size.h, size.w);
    bc_value *mask = bc_valid_mask(g, label, config->dmax, &window);
    return (bc_supervision){
        bc_supervised_depth_loss(g, config, depth, label, mask),
        bc_uncertainty_loss(g, uncertainty, depth, label, mask, config->uncertainty_loss)};
}
