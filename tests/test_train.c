/* Training end to end at a tiny size: all stages and forms, equal bits for equal seeds, resuming, and what
 * may go wrong. */
#include "bicross/train/evaluate.h"
#include "bicross/train/runlog.h"
#include "bicross/train/sources.h"
#include "bicross/train/train.h"
#include "host/base/random.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEIGHT = 32, WIDTH = 64, SAMPLES = 6 };

/* A slanted plane under random light: enough to learn something from. */
static bc_status toy_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    (void)err;
    bc_random random = {.seed = (uint32_t)index, .stream = 99};
    size_t pixels = (size_t)HEIGHT * WIDTH;
    *out = (bc_sample){.height = HEIGHT, .width = WIDTH};
    snprintf(out->name, sizeof out->name, "toy %d", index);
    out->rgb = malloc(pixels * 3);
    out->spikes = malloc(pixels * BC_SPIKE_WORDS * sizeof(uint32_t));
    out->depth = dataset->has_depth ? malloc(pixels * sizeof(float)) : NULL;
    float near = bc_random_range(&random, 3, 6);
    for (size_t i = 0; i < pixels; i++) {
        float light = 0.2f + 0.6f * (float)(i / WIDTH) / HEIGHT;
        for (int c = 0; c < 3; c++)
            out->rgb[3 * i + (size_t)c] = (uint8_t)(255 * light);
        for (int k = 0; k < BC_SPIKE_WORDS; k++) {
            uint32_t word = 0;
            for (int b = 0; b < 32; b++)
                word |= (uint32_t)(bc_random_uniform(&random) < light) << b;
            out->spikes[i * BC_SPIKE_WORDS + (size_t)k] = word;
        }
        if (out->depth)
            out->depth[i] = near / light;
    }
    return BC_OK;
}

static void toy_release(bc_dataset *dataset) {
    free(dataset);
}

static bc_dataset *toy(bool labelled) {
    bc_dataset *d = calloc(1, sizeof *d);
    *d = (bc_dataset){.count = SAMPLES, .has_rgb = true, .has_depth = labelled, .has_spikes = true};
    snprintf(d->name, sizeof d->name, "toy data");
    d->height = HEIGHT;
    d->width = WIDTH;
    d->load = toy_load;
    d->release = toy_release;
    d->cache = calloc(SAMPLES, sizeof(bc_sample));
    return d;
}

static bc_config small_config(void) {
    bc_config c;
    bc_config_defaults(&c);
    c.input_height = HEIGHT;
    c.input_width = WIDTH;
    c.flip = true;
    c.thin = 0.3f;
    bc_stage_config stage = {.steps = 4,
                             .batch = 2,
                             .lr_backbone = 1e-3f,
                             .lr_scratch = 1e-3f,
                             .lr_heads = 1e-3f,
                             .schedule = BC_SCHEDULE_COSINE,
                             .rate_warmup = 1,
                             .optimiser = BC_ADAM,
                             .clip_norm = 1.0f,
                             .checkpoint_every = 100};
    c.pretrain = c.neuromorphic = c.crossmodality = c.crossdomain = c.supervised = stage;
    return c;
}

typedef struct fixture {
    bc_config config;
    bc_dataset *source, *target;
    char folder[256];
} fixture;

static void open_fixture(fixture *f, const char *name) {
    f->config = small_config();
    f->source = toy(true);
    f->target = toy(false);
    snprintf(f->folder, sizeof f->folder, "%s/%s", test_folder(), name);
}

static void close_fixture(fixture *f) {
    bc_dataset_release(f->source);
    bc_dataset_release(f->target);
}

static bc_train_job job_of(fixture *f, bc_stage stage) {
    return (bc_train_job){
        .stage = stage, .config = &f->config, .source = f->source, .target = f->target, .folder = f->folder};
}

static void in_folder(const fixture *f, const char *name, char path[400]) {
    snprintf(path, 400, "%s/%s", f->folder, name);
}

/* Trains a stage from `weights` into its own folder and returns the path of its weights. */
static void train(fixture *f, const char *folder, bc_stage stage, const char *weights, char path[400]) {
    snprintf(f->folder, sizeof f->folder, "%s/%s", test_folder(), folder);
    bc_train_job job = job_of(f, stage);
    job.weights = weights;
    ck_ok(bc_train(test_host(), &job));
    in_folder(f, "weights.safetensors", path);
    ck_assert(bc_file_exists(path));
}

static void assert_same_file(const char *a, const char *b, bool same) {
    uint8_t *x, *y;
    size_t nx, ny;
    ck_ok(bc_file_read(&test_error, a, &x, &nx));
    ck_ok(bc_file_read(&test_error, b, &y, &ny));
    ck_assert_msg((nx == ny && memcmp(x, y, nx) == 0) == same, "%s and %s should %sbe equal", a, b,
                  same ? "" : "not ");
    free(x);
    free(y);
}

