/* Cross-domain: a student and its moving average (SCTS; method.md 2.7, 2.8, 2.9) on labelled source spikes and
 * unlabelled target spikes:
 *
 *   source_weight (L_depth + L_unc on source) + sca_weight L_SCA + scp_weight L_SCP
 *
 * each where its key says so (the released code has the last alone, or the two others: bicross/config/method.c).
 * Source and target go through the student as one batch (rows 0..b-1 source, b..2b-1 target): every normalisation in
 * the network is per sample, so this equals two passes (except in the front ends unet and usenet, whose BatchNorm then
 * sees both domains at once). The teacher sees the target as it is; the student sees it augmented.
 *
 * Its control, the stage of that name, is this with the first term alone, for as many updates. */
#include "bicross/data/streams.h"
#include "bicross/losses/views.h"
#include "bicross/train/ranks.h"
#include "bicross/train/supervision.h"
#include "bicross/train/trainer.h"

#include <math.h>

enum { DOMAIN_HIDDEN = 256, DOMAINS = 2 };

static bc_value *classify(bc_trainer *t, const char *name, bc_value *features) {
    bc_value *x = bc_gradient_reversal(t->graph, bc_global_pool(t->graph, features, NULL), t->config->beta);
    return bc_log_softmax(t->graph,
                          bc_projection_head(t->graph, t->heads, name, x, DOMAIN_HIDDEN, DOMAINS, true));
}

/* Label 0 for source, 1 for target. */
static bc_status describe_alignment(bc_trainer *t, bc_value *layer4) {
    int batch = t->share.count;
    bc_graph *g = t->graph;
    BC_TRY(bc_trainer_make_heads(t));
    bc_value *source, *target;
    if (t->config->shared_head) {
        bc_value *both = classify(t, "head_domain", layer4);
        source = bc_slice_batch(g, both, 0, batch);
        target = bc_slice_batch(g, both, batch, batch);
    } else {
        source = classify(t, "head_source", bc_slice_batch(g, layer4, 0, batch));
        target = classify(t, "head_target", bc_slice_batch(g, layer4, batch, batch));
    }
    bc_trainer_term(t, "sca_source", bc_nll_loss(g, source, 0), t->config->sca_weight, NULL);
    bc_trainer_term(t, "sca_target", bc_nll_loss(g, target, 1), t->config->sca_weight, NULL);
    return BC_OK;
}

/* What the teacher says of the target as it is, or of it and its mirror image together. */
static bc_status describe_teacher(bc_trainer *t, bc_value **depth, bc_value **uncertainty) {
    bc_graph *g = t->graph;
    bc_network teacher, mirrored;
    BC_TRY(bc_params_create(t->host, false, &t->teacher));
    t->teacher_words = bc_trainer_input(t, "teacher spikes", t->share.count, BC_SPIKE_WORDS);
    BC_TRY(bc_network_build(g, t->teacher, &t->model, t->teacher_words, false, &teacher));
    *depth = teacher.depth;
    *uncertainty = teacher.uncertainty;
    if (t->config->scp_views < 2)
        return BC_OK;
    t->mirrored_words = bc_trainer_input(t, "mirrored spikes", t->share.count, BC_SPIKE_WORDS);
    BC_TRY(bc_network_build(g, t->teacher, &t->model, t->mirrored_words, false, &mirrored));
    *depth = bc_view_mean(g, teacher.depth, mirrored.depth);
    *uncertainty =
        bc_view_disagreement(g, teacher.depth, mirrored.depth, teacher.uncertainty, mirrored.uncertainty);
    return BC_OK;
}

/* The most certain pixels: of all that are valid, or of each octave of depth below dmax. */
static bc_value *kept_labels(bc_trainer *t, bc_value *depth, bc_value *uncertainty, bc_value *valid,
                             const bc_window *window) {
    enum { OCTAVES = 7 };
    const bc_config *c = t->config;
    bc_graph *g = t->graph;
    if (c->scp_keep == BC_KEEP_QUANTILE)
        return bc_quantile_mask(g, uncertainty, valid, c->scp_quantile, true);
    bc_value *all = NULL;
    for (int i = 0; i < OCTAVES; i++) {
        float below = ldexpf(c->dmax, -i), above = i + 1 < OCTAVES ? 0.5f * below : BC_NEAREST;
        bc_value *octave = bc_range_mask(g, depth, above, below, window);
        bc_value *kept = bc_quantile_mask(g, uncertainty, octave, c->scp_quantile, true);
        all = all ? bc_mask_or(g, all, kept) : kept;
    }
    return all;
}

