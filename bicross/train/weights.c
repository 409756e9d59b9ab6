/* Starting and trained weights. */
#include "bicross/train/weights.h"

#include "bicross/config/table.h"
#include "net/models/published.h"
#include "net/store/weight_file.h"

#include <stdio.h>
#include <string.h>

bc_status bc_config_model(bc_error *err, const bc_config *config, bool rgb, bc_model *out) {
    BC_TRY(bc_model_preset(err, config->preset, config->scene, rgb ? 3 : BC_SPIKE_FRAMES, out));
    if (!rgb)
        out->front_end = config->front_end;
    out->unit_rgb = !config->normalise_rgb;
    out->stem_epsilon = config->stem_epsilon;
    out->drawn_bias = !config->last_bias;
    out->conv_direct = config->convolution == BC_CONVOLUTION_DIRECT;
    out->recompute = config->recompute == BC_RECOMPUTE_BLOCKS;
    return BC_OK;
}

/* The parameters do not depend on the size of the image: the smallest there is. */
bc_status bc_weights_declare(bc_host *host, const bc_model *model, bool trainable, bc_params **out) {
    bc_graph *graph;
    bc_network taps;
    *out = NULL;
    BC_TRY(bc_graph_create(host, &graph));
    bc_status status = bc_params_create(host, trainable, out);
    if (status == BC_OK) {
        bc_value *x = bc_graph_input(graph, "input", (bc_shape){1, 32, 32, model->input_channels});
        status = bc_network_build(graph, *out, model, x, false, &taps);
    }
    bc_graph_release(graph);
    if (status != BC_OK) {
        bc_params_release(*out);
        *out = NULL;
    }
    return status;
}

bc_status bc_weights_draw(bc_params *params, uint32_t seed) {
    BC_TRY(bc_params_allocate(params));
    return bc_params_initialise(params, seed);
}

/* --- what a network reads --- */

typedef struct input {
    long channels; /* of the stem */
    bool front_end;
} input;

static bool is_front_end(const char *name) {
    return strncmp(name, "front.", 6) == 0;
}

static bool reads_images(input in) {
    return in.channels == 3 && !in.front_end;
}

static bool same_input(input a, input b) {
    return a.channels == b.channels && a.front_end == b.front_end;
}

static input input_of(bc_params *params) {
    const bc_param *stem = bc_params_find(params, bc_stem_name);
    input in = {.channels = stem ? stem->spec.shape[1] : 0};
    for (int i = 0; i < bc_params_count(params); i++)
        in.front_end = in.front_end || is_front_end(bc_params_at(params, i)->name);
    return in;
}

static bc_status no_network(bc_error *err, const bc_tensor_file *file) {
    char names[400] = "";
    size_t used = 0;
    int shown = 0;
    for (; shown < file->count && shown < 4; shown++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%.80s", shown ? ", " : "",
                                 file->by_name[shown]->name);
    return bc_fail(err, BC_E_FORMAT, "%s holds no depth network: it has no tensor %s, but %d others%s%s%s",
                   file->path, bc_stem_name, file->count, shown ? ": " : "", names,
                   shown < file->count ? ", ..." : "");
}

static bc_status input_of_file(bc_error *err, const bc_tensor_file *file, input *out) {
    const bc_tensor_entry *stem = bc_tensor_file_find(file, bc_stem_name);
    if (!stem)
        return no_network(err, file);
    if (stem->rank != 4)
        return bc_fail(err, BC_E_FORMAT, "%s: %s should have 4 dimensions, found %d", file->path,
                       bc_stem_name, stem->rank);
    *out = (input){.channels = stem->shape[1]};
    for (int i = 0; i < file->count; i++)
        out->front_end = out->front_end || is_front_end(file->entries[i].name);
    return BC_OK;
}

/* Opens a file whose tensors may be named from a wrapper around the network, or as timm does. */
static bc_status open_network(bc_error *err, const char *path, bc_tensor_file *file) {
    BC_TRY(bc_weight_file_open(err, path, file));
    bc_status status = bc_published_names(err, file);
    if (status != BC_OK)
        bc_tensor_file_close(file);
    return status;
}

static const char *behind(input in) {
    return in.front_end ? " behind a front end" : "";
}

static bc_status refuse(bc_error *err, const bc_tensor_file *file, input found, input expected,
                        const char *or_else) {
    return bc_fail(err, BC_E_FORMAT,
                   "%s is the file of another network: its stem reads %ld channels%s, expected %ld%s%s",
                   file->path, found.channels, behind(found), expected.channels, behind(expected), or_else);
}

/* --- loading --- */

/* The ViT's last norm and its classifier, which no depth comes from: files may have others, or none. */
static bool is_unused(const char *name) {
    static const char norm[] = "pretrained.model.norm.", head[] = "pretrained.model.head.";
    return strncmp(name, norm, sizeof norm - 1) == 0 || strncmp(name, head, sizeof head - 1) == 0;
}

/* *context: the uncertainty head may be missing. */
static bc_load_rule loading_rule(const void *context, const char *name) {
    static const char uncertainty[] = "uncertaity_head.";
    if (is_unused(name))
        return BC_LOAD_UNUSED;
    bool may_miss = *(const bool *)context && strncmp(name, uncertainty, sizeof uncertainty - 1) == 0;
    return may_miss ? BC_LOAD_OPTIONAL : BC_LOAD_REQUIRED;
}

static bc_load_rules rules_of(bc_load_rule (*rule)(const void *context, const char *name),
                              const void *context) {
    return (bc_load_rules){rule, context, bc_positions_fit, bc_positions_resize};
}

