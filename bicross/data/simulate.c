/* From light to spikes: integrate and fire on the device. */
#include "bicross/data/spike_device.h"
#include "bicross/data/streams.h"

#include "host/base/divide.h"

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
                       simulator->threshold);
    return BC_OK;
}

bc_status bc_simulate(bc_host *host, bc_buffer images, int count, int height, int width, int frames,
                      const bc_simulator *simulator, uint32_t seed, uint32_t stream, bc_buffer words) {
    BC_TRY(check(host, count, height, width, frames, simulator));
    int pixels = height * width, word_count = (frames + 31) / 32;
    float step = frames > 1 ? (float)(count - 1) / (float)(frames - 1) : 0.0f;
    bc_launch launch = {.source = "spike.cl",
                        .kernel = "spike_simulate",
                        .items = {((size_t)pixels + 7) / 8},
                        .flops = 20.0 * pixels * frames,
                        .bytes = 4.0 * pixels * (count + word_count),
                        BC_ARGS(BC_BUFFER(words), BC_BUFFER(images), BC_INT(count), BC_INT(pixels),
                                BC_INT(frames), BC_INT(word_count), BC_UINT(seed), BC_UINT(stream),
                                BC_UINT(simulator->sensor_seed), BC_FLOAT(step), BC_FLOAT(simulator->gain),
                                BC_FLOAT(simulator->threshold), BC_FLOAT(simulator->fixed_pattern),
                                BC_FLOAT(simulator->mismatch), BC_FLOAT(simulator->dark),
                                BC_FLOAT(simulator->shot), BC_FLOAT(simulator->thermal))};
    return bc_run(host, &launch);
}

bc_status bc_simulate_stream(bc_host *host, const float *images, int count, int height, int width, int frames,
                             const bc_simulator *simulator, uint32_t seed, bc_spike_stream *out) {
    *out = (bc_spike_stream){0};
    BC_TRY(check(host, count, height, width, frames, simulator));
    bc_buffer light = {0}, words = {0};
    size_t light_bytes = (size_t)count * (size_t)height * (size_t)width * sizeof(float);
    bc_status status = bc_spikes_create(bc_host_error(host), frames, height, width, out);
    if (status != BC_OK)
        return status;
    size_t word_bytes = (size_t)height * (size_t)width * (size_t)out->words_per_pixel * sizeof(uint32_t);
    if ((status = bc_buffer_create(host, light_bytes, "images to simulate spikes from", &light)) != BC_OK)
        goto done;
    if ((status = bc_buffer_create(host, word_bytes, "simulated spikes", &words)) != BC_OK)
        goto done;
    if ((status = bc_buffer_write(host, light, 0, images, light_bytes)) != BC_OK)
        goto done;
    if ((status = bc_simulate(host, light, count, height, width, frames, simulator, seed,
                              BC_STREAM_SIMULATION, words)) != BC_OK)
        goto done;
    status = bc_buffer_read(host, words, 0, out->words, word_bytes);
done:
    bc_buffer_release(&light);
    bc_buffer_release(&words);
    if (status != BC_OK)
        bc_spikes_release(out);
    return status;
}
