/* What reads spike streams on the device: firing rates (TFP) and intervals (TFI). */
#include "bicross/data/spike_device.h"

#include "host/base/divide.h"
#include "host/device/launch.h"

/* Uploads the stream, runs a kernel that makes one float a pixel, downloads it. `launch` lacks only its first
 * two arguments. */
static bc_status image_of_stream(bc_host *host, const bc_spike_stream *stream, bc_launch *launch,
                                 float *image) {
    if (!bc_product_fits(stream->height, stream->width, stream->words_per_pixel, 1))
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "%d frames of %d x %d are more than kernels can count: read fewer frames at a time",
                       stream->frames, stream->height, stream->width);
    int pixels = stream->height * stream->width;
    size_t word_bytes = (size_t)pixels * (size_t)stream->words_per_pixel * sizeof(uint32_t);
    size_t image_bytes = (size_t)pixels * sizeof(float);
    bc_buffer words = {0}, out = {0};
    bc_status status;
    if ((status = bc_buffer_create(host, word_bytes, "spike stream", &words)) != BC_OK)
        goto done;
    if ((status = bc_buffer_create(host, image_bytes, "image of a spike stream", &out)) != BC_OK)
        goto done;
    if ((status = bc_buffer_write(host, words, 0, stream->words, word_bytes)) != BC_OK)
        goto done;
    launch->source = "spike.cl";
    launch->items[0] = (size_t)pixels;
    launch->bytes = (double)(word_bytes + image_bytes);
    launch->args[0] = BC_BUFFER(out);
    launch->args[1] = BC_BUFFER(words);
    if ((status = bc_run(host, launch)) != BC_OK)
        goto done;
    status = bc_buffer_read(host, out, 0, image, image_bytes);
done:
    bc_buffer_release(&words);
    bc_buffer_release(&out);
    return status;
}

bc_status bc_spike_rate(bc_host *host, const bc_spike_stream *stream, int first, int count, float *rate) {
    if (first < 0 || count < 1 || count > stream->frames - first)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "firing rate: frames %d..%d were asked for, the stream has %d frames", first,
                       first + count - 1, stream->frames);
    long pixels = (long)stream->height * stream->width;
    bc_launch launch = {.kernel = "spike_rate",
                        .flops = (double)pixels,
                        BC_ARGS(BC_INT(0), BC_INT(0), BC_INT(pixels), BC_INT(stream->words_per_pixel),
                                BC_INT(first), BC_INT(count))};
    return image_of_stream(host, stream, &launch, rate);
}

bc_status bc_spike_interval(bc_host *host, const bc_spike_stream *stream, int t, int window, float *image) {
    if (t < 0 || t >= stream->frames)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "interval at frame %d: the stream has frames 0..%d", t, stream->frames - 1);
    if (window < 1)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "interval at frame %d: the window is %d frames, expected at least 1", t, window);
    long pixels = (long)stream->height * stream->width;
    bc_launch launch = {.kernel = "spike_interval",
                        .flops = (double)pixels,
                        BC_ARGS(BC_INT(0), BC_INT(0), BC_INT(pixels), BC_INT(stream->words_per_pixel),
                                BC_INT(stream->frames), BC_INT(t), BC_INT(window))};
    return image_of_stream(host, stream, &launch, image);
}
