/* Loading samples from their files. Spikes can be simulated from pictures. */
#include "bicross/data/file_set.h"

#include "bicross/data/spike_reader.h"
#include "bicross/data/streams.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "host/base/random.h"

#include <stdlib.h>
#include <string.h>

typedef struct file_set {
    bc_dataset base; /* first: the data set is the file set */
    bc_host *host;
    bc_file_set_options options;
    bc_sample_list samples;
    bc_pixel_maps maps; /* of the camera that is simulated */
} file_set;

/* The first file of a sample gives its size, the others must agree. */
static bc_status agree_size(bc_error *err, const char *path, int height, int width, bc_sample *out) {
    if (out->height == 0) {
        out->height = height;
        out->width = width;
    }
    if (out->height == height && out->width == width)
        return BC_OK;
    return bc_fail(err, BC_E_FORMAT,
                   "%s: expected %d x %d pixels (width x height) as in the sample's other files, found "
                   "%d x %d",
                   path, out->width, out->height, width, height);
}

static bc_status load_rgb(bc_error *err, const char *path, bc_sample *out) {
    int width, height;
    BC_TRY(bc_picture_read(err, path, &width, &height, &out->rgb));
    return agree_size(err, path, height, width, out);
}

static bc_status load_depth(const file_set *f, bc_error *err, const char *path, bc_sample *out) {
    int width, height;
    BC_TRY(bc_depth_read(err, path, f->options.depth_scale, &width, &height, &out->depth));
    return agree_size(err, path, height, width, out);
}

static bc_status read_window(bc_error *err, bc_spike_reader *reader, const char *path, int first,
                             bc_sample *out) {
    bc_spike_info info = bc_spike_reader_info(reader);
    bc_spike_stream seen;
    BC_TRY(agree_size(err, path, info.height, info.width, out));
    out->size_assumed = info.size_assumed;
    if (info.frames < BC_SPIKE_FRAMES)
        return bc_fail(err, BC_E_FORMAT, "%s: expected at least %d spike frames, found %d", path,
                       BC_SPIKE_FRAMES, info.frames);
    BC_TRY(bc_spike_reader_window(reader, err, first, BC_SPIKE_FRAMES, &seen));
    out->spikes = seen.words; /* the sample's now */
    return BC_OK;
}

/* 128 frames of the file; of longer ones nothing else is read. */
static bc_status load_spikes(const file_set *f, bc_error *err, const bc_sample_files *files, bc_sample *out) {
    bc_spike_reader *reader;
    BC_TRY(bc_spike_reader_open(err, files->spikes, &f->options.spikes, &reader));
    bc_status status = read_window(err, reader, files->spikes, files->first, out);
    bc_spike_reader_close(reader);
    return status;
}

static float luma(const uint8_t *rgb) {
    return (0.299f * (float)rgb[0] + 0.587f * (float)rgb[1] + 0.114f * (float)rgb[2]) / 255;
}

static void to_grey(const uint8_t *rgb, size_t pixels, float *grey) {
    for (size_t i = 0; i < pixels; i++)
        grey[i] = luma(rgb + 3 * i);
}

/* The picture `path` beside the sample's own. */
static bc_status neighbour_grey(bc_error *err, const char *path, const bc_sample *own, float *grey) {
    int width, height;
    uint8_t *rgb;
    BC_TRY(bc_picture_read(err, path, &width, &height, &rgb));
    bool fits = width == own->width && height == own->height;
    if (fits)
        to_grey(rgb, (size_t)width * (size_t)height, grey);
    free(rgb);
    return fits ? BC_OK
                : bc_fail(
                      err, BC_E_FORMAT,
                      "%s: expected %d x %d pixels (width x height) as in frame %s beside it, found %d x %d",
                      path, own->width, own->height, own->name, width, height);
}

/* What spikes are simulated from: the picture's light, and that of the one before and the one after where there is one. */
static bc_status load_greys(bc_error *err, const bc_sample_files *files, bc_sample *out) {
    size_t pixels = (size_t)out->width * (size_t)out->height;
    out->greys = calloc(3 * pixels, sizeof *out->greys);
    if (!out->greys)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to simulate its spikes", files->rgb);
    to_grey(out->rgb, pixels, out->greys);
    if (files->before)
        BC_TRY(neighbour_grey(err, files->before, out, out->greys + pixels));
    return files->after ? neighbour_grey(err, files->after, out, out->greys + 2 * pixels) : BC_OK;
}

static bc_status check_crop(const file_set *f, bc_error *err, const bc_sample *sample) {
    if (f->options.crop_height <= sample->height && f->options.crop_width <= sample->width)
        return BC_OK;
    return bc_fail(err, BC_E_FORMAT,
                   "%s, sample %s: expected at least the crop's %d x %d pixels (width x height), "
                   "found %d x %d",
                   f->base.name, sample->name, f->options.crop_width, f->options.crop_height, sample->width,
                   sample->height);
}

