/* From light to spikes: integrate and fire on the device. */
#include "bicross/data/simulate.h"
#include "bicross/data/streams.h"

#include "host/base/divide.h"
#include "host/device/launch.h"

#include <stdlib.h>

bc_simulator bc_simulator_ideal(void) {
    return (bc_simulator){.gain = 1, .threshold = 1};
}

/* Response and threshold together give a fixed pattern of 3.7 % of the rate; noise from frame to frame is
 * small, so that counts stay nearly deterministic (Fano factor of 50 frames about 0.02), as measured on real
 * streams. */
bc_simulator bc_simulator_sensor(void) {
    return (bc_simulator){.gain = 1,
                          .threshold = 1,
                          .fixed_pattern = 0.030f,
                          .mismatch = 0.020f,
                          .dark = 0.005f,
                          .shot = 0.01f,
                          .thermal = 0.015f,
                          .sensor_seed = 1};
}

/* Units of the full light's current a frame, and of the threshold, which are one: 4.348 * (1.1 - 0.0076). */
static bc_simulator scsim(void) {
    return (bc_simulator){
        .gain = 1,
        .threshold = 1,
        .fixed_pattern = 0.0577f, /* alpha: 0.0584 / 1.0128 */
        .mismatch =
            0.0456f, /* bias voltage 0.0497 / 1.0924, capacitance 0.0128 / 4.348: the root of both squares */
        .dark = 0.00468f,    /* 0.05 * 0.4442 of 4.7498; it varies by 0.1731 / 0.4442 */
        .shot = 0.00447f,    /* of 50000 photons */
        .thermal = 0.00582f, /* 0.00636 / 1.0924 */
        .removal = 0.00582f, /* drawn again */
        .reset = 0.002f,     /* 100 ns of 50 us */
        .sensor_seed = 1,
    };
}

bc_simulator bc_simulator_of(bc_noise noise) {
    return noise == BC_NOISE_SENSOR  ? bc_simulator_sensor()
           : noise == BC_NOISE_SCSIM ? scsim()
                                     : bc_simulator_ideal();
}

static bc_status check(bc_host *host, int count, int height, int width, int frames,
                       const bc_simulator *simulator) {
    if (count < 1 || frames < 1 || height < 1 || width < 1)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "spike simulation: %d images of %d x %d into %d frames, expected at least one of each",
                       count, height, width, frames);
    if (!bc_product_fits(count, height, width, 1) || !bc_product_fits(frames / 32 + 1, height, width, 1))
        return bc_fail(
            bc_host_error(host), BC_E_ARGUMENT,
            "spike simulation: %d images of %d x %d into %d frames are more than kernels can count", count,
            height, width, frames);
    if (!(simulator->threshold > 0))
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "spike simulation: the threshold is %g, expected a positive number",
                       (double)simulator->threshold);
    return BC_OK;
}

static int word_count_of(int frames) {
    return (frames + 31) / 32;
}

static bc_status expose(const bc_simulation *s, const bc_exposure *e, uint32_t stream) {
    const bc_simulator *simulator = &s->simulator;
    int pixels = s->height * s->width, frames = e->end - e->begin;
    bc_launch launch = {
        .source = "spike.cl",
        .kernel = "spike_simulate",
        .items = {((size_t)pixels + 7) / 8},
        .flops = 20.0 * pixels * frames,
        .bytes = 4.0 * pixels * (e->count + word_count_of(frames)),
        BC_ARGS(BC_BUFFER(s->words), BC_BUFFER(s->integrals), BC_BUFFER(e->images), BC_BUFFER(s->response),
                BC_BUFFER(s->dark), BC_INT(e->count), BC_INT(pixels), BC_INT(e->begin), BC_INT(e->end),
                BC_INT(word_count_of(s->frames)), BC_UINT(s->seed), BC_UINT(stream),
                BC_UINT(simulator->sensor_seed), BC_FLOAT(e->origin), BC_FLOAT(e->step),
                BC_FLOAT(simulator->gain), BC_FLOAT(simulator->threshold), BC_FLOAT(simulator->fixed_pattern),
                BC_FLOAT(simulator->mismatch), BC_FLOAT(simulator->dark), BC_FLOAT(simulator->shot),
                BC_FLOAT(simulator->thermal), BC_FLOAT(simulator->removal), BC_FLOAT(simulator->reset))};
    return bc_run(s->host, &launch);
}

/* All frames, of images that are spread evenly over them. */
static bc_exposure whole(bc_buffer images, int count, int frames) {
    float step = frames > 1 ? (float)(count - 1) / (float)(frames - 1) : 0.0f;
    return (bc_exposure){.images = images, .count = count, .end = frames, .step = step};
}

