/* Data sets of a configuration. */
#include "bicross/train/sources.h"

#include "bicross/data/folder.h"
#include "bicross/data/labels.h"
#include "bicross/data/recording.h"

#include <stdio.h>

typedef struct role_info {
    const char *key, *path, *list;
    int first, count;
    bc_domain domain;
} role_info;

/* Validation may be on the test set. */
static bc_source_role settled(const bc_config *c, bc_source_role role) {
    return role == BC_ROLE_VALIDATION && c->validate_on == BC_VALIDATE_TEST ? BC_ROLE_TEST : role;
}

static role_info role_of(const bc_config *c, bc_source_role role) {
    switch (role) {
    case BC_ROLE_SOURCE:
        return (role_info){"source", c->source, c->source_list, c->source_first, c->source_count, BC_SOURCE};
    case BC_ROLE_TARGET:
    case BC_ROLE_LABELLED_TARGET:
        return (role_info){"target", c->target, c->target_list, c->target_first, c->target_count, BC_TARGET};
    case BC_ROLE_VALIDATION:
        return (role_info){"validation",        c->validation,       c->validation_list,
                           c->validation_first, c->validation_count, BC_SOURCE};
    default:
        return (role_info){"test", c->test, c->test_list, c->test_first, c->test_count, BC_TARGET};
    }
}

static bc_split split_of(bc_source_role role) {
    return role == BC_ROLE_VALIDATION ? BC_SPLIT_VALIDATION
           : role == BC_ROLE_TEST     ? BC_SPLIT_TEST
                                      : BC_SPLIT_TRAIN;
}

static const bc_domain_config *domain_of(const bc_config *c, bc_domain domain) {
    return domain == BC_SOURCE ? &c->source_domain : &c->target_domain;
}

static bc_status open_world(bc_host *host, const bc_config *c, bc_source_role role, bc_dataset **out) {
    role_info info = role_of(c, role);
    const bc_domain_config *domain = domain_of(c, info.domain);
    BC_TRY(bc_world_open(host, c->scenario, info.domain, split_of(role), (uint32_t)c->seed, info.count,
                         c->world_height, c->world_width, out));
    (*out)->crop_height = domain->crop_height;
    (*out)->crop_width = domain->crop_width;
    return BC_OK;
}

static bc_filming filming_of(const bc_config *c) {
    bc_filming filming = {.simulator = bc_simulator_of(c->noise),
                          .interpolation = c->interpolate,
                          .sub_frames = c->sub_frames,
                          .fps_up = c->fps_up};
    filming.simulator.gain = c->simulation_gain;
    filming.simulator.threshold = c->theta;
    return filming;
}

static bc_status open_files(bc_host *host, const bc_config *c, bc_source_role role, bc_dataset **out) {
    role_info info = role_of(c, role);
    const bc_domain_config *domain = domain_of(c, info.domain);
    bc_file_set_options options = {
        .labels = role != BC_ROLE_TARGET,
        .depth_scale = domain->depth_scale,
        .crop_height = domain->crop_height,
        .crop_width = domain->crop_width,
        .spikes = {.width = c->dat_width,
                   .height = c->dat_height,
                   .layout = c->dat_layout,
                   .bits = c->dat_msb_first ? BC_BITS_MSB : BC_BITS_UNSAID,
                   .rows = c->dat_no_flip ? BC_ROWS_TOP_DOWN : BC_ROWS_UNSAID},
        .simulate = c->simulate,
        .filming = filming_of(c),
        .maps = c->maps,
        .seed = (uint32_t)c->seed,
        .first = info.first,
        .limit = info.count,
        .stride = c->stride,
        .threads = c->threads < 0 ? bc_prefetch_threads() : c->threads,
    };
    if (c->npy_axes != BC_NPY_AUTO)
        snprintf(options.spikes.axes, sizeof options.spikes.axes, "%s", bc_npy_axes_words[c->npy_axes]);
    bc_place place;
    BC_TRY(bc_place_parse(bc_host_error(host), info.path, &place));
    if (!place.layout)
        return bc_folder_open(host, place.path, &options, out);
    options.spikes.turned = place.layout->spikes.turned;
    if (!options.spikes.width) {
        options.spikes.width = place.layout->spikes.width;
        options.spikes.height = place.layout->spikes.height;
    }
    if (place.layout->recordings)
        return bc_recording_open(host, &place, &options, out);
    bc_layout_role split = split_of(role) == BC_SPLIT_TRAIN ? BC_LAYOUT_TRAIN : BC_LAYOUT_TEST;
    return bc_layout_open(host, &place, split, info.list, &options, out);
}

