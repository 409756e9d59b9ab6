/* list_kernels FOLDER: every kernel that the program can ask for, without a device and without compiling any.
 *
 * Runs operations, networks, training, evaluation, spikes and the built-in world on a CPU and on a GPU that compute nothing
 * (list_kernels_opencl.c). FOLDER, which must exist, receives kernels.txt (list_write), the sources as the host hands them
 * over, and under runs/ what training writes. vendor_notes/offline.py compiles the list. */
#include "tests/list_kernels.h"
#include "apps/bench/bench.h"
#include "bicross/losses/losses.h"
#include "bicross/reference/operations.h"
#include "bicross/train/evaluate.h"
#include "bicross/train/train.h"
#include "host/open.h"
#include "net/reference/check.h"
#include "net/store/optimiser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 64, BATCH = 2, SAMPLES = 4 };

static bc_error error;
static const char *folder;

static void need(bc_status status) {
    if (status != BC_OK)
        list_fail("%s", error.text);
}

/* --- a network with every loss, trained and used: for presets too large to be saved many times --- */

static void add_losses(bc_graph *g, bc_params *params, const bc_network *net) {
    bc_value *label = bc_graph_input(g, "label", net->depth->shape);
    bc_value *mask = bc_valid_mask(g, label, 80, NULL);
    bc_graph_loss(g, bc_sig_loss(g, net->depth, label, mask), 1);
    bc_graph_loss(g, bc_uncertainty_loss(g, net->uncertainty, net->depth, label, mask, BC_UNCERTAINTY_L1), 1);
    bc_graph_loss(g, bc_feature_loss(g, net->path4, bc_gradient_reversal(g, net->path4, 1), NULL), 1);
    bc_value *pooled = bc_global_pool(g, net->layer4, NULL);
    bc_value *r = bc_projection_head(g, params, "r", pooled, 512, 256, true);
    bc_value *classes = bc_projection_head(g, params, "c", pooled, 256, 2, true);
    bc_graph_loss(g, bc_info_nce_loss(g, r, r), 1);
    bc_graph_loss(g, bc_nll_loss(g, bc_log_softmax(g, classes), 1), 1);
}

/* share: of a team's batch, or NULL */
static void run_network(bc_host *host, const bc_model *model, int batch, int side, bool train,
                        const bc_share *share) {
    bc_graph *graph;
    bc_plan *plan;
    bc_params *params;
    bc_optimiser *optimiser;
    bc_network net;
    bool spikes = model->input_channels == BC_SPIKE_FRAMES;
    need(bc_graph_create(host, &graph));
    if (share)
        bc_graph_share(graph, share);
    need(bc_params_create(host, train, &params));
    bc_value *x = bc_graph_input(graph, "x", (bc_shape){batch, side, side, spikes ? BC_SPIKE_WORDS : 3});
    need(bc_network_build(graph, params, model, x, train, &net));
    if (train)
        add_losses(graph, params, &net);
    bc_graph_keep(graph, net.depth);
    bc_graph_keep(graph, net.uncertainty);
    need(bc_params_allocate(params));
    need(bc_params_initialise(params, 1));
    need(bc_plan_create(graph, train ? BC_TRAIN : BC_INFER, &plan));
    need(bc_plan_forward(plan));
    if (train) {
        bc_optimiser_options options = {.kind = BC_ADAM, .clip_norm = 1};
        need(bc_plan_backward(plan));
        need(bc_optimiser_create(params, &options, &optimiser));
        need(bc_optimiser_step(optimiser, (float[BC_GROUP_COUNT]){0}));
        bc_optimiser_release(optimiser);
    }
    bc_plan_release(plan);
    bc_graph_release(graph);
    bc_params_release(params);
}

static void run_networks(bc_host *host, bc_preset preset) {
    /* Kernels are chosen by the sizes of maps: the smallest input, the published ones, and a batch of small maps. */
    static const struct { int batch, side; } cases[] = {{2, SIDE}, {8, 192}, {2, 224}, {2, 384}};
    bc_model model;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int front = -1; front <= BC_FRONT_USENET; front++) {
            bool rgb = front < 0;
            need(bc_model_preset(&error, preset, BC_OUTDOOR, rgb ? 3 : BC_SPIKE_FRAMES, &model));
            model.front_end = rgb ? BC_FRONT_PLAIN : (bc_front_end)front;
            bc_share share = list_share(cases[i].batch);
            run_network(host, &model, cases[i].batch, cases[i].side, true, NULL);
            run_network(host, &model, cases[i].batch, cases[i].side, false, NULL);
            if (i == 0)
                run_network(host, &model, cases[i].batch, cases[i].side, true, &share);
        }
}

/* --- every operation by itself: what no network asks for is found here --- */

static void run_operations(bc_host *host) {
    const bc_operation *o;
    bc_check ignored[BC_CHECKS]; /* nothing is computed here */
    int count;
    for (int i = 0; (o = bc_operation_at(i)) != NULL; i++)
        for (const bc_op_case *c = o->op->cases; c->label; c++)
            if (c->use == BC_CASE_TINY)
                need(bc_check_case(host, o, c, BC_CHECKS, ignored, &count));
}

/* --- training and evaluation --- */

/* The device renders zeros, which are no labels: 1 m everywhere, kept with the samples, stands for the depth. */
static bc_dataset *open_world(bc_host *host, bc_domain domain, int height, int width) {
    bc_dataset *dataset;
    const bc_sample *sample;
    need(bc_world_open(host, BC_SYN2REAL, domain, BC_SPLIT_TRAIN, 1, SAMPLES, height, width, &dataset));
    for (int i = 0; i < SAMPLES; i++) {
        need(bc_dataset_get(dataset, &error, i, &sample));
        for (int p = 0; p < height * width; p++)
            sample->depth[p] = 1;
    }
    return dataset;
}