/* The header says how the network was trained; this compares what came out. */
static void assert_same_tensors(const char *a, const char *b, bool same) {
    uint8_t *x, *y;
    size_t nx, ny;
    uint64_t hx, hy;
    ck_ok(bc_file_read(&test_error, a, &x, &nx));
    ck_ok(bc_file_read(&test_error, b, &y, &ny));
    memcpy(&hx, x, sizeof hx);
    memcpy(&hy, y, sizeof hy);
    ck_assert_msg((nx - hx == ny - hy && memcmp(x + 8 + hx, y + 8 + hy, nx - hx - 8) == 0) == same,
                  "the tensors of %s and %s should %sbe equal", a, b, same ? "" : "not ");
    free(x);
    free(y);
}

START_TEST(test_all_stages_twice_give_equal_bits) {
    fixture f;
    char rgb[2][400], mono[2][400], cross[2][400];
    for (int run = 0; run < 2; run++) {
        open_fixture(&f, "bits");
        char name[3][32];
        for (int k = 0; k < 3; k++)
            snprintf(name[k], sizeof name[k], "bits-%d-%d", run, k);
        train(&f, name[0], BC_PRETRAIN, NULL, rgb[run]);
        train(&f, name[1], BC_CROSSMODALITY, rgb[run], mono[run]);
        f.config.scp = f.config.sca = f.config.source_loss = f.config.strong_view = true;
        train(&f, name[2], BC_CROSSDOMAIN, mono[run], cross[run]);
        close_fixture(&f);
    }
    assert_same_file(rgb[0], rgb[1], true);
    assert_same_file(mono[0], mono[1], true);
    assert_same_file(cross[0], cross[1], true);
    assert_same_file(mono[0], cross[0], false);
}
END_TEST

