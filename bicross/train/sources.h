/* The data sets that a configuration names. */
#ifndef BC_BICROSS_TRAIN_SOURCES_H
#define BC_BICROSS_TRAIN_SOURCES_H

#include "bicross/data/dataset.h"
#include "bicross/train/stage.h"

typedef enum bc_source_role {
    BC_ROLE_SOURCE,
    BC_ROLE_TARGET,          /* to adapt to: its depth files are not even looked at */
    BC_ROLE_LABELLED_TARGET, /* the same with its labels, for the supervised stage */
    BC_ROLE_VALIDATION,
    BC_ROLE_TEST
} bc_source_role;

/* Opens one. *out is NULL, without a failure, when there is no validation set; any other that is not named is
 * an error that says which key is empty. */
bc_status bc_source_open(bc_host *host, const bc_config *config, bc_source_role role, bc_dataset **out);

/* What several stages read, opened once for all of them. */
typedef struct bc_sources {
    bc_dataset *source, *target, *validation,
        *test; /* NULL where it is not needed, or not there (validation) */
} bc_sources;

/* Opens, and looks at, everything that the stages need, and the test set when the result is `scored`: files that are missing, kinds of
 * data that a stage needs and the set has not, sets without any label that counts. So the last stage's data are known to be there before the
 * first update of the first. On failure *out is empty. */
bc_status bc_sources_open(bc_host *host, const bc_config *config, const bc_stage *stages, int count,
                          bool scored, bc_sources *out);
void bc_sources_close(bc_sources *data);
#endif