static bc_status read_files(const bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    const file_set *f = (const file_set *)dataset;
    const bc_sample_files *files = &f->samples.files[index];
    snprintf(out->name, sizeof out->name, "%s", files->name);
    if (files->rgb)
        BC_TRY(load_rgb(err, files->rgb, out));
    if (files->spikes)
        BC_TRY(load_spikes(f, err, files, out));
    else if (dataset->has_spikes)
        BC_TRY(load_greys(err, files, out));
    if (files->depth)
        BC_TRY(load_depth(f, err, files->depth, out));
    return check_crop(f, err, out);
}

/* Spikes that no file has, on the device. */
static bc_status simulate_spikes(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    file_set *f = (file_set *)dataset;
    const bc_sample_files *files = &f->samples.files[index];
    size_t pixels = (size_t)out->width * (size_t)out->height;
    uint32_t seed[4];
    bc_spike_stream stream = {0};
    (void)err; /* the host's */
    if (!out->greys)
        return BC_OK;
    bc_moment moment = {.height = out->height,
                        .width = out->width,
                        .own = out->greys,
                        .before = files->before ? out->greys + pixels : NULL,
                        .after = files->after ? out->greys + 2 * pixels : NULL};
    bc_philox(f->options.seed, BC_STREAM_FOLDER, (uint64_t)files->place, seed);
    bc_status status = bc_simulate_window(f->host, &moment, &f->options.filming, &f->maps, seed[0], &stream);
    free(out->greys);
    out->greys = NULL;
    out->spikes = stream.words; /* the sample's now */
    return status;
}

static void release(bc_dataset *dataset) {
    file_set *f = (file_set *)dataset;
    bc_sample_list_release(&f->samples);
    bc_pixel_maps_release(&f->maps);
    free(f);
}

static bc_status check_names(bc_error *err, const bc_sample_list *samples) {
    const size_t most = sizeof((bc_sample *)0)->name - 1;
    for (int i = 0; i < samples->count; i++)
        if (strlen(samples->files[i].name) > most)
            return bc_fail(err, BC_E_FORMAT, "%s: expected a stem of at most %zu characters, found %zu",
                           samples->files[i].rgb ? samples->files[i].rgb : samples->files[i].spikes, most,
                           strlen(samples->files[i].name));
    return BC_OK;
}

static bc_status choose_samples(file_set *f, bc_error *err) {
    int all = f->samples.count, first = f->options.first, limit = f->options.limit;
    if (first < 0 || first >= all || limit < 0)
        return bc_fail(err, BC_E_ARGUMENT,
                       "%s: expected samples within the %d there are, found first %d, limit %d", f->base.name,
                       all, first, limit);
    bc_sample_list_cut(&f->samples, first, limit > 0 && limit < all - first ? limit : all - first);
    f->base.count = f->samples.count;
    return BC_OK;
}

static bc_status prepare(file_set *f, bc_error *err) {
    BC_TRY(check_names(err, &f->samples));
    BC_TRY(choose_samples(f, err));
    const bc_sample_files *first = &f->samples.files[0];
    bool simulate = f->options.simulate && first->rgb && !first->spikes;
    if (simulate && !f->host)
        return bc_fail(err, BC_E_ARGUMENT, "%s: a device is needed to simulate spikes, found none",
                       f->base.name);
    if (simulate && f->options.maps && f->options.maps[0])
        BC_TRY(bc_pixel_maps_read(err, f->options.maps, &f->maps));
    f->base.has_rgb = first->rgb;
    f->base.has_depth = first->depth;
    f->base.has_spikes = first->spikes || simulate;
    const bc_sample *sample;
    BC_TRY(bc_dataset_get(&f->base, err, 0, &sample));
    f->base.height = sample->height;
    f->base.width = sample->width;
    if (sample->size_assumed)
        snprintf(f->base.spikes_note, sizeof f->base.spikes_note,
                 "size assumed: data.dat_width and dat_height say it");
    return BC_OK;
}

bc_status bc_file_set_open(bc_host *host, bc_error *err, const char *name, bc_sample_list *samples,
                           const bc_file_set_options *options, const char *note, bc_dataset **out) {
    *out = NULL;
    file_set *f = calloc(1, sizeof *f);
    if (!f) {
        bc_sample_list_release(samples);
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to open the data set", name);
    }
    *f = (file_set){.base = {.read = read_files,
                             .load = simulate_spikes,
                             .release = release,
                             .threads = options->threads,
                             .crop_height = options->crop_height,
                             .crop_width = options->crop_width,
                             .depth_scale = options->depth_scale},
                    .host = host,
                    .options = *options,
                    .samples = *samples};
    *samples = (bc_sample_list){0};
    snprintf(f->base.name, sizeof f->base.name, "%.127s", name);
    snprintf(f->base.spikes_note, sizeof f->base.spikes_note, "%s", note);
    bc_status status = prepare(f, err);
    if (status == BC_OK)
        *out = &f->base;
    else
        bc_dataset_release(&f->base);
    return status;
}
