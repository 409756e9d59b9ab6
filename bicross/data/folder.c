/* A data set from a folder: rgb/, spikes/ and depth/ with files of equal stems. Spikes can be simulated from
 * rgb/. */
#include "bicross/data/dataset.h"
#include "bicross/data/folder_list.h"
#include "bicross/data/sequence.h"
#include "bicross/data/spike_reader.h"
#include "bicross/data/streams.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "host/base/path.h"
#include "host/base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct folder {
    bc_dataset base; /* first: the data set is the folder */
    bc_host *host;
    bc_folder_options options;
    bc_folder_list rgb, spikes, depth;
    bc_frame *frames; /* of rgb, where spikes are simulated; else NULL */
} folder;

static int stem_width(const bc_folder_file *file) {
    return (int)file->stem_length;
}

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

static bc_status load_rgb(const folder *f, bc_error *err, int file, bc_sample *out) {
    int width, height;
    BC_TRY(bc_picture_read(err, f->rgb.files[file].path, &width, &height, &out->rgb));
    return agree_size(err, f->rgb.files[file].path, height, width, out);
}

static bc_status load_depth(const folder *f, bc_error *err, int file, bc_sample *out) {
    int width, height;
    const char *path = f->depth.files[file].path;
    BC_TRY(bc_depth_read(err, path, f->options.depth_scale, &width, &height, &out->depth));
    return agree_size(err, path, height, width, out);
}

static bc_status first_window(folder *f, bc_error *err, bc_spike_reader *reader, const char *path,
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
static bc_status load_spikes(folder *f, bc_error *err, int file, bc_sample *out) {
    const char *path = f->spikes.files[file].path;
    bc_spike_reader *reader;
    BC_TRY(bc_spike_reader_open(err, path, &f->options.spikes, &reader));
    bc_status status = first_window(f, err, reader, path, out);
    bc_spike_reader_close(reader);
    return status;
}

static float luma(const uint8_t *rgb) {
    return (0.299f * (float)rgb[0] + 0.587f * (float)rgb[1] + 0.114f * (float)rgb[2]) / 255;
}

/* Grey image halfway between the sample's own frame and frame `file`. */
static bc_status halfway_grey(const folder *f, bc_error *err, int file, const bc_sample *own, float *grey) {
    int width, height;
    uint8_t *rgb;
    const char *path = f->rgb.files[file].path;
    BC_TRY(bc_picture_read(err, path, &width, &height, &rgb));
    bc_status status = BC_OK;
    if (width != own->width || height != own->height)
        status =
            bc_fail(err, BC_E_FORMAT,
                    "%s: expected %d x %d pixels (width x height) as in frame %s beside it, found %d x %d",
                    path, own->width, own->height, own->name, width, height);
    size_t pixels = status == BC_OK ? (size_t)width * (size_t)height : 0;
    for (size_t i = 0; i < pixels; i++)
        grey[i] = 0.5f * (luma(own->rgb + 3 * i) + luma(rgb + 3 * i));
    free(rgb);
    return status;
}

/* Three images: halfway from the frame before, the frame, halfway to the frame after; so frame `file` lies in
 * the middle of its window. Where its sequence has no neighbour the frame stands for it. */
static bc_status window_greys(const folder *f, bc_error *err, int file, const bc_sample *own, float *greys) {
    size_t pixels = (size_t)own->width * (size_t)own->height;
    for (size_t i = 0; i < pixels; i++)
        greys[pixels + i] = luma(own->rgb + 3 * i);
    BC_TRY(halfway_grey(f, err, f->frames[file].before, own, greys));
    return halfway_grey(f, err, f->frames[file].after, own, greys + 2 * pixels);
}

/* The noise depends on the frame's place in the whole folder, not on which part of it is taken. */
static bc_status simulate_spikes(const folder *f, bc_error *err, int file, bc_sample *out) {
    size_t pixels = (size_t)out->width * (size_t)out->height;
    float *greys = malloc(3 * pixels * sizeof *greys);
    if (!greys)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to simulate its spikes", f->rgb.files[file].path);
    uint32_t seed[4];
    bc_spike_stream stream = {0};
    bc_philox(f->options.seed, BC_STREAM_FOLDER, (uint64_t)file, seed);
    bc_status status = window_greys(f, err, file, out, greys);
    if (status == BC_OK)
        status = bc_simulate_stream(f->host, greys, 3, out->height, out->width, BC_SPIKE_FRAMES,
                                    &f->options.simulator, seed[0], &stream);
    free(greys);
    out->spikes = stream.words; /* the sample's now */
    return status;
}

/* The list that every other one must agree with. */
static const bc_folder_list *leading(const folder *f) {
    return f->rgb.folder ? &f->rgb : &f->spikes;
}

static bc_status check_crop(const folder *f, bc_error *err, const bc_sample *sample) {
    if (f->options.crop_height <= sample->height && f->options.crop_width <= sample->width)
        return BC_OK;
    return bc_fail(err, BC_E_FORMAT,
                   "%s, sample %s: expected at least the crop's %d x %d pixels (width x height), "
                   "found %d x %d",
                   f->base.name, sample->name, f->options.crop_width, f->options.crop_height, sample->width,
                   sample->height);
}

static bc_status load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    folder *f = (folder *)dataset;
    int file = f->options.first + index;
    const bc_folder_file *named = &leading(f)->files[file];
    snprintf(out->name, sizeof out->name, "%.*s", stem_width(named), named->stem);
    if (f->rgb.folder)
        BC_TRY(load_rgb(f, err, file, out));
    if (f->spikes.folder)
        BC_TRY(load_spikes(f, err, file, out));
    else if (dataset->has_spikes)
        BC_TRY(simulate_spikes(f, err, file, out));
    if (f->depth.folder)
        BC_TRY(load_depth(f, err, file, out));
    return check_crop(f, err, out);
}

