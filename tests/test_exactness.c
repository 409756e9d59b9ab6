/* One update of every stage against numbers of PyTorch in float64 (tests/exactness): loss terms, gradients as the optimiser's first
 * moments keep them, weights. Data and starting weights are made from names, as tests/exactness/made.py makes them. */
#include "bicross/train/train.h"
#include "tests/support.h"
#include "tests/support_hashed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { H = 70, W = 130, COUNT = 4, BLOCK = 16, BLOCKS = (W + BLOCK - 1) / BLOCK, TENSORS = 256, LINE = 4096 };

static char names[TENSORS][160]; /* of the table's tensors */

/* What an update leaves. */
typedef struct part {
    bc_tensor_file weights, moments;
} part;
typedef struct update {
    char folder[300];
    part student, heads; /* heads: of those stages that have some */
} update;

/* --- data --- */

/* Of one use in a sample. */
static uint64_t stream_of(const char *sample, const char *use) {
    char name[160];
    snprintf(name, sizeof name, "%s/%s", sample, use);
    return test_hash(name);
}

/* Which block of equal light a pixel is in. */
static size_t block_of(int p) {
    return (size_t)(p / W / BLOCK * BLOCKS + p % W / BLOCK);
}

/* A pixel fires in a half, a quarter or an eighth of the frames. */
static void make_spikes(const char *name, uint32_t *words) {
    static const char *const parts[] = {"a", "b", "c"};
    uint64_t level = stream_of(name, "level");
    for (int p = 0; p < H * W; p++) {
        int draws = 1 + (int)(test_hashed(level, block_of(p)) % 3);
        for (int half = 0; half < 2; half++) {
            uint64_t word = ~UINT64_C(0);
            for (int k = 0; k < draws; k++)
                word &= test_hashed(stream_of(name, parts[k]), (size_t)(2 * p + half));
            words[4 * p + 2 * half] = (uint32_t)word;
            words[4 * p + 2 * half + 1] = (uint32_t)(word >> 32);
        }
    }
}

static void make_rgb(const char *name, uint8_t *rgb) {
    uint64_t colour = stream_of(name, "colour"), grain = stream_of(name, "grain");
    for (int p = 0; p < H * W; p++)
        for (int c = 0; c < 3; c++) {
            uint64_t base = test_hashed(colour, 3 * block_of(p) + (size_t)c) & 255;
            rgb[3 * p + c] = (uint8_t)((3 * base + (test_hashed(grain, (size_t)(3 * p + c)) & 255)) / 4);
        }
}

/* 2 to 45 metres, an eighth without a label, an eighth beyond dmax. */
static void make_depth(const char *name, float *depth) {
    uint64_t base = stream_of(name, "depth"), relief = stream_of(name, "relief");
    for (int p = 0; p < H * W; p++) {
        uint64_t draw = test_hashed(relief, (size_t)p);
        float metres = 2.0f + (float)(test_hashed(base, block_of(p)) & 1023) / 32.0f;
        metres += (float)(draw >> 54) / 128.0f;
        depth[p] = (draw & 7) == 0 ? 0 : (draw & 7) == 1 ? 100 * metres : metres;
    }
}

static bc_status load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    *out = (bc_sample){.height = H, .width = W};
    snprintf(out->name, sizeof out->name, "%.60s/%06d", dataset->name, index);
    out->rgb = malloc((size_t)3 * H * W);
    out->spikes = malloc((size_t)H * W * BC_SPIKE_WORDS * sizeof *out->spikes);
    out->depth = malloc((size_t)H * W * sizeof *out->depth);
    if (!out->rgb || !out->spikes || !out->depth)
        return bc_fail(err, BC_E_MEMORY, "no memory for %s", out->name);
    make_spikes(out->name, out->spikes);
    make_rgb(out->name, out->rgb);
    make_depth(out->name, out->depth);
    return BC_OK;
}

static void release(bc_dataset *dataset) {
    free(dataset);
}

static bc_dataset *domain(const char *name) {
    bc_dataset *d = calloc(1, sizeof *d);
    ck_assert_ptr_nonnull(d);
    *d = (bc_dataset){.count = COUNT, .height = H, .width = W, .has_rgb = true, .has_spikes = true};
    d->has_depth = true;
    snprintf(d->name, sizeof d->name, "%s", name);
    d->load = load;
    d->release = release;
    d->cache = calloc(COUNT, sizeof(bc_sample));
    return d;
}

