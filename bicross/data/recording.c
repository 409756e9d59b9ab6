/* Cutting recordings into windows: files are opened once here, to see how long they are; their frames are read with the samples. */
#include "bicross/data/recording.h"

#include "bicross/data/path_pattern.h"
#include "bicross/data/spike_reader.h"
#include "host/base/path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct cutting {
    bc_error *err;
    const bc_layout_split *split;
    const bc_file_set_options *options;
    int stride;
    bc_folder_list files;
    bool labelled; /* only windows with a label count */
    int lacking;   /* windows without */
    int assumed;   /* files whose size nobody said, and that size */
    bc_spike_info assumed_as;
    bc_sample_list samples;
} cutting;

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* --- the files --- */

static bc_status list_one(cutting *c, const char *path) {
    char folder[BC_PATTERN_PATH];
    const char *name = bc_path_name(path);
    snprintf(folder, sizeof folder, "%.*s", (int)(name - path), path);
    char *slash = strrchr(folder, '/');
    if (slash && slash > folder)
        *slash = 0;
    BC_TRY(bc_folder_list_begin(c->err, folder[0] ? folder : ".", &c->files));
    return bc_folder_list_add(c->err, &c->files, name, name);
}

static bc_status list_files(cutting *c, const bc_place *place) {
    const bc_path_parts nothing = {0};
    char example[BC_PATTERN_PATH], kinds[BC_KIND_TEXT];
    if (!is_folder(place->path))
        return list_one(c, place->path);
    BC_TRY(bc_path_walk(c->err, place->path, c->split->lead, &nothing, &c->files));
    if (c->files.count > 0)
        return BC_OK;
    bc_path_show(place->path, c->split->lead, &nothing, example);
    return bc_fail(c->err, BC_E_FORMAT, "%s: expected recordings in files ending in %s, %s, found none",
                   place->path, bc_kind_endings(&bc_spike_kind, kinds), example);
}

static void find_labels(cutting *c) {
    char folder[BC_PATTERN_PATH + 8];
    snprintf(folder, sizeof folder, "%s/depth", c->files.folder);
    c->labelled = c->options->labels && c->split->depth && is_folder(folder);
}

/* --- their windows --- */

/* Nested files are told apart by their folders. */
static void name_window(const bc_folder_file *file, int first, char name[BC_PATTERN_PATH]) {
    snprintf(name, BC_PATTERN_PATH, "%.*s_%06d", (int)file->stem_length, file->stem, first);
    for (char *at = name; *at; at++)
        *at = *at == '/' ? '_' : *at;
}

static bc_status add_window(cutting *c, const bc_folder_file *file, int first) {
    char name[BC_PATTERN_PATH], depth[BC_PATTERN_PATH];
    bc_path_parts parts = {0};
    name_window(file, first, name);
    bc_path_part_set(&parts, "name", name);
    if (c->labelled && !bc_path_find(c->files.folder, c->split->depth, &parts, depth)) {
        c->lacking++;
        return BC_OK;
    }
    if (c->samples.count == BC_RECORDING_WINDOWS)
        return bc_fail(c->err, BC_E_FORMAT,
                       "%s: expected at most %d windows in all, found more at a stride of %d frames: raise "
                       "data.stride",
                       c->files.folder, BC_RECORDING_WINDOWS, c->stride);
    bc_sample_files files = {.name = name,
                             .spikes = file->path,
                             .depth = c->labelled ? depth : NULL,
                             .first = first,
                             .place = c->samples.count};
    return bc_sample_list_add(c->err, &c->samples, &files);
}

static bc_status cut(cutting *c, const bc_folder_file *file) {
    bc_spike_reader *reader;
    BC_TRY(bc_spike_reader_open(c->err, file->path, &c->options->spikes, &reader));
    bc_spike_info info = bc_spike_reader_info(reader);
    bc_spike_reader_close(reader);
    if (info.size_assumed) {
        c->assumed++;
        c->assumed_as = info;
    }
    if (info.frames < BC_SPIKE_FRAMES)
        return bc_fail(c->err, BC_E_FORMAT, "%s: expected a recording of at least %d frames, found %d",
                       file->path, BC_SPIKE_FRAMES, info.frames);
    for (int first = 0; first <= info.frames - BC_SPIKE_FRAMES; first += c->stride)
        BC_TRY(add_window(c, file, first));
    return BC_OK;
}

static bc_status fail_unlabelled(const cutting *c) {
    char name[BC_PATTERN_PATH], example[BC_PATTERN_PATH];
    bc_path_parts parts = {0};
    name_window(&c->files.files[0], 0, name);
    bc_path_part_set(&parts, "name", name);
    bc_path_show(c->files.folder, c->split->depth, &parts, example);
    return bc_fail(c->err, BC_E_FORMAT, "%s: expected labels such as %s, found none for %d windows",
                   c->files.folder, example, c->lacking);
}

static bc_status cut_all(cutting *c, const bc_place *place) {
    BC_TRY(list_files(c, place));
    find_labels(c);
    for (int i = 0; i < c->files.count; i++)
        BC_TRY(cut(c, &c->files.files[i]));
    return c->samples.count > 0 ? BC_OK : fail_unlabelled(c);
}

static void write_note(const cutting *c, char note[BC_DATASET_NOTE]) {
    int used = snprintf(note, BC_DATASET_NOTE, "windows of %d file%s every %d frames", c->files.count,
                        c->files.count == 1 ? "" : "s", c->stride);
    if (c->lacking > 0)
        used +=
            snprintf(note + used, BC_DATASET_NOTE - (size_t)used, ", %d unlabelled passed over", c->lacking);
    if (c->assumed > 0)
        snprintf(note + used, BC_DATASET_NOTE - (size_t)used, ", size assumed");
}

bc_status bc_recording_open(bc_host *host, const bc_place *place, const bc_file_set_options *options,
                            bc_dataset **out) {
    char note[BC_DATASET_NOTE];
    cutting c = {.err = host ? bc_host_error(host) : NULL,
                 .split = &place->layout->forms[0].train,
                 .options = options,
                 .stride = options->stride > 0 ? options->stride : BC_SPIKE_FRAMES};
    *out = NULL;
    bc_status status = cut_all(&c, place);
    bc_file_set_options with_size = *options;
    if (status == BC_OK && c.assumed == c.files.count) { /* and not found out again for every window */
        with_size.spikes.width = c.assumed_as.width;
        with_size.spikes.height = c.assumed_as.height;
    }
    write_note(&c, note);
    bc_folder_list_release(&c.files);
    if (status == BC_OK)
        return bc_file_set_open(host, c.err, place->path, &c.samples, &with_size, note, out);
    bc_sample_list_release(&c.samples);
    return status;
}
