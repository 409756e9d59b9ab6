/* The seven metrics as a table and as JSON. */
#ifndef BC_APPS_METRICS_H
#define BC_APPS_METRICS_H

#include "bicross/train/evaluate.h"

#include <stdio.h>

void app_metrics_table(FILE *out, const bc_metrics *metrics);
void app_metrics_json(FILE *out, const bc_metrics *metrics);

#endif
