/* What checking a device found out, where it is used. */
#ifndef BC_APPS_COMMON_CHECKED_H
#define BC_APPS_COMMON_CHECKED_H

#include "apps/common/options.h"
#include "bicross/reference/findings.h"

/* Neither checks nor what they found are wanted: --force, or BICROSS_SELFTEST=off. BC_E_ARGUMENT: it is something else. */
bc_status app_checks_off(bc_error *err, const app_common *common, bool *off);
/* What is left out where the device is opened now, and what is wrong all the same (NULL: nothing). */
const bc_finding *app_judge(const bc_findings *findings, const bc_device_info *device, bc_left_out *left_out);
/* What is known to fail on the device, which is said on stderr. A file that cannot be read is said, and nothing is left out. */
bc_status app_left_out(bc_error *err, const app_common *common, const bc_device_info *device,
                       bc_left_out *out);

#endif
