/* How well predicted uncertainty tells where depth is wrong. The uncertainty head predicts the relative error |d-y|/y, clamped to
 * [0,1] (method.md 2.3), so that it can be judged as a ranking (sparsification, Ilg et al. 2018) and as a number (calibration). */
#ifndef BC_BICROSS_TRAIN_UNCERTAINTY_SCORE_H
#define BC_BICROSS_TRAIN_UNCERTAINTY_SCORE_H

enum { BC_SPARSIFICATION_STEPS = 20, BC_CALIBRATION_BINS = 10 };

typedef struct bc_uncertainty_score {
    int images; /* that were added */
    /* AbsRel of what is left when the most uncertain k/20 of the pixels of each image are taken away; the same in the order of the true
     * errors. Sums over images until bc_uncertainty_finish, then means. */
    double by_uncertainty[BC_SPARSIFICATION_STEPS], by_error[BC_SPARSIFICATION_STEPS];
    /* The mean difference of the two: 0 is a perfect ranking. */
    double sparsification_error;
    /* Pixels of all images by their uncertainty (bin k: [k/10, (k+1)/10), the first and last open): how many, and their mean
     * uncertainty and error, both clamped to [0,1]. */
    double pixels[BC_CALIBRATION_BINS], uncertainty[BC_CALIBRATION_BINS], error[BC_CALIBRATION_BINS];
    /* The mean of |uncertainty - error| over bins, weighted by their pixels. */
    double calibration_error;
} bc_uncertainty_score;

/* Adds an image's `count` pixels that have a label: relative errors and uncertainties, which are changed. */
typedef struct bc_judged_pixel {
    float error, uncertainty;
} bc_judged_pixel;
void bc_uncertainty_add(bc_uncertainty_score *score, bc_judged_pixel *pixels, int count);
/* Adds what was added to another score. */
void bc_uncertainty_join(bc_uncertainty_score *score, const bc_uncertainty_score *other);
void bc_uncertainty_finish(bc_uncertainty_score *score);

#endif
