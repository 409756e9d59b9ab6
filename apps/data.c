/* Data sets of a configuration. */
#include "apps/data.h"

#include <string.h>

typedef struct role_info {
    const char *key, *path;
    bc_domain domain;
    bc_split split;
    int count;
} role_info;

static role_info role_of(const bc_config *c, app_role role) {
    switch (role) {
    case APP_SOURCE:
        return (role_info){"source", c->source, BC_SOURCE, BC_SPLIT_TRAIN, c->source_count};
    case APP_TARGET:
        return (role_info){"target", c->target, BC_TARGET, BC_SPLIT_TRAIN, c->target_count};
    case APP_VALIDATION:
        return (role_info){"validation", c->validation, BC_SOURCE, BC_SPLIT_VALIDATION, c->validation_count};
    default:
        return (role_info){"test", c->test, BC_TARGET, BC_SPLIT_TEST, c->test_count};
    }
}

static bc_status open_world(bc_host *host, const bc_config *c, const role_info *role, bc_dataset **out) {
    bc_scenario scenario;
    BC_TRY(bc_scenario_find(bc_host_error(host), c->scenario, &scenario));
    BC_TRY(bc_world_open(host, scenario, role->domain, role->split, (uint32_t)c->seed, role->count,
                         c->world_height, c->world_width, out));
    (*out)->crop_height = c->crop_height;
    (*out)->crop_width = c->crop_width;
    return BC_OK;
}

static bc_status open_folder(bc_host *host, const bc_config *c, const role_info *role, bc_dataset **out) {
    bc_folder_options options = {
        .depth_scale = c->depth_scale,
        .crop_height = c->crop_height,
        .crop_width = c->crop_width,
        .simulate = c->simulate,
        .simulator = strcmp(c->noise, "sensor") == 0 ? bc_simulator_sensor() : bc_simulator_ideal(),
        .seed = (uint32_t)c->seed,
        .limit = role->count,
    };
    return bc_folder_open(host, role->path, &options, out);
}

bc_status app_data_open(bc_host *host, const bc_config *config, app_role role, bc_dataset **out) {
    *out = NULL;
    role_info info = role_of(config, role);
    bool world = strcmp(config->kind, "world") == 0;
    bool named = world ? info.count > 0 : info.path[0] != 0;
    if (named)
        return (world ? open_world : open_folder)(host, config, &info, out);
    if (role == APP_VALIDATION)
        return BC_OK;
    return bc_fail(bc_host_error(host), BC_E_ARGUMENT, "this needs %s samples, but data.%s%s is %s", info.key,
                   info.key, world ? "_count" : "", world ? "0" : "empty");
}
