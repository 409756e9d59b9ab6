/* Scores as JSON and in words, the same in every command. */
#ifndef BC_BICROSS_TRAIN_SCORES_TEXT_H
#define BC_BICROSS_TRAIN_SCORES_TEXT_H

#include "bicross/train/evaluate.h"

#include <stdio.h>

enum { BC_METRICS = 7 };
extern const char *const bc_metric_names[BC_METRICS]; /* AbsRel, ... */
extern const char *const bc_metric_keys[BC_METRICS];  /* abs_rel, ...: of the JSON */
double bc_metric_value(const bc_metrics *metrics, int which);

/* As words in tables, and as keys of the JSON, but for the whole image. */
extern const char *const bc_region_words[BC_REGION_COUNT];

/* One object: the metrics of all pixels, then "objects", "far" and "uncertainty" with theirs. null stands where nothing was
 * measured: JSON has no NaN, and 0 would be a perfect score. */
void bc_scores_json(FILE *out, const bc_scores *scores);
/* The same with "image_abs_rel": the AbsRel of each of `count` images, null where it was not measured. */
void bc_scores_images_json(FILE *out, const bc_scores *scores, const float *abs_rel, int count);

#endif
