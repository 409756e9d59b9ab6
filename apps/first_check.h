/* The check of a driver before it is trained on for the first time. */
#ifndef BC_APPS_FIRST_CHECK_H
#define BC_APPS_FIRST_CHECK_H

#include "apps/common/options.h"
#include "bicross/config/config.h"

/* Checks the device that app_host would open, unless it is known from before, or not wanted (app_checks_off). BC_E_OPENCL: what would be
 * taken there is wrong. A device that cannot be checked is said, and taken. */
bc_status app_first_check(bc_error *err, const app_common *common, const bc_config *config);

#endif