bc_status bc_simulate(bc_host *host, bc_buffer images, int count, int height, int width, int frames,
                      const bc_simulator *simulator, uint32_t seed, uint32_t stream, bc_buffer words) {
    BC_TRY(check(host, count, height, width, frames, simulator));
    bc_simulation s = {host, *simulator, height, width, frames, seed, .words = words};
    bc_exposure all = whole(images, count, frames);
    return expose(&s, &all, stream);
}

/* --- a stream in parts --- */

static bc_status upload_map(bc_simulation *s, const bc_pixel_maps *maps, const float *map, bc_buffer *out) {
    float *fitted;
    BC_TRY(bc_pixel_maps_fit(bc_host_error(s->host), maps, map, s->height, s->width, &fitted));
    if (!fitted)
        return BC_OK;
    size_t bytes = (size_t)s->height * (size_t)s->width * sizeof *fitted;
    bc_status status = bc_buffer_create(s->host, bytes, "map of a camera's pixels", out);
    if (status == BC_OK)
        status = bc_buffer_write(s->host, *out, 0, fitted, bytes);
    free(fitted);
    return status;
}

bc_status bc_simulation_begin(bc_host *host, const bc_simulator *simulator, const bc_pixel_maps *maps,
                              int height, int width, int frames, uint32_t seed, bc_simulation *out) {
    *out = (bc_simulation){host, *simulator, height, width, frames, .seed = seed};
    BC_TRY(check(host, 1, height, width, frames, simulator));
    size_t pixels = (size_t)height * (size_t)width, words = (size_t)word_count_of(frames);
    BC_TRY(bc_buffer_create(host, pixels * words * sizeof(uint32_t), "simulated spikes", &out->words));
    BC_TRY(bc_buffer_create(host, pixels * sizeof(float), "integrals of pixels", &out->integrals));
    if (maps) {
        BC_TRY(upload_map(out, maps, maps->response, &out->response));
        BC_TRY(upload_map(out, maps, maps->dark, &out->dark));
    }
    return BC_OK;
}

bc_status bc_simulation_expose(bc_simulation *s, const bc_exposure *exposure) {
    BC_TRY(check(s->host, exposure->count, s->height, s->width, s->frames, &s->simulator));
    return expose(s, exposure, BC_STREAM_SIMULATION);
}

bc_status bc_simulation_finish(bc_simulation *s, bc_spike_stream *out) {
    BC_TRY(bc_spikes_create(bc_host_error(s->host), s->frames, s->height, s->width, out));
    bc_status status = bc_buffer_read(s->host, s->words, 0, out->words, s->words.bytes);
    if (status != BC_OK)
        bc_spikes_release(out);
    return status;
}

void bc_simulation_release(bc_simulation *s) {
    bc_buffer_release(&s->words);
    bc_buffer_release(&s->integrals);
    bc_buffer_release(&s->response);
    bc_buffer_release(&s->dark);
}

/* --- at once --- */

static bc_status expose_images(bc_simulation *s, const float *images, int count) {
    bc_buffer light;
    size_t bytes = (size_t)count * (size_t)s->height * (size_t)s->width * sizeof *images;
    BC_TRY(bc_buffer_create(s->host, bytes, "images to simulate spikes from", &light));
    bc_exposure all = whole(light, count, s->frames);
    bc_status status = bc_buffer_write(s->host, light, 0, images, bytes);
    if (status == BC_OK)
        status = bc_simulation_expose(s, &all);
    bc_buffer_release(&light);
    return status;
}

bc_status bc_simulate_images(bc_host *host, const float *images, int count, int height, int width, int frames,
                             const bc_simulator *simulator, const bc_pixel_maps *maps, uint32_t seed,
                             bc_spike_stream *out) {
    *out = (bc_spike_stream){0};
    bc_simulation s;
    BC_TRY(check(host, count, height, width, frames, simulator));
    bc_status status = bc_simulation_begin(host, simulator, maps, height, width, frames, seed, &s);
    if (status == BC_OK)
        status = expose_images(&s, images, count);
    if (status == BC_OK)
        status = bc_simulation_finish(&s, out);
    bc_simulation_release(&s);
    return status;
}

bc_status bc_simulate_stream(bc_host *host, const float *images, int count, int height, int width, int frames,
                             const bc_simulator *simulator, uint32_t seed, bc_spike_stream *out) {
    return bc_simulate_images(host, images, count, height, width, frames, simulator, NULL, seed, out);
}
