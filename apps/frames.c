/* Reading the frames of a video. */
#include "apps/frames.h"
#include "bicross/data/folder_list.h"
#include "bicross/data/sequence.h"
#include "bicross/formats/image.h"
#include "host/base/path.h"

#include <stdio.h>
#include <stdlib.h>

/* Luma of one file into its place; the first file decides the size. */
static bc_status read_frame(bc_error *err, const char *path, int index, bc_video *v, float **greys) {
    int width, height;
    uint8_t *rgb;
    BC_TRY(bc_picture_read(err, path, &width, &height, &rgb));
    bc_status status = BC_OK;
    if (index == 0) {
        v->height = height;
        v->width = width;
        *greys = malloc((size_t)v->count * (size_t)height * (size_t)width * sizeof(float));
        v->greys = *greys;
        if (!*greys)
            status = bc_fail(err, BC_E_MEMORY, "no memory for %d frames of %d x %d", v->count, width, height);
    } else if (width != v->width || height != v->height) {
        status = bc_fail(err, BC_E_FORMAT, "%s is %d x %d, but the frames before it are %d x %d", path, width,
                         height, v->width, v->height);
    }
    if (status == BC_OK) {
        size_t pixels = (size_t)height * (size_t)width;
        float *out = *greys + (size_t)index * pixels;
        for (size_t i = 0; i < pixels; i++)
            out[i] = (0.299f * rgb[3 * i] + 0.587f * rgb[3 * i + 1] + 0.114f * rgb[3 * i + 2]) / 255;
    }
    free(rgb);
    return status;
}

/* Frames of two sequences, or with one number, are no video. */
static bc_status check_frame(bc_error *err, const bc_folder_list *list, const bc_frame *frames, int i) {
    const char *name = bc_path_name(list->files[i].path), *before = bc_path_name(list->files[i - 1].path);
    if (frames[i].sequence != frames[i - 1].sequence)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected the frames of one sequence, with names that differ in their last number "
                       "alone, found %s and %s",
                       list->folder, before, name);
    if (frames[i].number == frames[i - 1].number)
        return bc_fail(err, BC_E_FORMAT, "%s: expected one frame of each number, found %s and %s",
                       list->folder, before, name);
    return BC_OK;
}

static bc_status check_sequence(bc_error *err, app_volume volume, const bc_folder_list *list) {
    bc_frame *frames;
    int gaps = 0, first = 0;
    bc_status status = bc_sequence_find(err, list, &frames);
    for (int i = 1; i < list->count && status == BC_OK; i++) {
        status = check_frame(err, list, frames, i);
        if (status == BC_OK && frames[i].before == i && gaps++ == 0)
            first = i;
    }
    if (status == BC_OK && gaps > 0)
        app_warn(volume,
                 "%s has %d gap%s, the first between %s and %s (the numbers of frames that follow "
                 "each other "
                 "differ by %llu); the video goes over them as if nothing were missing",
                 list->folder, gaps, gaps == 1 ? "" : "s", bc_path_name(list->files[first - 1].path),
                 bc_path_name(list->files[first].path), (unsigned long long)frames[0].step);
    free(frames);
    return status;
}

bc_status app_frames_read(bc_error *err, app_progress *progress, const char *folder, bc_video *out,
                          float **greys) {
    bc_folder_list list;
    *out = (bc_video){0};
    *greys = NULL;
    BC_TRY(bc_folder_list_read(err, folder, ".", &bc_picture_kind, &list));
    out->count = list.count;
    bc_status status = list.folder ? check_sequence(err, progress->volume, &list)
                                   : bc_fail(err, BC_E_FILE, "there is no folder %s", folder);
    for (int i = 0; i < list.count && status == BC_OK; i++) {
        app_progress_count(progress, "reading", i, list.count);
        status = read_frame(err, list.files[i].path, i, out, greys);
    }
    bc_folder_list_release(&list);
    return status;
}
