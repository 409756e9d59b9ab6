#include "bicross/train/scores_text.h"

#include <math.h>

const char *const bc_metric_names[BC_METRICS] = {"AbsRel", "SqRel",  "RMSE",  "RMSElog",
                                                 "delta1", "delta2", "delta3"};
const char *const bc_metric_keys[BC_METRICS] = {"abs_rel", "sq_rel", "rmse",  "rmse_log",
                                                "delta1",  "delta2", "delta3"};
const char *const bc_region_words[BC_REGION_COUNT] = {"all", "objects", "far"};

double bc_metric_value(const bc_metrics *m, int which) {
    const double all[BC_METRICS] = {m->abs_rel,  m->sq_rel,   m->rmse,    m->rmse_log,
                                    m->delta[0], m->delta[1], m->delta[2]};
    return all[which];
}

static void number(FILE *out, double value) {
    if (isfinite(value))
        fprintf(out, "%.9g", value);
    else
        fputs("null", out);
}

static void numbers(FILE *out, const char *name, const double *values, int count) {
    fprintf(out, ", \"%s\": [", name);
    for (int i = 0; i < count; i++) {
        fputs(i ? ", " : "", out);
        number(out, values[i]);
    }
    fputc(']', out);
}

static void metrics_json(FILE *out, const bc_metrics *m) {
    for (int k = 0; k < BC_METRICS; k++) {
        fprintf(out, "\"%s\": ", bc_metric_keys[k]);
        number(out, m->images ? bc_metric_value(m, k) : NAN);
        fputs(", ", out);
    }
    fprintf(out, "\"images\": %d, \"looked_at\": %d, \"pixels\": %ld", m->images, m->looked_at, m->pixels);
}

static void uncertainty_json(FILE *out, const bc_uncertainty_score *s) {
    fputs(", \"uncertainty\": {\"sparsification_error\": ", out);
    number(out, s->sparsification_error);
    fputs(", \"calibration_error\": ", out);
    number(out, s->calibration_error);
    numbers(out, "by_uncertainty", s->by_uncertainty, BC_SPARSIFICATION_STEPS);
    numbers(out, "by_error", s->by_error, BC_SPARSIFICATION_STEPS);
    numbers(out, "bin_pixels", s->pixels, BC_CALIBRATION_BINS);
    numbers(out, "bin_uncertainty", s->uncertainty, BC_CALIBRATION_BINS);
    numbers(out, "bin_error", s->error, BC_CALIBRATION_BINS);
    fputc('}', out);
}

static void members_json(FILE *out, const bc_scores *scores) {
    metrics_json(out, &scores->regions[BC_REGION_ALL]);
    for (int region = BC_REGION_OBJECTS; region < BC_REGION_COUNT; region++) {
        fprintf(out, ", \"%s\": {", bc_region_words[region]);
        metrics_json(out, &scores->regions[region]);
        fputc('}', out);
    }
    uncertainty_json(out, &scores->uncertainty);
}

void bc_scores_json(FILE *out, const bc_scores *scores) {
    fputc('{', out);
    members_json(out, scores);
    fputc('}', out);
}

void bc_scores_images_json(FILE *out, const bc_scores *scores, const float *abs_rel, int count) {
    fputc('{', out);
    members_json(out, scores);
    fputs(", \"image_abs_rel\": [", out);
    for (int i = 0; i < count; i++) {
        fputs(i ? ", " : "", out);
        number(out, (double)abs_rel[i]);
    }
    fputs("]}", out);
}