/* --- an update --- */

/* The stages that begin with a network that reads pictures; the others' reads spikes. */
static void write_start(const bc_config *config, bool rgb, char path[300]) {
    bc_model model;
    bc_params *params;
    ck_ok(bc_config_model(&test_error, config, rgb, &model));
    ck_ok(bc_weights_declare(test_host(), &model, false, &params));
    ck_ok(bc_params_allocate(params));
    test_hashed_weights(params, (float)(0.00006016 / 0.06016));
    snprintf(path, 300, "%s/start.safetensors", test_folder());
    ck_ok(bc_params_save(params, path, NULL, 0));
    bc_params_release(params);
}

static bool at_once(void *user) {
    (void)user;
    return true;
}

static void open_file(const char *folder, const char *name, bc_tensor_file *file) {
    char path[400];
    snprintf(path, sizeof path, "%s/checkpoint-1.%s.safetensors", folder, name);
    if (bc_file_exists(path))
        ck_ok(bc_safetensors_open(&test_error, path, file));
}

static void open_update(const char *folder, update *u) {
    *u = (update){0};
    snprintf(u->folder, sizeof u->folder, "%s", folder);
    open_file(folder, "student", &u->student.weights);
    open_file(folder, "optimiser", &u->student.moments);
    open_file(folder, "heads", &u->heads.weights);
    open_file(folder, "heads-optimiser", &u->heads.moments);
}

static void close_update(update *u) {
    bc_tensor_file_close(&u->student.weights);
    bc_tensor_file_close(&u->student.moments);
    bc_tensor_file_close(&u->heads.weights);
    bc_tensor_file_close(&u->heads.moments);
}

/* An update of the table's form, from its line: name, stage and settings between tabs. */
static void run_form(char *line, update *u) {
    char *rest = line, *name = strsep(&rest, "\t"), *stage_name = strsep(&rest, "\t"), *setting, start[300],
         folder[300];
    const bc_observer observer = {.stop = at_once};
    bc_config config;
    bc_stage stage;
    bc_config_defaults(&config);
    while ((setting = strsep(&rest, "\t")) != NULL)
        ck_ok(bc_config_set(&test_error, setting, &config));
    bc_config_settle(&config);
    ck_ok(bc_stage_find(&test_error, stage_name, &stage));
    write_start(&config, stage == BC_PRETRAIN || stage == BC_CROSSMODALITY, start);
    snprintf(folder, 300, "%s/%s", test_folder(), name);
    bc_train_job job = {.stage = stage,
                        .config = &config,
                        .source = domain("source"),
                        .target = domain("target"),
                        .folder = folder,
                        .weights = start,
                        .observer = &observer};
    bc_status status = bc_train(test_host(), &job);
    ck_assert_msg(status == BC_E_INTERRUPTED, "%s: %s", name, test_error.text);
    bc_error_clear(&test_error);
    bc_dataset_release(job.source);
    bc_dataset_release(job.target);
    open_update(folder, u);
}

/* --- what is stored of it --- */

static float logged_term(const char *folder, const char *name) {
    char path[400], row[256], start[80];
    float value = NAN;
    snprintf(path, sizeof path, "%s/log.csv", folder);
    snprintf(start, sizeof start, "1,%s,", name);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(row, sizeof row, file))
        if (strncmp(row, start, strlen(start)) == 0)
            value = strtof(row + strlen(start), NULL);
    fclose(file);
    return value;
}

static void check_term(const char *folder, const char *line) {
    char name[64];
    double value, allowed;
    ck_assert_int_eq(sscanf(line, "%63s %lf %lf", name, &value, &allowed), 3);
    double found = (double)logged_term(folder, name);
    ck_assert_msg(fabs(found - value) <= allowed, "%s: the term %s is %.9g, expected %.9g within %.2g",
                  folder, name, found, value, allowed);
}