START_TEST(test_code_forms_and_single_terms) {
    fixture f;
    char rgb[400], mono[400], out[400];
    open_fixture(&f, "forms");
    f.config.pretrain.steps = f.config.crossmodality.steps = f.config.crossdomain.steps = 2;
    f.config.method = BC_METHOD_CODE;
    bc_config_settle(&f.config);
    ck_assert(f.config.crossmodality.double_backbone && !f.config.filter);
    train(&f, "forms-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "forms-mono", BC_CROSSMODALITY, rgb, mono);
    ck_assert(f.config.scp && !f.config.sca && !f.config.source_loss); /* mean teacher: needs no source */
    train(&f, "forms-teacher", BC_CROSSDOMAIN, mono, out);
    f.config.scp = false; /* adversarial */
    f.config.sca = f.config.source_loss = true;
    train(&f, "forms-adversarial", BC_CROSSDOMAIN, mono, out);
    f.config.sca = false; /* the source-only control */
    f.config.warmup = false;
    train(&f, "forms-control", BC_CROSSDOMAIN, mono, out);
    f.config.stem_init = BC_STEM_INFLATED;
    f.config.ckd = false;
    train(&f, "forms-inflated", BC_CROSSMODALITY, rgb, out);
    close_fixture(&f);
}
END_TEST

/* The source is seen as it is, by whom it teaches and in the warm-up. */
START_TEST(test_strong_views_are_of_the_target_alone) {
    fixture f;
    char rgb[400], mono[400], out[2][2][400];
    open_fixture(&f, "views");
    f.config.pretrain.steps = f.config.crossmodality.steps = f.config.crossdomain.steps = 2;
    train(&f, "views-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "views-mono", BC_CROSSMODALITY, rgb, mono);
    f.config.sca = false;
    for (int target = 0; target < 2; target++) {
        f.config.scp = target;
        f.config.source_loss = !target;
        for (int strong = 0; strong < 2; strong++) {
            char name[32];
            snprintf(name, sizeof name, "views-%d-%d", target, strong);
            f.config.strong_view = strong;
            train(&f, name, BC_CROSSDOMAIN, mono, out[target][strong]);
        }
        assert_same_tensors(out[target][0], out[target][1], !target);
    }
    close_fixture(&f);
}
END_TEST

/* --- losses and weights that are chosen --- */

/* What the log has for `name` after this update; NAN: nothing. */
static float logged(const fixture *f, const char *name, long step) {
    uint8_t *csv;
    size_t bytes;
    char path[400], start[64];
    in_folder(f, "log.csv", path);
    snprintf(start, sizeof start, "%ld,%s,", step, name);
    ck_ok(bc_file_read(&test_error, path, &csv, &bytes));
    float value = NAN;
    for (char *line = strtok((char *)csv, "\n"); line; line = strtok(NULL, "\n"))
        if (strncmp(line, start, strlen(start)) == 0)
            value = strtof(line + strlen(start), NULL);
    free(csv);
    return value;
}

START_TEST(test_losses_are_chosen) {
    fixture f;
    char rgb[400], mono[400], out[400];
    open_fixture(&f, "losses");
    f.config.pretrain.steps = f.config.crossmodality.steps = f.config.crossdomain.steps = 2;
    f.config.depth_loss = BC_DEPTH_MSE;
    f.config.uncertainty_loss = BC_UNCERTAINTY_L2;
    train(&f, "losses-rgb", BC_PRETRAIN, NULL, rgb);
    ck_assert(logged(&f, "mse", 2) > 0 && isnan(logged(&f, "sig", 2)));
    f.config.depth_loss = BC_DEPTH_SSI;
    f.config.uncertainty_loss = BC_UNCERTAINTY_L1LOG;
    f.config.distillation = BC_DISTIL_KLD;
    train(&f, "losses-mono", BC_CROSSMODALITY, rgb, mono);
    ck_assert(logged(&f, "ssi", 2) > 0 && logged(&f, "fkd", 2) >= 0);
    train(&f, "losses-cross", BC_CROSSDOMAIN, mono, out);
    ck_assert(logged(&f, "ssi", 2) > 0);
    close_fixture(&f);
}
END_TEST

static void expect_total(const fixture *f, long step, const char *const names[], const float weights[],
                         int count) {
    float total = 0;
    for (int i = 0; i < count; i++)
        total += weights[i] * logged(f, names[i], step);
    ck_assert_float_eq_tol(logged(f, "total", step), total, 1e-4f * total);
}

/* The last update of four has 1 - 3/4 of the weights of distillation; with two epochs of three updates the last has 1 - 1/2. */
START_TEST(test_distillation_decays) {
    static const char *const names[] = {"sig", "uncertainty", "ckd", "fkd"};
    fixture f;
    char rgb[400], out[400];
    open_fixture(&f, "decay");
    f.config.pretrain.steps = 2;
    f.config.distillation_decay = true;
    f.config.ckd_weight = f.config.fkd_weight = 8;
    train(&f, "decay-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "decay-steps", BC_CROSSMODALITY, rgb, out);
    expect_total(&f, 4, names, (const float[]){1, 1, 2, 2}, 4);
    f.config.crossmodality.steps = 0;
    f.config.crossmodality.epochs = 2;
    train(&f, "decay-epochs", BC_CROSSMODALITY, rgb, out);
    expect_total(&f, 6, names, (const float[]){1, 1, 4, 4}, 4);
    close_fixture(&f);
}
END_TEST

/* The last update of four has 3/4 of the weight; the first has none of it. */
START_TEST(test_pseudo_labels_rise) {
    static const char *const names[] = {"sig", "uncertainty", "sca_source", "sca_target", "scp"};
    fixture f;
    char rgb[400], mono[400], rising[400], without[400];
    open_fixture(&f, "ramp");
    f.config.pretrain.steps = f.config.crossmodality.steps = 2;
    train(&f, "ramp-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "ramp-mono", BC_CROSSMODALITY, rgb, mono);
    f.config.scp_ramp = 1;
    f.config.scp_weight = 8;
    train(&f, "ramp-whole", BC_CROSSDOMAIN, mono, rising);
    expect_total(&f, 4, names, (const float[]){1, 1, 0.1f, 0.1f, 6}, 5);
    f.config.crossdomain.steps = 1;
    train(&f, "ramp-first", BC_CROSSDOMAIN, mono, rising);
    f.config.scp_ramp = 0;
    f.config.scp_weight = 0;
    train(&f, "ramp-without", BC_CROSSDOMAIN, mono, without);
    assert_same_tensors(rising, without, true);
    close_fixture(&f);
}
END_TEST

START_TEST(test_spike_runs_with_front_ends) {
    fixture f;
    char out[400];
    open_fixture(&f, "fronts");
    f.config.neuromorphic.steps = 2;
    for (int i = 0; i < (test_tiny() ? 2 : 4); i++) {
        f.config.front_end = (bc_front_end)i;
        train(&f, bc_front_end_words[i], BC_NEUROMORPHIC, NULL, out);
    }
    close_fixture(&f);
}
END_TEST

/* Whether a tensor of a stage's outcome is as the seed draws it. */
static bool as_drawn(const fixture *f, const char *path, const char *name) {
    bc_trained trained;
    bc_params *drawn;
    ck_ok(bc_trained_open(test_host(), &f->config, path, &trained));
    ck_ok(bc_weights_declare(test_host(), &trained.model, false, &drawn));
    ck_ok(bc_weights_draw(drawn, (uint32_t)f->config.seed));
    const bc_param *param = bc_params_find(drawn, name);
    ck_assert_msg(param != NULL, "there is no %s", name);
    float *before = malloc(param->count * sizeof *before), *after = malloc(param->count * sizeof *after);
    ck_assert(before && after);
    ck_ok(bc_param_read(drawn, param, before));
    ck_ok(bc_param_read(trained.params, bc_params_find(trained.params, name), after));
    bool same = memcmp(before, after, param->count * sizeof *before) == 0;
    free(before);
    free(after);
    bc_params_release(drawn);
    bc_trained_close(&trained);
    return same;
}

START_TEST(test_the_released_code_does_not_train_front_ends) {
    static const char front[] = "front.se.fc2.weight";
    fixture f;
    char paper[400], code[400], supervised[400];
    open_fixture(&f, "still");
    f.config.neuromorphic.steps = f.config.supervised.steps = 2;
    f.config.front_end = BC_FRONT_SE;
    train(&f, "still-paper", BC_NEUROMORPHIC, NULL, paper);
    ck_assert(!as_drawn(&f, paper, front));
    f.config.method = BC_METHOD_CODE;
    bc_config_settle(&f.config);
    train(&f, "still-code", BC_NEUROMORPHIC, NULL, code);
    ck_assert(as_drawn(&f, code, front));
    ck_assert(!as_drawn(&f, code, bc_stem_name));
    bc_dataset_release(f.target);
    f.target = toy(true);
    train(&f, "still-supervised", BC_SUPERVISED, NULL, supervised);
    ck_assert(!as_drawn(&f, supervised, front)); /* of the neuromorphic stage alone */
    close_fixture(&f);
}
END_TEST

START_TEST(test_rgb_networks_keep_the_range_that_they_learned_from) {
    fixture f;
    char normalised[400], plain[400];
    bc_trained trained;
    bc_config other;
    open_fixture(&f, "range");
    f.config.pretrain.steps = 2;
    train(&f, "range-normalised", BC_PRETRAIN, NULL, normalised);
    ck_ok(bc_config_set(&test_error, "data.normalise_rgb=false", &f.config));
    train(&f, "range-plain", BC_PRETRAIN, NULL, plain);
    assert_same_tensors(normalised, plain, false);
    bc_config_defaults(&other);
    ck_ok(bc_trained_open(test_host(), &other, normalised, &trained));
    ck_assert(!trained.model.unit_rgb);
    bc_trained_close(&trained);
    ck_ok(bc_trained_open(test_host(), &other, plain, &trained));
    ck_assert(trained.model.unit_rgb);
    bc_trained_close(&trained);
    close_fixture(&f);
}
END_TEST

static bool stop_after_two(void *user) {
    return ++*(int *)user == 2;
}

static void check_resumed(bc_stage stage, const char *name, const char *weights) {
    fixture f;
    char whole[400], parts[400], folder[64];
    open_fixture(&f, name);
    f.config.scp = f.config.sca = f.config.source_loss = true;
    f.config.scp_ramp = 1; /* a weight that goes on where it was, too */
    snprintf(folder, sizeof folder, "%s-whole", name);
    train(&f, folder, stage, weights, whole);

    snprintf(f.folder, sizeof f.folder, "%s/%s-parts", test_folder(), name);
    int asked = 0;
    bc_observer observer = {.user = &asked, .stop = stop_after_two};
    bc_train_job job = job_of(&f, stage);
    job.weights = weights;
    job.observer = &observer;
    ck_assert_int_eq(bc_train(test_host(), &job), BC_E_INTERRUPTED);
    bc_error_clear(&test_error);
    in_folder(&f, "weights.safetensors", parts);
    ck_assert_msg(!bc_file_exists(parts), "an interrupted run left final weights");
    job.resume = true;
    ck_ok(bc_train(test_host(), &job));
    assert_same_file(whole, parts, true);
    in_folder(&f, "checkpoint-2.student.safetensors", parts);
    ck_assert_msg(!bc_file_exists(parts), "a finished run left its checkpoint");
    close_fixture(&f);
}

START_TEST(test_resuming_continues_bit_for_bit) {
    fixture f;
    char rgb[400], mono[400];
    check_resumed(BC_PRETRAIN, "resume-rgb", NULL);
    open_fixture(&f, "resume");
    train(&f, "resume-0", BC_PRETRAIN, NULL, rgb);
    train(&f, "resume-1", BC_CROSSMODALITY, rgb, mono);
    close_fixture(&f);
    check_resumed(BC_CROSSDOMAIN, "resume-cross", mono);
}
END_TEST

static bool stop_at_once(void *user) {
    (void)user;
    return true;
}

static void refuse(const bc_train_job *job, bc_status expected, const char *first, const char *second) {
    ck_assert_int_eq(bc_train(test_host(), job), expected);
    ck_assert_msg(strstr(test_error.text, first) && strstr(test_error.text, second), "message: %s",
                  test_error.text);
    bc_error_clear(&test_error);
}

START_TEST(test_a_folder_belongs_to_one_configuration) {
    fixture f;
    char weights[400], best[400], stray[400];
    open_fixture(&f, "other");
    f.config.pretrain.steps = 2;
    const bc_observer observer = {.stop = stop_at_once};
    bc_train_job job = job_of(&f, BC_PRETRAIN);
    in_folder(&f, "weights.safetensors", weights);
    in_folder(&f, "best.safetensors", best);
    in_folder(&f, "checkpoint-77.student.safetensors", stray);
    for (int finished = 0; finished < 2; finished++) {
        job.resume = finished;
        job.observer = finished ? NULL : &observer;
        ck_assert_int_eq(bc_train(test_host(), &job), finished ? BC_OK : BC_E_INTERRUPTED);
        bc_error_clear(&test_error);
        ck_assert_int_eq(bc_file_exists(weights), finished);
        job.resume = true;
        f.config.flip = !f.config.flip;
        refuse(&job, BC_E_ARGUMENT, "[augment] was 'flip = true'", "now 'flip = false'");
        f.config.flip = !f.config.flip;
    }
    /* What another stage, the folder's name or the device's says does not matter. */
    f.config.crossdomain.steps++;
    snprintf(f.config.out, sizeof f.config.out, "elsewhere");
    ck_ok(bc_train(test_host(), &job));
    /* A fresh start refuses to lose it; when it may, it leaves nothing of the run before, and all of what is not ours. */
    char other[400];
    in_folder(&f, "checkpoint-77.of-somebody-else.safetensors", other);
    ck_ok(bc_file_write(&test_error, best, "", 0));
    ck_ok(bc_file_write(&test_error, stray, "", 0));
    ck_ok(bc_file_write(&test_error, other, "", 0));
    job.resume = false;
    job.observer = &observer;
    refuse(&job, BC_E_ARGUMENT, "--resume", "--overwrite");
    ck_assert(bc_file_exists(weights) && bc_file_exists(best) && bc_file_exists(stray));
    job.overwrite = true;
    refuse(&job, BC_E_INTERRUPTED, "pretrain", "--resume");
    ck_assert(!bc_file_exists(weights) && !bc_file_exists(best) && !bc_file_exists(stray));
    ck_assert(bc_file_exists(other));
    close_fixture(&f);
}
END_TEST

/* A run that stopped after its first update; returns the job that would continue it. */
static bc_train_job interrupted(fixture *f, const char *name, const bc_observer *observer) {
    open_fixture(f, name);
    bc_train_job job = job_of(f, BC_PRETRAIN);
    job.observer = observer;
    refuse(&job, BC_E_INTERRUPTED, "pretrain", "--resume");
    job.observer = NULL;
    job.resume = true;
    return job;
}

static void replace_in(const char *path, const char *old, const char *new) {
    uint8_t *bytes;
    size_t size;
    char text[4096];
    ck_ok(bc_file_read(&test_error, path, &bytes, &size));
    char *at = strstr((char *)bytes, old);
    ck_assert_msg(at != NULL, "%s has no %s: %s", path, old, (char *)bytes);
    int length = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - (char *)bytes), (char *)bytes, new,
                          at + strlen(old));
    ck_ok(bc_file_write(&test_error, path, text, (size_t)length));
    free(bytes);
}

START_TEST(test_a_damaged_checkpoint_is_refused_and_kept) {
    static const struct {
        const char *old, *new, *message;
    } damages[] = {{"step = 1", "step = -1", "step should be"},
                   {"step = 1", "step = 5", "step should be"},
                   {"steps = 4", "steps = 9", "the data are not the same"},
                   {"best = inf", "best = nan", "best should be"},
                   {"plateau_scale = 0x1p+0", "plateau_scale = -1", "plateau_scale should be"},
                   {"stage = pretrain", "stage = supervised", "belongs to the stage"},
                   {"stage = pretrain", "stage = prtrain", "stage should be"},
                   {"student = ", "student = 1", "bytes then"},
                   {"optimiser = ", "optimiser = x", "a size and a hash"},
                   {"device = \"", "device = \"Other ", "--other-device"},
                   {"choices = ", "choices = 1", "choices"}};
    const bc_observer observer = {.stop = stop_at_once};
    fixture f;
    char path[400], part[400];
    bc_train_job job = interrupted(&f, "damaged", &observer);
    in_folder(&f, "checkpoint.ini", path);
    in_folder(&f, "checkpoint-1.student.safetensors", part);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        uint8_t *bytes;
        size_t size;
        ck_ok(bc_file_read(&test_error, path, &bytes, &size));
        replace_in(path, damages[i].old, damages[i].new);
        bc_status status = bc_train(test_host(), &job);
        ck_assert_msg(status == BC_E_FORMAT || status == BC_E_ARGUMENT, "%s: %d", damages[i].new, status);
        ck_assert_msg(strstr(test_error.text, damages[i].message) != NULL, "%s: %s", damages[i].new,
                      test_error.text);
        bc_error_clear(&test_error);
        ck_assert(bc_file_exists(part));
        ck_ok(bc_file_write(&test_error, path, bytes, size));
        free(bytes);
    }
    /* One bit of a tensor. */
    FILE *file = fopen(part, "r+b");
    ck_assert_ptr_nonnull(file);
    fseek(file, -1, SEEK_END);
    int last = fgetc(file);
    fseek(file, -1, SEEK_END);
    fputc(last ^ 1, file);
    fclose(file);
    refuse(&job, BC_E_FORMAT, part, "hash");
    ck_assert(bc_file_exists(part) && bc_file_exists(path));
    close_fixture(&f);
}
END_TEST

START_TEST(test_another_device_is_taken_when_it_may) {
    const bc_observer observer = {.stop = stop_at_once};
    fixture f;
    char path[400], weights[400];
    bc_train_job job = interrupted(&f, "device", &observer);
    in_folder(&f, "checkpoint.ini", path);
    in_folder(&f, "weights.safetensors", weights);
    replace_in(path, "driver = \"", "driver = \"older ");
    refuse(&job, BC_E_ARGUMENT, "driver older", "--other-device");
    job.other_device = true;
    ck_ok(bc_train(test_host(), &job));
    ck_assert(bc_file_exists(weights));
    close_fixture(&f);
}
END_TEST

START_TEST(test_a_finished_run_is_believed_when_its_weights_open) {
    fixture f;
    char weights[400], spike[400];
    open_fixture(&f, "finished");
    f.config.pretrain.steps = f.config.neuromorphic.steps = 1;
    train(&f, "finished-spike", BC_NEUROMORPHIC, NULL, spike);
    train(&f, "finished", BC_PRETRAIN, NULL, weights);
    bc_train_job job = job_of(&f, BC_PRETRAIN);
    job.resume = true;
    ck_ok(bc_train(test_host(), &job));
    uint8_t *bytes;
    size_t size;
    ck_ok(bc_file_read(&test_error, spike, &bytes, &size));
    ck_ok(bc_file_write(&test_error, weights, bytes, size)); /* a good file, of another network */
    refuse(&job, BC_E_FORMAT, weights, "is not the file that was written");
    char state[400];
    in_folder(&f, "checkpoint.ini", state);
    unlink(state); /* as versions without it left it: the network itself is looked at */
    refuse(&job, BC_E_FORMAT, weights, "reads spikes, the stage pretrain");
    ck_ok(bc_file_write(&test_error, weights, bytes, size / 2));
    ck_assert_int_ne(bc_train(test_host(), &job), BC_OK);
    bc_error_clear(&test_error);
    free(bytes);
    close_fixture(&f);
}
END_TEST

/* Labels far beyond dmax: nothing would be learned, and validation would be perfect. */
static bc_status far_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    BC_TRY(toy_load(dataset, err, index, out));
    for (size_t i = 0; out->depth && i < (size_t)HEIGHT * WIDTH; i++)
        out->depth[i] += 20000;
    return BC_OK;
}