static void release(bc_dataset *dataset) {
    folder *f = (folder *)dataset;
    bc_folder_list_release(&f->rgb);
    bc_folder_list_release(&f->spikes);
    bc_folder_list_release(&f->depth);
    free(f->frames);
    free(f);
}

static bc_status fail_missing(bc_error *err, const bc_folder_list *has, int file,
                              const bc_folder_list *lacks) {
    const bc_folder_file *found = &has->files[file];
    return bc_fail(err, BC_E_FORMAT, "%s: expected a file with the stem %.*s, found only %s", lacks->folder,
                   stem_width(found), found->stem, found->path);
}

/* Both lists are sorted: the first difference shows which stem is missing where. */
static bc_status match(bc_error *err, const bc_folder_list *a, const bc_folder_list *b) {
    if (!a->folder || !b->folder)
        return BC_OK;
    for (int i = 0; i < a->count || i < b->count; i++) {
        int order = i == a->count ? 1 : i == b->count ? -1 : bc_folder_compare(&a->files[i], &b->files[i]);
        if (order)
            return order < 0 ? fail_missing(err, a, i, b) : fail_missing(err, b, i, a);
    }
    return BC_OK;
}

static bc_status list_files(folder *f, bc_error *err, const char *path) {
    struct stat info;
    if (stat(path, &info) != 0)
        return bc_fail(err, BC_E_FILE, "cannot open the folder %s: %s", path, strerror(errno));
    BC_TRY(bc_folder_list_read(err, path, "rgb", &bc_picture_kind, &f->rgb));
    if (!f->rgb.folder)
        BC_TRY(bc_folder_list_read(err, path, "image_02", &bc_picture_kind, &f->rgb));
    BC_TRY(bc_folder_list_read(err, path, "spikes", &bc_spike_kind, &f->spikes));
    if (f->options.labels)
        BC_TRY(bc_folder_list_read(err, path, "depth", &bc_depth_kind, &f->depth));
    if (!f->rgb.folder && !f->spikes.folder)
        return bc_fail(err, BC_E_FORMAT, "%s: expected a folder rgb/, image_02/ or spikes/ in it, found none",
                       path);
    BC_TRY(match(err, &f->rgb, &f->spikes));
    return match(err, leading(f), &f->depth);
}

static bc_status check_names(bc_error *err, const bc_folder_list *list) {
    for (int i = 0; i < list->count; i++)
        if (list->files[i].stem_length >= sizeof((bc_sample *)0)->name)
            return bc_fail(err, BC_E_FORMAT, "%s: expected a stem of at most %zu characters, found %zu",
                           list->files[i].path, sizeof((bc_sample *)0)->name - 1, list->files[i].stem_length);
    return BC_OK;
}

static bc_status choose_samples(folder *f, bc_error *err, const char *path) {
    int all = leading(f)->count, first = f->options.first, limit = f->options.limit;
    if (first < 0 || first >= all || limit < 0)
        return bc_fail(err, BC_E_ARGUMENT,
                       "%s: expected samples within the %d there are, found first %d, limit %d", path, all,
                       first, limit);
    f->base.count = limit > 0 && limit < all - first ? limit : all - first;
    return BC_OK;
}

static bc_status find_neighbours(folder *f, bc_error *err) {
    int sequences = 0, gaps = 0;
    BC_TRY(bc_sequence_find(err, &f->rgb, &f->frames));
    for (int i = 0; i < f->rgb.count; i++) {
        sequences += f->frames[i].sequence == i;
        gaps += f->frames[i].before == i;
    }
    gaps -= sequences; /* the first of each has nothing before it */
    snprintf(f->base.spikes_note, sizeof f->base.spikes_note, "simulated from %d sequence%s with %d gap%s",
             sequences, sequences == 1 ? "" : "s", gaps, gaps == 1 ? "" : "s");
    return BC_OK;
}

static bc_status prepare(folder *f, bc_error *err, const char *path) {
    BC_TRY(list_files(f, err, path));
    BC_TRY(check_names(err, leading(f)));
    BC_TRY(choose_samples(f, err, path));
    bool simulate = f->options.simulate && f->rgb.folder && !f->spikes.folder;
    if (simulate && !f->host)
        return bc_fail(err, BC_E_ARGUMENT, "%s: a device is needed to simulate spikes, found none", path);
    if (simulate)
        BC_TRY(find_neighbours(f, err));
    f->base.has_rgb = f->rgb.folder;
    f->base.has_depth = f->depth.folder;
    f->base.has_spikes = f->spikes.folder || simulate;
    const bc_sample *sample;
    BC_TRY(bc_dataset_get(&f->base, err, 0, &sample));
    f->base.height = sample->height;
    f->base.width = sample->width;
    return BC_OK;
}

bc_status bc_folder_open(bc_host *host, const char *path, const bc_folder_options *options,
                         bc_dataset **out) {
    *out = NULL;
    bc_error *err = host ? bc_host_error(host) : NULL;
    folder *f = calloc(1, sizeof *f);
    if (!f)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to open the data set", path);
    f->host = host;
    f->options = *options;
    f->base = (bc_dataset){.load = load,
                           .release = release,
                           .crop_height = options->crop_height,
                           .crop_width = options->crop_width,
                           .depth_scale = options->depth_scale};
    snprintf(f->base.name, sizeof f->base.name, "%.127s", path);
    bc_status status = prepare(f, err, path);
    if (status == BC_OK)
        *out = &f->base;
    else
        bc_dataset_release(&f->base);
    return status;
}