static bc_config configuration(bc_method method, bc_optimiser_kind optimiser) {
    bc_config c;
    bc_config_defaults(&c);
    c.input_height = c.input_width = SIDE;
    c.flip = true;
    c.colour = c.thin = c.dark = c.fixed_pattern = 0.1f;
    c.warmup = c.strong_view = true;
    c.warmup_step = 3;
    c.ckd = c.fkd = c.filter = c.scp = c.sca = c.source_loss = true;
    c.method = method;
    bc_stage_config stage = {
        .steps = 1, .batch = BATCH, .schedule = BC_SCHEDULE_CONSTANT, .optimiser = optimiser, .clip_norm = 1};
    c.pretrain = c.neuromorphic = c.crossmodality = c.crossdomain = c.supervised = stage;
    return c;
}

static bc_status see_image(void *user, const bc_evaluated *image) {
    (void)user;
    (void)image;
    return BC_OK;
}

static void evaluate(bc_host *host, const bc_config *config, const char *weights, bc_dataset *dataset) {
    bc_trained trained;
    bc_scores scores;
    need(bc_trained_open(host, config, weights, &trained));
    bc_evaluate_options options = {.rgb = trained.rgb,
                                   .input_height = config->input_height,
                                   .input_width = config->input_width,
                                   .dmax = config->dmax,
                                   .each = see_image};
    /* All is launched before it turns out that a device which computes nothing counts no label. */
    if (bc_evaluate(host, trained.params, &trained.model, dataset, &options, &scores) != BC_E_FORMAT)
        list_fail("expected an evaluation without a label, found: %s", error.text);
    bc_error_clear(&error);
    bc_trained_close(&trained);
}

/* All stages, each from those before it, on images of this size. */
static void train_stages(bc_host *host, const bc_config *config, int height, int width) {
    char folders[BC_STAGE_COUNT][512], weights[BC_STAGE_COUNT][600];
    bc_dataset *source = open_world(host, BC_SOURCE, height, width);
    bc_dataset *target = open_world(host, BC_TARGET, height, width);
    for (int s = 0; s < BC_STAGE_COUNT; s++) {
        snprintf(folders[s], sizeof folders[s], "%s/runs/%s", folder, bc_stage_name((bc_stage)s));
        snprintf(weights[s], sizeof weights[s], "%s/weights.safetensors", folders[s]);
        bc_stage before;
        bc_train_job job = {.stage = (bc_stage)s,
                            .config = config,
                            .source = source,
                            .target = target,
                            .folder = folders[s],
                            .weights = bc_stage_before((bc_stage)s, &before) ? weights[before] : NULL,
                            .overwrite = true};
        need(bc_train(host, &job));
        evaluate(host, config, weights[s], target);
    }
    bc_dataset_release(source);
    bc_dataset_release(target);
}

static void run_training(bc_host *host) {
    bc_config paper = configuration(BC_METHOD_PAPER, BC_ADAM), code = configuration(BC_METHOD_CODE, BC_SGD);
    code.scp = false; /* with it, the code's form has no other term */
    code.storage = BC_STORAGE_HALF;
    bc_config_settle(&code);
    /* Labels whose pixels are a multiple of 16, of 4 only, and of neither. */
    train_stages(host, &paper, SIDE, SIDE);
    train_stages(host, &code, 66, 70);
    train_stages(host, &paper, 67, 69);
}

/* --- spikes --- */

static void run_spikes(bc_host *host) {
    enum { FRAMES = 128, COUNT = 2 };
    float *images = calloc((size_t)COUNT * SIDE * SIDE, sizeof *images);
    bc_spike_stream stream;
    bc_simulator sensors[] = {bc_simulator_ideal(), bc_simulator_sensor()};
    if (!images)
        list_fail("no memory");
    for (int i = 0; i < 2; i++) {
        need(bc_simulate_stream(host, images, COUNT, SIDE, SIDE, FRAMES, &sensors[i], 1, &stream));
        need(bc_spike_rate(host, &stream, 0, FRAMES, images));
        need(bc_spike_interval(host, &stream, FRAMES / 2, FRAMES / 2, images));
        bc_spikes_release(&stream);
    }
    bc_filming filming = bc_filming_plain();
    filming.interpolation = BC_INTERPOLATE_MOTION;
    need(bc_simulate_video(host, &(bc_video){COUNT, SIDE, SIDE, images}, &filming, NULL, 1, &stream));
    bc_spikes_release(&stream);
    free(images);
}

/* --- what only the bench launches --- */

static void run_ceilings(bc_host *host) {
    bench b = {.host = host, .err = &error};
    need(bench_ceilings(&b));
}

static void run_all(bool gpu, bc_gemm_provider gemm) {
    bc_host *host;
    list_device(gpu);
    need(bc_host_open(&(bc_host_options){.cache_dir = "", .gemm = gemm}, &error, &host));
    run_operations(host);
    run_networks(host, BC_TINY);
    run_networks(host, BC_HYBRID);
    run_training(host);
    run_spikes(host);
    run_ceilings(host);
    bc_host_close(host);
}

int main(int count, char **arguments) {
    if (count != 2)
        list_fail("usage: list_kernels FOLDER");
    folder = arguments[1];
    unsetenv("BICROSS_KERNELS");
    unsetenv("BICROSS_DEVICE");
    list_open(folder);
    run_all(false, BC_GEMM_PANEL);
    run_all(true, BC_GEMM_LOCAL);
    if (strcmp(bc_clblast_version(), "none") != 0)
        run_all(true, BC_GEMM_CLBLAST);
    run_all(true, BC_GEMM_PANEL);
    list_write();
    list_close();
    return EXIT_SUCCESS;
}
