/* What commands print of data and results: scores as a table, and what a data set holds. */
#ifndef BC_APPS_METRICS_H
#define BC_APPS_METRICS_H

#include "apps/common/say.h"
#include "bicross/train/evaluate.h"

#include <stdio.h>

void app_scores_table(FILE *out, const bc_scores *scores);

/* A fact: what a data set holds; none for NULL. */
bc_status app_data_print(bc_error *err, app_volume volume, const char *role, bc_dataset *dataset);

#endif
