/* One's own data set in a folder: rgb/, spikes/ and depth/ with files of equal stems. */
#include "bicross/data/folder.h"

#include "bicross/data/folder_list.h"
#include "bicross/data/sequence.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct folder {
    bc_folder_list rgb, spikes, depth;
} folder;

static void release(folder *f) {
    bc_folder_list_release(&f->rgb);
    bc_folder_list_release(&f->spikes);
    bc_folder_list_release(&f->depth);
}

/* The list that every other one must agree with. */
static const bc_folder_list *leading(const folder *f) {
    return f->rgb.folder ? &f->rgb : &f->spikes;
}

static bc_status fail_missing(bc_error *err, const bc_folder_list *has, int file,
                              const bc_folder_list *lacks) {
    const bc_folder_file *found = &has->files[file];
    return bc_fail(err, BC_E_FORMAT, "%s: expected a file with the stem %.*s, found only %s", lacks->folder,
                   (int)found->stem_length, found->stem, found->path);
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

static bc_status list_files(bc_error *err, const char *path, bool labels, folder *f) {
    struct stat info;
    if (stat(path, &info) != 0)
        return bc_fail(err, BC_E_FILE, "cannot open the folder %s: %s", path, strerror(errno));
    BC_TRY(bc_folder_tree_read(err, path, "rgb", &bc_picture_kind, &f->rgb));
    if (!f->rgb.folder)
        BC_TRY(bc_folder_tree_read(err, path, "image_02", &bc_picture_kind, &f->rgb));
    BC_TRY(bc_folder_tree_read(err, path, "spikes", &bc_spike_kind, &f->spikes));
    if (labels)
        BC_TRY(bc_folder_tree_read(err, path, "depth", &bc_depth_kind, &f->depth));
    if (!f->rgb.folder && !f->spikes.folder)
        return bc_fail(err, BC_E_FORMAT, "%s: expected a folder rgb/, image_02/ or spikes/ in it, found none",
                       path);
    BC_TRY(match(err, &f->rgb, &f->spikes));
    return match(err, leading(f), &f->depth);
}

/* A stem as one word. */
static bc_status name_of(bc_error *err, const bc_folder_file *file, char **name) {
    *name = strndup(file->stem, file->stem_length);
    for (char *at = *name; at && *at; at++)
        *at = *at == '/' ? '_' : *at;
    return *name ? BC_OK : bc_fail(err, BC_E_MEMORY, "no memory to list %s", file->path);
}

static bc_status add_sample(bc_error *err, const folder *f, const bc_frame *frames, int i,
                            bc_sample_list *out) {
    bool before = frames && frames[i].before != i, after = frames && frames[i].after != i;
    bc_sample_files files = {.rgb = f->rgb.folder ? f->rgb.files[i].path : NULL,
                             .spikes = f->spikes.folder ? f->spikes.files[i].path : NULL,
                             .depth = f->depth.folder ? f->depth.files[i].path : NULL,
                             .before = before ? f->rgb.files[frames[i].before].path : NULL,
                             .after = after ? f->rgb.files[frames[i].after].path : NULL,
                             .place = i};
    BC_TRY(name_of(err, &leading(f)->files[i], &files.name));
    bc_status status = bc_sample_list_add(err, out, &files);
    free(files.name);
    return status;
}

static bc_status list_samples(bc_error *err, const folder *f, bool simulate, bc_sample_list *out,
                              char note[BC_DATASET_NOTE]) {
    bc_frame *frames = NULL;
    bc_status status = BC_OK;
    note[0] = 0;
    if (simulate && f->rgb.folder && !f->spikes.folder) {
        BC_TRY(bc_sequence_find(err, &f->rgb, &frames));
        bc_sequence_note(frames, f->rgb.count, note);
    }
    for (int i = 0; i < leading(f)->count && status == BC_OK; i++)
        status = add_sample(err, f, frames, i, out);
    free(frames);
    return status;
}

bc_status bc_folder_open(bc_host *host, const char *path, const bc_file_set_options *options,
                         bc_dataset **out) {
    folder f = {0};
    bc_sample_list samples = {0};
    char note[BC_DATASET_NOTE];
    bc_error *err = host ? bc_host_error(host) : NULL;
    *out = NULL;
    bc_status status = list_files(err, path, options->labels, &f);
    if (status == BC_OK)
        status = list_samples(err, &f, options->simulate, &samples, note);
    release(&f);
    if (status == BC_OK)
        return bc_file_set_open(host, err, path, &samples, options, note, out);
    bc_sample_list_release(&samples);
    return status;
}