/* The weights that a run began with may go later, but others must not take their place. */
START_TEST(test_a_run_goes_on_from_what_it_began_with) {
    fixture f;
    char rgb[400], mono[400];
    uint8_t *before;
    size_t bytes;
    open_fixture(&f, "successor");
    f.config.pretrain.steps = f.config.crossmodality.steps = 1;
    train(&f, "successor-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "successor-mono", BC_CROSSMODALITY, rgb, mono);
    bc_train_job job = job_of(&f, BC_CROSSMODALITY);
    job.weights = rgb;
    job.resume = true;
    ck_ok(bc_train(test_host(), &job));
    ck_ok(bc_file_read(&test_error, rgb, &before, &bytes));
    before[bytes - 1] ^= 1;
    ck_ok(bc_file_write(&test_error, rgb, before, bytes));
    refuse(&job, BC_E_ARGUMENT, "was begun from other weights", rgb);
    before[bytes - 1] ^= 1;
    ck_ok(bc_file_write(&test_error, rgb, before, bytes));
    ck_ok(bc_train(test_host(), &job));
    unlink(rgb);
    ck_ok(bc_train(test_host(), &job));
    free(before);
    close_fixture(&f);
}
END_TEST

START_TEST(test_data_without_valid_labels_are_refused) {
    fixture f;
    open_fixture(&f, "labels");
    bc_train_job job = job_of(&f, BC_PRETRAIN);
    f.source->load = far_load;
    f.source->depth_scale = 256;
    refuse(&job, BC_E_FORMAT, "toy data: none of the 6 samples has a valid label", "dmax = 80");
    refuse(&job, BC_E_FORMAT, "between 2000", "depth scale of 256");
    bc_dataset *good = toy(true);
    job.source = good;
    job.validation = f.source;
    refuse(&job, BC_E_FORMAT, "toy data", "valid label");
    bc_dataset_release(good);
    close_fixture(&f);
}
END_TEST

/* Every second sample has no label: the mean is over the others. */
static bc_status half_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    return index % 2 ? far_load(dataset, err, index, out) : toy_load(dataset, err, index, out);
}