static bc_status load(bc_params *params, const bc_tensor_file *file, bool no_uncertainty,
                      bc_load_report *report) {
    bc_error *err = bc_host_error(bc_params_host(params));
    input found, expected = input_of(params);
    BC_TRY(input_of_file(err, file, &found));
    if (!same_input(found, expected))
        return refuse(err, file, found, expected, "");
    BC_TRY(bc_params_allocate(params));
    bc_load_rules rules = rules_of(loading_rule, &no_uncertainty);
    return bc_params_load_by(params, file, &rules, report);
}

bc_status bc_weights_load(bc_params *params, const char *path) {
    bc_tensor_file file;
    bc_load_report report;
    BC_TRY(open_network(bc_host_error(bc_params_host(params)), path, &file));
    bc_status status = load(params, &file, false, &report);
    bc_tensor_file_close(&file);
    return status;
}

static bool has_uncertainty(const bc_tensor_file *file) {
    for (int i = 0; i < file->count; i++)
        if (strncmp(file->entries[i].name, "uncertaity_head.", sizeof "uncertaity_head." - 1) == 0)
            return true;
    return false;
}

static bool is_given(const bc_config *config, const char *name) {
    return config->given[bc_config_find_key("model", name) - bc_config_keys] != BC_GIVEN_NOT;
}

/* Where nobody says which network it is: that whose stem has so many channels, at the size it is published for. */
static bc_status guess_preset(bc_error *err, const bc_tensor_file *file, bc_config *config) {
    enum { PUBLISHED_SIDE = 384 };
    const bc_tensor_entry *stem = bc_tensor_file_find(file, bc_stem_name);
    bc_model model;
    BC_TRY(bc_model_preset(err, BC_HYBRID, config->scene, 3, &model));
    if (is_given(config, "preset") || model.stem != stem->shape[0])
        return BC_OK;
    config->preset = BC_HYBRID;
    if (!is_given(config, "input_height") && !is_given(config, "input_width"))
        config->input_height = config->input_width = PUBLISHED_SIDE;
    return BC_OK;
}

static bc_status understand(bc_error *err, const bc_tensor_file *file, bc_trained *out) {
    input found;
    BC_TRY(input_of_file(err, file, &found));
    BC_TRY(bc_weights_info_read(err, file, &out->info));
    if (!out->info.known)
        BC_TRY(guess_preset(err, file, &out->config));
    BC_TRY(bc_weights_info_adopt(err, &out->info, file->path, &out->config, sizeof out->notes, out->notes));
    out->rgb = reads_images(found);
    out->no_uncertainty = !has_uncertainty(file);
    BC_TRY(bc_config_model(err, &out->config, out->rgb, &out->model));
    return bc_weights_info_apply(err, &out->info, file->path, out->config.scene, &out->model);
}

bc_status bc_trained_open(bc_host *host, const bc_config *config, const char *path, bc_trained *out) {
    bc_error *err = bc_host_error(host);
    bc_tensor_file file;
    *out = (bc_trained){.config = *config};
    BC_TRY(open_network(err, path, &file));
    bc_status status = understand(err, &file, out);
    if (status == BC_OK)
        status = bc_weights_declare(host, &out->model, false, &out->params);
    if (status == BC_OK)
        status = load(out->params, &file, out->no_uncertainty, &out->report);
    bc_tensor_file_close(&file);
    if (status != BC_OK)
        bc_trained_close(out);
    return status;
}

void bc_trained_close(bc_trained *trained) {
    bc_params_release(trained->params);
    trained->params = NULL;
}

/* --- starting --- */

/* *context: another stem is intended. */
static bc_load_rule starting_rule(const void *context, const char *name) {
    static const char backbone[] = "pretrained.model.";
    if (*(const bool *)context && strcmp(name, bc_stem_name) == 0)
        return BC_LOAD_KEEP;
    if (is_unused(name))
        return BC_LOAD_UNUSED;
    return strncmp(name, backbone, sizeof backbone - 1) == 0 ? BC_LOAD_REQUIRED : BC_LOAD_OPTIONAL;
}

static bc_status start(bc_params *params, const bc_tensor_file *file, bool inflate, bc_load_report *report) {
    bc_error *err = bc_host_error(bc_params_host(params));
    input found, expected = input_of(params);
    BC_TRY(input_of_file(err, file, &found));
    if (!same_input(found, expected) && !reads_images(found))
        return refuse(err, file, found, expected, reads_images(expected) ? "" : ", or 3 of an RGB network");
    bool other_stem = found.channels != expected.channels;
    bc_load_rules rules = rules_of(starting_rule, &other_stem);
    BC_TRY(bc_params_load_by(params, file, &rules, report));
    if (!other_stem || !inflate)
        return BC_OK;
    report->loaded++;
    bc_load_list_add(&report->resized, bc_stem_name);
    return bc_stem_inflate(params, file);
}

bc_status bc_weights_start(bc_params *params, uint32_t seed, const char *path, bool inflate, bc_start *out) {
    bc_tensor_file file;
    *out = (bc_start){.path = path};
    BC_TRY(open_network(bc_host_error(bc_params_host(params)), path, &file));
    bc_status status = bc_weights_draw(params, seed);
    if (status == BC_OK)
        status = start(params, &file, inflate, &out->report);
    bc_tensor_file_close(&file);
    out->loaded = out->report.loaded;
    out->drawn = bc_params_count(params) - out->loaded;
    return status;
}
