/* What commands print of data and results: scores as a table, and what a data set holds. */
#ifndef BC_APPS_METRICS_H
#define BC_APPS_METRICS_H

#include "bicross/train/evaluate.h"

#include <stdio.h>

void app_scores_table(FILE *out, const bc_scores *scores);

/* One line on stderr: what a data set holds; none for NULL. */
bc_status app_data_print(bc_error *err, const char *role, bc_dataset *dataset);

#endif