/* Pseudo-labels count for little while the teacher knows little of the target. */
static float pseudo_label_course(const bc_trainer *t) {
    return fminf((float)t->step / (t->config->scp_ramp * (float)t->steps), 1);
}

/* The teacher's depth where it is certain is the student's label. */
static bc_status describe_pseudo_labels(bc_trainer *t, bc_value *student_depth) {
    const bc_config *c = t->config;
    bc_graph *g = t->graph;
    bc_value *label, *uncertainty;
    BC_TRY(describe_teacher(t, &label, &uncertainty));
    bc_window window = bc_learning_window(c, c->input_height, c->input_width);
    bc_value *valid = bc_valid_mask(g, label, c->dmax, &window);
    bc_value *keep = kept_labels(t, label, uncertainty, valid, &window);
    bc_trainer_watch(t, "share_kept", keep, valid);
    bc_value *depth = bc_clamp_min(g, student_depth, BC_NEAREST);
    bc_trainer_term(t, "scp", bc_soft_sig_loss(g, depth, label, keep, c->scp_mean, c->scp_softness),
                    c->scp_weight, c->scp_ramp > 0 ? pseudo_label_course : NULL);
    return BC_OK;
}

static bc_status start(bc_trainer *t) {
    const char *weights = t->job->weights;
    if (!weights)
        return bc_fail(t->err, BC_E_ARGUMENT,
                       "%s needs the spike network's weights: train the stage crossmodality first",
                       bc_stage_name(t->job->stage));
    BC_TRY(bc_weights_load(t->student, weights));
    if (t->teacher)
        BC_TRY(bc_weights_load(t->teacher, weights));
    return bc_trainer_start_heads(t);
}

static bc_status open_samplers(bc_trainer *t) {
    const bc_train_job *job = t->job;
    uint32_t seed = (uint32_t)t->config->seed;
    if (bc_crossdomain_reads_source(t->config))
        BC_TRY(bc_sampler_open(t->err, seed, BC_STREAM_CROSSDOMAIN_SOURCE, job->source->count,
                               t->stage->batch, job->source->name, &t->source_order));
    /* A control does not read the target, but has as many updates as if it did. */
    if (bc_crossdomain_reads_target(job->config))
        BC_TRY(bc_sampler_open(t->err, seed, BC_STREAM_CROSSDOMAIN_TARGET, job->target->count,
                               t->stage->batch, job->target->name, &t->target_order));
    return BC_OK;
}

/* Looks at the target's spikes. */
static bc_status calibrate(bc_trainer *t) {
    BC_TRY(bc_sensor_estimate(t->job->target, t->err, BC_SENSOR_IMAGES, &t->sensor));
    return bc_trainer_use_sensor(t);
}

static bc_status crossdomain_describe(bc_trainer *t) {
    const bc_config *given = t->job->config;
    bool source = bc_crossdomain_reads_source(t->config), target = bc_crossdomain_reads_target(t->config);
    int batch = t->share.count;
    if (!bc_crossdomain_reads_source(given) && !bc_crossdomain_reads_target(given))
        return bc_fail(t->err, BC_E_ARGUMENT,
                       "[crossdomain] switches every term off: nothing would be trained");
    BC_TRY(bc_config_model(t->err, t->config, false, &t->model));
    BC_TRY(open_samplers(t));
    if (t->config->calibrate)
        BC_TRY(calibrate(t));
    BC_TRY(bc_params_create(t->host, true, &t->student));

    bc_value *words = bc_trainer_input(t, "spikes", batch * (source + target), BC_SPIKE_WORDS);
    t->source.spikes = t->target.spikes = words;
    bc_network net;
    BC_TRY(bc_network_build(t->graph, t->student, &t->model, words, true, &net));
    if (t->config->source_loss) {
        t->source.label = bc_trainer_label(t, "label", t->job->source, batch);
        bc_trainer_supervise(t, bc_slice_batch(t->graph, net.depth, 0, batch),
                             bc_slice_batch(t->graph, net.uncertainty, 0, batch), t->source.label,
                             t->config->source_weight);
    }
    if (t->config->sca)
        BC_TRY(describe_alignment(t, net.layer4));
    if (t->config->scp)
        BC_TRY(describe_pseudo_labels(t, bc_slice_batch(t->graph, net.depth, source ? batch : 0, batch)));
    BC_TRY(bc_graph_status(t->graph));
    return start(t);
}

