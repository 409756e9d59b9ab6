/* The data sets that a configuration names. */
#ifndef BC_APPS_DATA_H
#define BC_APPS_DATA_H

#include "bicross/config.h"

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

#endif
