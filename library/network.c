/* A network from a file, and what it predicts. */
#include "library/internal.h"

#include "bicross/train/trained_predictor.h"

#include <stdlib.h>
#include <string.h>

struct bicross_network {
    bicross_device *device;
    bc_trained trained;
    bc_predictor maps;
    bool whole_image;
};

/* --- loading --- */

static bc_status load(bicross_network *network, const char *weights, unsigned flags) {
    const unsigned known = BICROSS_DEPTH_ONLY | BICROSS_WHOLE_IMAGE;
    bicross_device *device = network->device;
    bc_config *config = malloc(sizeof *config);
    if (!config)
        return bc_fail(&device->err, BC_E_MEMORY, "no memory to load %s", weights);
    bc_config_defaults(config);
    bc_status status = flags & ~known
                           ? bc_fail(&device->err, BC_E_ARGUMENT, "flags %#x are not known", flags & ~known)
                           : bc_trained_open(device->host, config, weights, &network->trained);
    free(config);
    BC_TRY(status);
    network->whole_image = flags & BICROSS_WHOLE_IMAGE;
    status = bc_trained_predictor_open(device->host, &network->trained, !(flags & BICROSS_DEPTH_ONLY),
                                       &network->maps);
    if (status != BC_OK)
        bc_trained_close(&network->trained);
    return status;
}

bicross_status bicross_network_load(bicross_device *device, const char *weights, unsigned flags,
                                    bicross_network **out, bicross_error *error) {
    bicross_network *network = calloc(1, sizeof *network);
    *out = NULL;
    bc_error_clear(&device->err);
    if (!network)
        return bicross_finish(&device->err,
                              bc_fail(&device->err, BC_E_MEMORY, "no memory to load %s", weights), error);
    network->device = device;
    bc_status status = load(network, weights, flags);
    if (status == BC_OK)
        *out = network;
    else
        free(network);
    return bicross_finish(&device->err, status, error);
}

void bicross_network_close(bicross_network *network) {
    if (!network)
        return;
    bc_predictor_close(&network->maps);
    bc_trained_close(&network->trained);
    free(network);
}

int bicross_network_reads_rgb(const bicross_network *network) {
    return network->trained.rgb;
}

int bicross_network_has_uncertainty(const bicross_network *network) {
    return network->maps.options.uncertainty;
}

void bicross_network_crop(const bicross_network *network, int *height, int *width) {
    *height = network->whole_image ? 0 : network->trained.info.crop_height;
    *width = network->whole_image ? 0 : network->trained.info.crop_width;
}

/* --- predicting --- */

void bicross_pack_spikes(const uint8_t *frames, int height, int width, uint32_t *words) {
    size_t pixels = (size_t)height * (size_t)width;
    memset(words, 0, pixels * BICROSS_WORDS * sizeof *words);
    for (size_t t = 0; t < BICROSS_FRAMES; t++)
        for (size_t i = 0; i < pixels; i++)
            words[i * BICROSS_WORDS + t / 32] |= (uint32_t)(frames[t * pixels + i] != 0) << t % 32;
}

static bc_status check(const bicross_network *network, bool rgb, int height, int width, const void *input,
                       const float *depth, const float *uncertainty) {
    bc_error *err = &network->device->err;
    int crop_height, crop_width;
    bicross_network_crop(network, &crop_height, &crop_width);
    if (rgb != network->trained.rgb)
        return bc_fail(err, BC_E_ARGUMENT, "the network reads %s, it was given %s",
                       rgb ? "spikes" : "pictures", rgb ? "a picture" : "spikes");
    if (!input || !depth || height < 1 || width < 1 || height > BICROSS_SIDE_MAX || width > BICROSS_SIDE_MAX)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "expected an input and a depth map of 1 to %d pixels a side, found %s of %d x %d (width x "
            "height)",
            BICROSS_SIDE_MAX, input && depth ? "them" : "NULL", width, height);
    if (uncertainty && !network->maps.options.uncertainty)
        return bc_fail(err, BC_E_ARGUMENT,
                       "the network gives no uncertainty: it has no such head, or depth alone was asked for");
    if (height < crop_height || width < crop_width)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "the network learned from a crop of %d x %d pixels (width x height), but this has %d x %d: "
            "load it with BICROSS_WHOLE_IMAGE",
            crop_width, crop_height, width, height);
    return BC_OK;
}

/* The input is copied, as a sample's data may be changed. */
static bc_status predict(bicross_network *network, bc_sample *sample, const void *input, size_t bytes,
                         float *depth, float *uncertainty) {
    size_t map = sizeof(float) * (size_t)sample->height * (size_t)sample->width;
    int crop_height, crop_width;
    void *copy = malloc(bytes);
    if (!copy)
        return bc_fail(&network->device->err, BC_E_MEMORY, "no memory for an image of %d x %d", sample->width,
                       sample->height);
    memcpy(copy, input, bytes);
    if (network->trained.rgb)
        sample->rgb = copy;
    else
        sample->spikes = copy;
    bicross_network_crop(network, &crop_height, &crop_width);
    bc_status status = bc_predictor_load(&network->maps, sample, crop_height, crop_width);
    if (status == BC_OK)
        status = bc_predictor_run(&network->maps);
    if (status == BC_OK)
        status = bc_predictor_read(&network->maps);
    bc_sample_release(sample);
    BC_TRY(status);
    memcpy(depth, network->maps.depth, map);
    if (uncertainty)
        memcpy(uncertainty, network->maps.uncertainty, map);
    return BC_OK;
}

static bicross_status checked_predict(bicross_network *network, bool rgb, const void *input, int height,
                                      int width, float *depth, float *uncertainty, bicross_error *error) {
    bc_error_clear(&network->device->err);
    bc_status status = check(network, rgb, height, width, input, depth, uncertainty);
    if (status == BC_OK) {
        bc_sample sample = {.height = height, .width = width};
        size_t pixels = (size_t)height * (size_t)width;
        status = predict(network, &sample, input, pixels * (rgb ? 3 : BICROSS_WORDS * sizeof(uint32_t)),
                         depth, uncertainty);
    }
    return bicross_finish(&network->device->err, status, error);
}

bicross_status bicross_predict_spikes(bicross_network *network, const uint32_t *words, int height, int width,
                                      float *depth, float *uncertainty, bicross_error *error) {
    return checked_predict(network, false, words, height, width, depth, uncertainty, error);
}

bicross_status bicross_predict_rgb(bicross_network *network, const uint8_t *rgb, int height, int width,
                                   float *depth, float *uncertainty, bicross_error *error) {
    return checked_predict(network, true, rgb, height, width, depth, uncertainty, error);
}