static float first_or_lowest(fixture *f, const char *name, bool lowest) {
    bc_curve *curves;
    int count;
    float value = NAN;
    ck_ok(bc_runlog_curves(&test_error, f->folder, &curves, &count));
    for (int i = 0; i < count; i++)
        for (int k = 0; strcmp(curves[i].name, name) == 0 && k < curves[i].count; k++)
            if (k == 0 || (lowest && curves[i].values[k] < value))
                value = curves[i].values[k];
    bc_curves_release(curves, count);
    return value;
}

static float validation_of(fixture *f, const char *folder, bc_dataset *validation) {
    snprintf(f->folder, sizeof f->folder, "%s/%s", test_folder(), folder);
    bc_train_job job = job_of(f, BC_PRETRAIN);
    job.validation = validation;
    ck_ok(bc_train(test_host(), &job));
    return first_or_lowest(f, "validation", false);
}

START_TEST(test_validation_counts_images_with_labels) {
    fixture f;
    open_fixture(&f, "validation");
    f.config.pretrain.steps = 1;
    bc_dataset *all = toy(true), *half = toy(true);
    all->count = 1;
    half->count = 2;
    half->load = half_load;
    float whole = validation_of(&f, "validation-1", all),
          with_unlabelled = validation_of(&f, "validation-2", half);
    ck_assert_msg(whole > 0 && whole == with_unlabelled, "%g and %g", (double)whole, (double)with_unlabelled);
    bc_dataset_release(all);
    bc_dataset_release(half);
    close_fixture(&f);
}
END_TEST

