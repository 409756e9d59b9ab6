/* What the sub-commands share: their table, exit statuses, and opening a device and a configuration as asked.
 */
#ifndef BC_APPS_COMMON_APP_H
#define BC_APPS_COMMON_APP_H

#include "apps/common/options.h"
#include "bicross/config/config.h"
#include "host/tuning/choices.h"

#include <stdio.h>

extern const app_command app_devices, app_selftest, app_demo, app_synth, app_simulate, app_reconstruct,
    app_calibrate, app_data, app_train, app_eval, app_predict, app_convert, app_export, app_inspect,
    app_report, app_bench, app_tune;

/* Prints the recorded message of a failure on stderr. Exit status: 0 done, 2 the caller's mistake
 * (BC_E_ARGUMENT), 130 interrupted, 1 any other failure. */
int app_exit(const bc_error *err, bc_status status);

/* Defaults (or what `config` holds when `keep` is set), then the file (may be NULL), then --set and --seed;
 * checked. */
bc_status app_config(bc_error *err, const app_common *common, const char *path, bool keep, bc_config *config);

/* Finds the device of --device, else of `config` (may be NULL), else of the environment, else the best. */
bc_status app_device(bc_error *err, const app_common *common, const bc_config *config, bc_device_info *out);
/* Opens it; `common` must outlive the host. What failed on it in bicross selftest is left out, and compiling takes its time: both are told. */
bc_status app_host(bc_error *err, const app_common *common, const bc_config *config, bool profile,
                   bc_host **out);

/* Closes it (NULL is allowed), and tells as a detail what it has cost. */
void app_host_close(const app_common *common, bc_host *host);

/* Where the table has lines that this version does not know. */
void app_warn_of_skipped(app_volume volume, const bc_tuning *tuning);

/* folder/name; BC_E_ARGUMENT when that is longer than fits. */
enum { APP_PATH = 1024 };
bc_status app_path(bc_error *err, char path[APP_PATH], const char *folder, const char *name);
/* "out.png" of the input `car` (NULL: none is named) and number 3 (below 0: none) becomes "out-car-0003.png". */
bc_status app_numbered_path(bc_error *err, const char *path, const char *name, long number,
                            char out[APP_PATH]);

/* Text from a file or a device as a terminal may be given it (host/base/text.h), padded to `width`. */
void app_shown(FILE *out, const char *text, int width);

#endif
