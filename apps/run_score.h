/* The score of a finished run on its test set, with what the report shows of it. */
#ifndef BC_APPS_RUN_SCORE_H
#define BC_APPS_RUN_SCORE_H

#include "bicross/config/config.h"
#include "bicross/data/dataset.h"
#include "host/device/host.h"
#include "host/team/team.h"

typedef struct app_run {
    bc_host *host;
    const bc_config *config; /* config->out is the run folder */
    bc_dataset *test;
    bc_team *team;
    const char *weights;
} app_run;

/* Prints the metrics and writes table.txt, results.json and some pictures into the run folder; of several ranks the first does. */
bc_status app_run_score(const app_run *run);

#endif