/* The best weights are those of the lowest AbsRel as it is scored. */
START_TEST(test_best_weights_score_best_on_validation) {
    fixture f;
    char best[400];
    open_fixture(&f, "best");
    f.config.neuromorphic.validate_every = 1;
    bc_dataset *validation = toy(true);
    bc_train_job job = job_of(&f, BC_NEUROMORPHIC);
    job.validation = validation;
    ck_ok(bc_train(test_host(), &job));
    in_folder(&f, BC_RUN_BEST, best);
    bc_trained network;
    bc_scores scores;
    bc_evaluate_options options = {.input_height = HEIGHT, .input_width = WIDTH, .dmax = f.config.dmax};
    ck_ok(bc_trained_open(test_host(), &f.config, best, &network));
    ck_ok(bc_evaluate(test_host(), network.params, &network.model, validation, &options, &scores));
    bc_trained_close(&network);
    ck_assert_double_eq_tol(scores.regions[BC_REGION_ALL].abs_rel,
                            first_or_lowest(&f, "validation_abs_rel", true), 1e-6);
    bc_dataset_release(validation);
    close_fixture(&f);
}
END_TEST

static void note_epoch(void *user, const bc_beginning *beginning) {
    *(bc_beginning *)user = *beginning;
}

static bc_beginning crossdomain_epoch(fixture *f, const char *folder, const char *start) {
    bc_beginning seen = {0};
    bc_observer observer = {.user = &seen, .started = note_epoch};
    snprintf(f->folder, sizeof f->folder, "%s/%s", test_folder(), folder);
    bc_train_job job = job_of(f, BC_CROSSDOMAIN);
    job.weights = start;
    job.observer = &observer;
    ck_ok(bc_train(test_host(), &job));
    return seen;
}