static bc_status crossdomain_feed(bc_trainer *t) {
    bool source = bc_crossdomain_reads_source(t->config);
    bc_augment of_target = t->augment;
    of_target.sensor = false;
    of_target.strong = t->config->strong_view;
    if (source)
        BC_TRY(bc_trainer_fill(t, t->job->source, &t->source_order, &t->source, 0, &t->augment));
    if (bc_crossdomain_reads_target(t->config))
        BC_TRY(bc_trainer_fill(t, t->job->target, &t->target_order, &t->target, source ? t->share.count : 0,
                               &of_target));
    if (!t->config->scp)
        return BC_OK;
    /* The same flips, so that the pixels stay aligned, and nothing else. */
    bc_augment weak = {.flip = t->augment.flip, .seed = t->augment.seed};
    bc_batch batch = {.spikes = t->teacher_words};
    BC_TRY(bc_trainer_fill(t, t->job->target, &t->target_order, &batch, 0, &weak));
    if (!t->mirrored_words)
        return BC_OK;
    weak.mirror = true;
    batch.spikes = t->mirrored_words;
    return bc_trainer_fill(t, t->job->target, &t->target_order, &batch, 0, &weak);
}

/* Warm-up on the source with 0.1 of the supervised loss, warmup_step - 1 updates (the published loop breaks
 * when its counter arrives there). A graph of its own over the same parameters, gone when it is done. */
static bc_status warm_up(bc_trainer *t) {
    if (!t->config->warmup || t->config->warmup_step < 2)
        return BC_OK;
    bc_trainer warm = *t;
    warm.graph = NULL;
    warm.plan = NULL;
    warm.gradients = NULL;
    warm.term_count = 0;
    warm.source = (bc_batch){0};
    warm.heads = NULL;
    warm.source_order = (bc_sampler){0};
    bc_status status =
        bc_sampler_open(t->err, (uint32_t)t->config->seed, BC_STREAM_WARM_UP, t->job->source->count,
                        t->stage->batch, t->job->source->name, &warm.source_order);
    if (status != BC_OK || (status = bc_trainer_graph(t, &warm.graph)) != BC_OK)
        goto done;
    warm.source.spikes = bc_trainer_input(&warm, "spikes", t->share.count, BC_SPIKE_WORDS);
    warm.source.label = bc_trainer_label(&warm, "label", t->job->source, t->share.count);
    bc_network net;
    status = bc_network_build(warm.graph, t->student, &t->model, warm.source.spikes, true, &net);
    if (status != BC_OK)
        goto done;
    bc_trainer_supervise(&warm, net.depth, net.uncertainty, warm.source.label, 0.1f);
    status = bc_plan_create(warm.graph, BC_TRAIN, &warm.plan);
    if (status == BC_OK)
        status = bc_gradient_sum_create(t->share.team, warm.plan, &warm.student, 1,
                                        t->config->gradients == BC_STORAGE_HALF, &warm.gradients);
    for (warm.step = 0; status == BC_OK && warm.step < t->config->warmup_step - 1; warm.step++) {
        if ((status = bc_trainer_fill(&warm, t->job->source, &warm.source_order, &warm.source, 0,
                                      &t->augment)) == BC_OK &&
            (status = bc_plan_forward(warm.plan)) == BC_OK && (status = bc_trainer_backward(&warm)) == BC_OK)
            status = bc_trainer_update(&warm);
    }
done:
    bc_gradient_sum_release(warm.gradients);
    bc_plan_release(warm.plan);
    bc_graph_release(warm.graph);
    bc_sampler_close(&warm.source_order);
    return status != BC_OK ? status : bc_params_zero_grad(t->student);
}

/* Of the moving average: as given, or with a horizon that is a share of the run. */
static float teacher_alpha(const bc_trainer *t) {
    float updates = t->config->horizon * (float)t->steps;
    return t->config->horizon > 0 ? 1 - 1 / fmaxf(updates, 1) : t->config->alpha;
}

static bc_status crossdomain_after(bc_trainer *t) {
    if (t->teacher)
        BC_TRY(bc_ema_update(t->teacher, t->student, teacher_alpha(t)));
    return bc_ranks_follow(t, t->teacher);
}

const bc_stage_kind bc_crossdomain_kind = {.describe = crossdomain_describe,
                                           .feed = crossdomain_feed,
                                           .before = warm_up,
                                           .after = crossdomain_after};
