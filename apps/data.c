/* Data sets of a configuration. */
#include "apps/data.h"

#include <string.h>

typedef struct role_info {
    const char *key, *path;
    int first, count;
    bc_domain domain;
} role_info;

static role_info role_of(const bc_config *c, app_role role) {
    switch (role) {
    case APP_SOURCE:
        return (role_info){"source", c->source, c->source_first, c->source_count, BC_SOURCE};
    case APP_TARGET:
    case APP_LABELLED_TARGET:
        return (role_info){"target", c->target, c->target_first, c->target_count, BC_TARGET};
    case APP_VALIDATION:
        return (role_info){"validation", c->validation, c->validation_first, c->validation_count, BC_SOURCE};
    default:
        return (role_info){"test", c->test, c->test_first, c->test_count, BC_TARGET};
    }
}

static bc_split split_of(app_role role) {
    return role == APP_VALIDATION ? BC_SPLIT_VALIDATION : role == APP_TEST ? BC_SPLIT_TEST : BC_SPLIT_TRAIN;
}

static const bc_domain_config *domain_of(const bc_config *c, bc_domain domain) {
    return domain == BC_SOURCE ? &c->source_domain : &c->target_domain;
}

static bc_status open_world(bc_host *host, const bc_config *c, app_role role, bc_dataset **out) {
    role_info info = role_of(c, role);
    const bc_domain_config *domain = domain_of(c, info.domain);
    bc_scenario scenario;
    BC_TRY(bc_scenario_find(bc_host_error(host), c->scenario, &scenario));
    BC_TRY(bc_world_open(host, scenario, info.domain, split_of(role), (uint32_t)c->seed, info.count,
                         c->world_height, c->world_width, out));
    (*out)->crop_height = domain->crop_height;
    (*out)->crop_width = domain->crop_width;
    return BC_OK;
}

static bc_status open_folder(bc_host *host, const bc_config *c, app_role role, bc_dataset **out) {
    role_info info = role_of(c, role);
    const bc_domain_config *domain = domain_of(c, info.domain);
    bc_folder_options options = {
        .labels = role != APP_TARGET,
        .depth_scale = domain->depth_scale,
        .crop_height = domain->crop_height,
        .crop_width = domain->crop_width,
        .dat = c->dat,
        .simulate = c->simulate,
        .simulator = strcmp(c->noise, "sensor") == 0 ? bc_simulator_sensor() : bc_simulator_ideal(),
        .seed = (uint32_t)c->seed,
        .first = info.first,
        .limit = info.count,
    };
    return bc_folder_open(host, info.path, &options, out);
}

bc_status app_data_open(bc_host *host, const bc_config *config, app_role role, bc_dataset **out) {
    *out = NULL;
    role_info info = role_of(config, role);
    bool world = strcmp(config->kind, "world") == 0;
    bool named = world ? info.count > 0 : info.path[0] != 0;
    if (named)
        return (world ? open_world : open_folder)(host, config, role, out);
    if (role == APP_VALIDATION)
        return BC_OK;
    return bc_fail(bc_host_error(host), BC_E_ARGUMENT, "this needs %s samples, but data.%s%s is %s", info.key,
                   info.key, world ? "_count" : "", world ? "0" : "empty");
}