START_TEST(test_an_epoch_is_a_pass_over_the_target) {
    fixture f;
    char start[400];
    open_fixture(&f, "epoch");
    f.config.neuromorphic.steps = 1;
    train(&f, "epoch-start", BC_NEUROMORPHIC, NULL, start);
    f.config.crossdomain.steps = 0;
    f.config.crossdomain.epochs = 1;
    f.source->count = 2;
    bc_beginning target = crossdomain_epoch(&f, "epoch-target", start);
    ck_assert_int_eq(target.steps, SAMPLES / 2);
    ck_assert_ptr_nonnull(strstr(target.epoch, "the target, source cycled"));
    f.config.epoch = BC_EPOCH_SHORTER;
    ck_assert_int_eq(crossdomain_epoch(&f, "epoch-shorter", start).steps, 1);
    f.config.source_loss = f.config.sca = false; /* there is but one */
    ck_assert_int_eq(crossdomain_epoch(&f, "epoch-alone", start).steps, SAMPLES / 2);
    close_fixture(&f);
}
END_TEST

START_TEST(test_validation_may_be_on_the_test_set) {
    bc_config c;
    bc_sources sources;
    bc_stage stage = BC_NEUROMORPHIC;
    bc_config_defaults(&c);
    c.world_height = c.world_width = 32;
    c.test_count = 3;
    c.validation_count = 2;
    ck_ok(bc_sources_open(test_host(), &c, &stage, 1, false, &sources));
    ck_assert_int_eq(sources.validation->count, 2);
    bc_sources_close(&sources);
    c.validate_on = BC_VALIDATE_TEST;
    ck_ok(bc_sources_open(test_host(), &c, &stage, 1, false, &sources));
    ck_assert_int_eq(sources.validation->count, 3);
    bc_sources_close(&sources);
}
END_TEST

static void note_start(void *user, const bc_beginning *beginning) {
    ck_assert_str_eq(beginning->label, "supervised");
    ck_assert_ptr_null(beginning->source);
    ck_assert_int_eq(beginning->steps_per_epoch, SAMPLES / beginning->batch);
    *(bc_start *)user = *beginning->start;
}

