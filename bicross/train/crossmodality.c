/* Cross-modality: the frozen RGB network teaches the spike network on paired source data (CFKD;
 * method.md 2.4, 2.5, 2.6, 2.9): L_depth + L_unc + ckd_weight L_CKD + fkd_weight L_FKD.
 *
 * The filter distils where the RGB network is certain and the spike network is not: both
 * uncertainty maps are averaged over 16 x 16 pixels, the grid of path_4, and compared with their own quantile
 * over the batch. */
#include "bicross/data/streams.h"
#include "bicross/train/supervision.h"
#include "bicross/train/trainer.h"

enum { FEATURE_STRIDE = 16, PROJECTION_HIDDEN = 512, PROJECTION_OUT = 256 };

/* 1 on the cells of path_4's grid where the features are distilled; NULL: everywhere. */
static bc_value *distillation_mask(bc_trainer *t, const bc_network *rgb, const bc_network *spike) {
    if (!t->config->filter)
        return NULL;
    bc_graph *g = t->graph;
    bc_value *u_rgb = bc_average_pool(g, rgb->uncertainty, FEATURE_STRIDE);
    bc_value *u_spike = bc_average_pool(g, spike->uncertainty, FEATURE_STRIDE);
    if (!u_rgb || !u_spike)
        return NULL;
    /* Outside the crop the uncertainty was never trained. Predicted depth is positive, so only the crop
     * decides. */
    bc_window window = bc_learning_window(t->config, u_rgb->shape.h, u_rgb->shape.w);
    bc_value *depth = bc_average_pool(g, rgb->depth, FEATURE_STRIDE);
    bc_value *inside = bc_valid_mask(g, depth, 1e9f, &window);
    bc_value *certain = bc_quantile_mask(g, u_rgb, inside, t->config->filter_quantile, true);
    bc_value *uncertain = bc_quantile_mask(g, u_spike, inside, t->config->filter_spike_quantile, false);
    bc_value *both = bc_mask_and(g, certain, uncertain);
    bc_trainer_watch(t, "share_distilled", both, inside);
    return both;
}

static bc_value *project(bc_trainer *t, const char *name, bc_value *layer4, bc_value *weight) {
    bc_value *pooled = bc_global_pool(t->graph, layer4, weight);
    return bc_projection_head(t->graph, t->heads, name, pooled, PROJECTION_HIDDEN, PROJECTION_OUT, true);
}

/* Both terms fade to 0 over the run when that is asked for: by whole epochs, as in the released code's comments, or by updates where
 * these decide how long it is. */
static float distillation_course(const bc_trainer *t) {
    long unit = t->stage->steps > 0 ? 1 : t->steps_per_epoch;
    return 1 - (float)(t->step - t->step % unit) / (float)t->steps;
}

/* Of path_4. kld: the features of a cell are taken for logits of a distribution over channels, p of the student and q of the teacher:
 * sum over kept cells of sum_c q_c (ln q_c - ln p_c), over their number. */
static bc_value *fine_loss(bc_trainer *t, bc_value *student, bc_value *teacher, bc_value *mask) {
    bc_graph *g = t->graph;
    return t->config->distillation == BC_DISTIL_KLD
               ? bc_divergence_loss(g, bc_log_softmax(g, student), bc_log_softmax(g, teacher), mask)
               : bc_feature_loss(g, student, teacher, mask);
}

static bc_status describe_distillation(bc_trainer *t, const bc_network *rgb, const bc_network *spike) {
    const bc_config *c = t->config;
    bc_value *mask = distillation_mask(t, rgb, spike);
    bc_course *course = c->distillation_decay ? distillation_course : NULL;
    if (c->ckd) {
        BC_TRY(bc_trainer_make_heads(t));
        bc_value *weight =
            mask ? bc_average_pool(t->graph, bc_mask_or_all(t->graph, mask), 2) : NULL; /* layer_4's grid */
        bc_value *r = project(t, "head_rgb", rgb->layer4, weight);
        bc_value *s = project(t, "head_spike", spike->layer4, weight);
        bc_value *loss = bc_info_nce_loss(t->graph, bc_whole_batch(t->graph, r), bc_whole_batch(t->graph, s));
        bc_trainer_term(t, "ckd", loss, c->ckd_weight, course);
    }
    if (c->fkd)
        bc_trainer_term(t, "fkd", fine_loss(t, spike->path4, rgb->path4, mask), c->fkd_weight, course);
    return BC_OK;
}

/* Both networks start from the stage pretrain; the student's stem is drawn anew, or made from the RGB stem. */
static bc_status start(bc_trainer *t) {
    const char *weights = t->job->weights;
    if (!weights)
        return bc_fail(t->err, BC_E_ARGUMENT,
                       "crossmodality needs the RGB network's weights: train the stage pretrain first");
    BC_TRY(bc_weights_load(t->teacher, weights));
    BC_TRY(bc_trainer_start(t, weights));
    return bc_trainer_start_heads(t);
}

static bc_status crossmodality_describe(bc_trainer *t) {
    bc_dataset *source = t->job->source;
    int batch = t->share.count;
    bc_model rgb_model;
    BC_TRY(bc_config_model(t->err, t->config, true, &rgb_model));
    BC_TRY(bc_config_model(t->err, t->config, false, &t->model));
    BC_TRY(bc_sampler_open(t->err, (uint32_t)t->config->seed, BC_STREAM_CROSSMODALITY, source->count,
                           t->stage->batch, source->name, &t->source_order));
    BC_TRY(bc_params_create(t->host, true, &t->student));
    BC_TRY(bc_params_create(t->host, false, &t->teacher));

    t->source.rgb = bc_trainer_input(t, "rgb", batch, 3);
    t->source.spikes = bc_trainer_input(t, "spikes", batch, BC_SPIKE_WORDS);
    t->source.label = bc_trainer_label(t, "label", source, batch);
    bc_network rgb, spike;
    BC_TRY(bc_network_build(t->graph, t->teacher, &rgb_model, t->source.rgb, false, &rgb));
    BC_TRY(bc_network_build(t->graph, t->student, &t->model, t->source.spikes, true, &spike));
    bc_trainer_supervise(t, spike.depth, spike.uncertainty, t->source.label, 1.0f);
    BC_TRY(describe_distillation(t, &rgb, &spike));
    BC_TRY(bc_graph_status(t->graph));
    return start(t);
}

static bc_status crossmodality_feed(bc_trainer *t) {
    return bc_trainer_fill(t, t->job->source, &t->source_order, &t->source, 0, &t->augment);
}

const bc_stage_kind bc_crossmodality_kind = {.describe = crossmodality_describe, .feed = crossmodality_feed};
