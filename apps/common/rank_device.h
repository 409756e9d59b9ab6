/* Which device each of several ranks opens. */
#ifndef BC_APPS_COMMON_RANK_DEVICE_H
#define BC_APPS_COMMON_RANK_DEVICE_H

#include "apps/common/say.h"
#include "host/device/host.h"
#include "host/team/team.h"

enum { APP_SELECTOR = 256 };
/* Which device this rank opens: its item of a list with commas, in turn; the one that is asked for; or, where nothing is asked for, the
 * devices of the best kind in turn. *selector is what was asked for (NULL or empty: nothing), and becomes the answer, which may be in `text`. */
bc_status app_ranks_device(bc_error *err, const bc_team *team, const char **selector,
                           char text[APP_SELECTOR]);
/* On rank 0 a line for each rank: where it is, and its device. */
bc_status app_ranks_print(app_volume volume, bc_team *team, const bc_host *host);

#endif