bc_status bc_source_open(bc_host *host, const bc_config *config, bc_source_role role, bc_dataset **out) {
    *out = NULL;
    role = settled(config, role);
    role_info info = role_of(config, role);
    bool world = config->kind == BC_DATA_WORLD;
    bool named = world ? info.count > 0 : info.path[0] != 0;
    if (named)
        return (world ? open_world : open_files)(host, config, role, out);
    if (role == BC_ROLE_VALIDATION)
        return BC_OK;
    return bc_fail(bc_host_error(host), BC_E_ARGUMENT, "this needs %s samples, but data.%s%s is %s", info.key,
                   info.key, world ? "_count" : "", world ? "0" : "empty");
}

/* --- everything at once --- */

typedef struct need {
    bool set, rgb, spikes, labels;
} need;
typedef struct needs {
    need source, target, test;
} needs;

static void add_stage(needs *n, bc_stage stage) {
    bool domain = stage == BC_CROSSDOMAIN || stage == BC_CONTROL, supervised = stage == BC_SUPERVISED;
    if (!supervised) {
        n->source.set = n->source.labels = true;
        n->source.rgb |= stage == BC_PRETRAIN || stage == BC_CROSSMODALITY;
        n->source.spikes |= stage != BC_PRETRAIN;
    }
    if (domain || supervised) {
        n->target.set = n->target.spikes = true;
        n->target.labels |= supervised;
    }
}

static bc_status look_at(const bc_config *c, bc_error *err, const char *key, bc_dataset *set, need n) {
    if (n.rgb && !set->has_rgb)
        return bc_fail(err, BC_E_ARGUMENT, "data.%s, %s: expected pictures in rgb/, found none", key,
                       set->name);
    if (n.spikes && !set->has_spikes)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "data.%s, %s: expected spikes in spikes/ (or data.simulate = true, to make them from rgb/), "
            "found none",
            key, set->name);
    if (n.labels && !set->has_depth)
        return bc_fail(err, BC_E_ARGUMENT, "data.%s, %s: expected labels in depth/, found none", key,
                       set->name);
    return n.labels ? bc_labels_check(set, err, (bc_label_range){c->dmax, c->whole_image}) : BC_OK;
}

static bc_status open_one(bc_host *host, const bc_config *c, bc_source_role role, const char *key, need n,
                          bc_dataset **out) {
    if (!n.set)
        return BC_OK;
    BC_TRY(bc_source_open(host, c, role, out));
    return *out ? look_at(c, bc_host_error(host), key, *out, n) : BC_OK;
}

static bc_status open_all(bc_host *host, const bc_config *c, const needs *n, bc_sources *out) {
    need validation = n->source;
    validation.set = true;
    bc_source_role target = n->target.labels ? BC_ROLE_LABELLED_TARGET : BC_ROLE_TARGET;
    BC_TRY(open_one(host, c, BC_ROLE_SOURCE, "source", n->source, &out->source));
    BC_TRY(open_one(host, c, target, "target", n->target, &out->target));
    BC_TRY(open_one(host, c, BC_ROLE_VALIDATION, role_of(c, settled(c, BC_ROLE_VALIDATION)).key, validation,
                    &out->validation));
    return open_one(host, c, BC_ROLE_TEST, "test", n->test, &out->test);
}

bc_status bc_sources_open(bc_host *host, const bc_config *config, const bc_stage *stages, int count,
                          bool scored, bc_sources *out) {
    needs n = {.test = {scored, false, true, true}};
    *out = (bc_sources){0};
    for (int i = 0; i < count; i++)
        add_stage(&n, stages[i]);
    bc_status status = open_all(host, config, &n, out);
    if (status != BC_OK)
        bc_sources_close(out);
    return status;
}

void bc_sources_close(bc_sources *data) {
    bc_dataset_release(data->source);
    bc_dataset_release(data->target);
    bc_dataset_release(data->validation);
    bc_dataset_release(data->test);
    *data = (bc_sources){0};
}