/* The tensor NAME; malloc'ed. */
static float *read_tensor(const bc_tensor_file *file, const char *name, size_t *count) {
    const bc_tensor_entry *entry = bc_tensor_file_find(file, name);
    ck_assert_msg(entry != NULL, "%s has no %s", file->path, name);
    *count = 1;
    for (int i = 0; i < entry->rank; i++)
        *count *= (size_t)entry->shape[i];
    float *values = malloc(*count * sizeof *values);
    ck_assert_ptr_nonnull(values);
    ck_ok(bc_tensor_file_floats(&test_error, file, entry, values, *count));
    return values;
}

static void check_moments(const bc_tensor_file *file, const char *name, double norm, double sum,
                          double allowed) {
    char moment[200], stream[200];
    size_t count;
    double squares = 0, weighted = 0;
    snprintf(moment, sizeof moment, "m.%s", name);
    if (!bc_tensor_file_find(file, moment))
        snprintf(moment, sizeof moment, "momentum.%s", name);
    snprintf(stream, sizeof stream, "%s/sum", name);
    float *m = read_tensor(file, moment, &count);
    uint64_t hash = test_hash(stream);
    for (size_t i = 0; i < count; i++) {
        squares += (double)m[i] * m[i];
        weighted += (double)m[i] * (double)test_hashed_uniform(hash, i);
    }
    free(m);
    ck_assert_msg(fabs(sqrt(squares) - norm) <= allowed,
                  "%s: %s has the norm %.9g, expected %.9g within %.2g", file->path, moment, sqrt(squares),
                  norm, allowed);
    /* Of an error without a direction the sum has about 0.6 of the norm. */
    ck_assert_msg(fabs(weighted - sum) <= 2 * allowed, "%s: %s has the sum %.9g, expected %.9g within %.2g",
                  file->path, moment, weighted, sum, 2 * allowed);
}

static void check_tensor(const part *p, const char *line) {
    int tensor, used = 0, places = 0;
    double norm, sum, allowed, weight_allowed, expected;
    size_t count, place;
    ck_assert_int_eq(
        sscanf(line, "%d %lf %lf %lf %lf%n", &tensor, &norm, &sum, &allowed, &weight_allowed, &used), 5);
    check_moments(&p->moments, names[tensor], norm, sum, allowed);
    float *weights = read_tensor(&p->weights, names[tensor], &count);
    for (line += used; sscanf(line, " %zu %lf%n", &place, &expected, &used) == 2; line += used, places++) {
        ck_assert_uint_lt(place, count);
        double found = (double)weights[place];
        ck_assert_msg(fabs(found - expected) <= weight_allowed,
                      "%s: %s[%zu] is %.9g, expected %.9g within %.2g", p->weights.path, names[tensor], place,
                      found, expected, weight_allowed);
    }
    free(weights);
    ck_assert_int_ge(places, 1);
}

START_TEST(updates_are_pytorchs) {
    FILE *table = fopen(TEST_SOURCE_DIR "/exactness/numbers.tsv", "r");
    ck_assert_ptr_nonnull(table);
    char line[LINE];
    update u = {0};
    int forms = 0, rows = 0;
    for (; fgets(line, sizeof line, table); rows++) {
        line[strcspn(line, "\n")] = 0;
        char *rest = line, *kind = strsep(&rest, "\t");
        int tensor;
        ck_assert_msg(rest != NULL, "no row: %s", line);
        if (strcmp(kind, "tensor") == 0) {
            ck_assert_int_eq(sscanf(rest, "%d", &tensor), 1);
            ck_assert_int_lt(tensor, TENSORS);
            ck_assert_int_eq(sscanf(rest, "%*d %159s", names[tensor]), 1);
        } else if (strcmp(kind, "form") == 0) {
            close_update(&u);
            run_form(rest, &u);
            forms++;
        } else if (strcmp(kind, "term") == 0) {
            check_term(u.folder, rest);
        } else {
            check_tensor(strcmp(kind, "heads") == 0 ? &u.heads : &u.student, rest);
        }
    }
    close_update(&u);
    fclose(table);
    ck_assert_int_eq(forms, 14);
    ck_assert_int_gt(rows, 14 * 160);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("exactness");
    TCase *t = tcase_create("exactness");
    tcase_set_timeout(t, 280);
    tcase_add_test(t, updates_are_pytorchs);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
