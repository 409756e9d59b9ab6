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

static bc_status first_window(file_set *f, bc_error *err, bc_spike_reader *reader, const char *path,
                              bc_sample *out) {
    bc_spike_info info = bc_spike_reader_info(reader);
    bc_spike_stream seen;
    BC_TRY(agree_size(err, path, info.height, info.width, out));
    if (info.size_assumed)
        snprintf(f->base.spikes_note, sizeof f->base.spikes_note,
                 "size assumed: data.dat_width and dat_height say it");
    if (info.frames < BC_SPIKE_FRAMES)
        return bc_fail(err, BC_E_FORMAT, "%s: expected at least %d spike frames, found %d", path,
                       BC_SPIKE_FRAMES, info.frames);
    BC_TRY(bc_spike_reader_window(reader, err, 0, BC_SPIKE_FRAMES, &seen));
    out->spikes = seen.words; /* the sample's now */
    return BC_OK;
}

/* The first 128 frames of the file; of longer ones nothing else is read. */
static bc_status load_spikes(file_set *f, bc_error *err, const char *path, bc_sample *out) {
    bc_spike_reader *reader;
    BC_TRY(bc_spike_reader_open(err, path, &f->options.spikes, &reader));
    bc_status status = first_window(f, err, reader, path, out);
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

/* `greys` has room for three images. */
static bc_status see_moment(bc_error *err, const bc_sample_files *files, const bc_sample *own, float *greys,
                            bc_moment *out) {
    size_t pixels = (size_t)own->width * (size_t)own->height;
    float *before = greys + pixels, *after = before + pixels;
    to_grey(own->rgb, pixels, greys);
    *out = (bc_moment){.height = own->height, .width = own->width, .own = greys};
    if (files->before) {
        BC_TRY(neighbour_grey(err, files->before, own, before));
        out->before = before;
    }
    if (files->after) {
        BC_TRY(neighbour_grey(err, files->after, own, after));
        out->after = after;
    }
    return BC_OK;
}

static bc_status simulate_spikes(const file_set *f, bc_error *err, const bc_sample_files *files,
                                 bc_sample *out) {
    size_t pixels = (size_t)out->width * (size_t)out->height;
    float *greys = malloc(3 * pixels * sizeof *greys);
    if (!greys)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to simulate its spikes", files->rgb);
    uint32_t seed[4];
    bc_moment moment;
    bc_spike_stream stream = {0};
    bc_philox(f->options.seed, BC_STREAM_FOLDER, (uint64_t)files->place, seed);
    bc_status status = see_moment(err, files, out, greys, &moment);
    if (status == BC_OK)
        status = bc_simulate_window(f->host, &moment, &f->options.filming, &f->maps, seed[0], &stream);
    free(greys);
    out->spikes = stream.words; /* the sample's now */
    return status;
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

static bc_status load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    file_set *f = (file_set *)dataset;
    const bc_sample_files *files = &f->samples.files[index];
    snprintf(out->name, sizeof out->name, "%s", files->name);
    if (files->rgb)
        BC_TRY(load_rgb(err, files->rgb, out));
    if (files->spikes)
        BC_TRY(load_spikes(f, err, files->spikes, out));
    else if (dataset->has_spikes)
        BC_TRY(simulate_spikes(f, err, files, out));
    if (files->depth)
        BC_TRY(load_depth(f, err, files->depth, out));
    return check_crop(f, err, out);
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
    *f = (file_set){.base = {.load = load,
                             .release = release,
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
