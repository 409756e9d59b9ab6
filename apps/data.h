/* The data sets that a configuration names. */
#ifndef BC_APPS_DATA_H
#define BC_APPS_DATA_H

#include "bicross/train/evaluate.h"
#include "bicross/train/train.h"

typedef enum app_role {
    APP_SOURCE,
    APP_TARGET,          /* to adapt to: its depth files are not even looked at */
    APP_LABELLED_TARGET, /* the same with its labels, for the supervised stage */
    APP_VALIDATION,
    APP_TEST
} app_role;

/* Opens one. *out is NULL, without a failure, when there is no validation set; any other that is not named is
 * an error that says which key is empty. */
bc_status app_data_open(bc_host *host, const bc_config *config, app_role role, bc_dataset **out);

/* What several stages read, opened once for all of them. */
typedef struct app_data {
    bc_dataset *source, *target, *validation,
        *test; /* NULL where it is not needed, or not there (validation) */
} app_data;

/* Opens, and looks at, everything that the stages need, and the test set when the result is `scored`: files that are missing, kinds of
 * data that a stage needs and the set has not, sets without any label that counts. So the last stage's data are known to be there before the
 * first update of the first. On failure *out is empty. */
bc_status app_data_open_all(bc_host *host, const bc_config *config, const bc_stage *stages, int count,
                            bool scored, app_data *out);
void app_data_close(app_data *data);
/* One line on stderr: what a data set holds; none for NULL. */
bc_status app_data_print(bc_error *err, const char *role, bc_dataset *dataset);

#endif
