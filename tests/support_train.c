#include "tests/support_train.h"

#include "host/base/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A slanted plane under random light: enough to learn something from. */
bc_status toy_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
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

bc_dataset *toy(bool labelled) {
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

void open_fixture(fixture *f, const char *name) {
    f->config = small_config();
    f->source = toy(true);
    f->target = toy(false);
    snprintf(f->folder, sizeof f->folder, "%s/%s", test_folder(), name);
}

void close_fixture(fixture *f) {
    bc_dataset_release(f->source);
    bc_dataset_release(f->target);
}

bc_train_job job_of(fixture *f, bc_stage stage) {
    return (bc_train_job){
        .stage = stage, .config = &f->config, .source = f->source, .target = f->target, .folder = f->folder};
}

void in_folder(const fixture *f, const char *name, char path[400]) {
    snprintf(path, 400, "%s/%s", f->folder, name);
}

/* Trains a stage from `weights` into its own folder and returns the path of its weights. */
void train(fixture *f, const char *folder, bc_stage stage, const char *weights, char path[400]) {
    snprintf(f->folder, sizeof f->folder, "%s/%s", test_folder(), folder);
    bc_train_job job = job_of(f, stage);
    job.weights = weights;
    ck_ok(bc_train(test_host(), &job));
    in_folder(f, "weights.safetensors", path);
    ck_assert(bc_file_exists(path));
}

void assert_same_file(const char *a, const char *b, bool same) {
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
void assert_same_tensors(const char *a, const char *b, bool same) {
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

/* What the log has for `name` after this update; NAN: nothing. */
float logged(const fixture *f, const char *name, long step) {
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

void expect_total(const fixture *f, long step, const char *const names[], const float weights[], int count) {
    float total = 0;
    for (int i = 0; i < count; i++)
        total += weights[i] * logged(f, names[i], step);
    ck_assert_float_eq_tol(logged(f, "total", step), total, 1e-4f * total);
}

/* Labels far beyond dmax: nothing would be learned, and validation would be perfect. */
bc_status far_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    BC_TRY(toy_load(dataset, err, index, out));
    for (size_t i = 0; out->depth && i < (size_t)HEIGHT * WIDTH; i++)
        out->depth[i] += 20000;
    return BC_OK;
}

void refuse(const bc_train_job *job, bc_status expected, const char *first, const char *second) {
    ck_assert_int_eq(bc_train(test_host(), job), expected);
    ck_assert_msg(strstr(test_error.text, first) && strstr(test_error.text, second), "message: %s",
                  test_error.text);
    bc_error_clear(&test_error);
}
