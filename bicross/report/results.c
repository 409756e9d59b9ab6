#include "bicross/report/results.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int whole_number(double value) {
    return value >= 0 && value <= INT_MAX ? (int)value : 0;
}

static void read_numbers(const bc_json_value *object, const char *name, double *values, int count) {
    const bc_json_value *v = bc_json_first(bc_json_member(object, name));
    for (int i = 0; i < count; i++, v = v ? bc_json_next(v) : NULL)
        values[i] = v ? v->number : NAN;
}

static void read_uncertainty(const bc_json_value *object, bc_result_scores *out) {
    out->sparsification_error = bc_json_member_number(object, "sparsification_error");
    out->calibration_error = bc_json_member_number(object, "calibration_error");
    read_numbers(object, "by_uncertainty", out->by_uncertainty, BC_SPARSIFICATION_STEPS);
    read_numbers(object, "by_error", out->by_error, BC_SPARSIFICATION_STEPS);
    read_numbers(object, "bin_pixels", out->pixels, BC_CALIBRATION_BINS);
    read_numbers(object, "bin_uncertainty", out->uncertainty, BC_CALIBRATION_BINS);
    read_numbers(object, "bin_error", out->error, BC_CALIBRATION_BINS);
}

static bc_status read_images(bc_error *err, const bc_json_value *list, bc_result_scores *out) {
    if (!list || list->count == 0)
        return BC_OK;
    out->image_abs_rel = malloc((size_t)list->count * sizeof *out->image_abs_rel);
    if (!out->image_abs_rel)
        return bc_fail(err, BC_E_MEMORY, "no host memory for the scores of %d images", list->count);
    for (const bc_json_value *v = bc_json_first(list); v; v = bc_json_next(v))
        out->image_abs_rel[out->image_count++] = v->number;
    return BC_OK;
}

static bc_status read_scores(bc_error *err, const bc_json_value *object, bc_result_scores *out) {
    for (int k = 0; k < BC_METRICS; k++)
        out->metrics[k] = bc_json_member_number(object, bc_metric_keys[k]);
    out->objects =
        bc_json_member_number(bc_json_member(object, bc_region_words[BC_REGION_OBJECTS]), bc_metric_keys[0]);
    out->far =
        bc_json_member_number(bc_json_member(object, bc_region_words[BC_REGION_FAR]), bc_metric_keys[0]);
    out->images = whole_number(bc_json_member_number(object, "images"));
    read_uncertainty(bc_json_member(object, "uncertainty"), out);
    return read_images(err, bc_json_member(object, "image_abs_rel"), out);
}

/* --- of the demo --- */

static bc_status name_arms(bc_error *err, const char *path, const bc_json_value *arms, bc_results *out) {
    for (const bc_json_value *v = bc_json_first(arms); v; v = bc_json_next(v)) {
        if (!v->name || out->arm_count == BC_RESULT_ARMS)
            return bc_fail(err, BC_E_FORMAT, "%s: expected at most %d arms with names", path, BC_RESULT_ARMS);
        out->arms[out->arm_count++] = v->name;
    }
    return BC_OK;
}

static bc_status read_seed(bc_error *err, const char *path, const bc_json_value *object, bc_results *out) {
    const bc_json_value *arms = bc_json_member(object, "arms");
    bc_result_seed *seed = &out->seeds[out->seed_count];
    if (out->seed_count == 0)
        BC_TRY(name_arms(err, path, arms, out));
    seed->seed = whole_number(bc_json_member_number(object, "seed"));
    out->seed_count++; /* from here bc_results_release finds it */
    for (int i = 0; i < out->arm_count; i++) {
        const bc_json_value *arm = bc_json_member(arms, out->arms[i]);
        if (!arm)
            return bc_fail(err, BC_E_FORMAT, "%s: seed %d has no arm \"%s\", which the first seed has", path,
                           seed->seed, out->arms[i]);
        BC_TRY(read_scores(err, bc_json_member(arm, "target"), &seed->target[i]));
        BC_TRY(read_scores(err, bc_json_member(arm, "source"), &seed->source[i]));
    }
    return BC_OK;
}

static bc_status make_seeds(bc_error *err, const char *path, int count, bc_results *out) {
    out->seeds = calloc((size_t)count, sizeof *out->seeds);
    return out->seeds ? BC_OK : bc_fail(err, BC_E_MEMORY, "no host memory for %d seeds of %s", count, path);
}

static bc_status read_seeds(bc_error *err, const char *path, const bc_json_value *list, bc_results *out) {
    enum { MOST_SEEDS = 1000 };
    if (list->count > MOST_SEEDS)
        return bc_fail(err, BC_E_FORMAT, "%s: expected at most %d seeds, found %d", path, MOST_SEEDS,
                       list->count);
    if (list->count == 0)
        return BC_OK;
    BC_TRY(make_seeds(err, path, list->count, out));
    for (const bc_json_value *v = bc_json_first(list); v; v = bc_json_next(v))
        BC_TRY(read_seed(err, path, v, out));
    return BC_OK;
}

/* --- all --- */

static void read_about(const bc_json_value *root, bc_results *out) {
    const bc_json_value *quick = bc_json_member(root, "quick");
    out->command = bc_json_member_text(root, "command");
    out->version = bc_json_member_text(root, "version");
    out->device = bc_json_member_text(root, "device");
    out->driver = bc_json_member_text(root, "driver");
    out->scenario = bc_json_member_text(root, "scenario");
    out->protocol = bc_json_member_text(root, "protocol");
    out->model = bc_json_member_text(root, "model");
    out->method = bc_json_member_text(root, "method");
    out->quick = quick && quick->kind == BC_JSON_BOOL && quick->number != 0;
}

static bc_status read_all(bc_error *err, const char *path, const char *network, bc_results *out) {
    const bc_json_value *root = out->tree.values, *seeds = bc_json_member(root, "seeds");
    read_about(root, out);
    if (seeds)
        return read_seeds(err, path, seeds, out);
    if (!bc_json_member(root, bc_metric_keys[0]))
        return BC_OK;
    BC_TRY(make_seeds(err, path, 1, out));
    out->arms[out->arm_count++] = network;
    out->seed_count = 1;
    return read_scores(err, root, &out->seeds[0].target[0]);
}

bc_status bc_results_read(bc_error *err, const char *path, const char *network, bc_results *out) {
    *out = (bc_results){0};
    BC_TRY(bc_json_tree_read(err, path, &out->tree));
    bc_status status = read_all(err, path, network, out);
    if (status != BC_OK)
        bc_results_release(out);
    return status;
}

void bc_results_release(bc_results *r) {
    for (int s = 0; s < r->seed_count; s++)
        for (int i = 0; i < r->arm_count; i++) {
            free(r->seeds[s].target[i].image_abs_rel);
            free(r->seeds[s].source[i].image_abs_rel);
        }
    free(r->seeds);
    bc_json_tree_release(&r->tree);
    *r = (bc_results){0};
}

int bc_results_arm(const bc_results *r, const char *name) {
    for (int i = 0; i < r->arm_count; i++)
        if (strcmp(r->arms[i], name) == 0)
            return i;
    return -1;
}
