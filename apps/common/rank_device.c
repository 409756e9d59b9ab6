#include "apps/common/rank_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bc_status item_of(bc_error *err, const bc_team *team, const char *list, char text[APP_SELECTOR]) {
    int items = 1, wanted;
    for (const char *c = list; *c; c++)
        items += *c == ',';
    wanted = bc_team_place(team) % items;
    for (; wanted > 0; wanted--)
        list = strchr(list, ',') + 1;
    size_t length = strcspn(list, ",");
    if (length == 0 || length >= APP_SELECTOR)
        return bc_fail(err, BC_E_ARGUMENT,
                       "a list of devices has numbers or names with commas between them, such as 0,1");
    memcpy(text, list, length);
    text[length] = '\0';
    return BC_OK;
}

/* Those that are of the same kind as the best one come first in the list. */
static bc_status best_of(bc_error *err, const bc_team *team, char text[APP_SELECTOR]) {
    int count, alike = 0;
    bc_device_info *list = malloc(BC_MAX_DEVICES * sizeof *list);
    if (!list)
        return bc_fail(err, BC_E_MEMORY, "no memory to list the OpenCL devices");
    bc_status status = bc_devices_list(err, list, &count);
    while (status == BC_OK && alike < count && list[alike].type == list[0].type &&
           list[alike].integrated == list[0].integrated)
        alike++;
    free(list);
    if (status == BC_OK)
        snprintf(text, APP_SELECTOR, "%d", bc_team_place(team) % alike);
    return status;
}

bc_status app_ranks_device(bc_error *err, const bc_team *team, const char **selector,
                           char text[APP_SELECTOR]) {
    const char *wanted = *selector;
    if (!team)
        return BC_OK;
    BC_TRY(wanted && *wanted ? item_of(err, team, wanted, text) : best_of(err, team, text));
    *selector = text;
    return BC_OK;
}

bc_status app_ranks_print(app_volume volume, bc_team *team, const bc_host *host) {
    enum { LENGTH = 224 };
    char line[LENGTH], machine[64] = "";
    int ranks = bc_team_size(team);
    if (!team)
        return BC_OK;
    char *all = malloc((size_t)ranks * LENGTH);
    if (!all)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory for the devices of %d ranks", ranks);
    gethostname(machine, sizeof machine - 1);
    memset(line, 0, sizeof line);
    snprintf(line, sizeof line, "%s, %.120s%s", machine, bc_host_device(host)->name,
             bc_host_device(host)->kind == BC_CLASS_CPU && bc_team_places(team) > 1
                 ? " (whose cores its ranks share)"
                 : "");
    bc_status status = bc_team_gather(team, bc_host_error(host), line, sizeof line, all);
    for (int r = 0; r < ranks && status == BC_OK; r++)
        app_tell(volume, "rank %d of %d: %s", r, ranks, all + (size_t)r * LENGTH);
    free(all);
    return status;
}