START_TEST(test_stages_start_from_what_they_are_given) {
    fixture f;
    char rgb[400], spike[400], again[400];
    open_fixture(&f, "starts");
    f.config.pretrain.steps = f.config.neuromorphic.steps = f.config.supervised.steps = 1;
    train(&f, "starts-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "starts-spike", BC_NEUROMORPHIC, NULL, spike);
    /* At a learning rate of zero the start is the result: given with the job, or by the configuration. */
    f.config.pretrain.lr_backbone = f.config.pretrain.lr_scratch = 0;
    train(&f, "starts-job", BC_PRETRAIN, rgb, again);
    assert_same_tensors(rgb, again, true);
    snprintf(f.config.init, sizeof f.config.init, "%.200s", rgb);
    train(&f, "starts-init", BC_PRETRAIN, NULL, again);
    assert_same_tensors(rgb, again, true);
    f.config.init[0] = '\0';

    bc_start start = {0};
    const bc_observer observer = {.user = &start, .started = note_start};
    bc_train_job job = job_of(&f, BC_SUPERVISED);
    job.overwrite = true;
    job.target = f.source;
    job.weights = rgb;
    job.observer = &observer;
    ck_ok(bc_train(test_host(), &job));
    ck_assert_str_eq(start.path, rgb);
    ck_assert_int_eq(start.drawn, 1); /* the stem */

    static const bc_stage stages[] = {BC_PRETRAIN, BC_CROSSMODALITY, BC_CROSSDOMAIN};
    const char *wrong[] = {spike, spike, rgb};
    for (int i = 0; i < 3; i++) {
        job = job_of(&f, stages[i]);
        job.overwrite = true;
        job.weights = wrong[i];
        refuse(&job, BC_E_FORMAT, wrong[i],
               i < 2 ? "reads 128 channels, expected 3" : "reads 3 channels, expected 128");
    }
    close_fixture(&f);
}
END_TEST

START_TEST(test_a_loss_that_is_no_number_stops_the_run) {
    fixture f;
    char path[400];
    open_fixture(&f, "nan");
    f.config.pretrain.lr_backbone = f.config.pretrain.lr_scratch = 1e30f;
    f.config.pretrain.clip_norm = 0;
    bc_train_job job = job_of(&f, BC_PRETRAIN);
    ck_assert_int_eq(bc_train(test_host(), &job), BC_E_NUMERIC);
    ck_assert_msg(strstr(test_error.text, "pretrain") && strstr(test_error.text, "not finite at update 2"),
                  "%s", test_error.text);
    bc_error_clear(&test_error);
    in_folder(&f, "weights.safetensors", path);
    ck_assert(!bc_file_exists(path));
    close_fixture(&f);
}
END_TEST

START_TEST(test_what_is_missing_is_named) {
    fixture f;
    open_fixture(&f, "missing");
    bc_train_job job = job_of(&f, BC_CROSSMODALITY);
    ck_assert_int_eq(bc_train(test_host(), &job), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "pretrain"));
    bc_error_clear(&test_error);
    job = job_of(&f, BC_CROSSDOMAIN);
    ck_assert_int_eq(bc_train(test_host(), &job), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "crossmodality"));
    bc_error_clear(&test_error);
    f.config.pretrain.batch = SAMPLES + 1;
    job = job_of(&f, BC_PRETRAIN);
    ck_assert_int_eq(bc_train(test_host(), &job), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "batch"));
    bc_error_clear(&test_error);
    /* The target has no labels: a supervised run on it must say so. */
    job = job_of(&f, BC_SUPERVISED);
    ck_assert_int_ne(bc_train(test_host(), &job), BC_OK);
    ck_assert_msg(test_error.text[0] != '\0', "no message");
    bc_error_clear(&test_error);
    close_fixture(&f);
}
END_TEST

START_TEST(test_training_lowers_the_loss) {
    fixture f;
    char weights[400];
    open_fixture(&f, "learns");
    f.config.neuromorphic.steps = 40;
    train(&f, "learns", BC_NEUROMORPHIC, NULL, weights);
    uint8_t *csv;
    size_t bytes;
    char path[400];
    in_folder(&f, "log.csv", path);
    ck_ok(bc_file_read(&test_error, path, &csv, &bytes));
    float first = 0, last = 0, value;
    for (char *line = strtok((char *)csv, "\n"); line; line = strtok(NULL, "\n"))
        if (sscanf(line, "%*d,sig,%f", &value) == 1) {
            first = first > 0 ? first : value;
            last = value;
        }
    free(csv);
    ck_assert_msg(last > 0 && last < 0.7f * first, "SigLoss went from %g to %g in 40 updates", (double)first,
                  (double)last);
    close_fixture(&f);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("train");
    TCase *t = tcase_create("train");
    tcase_set_timeout(t, 600);
    tcase_add_test(t, test_all_stages_twice_give_equal_bits);
    tcase_add_test(t, test_code_forms_and_single_terms);
    tcase_add_test(t, test_strong_views_are_of_the_target_alone);
    tcase_add_test(t, test_losses_are_chosen);
    tcase_add_test(t, test_distillation_decays);
    tcase_add_test(t, test_pseudo_labels_rise);
    tcase_add_test(t, test_spike_runs_with_front_ends);
    tcase_add_test(t, test_the_released_code_does_not_train_front_ends);
    tcase_add_test(t, test_rgb_networks_keep_the_range_that_they_learned_from);
    tcase_add_test(t, test_resuming_continues_bit_for_bit);
    tcase_add_test(t, test_a_folder_belongs_to_one_configuration);
    tcase_add_test(t, test_a_damaged_checkpoint_is_refused_and_kept);
    tcase_add_test(t, test_another_device_is_taken_when_it_may);
    tcase_add_test(t, test_a_finished_run_is_believed_when_its_weights_open);
    tcase_add_test(t, test_a_run_goes_on_from_what_it_began_with);
    tcase_add_test(t, test_data_without_valid_labels_are_refused);
    tcase_add_test(t, test_validation_counts_images_with_labels);
    tcase_add_test(t, test_best_weights_score_best_on_validation);
    tcase_add_test(t, test_an_epoch_is_a_pass_over_the_target);
    tcase_add_test(t, test_validation_may_be_on_the_test_set);
    tcase_add_test(t, test_stages_start_from_what_they_are_given);
    tcase_add_test(t, test_a_loss_that_is_no_number_stops_the_run);
    tcase_add_test(t, test_what_is_missing_is_named);
    tcase_add_test(t, test_training_lowers_the_loss);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
