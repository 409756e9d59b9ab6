#include "bicross/train/uncertainty_score.h"

#include <math.h>
#include <stdlib.h>

static int compare(float a, float b) {
    return (a > b) - (a < b);
}

static int more_certain(const void *left, const void *right) {
    return compare(((const bc_judged_pixel *)left)->uncertainty,
                   ((const bc_judged_pixel *)right)->uncertainty);
}

/* Where uncertainties are equal the order says nothing, so that each of these pixels has their mean error. */
static void share_errors(bc_judged_pixel *pixels, int count) {
    int end;
    for (int first = 0; first < count; first = end) {
        double sum = 0;
        for (end = first; end < count && pixels[end].uncertainty == pixels[first].uncertainty; end++)
            sum += (double)pixels[end].error;
        for (int i = first; i < end && end - first > 1; i++)
            pixels[i].error = (float)(sum / (end - first));
    }
}

static int smaller_error(const void *left, const void *right) {
    return compare(((const bc_judged_pixel *)left)->error, ((const bc_judged_pixel *)right)->error);
}

/* Adds the mean errors of the first pixels, whose share falls from 1 by steps of a twentieth. */
static void add_curve(double curve[BC_SPARSIFICATION_STEPS], const bc_judged_pixel *pixels, int count) {
    double sum = 0;
    int taken = 0;
    for (int step = BC_SPARSIFICATION_STEPS - 1; step >= 0; step--) {
        int left = (int)((long)count * (BC_SPARSIFICATION_STEPS - step) / BC_SPARSIFICATION_STEPS);
        left = left > 0 ? left : 1;
        for (; taken < left; taken++)
            sum += (double)pixels[taken].error;
        curve[step] += sum / left;
    }
}

static void add_to_bins(bc_uncertainty_score *s, const bc_judged_pixel *pixels, int count) {
    for (int i = 0; i < count; i++) {
        double u = fmin(fmax((double)pixels[i].uncertainty, 0), 1);
        int bin = (int)fmin(u * BC_CALIBRATION_BINS, BC_CALIBRATION_BINS - 1);
        s->pixels[bin] += 1;
        s->uncertainty[bin] += u;
        s->error[bin] += fmin((double)pixels[i].error, 1);
    }
}

void bc_uncertainty_add(bc_uncertainty_score *score, bc_judged_pixel *pixels, int count) {
    if (count == 0)
        return;
    score->images++;
    add_to_bins(score, pixels, count);
    qsort(pixels, (size_t)count, sizeof *pixels, smaller_error);
    add_curve(score->by_error, pixels, count);
    qsort(pixels, (size_t)count, sizeof *pixels, more_certain);
    share_errors(pixels, count);
    add_curve(score->by_uncertainty, pixels, count);
}

static void add_all(double *sum, const double *more, int count) {
    for (int k = 0; k < count; k++)
        sum[k] += more[k];
}

void bc_uncertainty_join(bc_uncertainty_score *score, const bc_uncertainty_score *other) {
    score->images += other->images;
    add_all(score->by_uncertainty, other->by_uncertainty, BC_SPARSIFICATION_STEPS);
    add_all(score->by_error, other->by_error, BC_SPARSIFICATION_STEPS);
    add_all(score->pixels, other->pixels, BC_CALIBRATION_BINS);
    add_all(score->uncertainty, other->uncertainty, BC_CALIBRATION_BINS);
    add_all(score->error, other->error, BC_CALIBRATION_BINS);
}

void bc_uncertainty_finish(bc_uncertainty_score *s) {
    double all = 0;
    for (int k = 0; k < BC_SPARSIFICATION_STEPS && s->images; k++) {
        s->by_uncertainty[k] /= s->images;
        s->by_error[k] /= s->images;
        s->sparsification_error += (s->by_uncertainty[k] - s->by_error[k]) / BC_SPARSIFICATION_STEPS;
    }
    for (int k = 0; k < BC_CALIBRATION_BINS; k++) {
        double pixels = fmax(s->pixels[k], 1);
        s->uncertainty[k] /= pixels;
        s->error[k] /= pixels;
        s->calibration_error += s->pixels[k] * fabs(s->uncertainty[k] - s->error[k]);
        all += s->pixels[k];
    }
    s->calibration_error /= fmax(all, 1);
}
