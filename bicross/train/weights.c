/* Starting and trained weights. */
#include "bicross/train/weights.h"

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

static bc_status no_network(bc_error *err, const bc_safetensors *file) {
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

static bc_status input_of_file(bc_error *err, const bc_safetensors *file, input *out) {
    const bc_tensor_entry *stem = bc_safetensors_find(file, bc_stem_name);
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

/* Opens a file whose tensors may be named from a wrapper around the network. */
static bc_status open_network(bc_error *err, const char *path, bc_safetensors *file) {
    BC_TRY(bc_safetensors_open(err, path, file));
    bc_status status = bc_safetensors_strip_prefix(err, file, bc_stem_name);
    if (status != BC_OK)
        bc_safetensors_close(file);
    return status;
}

static const char *behind(input in) {
    return in.front_end ? " behind a front end" : "";
}

static bc_status refuse(bc_error *err, const bc_safetensors *file, input found, input expected,
                        const char *or_else) {
    return bc_fail(err, BC_E_FORMAT,
                   "%s is the file of another network: its stem reads %ld channels%s, expected %ld%s%s",
                   file->path, found.channels, behind(found), expected.channels, behind(expected), or_else);
}

/* --- loading --- */

static bc_status load(bc_params *params, const bc_safetensors *file) {
    bc_error *err = bc_host_error(bc_params_host(params));
    input found, expected = input_of(params);
    int loaded;
    BC_TRY(input_of_file(err, file, &found));
    if (!same_input(found, expected))
        return refuse(err, file, found, expected, "");
    BC_TRY(bc_params_allocate(params));
    return bc_params_load_by(params, file, NULL, NULL, &loaded);
}

bc_status bc_weights_load(bc_params *params, const char *path) {
    bc_safetensors file;
    BC_TRY(open_network(bc_host_error(bc_params_host(params)), path, &file));
    bc_status status = load(params, &file);
    bc_safetensors_close(&file);
    return status;
}

bc_status bc_trained_open(bc_host *host, const bc_config *config, const char *path, bc_trained *out) {
    bc_error *err = bc_host_error(host);
    bc_safetensors file;
    input found;
    *out = (bc_trained){.config = *config};
    BC_TRY(open_network(err, path, &file));
    bc_status status = input_of_file(err, &file, &found);
    if (status == BC_OK)
        status = bc_weights_info_read(err, &file, &out->info);
    if (status == BC_OK)
        status = bc_weights_info_adopt(err, &out->info, path, &out->config, sizeof out->notes, out->notes);
    if (status == BC_OK) {
        out->rgb = reads_images(found);
        status = bc_config_model(err, &out->config, out->rgb, &out->model);
    }
    if (status == BC_OK)
        status = bc_weights_info_apply(err, &out->info, path, out->config.scene, &out->model);
    if (status == BC_OK)
        status = bc_weights_declare(host, &out->model, false, &out->params);
    if (status == BC_OK)
        status = load(out->params, &file);
    bc_safetensors_close(&file);
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
    return strncmp(name, backbone, sizeof backbone - 1) == 0 ? BC_LOAD_REQUIRED : BC_LOAD_OPTIONAL;
}

static bc_status start(bc_params *params, const bc_safetensors *file, bool inflate, int *loaded) {
    bc_error *err = bc_host_error(bc_params_host(params));
    input found, expected = input_of(params);
    BC_TRY(input_of_file(err, file, &found));
    if (!same_input(found, expected) && !reads_images(found))
        return refuse(err, file, found, expected, reads_images(expected) ? "" : ", or 3 of an RGB network");
    bool other_stem = found.channels != expected.channels;
    BC_TRY(bc_params_load_by(params, file, starting_rule, &other_stem, loaded));
    if (!other_stem || !inflate)
        return BC_OK;
    ++*loaded;
    return bc_stem_inflate(params, file);
}

bc_status bc_weights_start(bc_params *params, uint32_t seed, const char *path, bool inflate, bc_start *out) {
    bc_safetensors file;
    *out = (bc_start){.path = path};
    BC_TRY(open_network(bc_host_error(bc_params_host(params)), path, &file));
    bc_status status = bc_weights_draw(params, seed);
    if (status == BC_OK)
        status = start(params, &file, inflate, &out->loaded);
    bc_safetensors_close(&file);
    out->drawn = bc_params_count(params) - out->loaded;
    return status;
}
