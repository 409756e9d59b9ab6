/* Listing the files of one kind in a folder. */
#include "bicross/data/folder_list.h"
#include "host/base/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int bc_folder_compare(const bc_folder_file *a, const bc_folder_file *b) {
    return bc_path_order(a->stem, a->stem_length, b->stem, b->stem_length);
}

static int compare(const void *a, const void *b) {
    return bc_folder_compare(a, b);
}

static bc_status add(bc_error *err, bc_folder_list *list, const char *name) {
    if ((list->count & (list->count - 1)) == 0) { /* full at every power of two */
        size_t capacity = list->count ? 2 * (size_t)list->count : 1;
        bc_folder_file *files = realloc(list->files, capacity * sizeof *files);
        if (!files)
            return bc_fail(err, BC_E_MEMORY, "no memory to list %s", list->folder);
        list->files = files;
    }
    bc_folder_file *file = &list->files[list->count];
    if (asprintf(&file->path, "%s/%s", list->folder, name) < 0)
        return bc_fail(err, BC_E_MEMORY, "no memory to list %s", list->folder);
    list->count++;
    file->stem = bc_path_name(file->path);
    file->stem_length = (size_t)(bc_path_ending(file->path) - file->stem);
    return BC_OK;
}

static bc_status fail_empty(bc_error *err, const bc_folder_list *list, const bc_kind *kind, int others) {
    char wanted[BC_KIND_TEXT];
    return bc_fail(err, BC_E_FORMAT, "%s: expected files ending in %s, found none among %d files",
                   list->folder, bc_kind_endings(kind, wanted), others);
}

static bc_status check(bc_error *err, const bc_folder_list *list) {
    for (int i = 1; i < list->count; i++)
        if (bc_folder_compare(&list->files[i - 1], &list->files[i]) == 0)
            return bc_fail(err, BC_E_FORMAT, "%s: expected one file of each stem, found %s and %s",
                           list->folder, bc_path_name(list->files[i - 1].path),
                           bc_path_name(list->files[i].path));
    return BC_OK;
}

static bc_status fill(bc_error *err, DIR *folder, const bc_kind *kind, bc_folder_list *list) {
    int others = 0;
    errno = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        bool hidden = entry->d_name[0] == '.';
        if (!hidden && bc_kind_find(kind, entry->d_name))
            BC_TRY(add(err, list, entry->d_name));
        else
            others += !hidden;
        errno = 0; /* the only way to tell the end from a failure */
    }
    if (errno)
        return bc_fail(err, BC_E_FILE, "cannot read the folder %s: %s", list->folder, strerror(errno));
    if (list->count == 0)
        return fail_empty(err, list, kind, others);
    qsort(list->files, (size_t)list->count, sizeof *list->files, compare);
    return check(err, list);
}

bc_status bc_folder_list_read(bc_error *err, const char *path, const char *name, const bc_kind *kind,
                              bc_folder_list *out) {
    *out = (bc_folder_list){0};
    struct stat info;
    if (asprintf(&out->folder, "%s/%s", path, name) < 0) {
        out->folder = NULL;
        return bc_fail(err, BC_E_MEMORY, "no memory to list %s/%s", path, name);
    }
    if (stat(out->folder, &info) != 0 && errno == ENOENT) {
        bc_folder_list_release(out);
        return BC_OK;
    }
    DIR *folder = opendir(out->folder);
    bc_status status =
        folder ? fill(err, folder, kind, out)
               : bc_fail(err, BC_E_FILE, "cannot open the folder %s: %s", out->folder, strerror(errno));
    if (folder)
        closedir(folder);
    if (status != BC_OK)
        bc_folder_list_release(out);
    return status;
}

void bc_folder_list_release(bc_folder_list *list) {
    for (int i = 0; i < list->count; i++)
        free(list->files[i].path);
    free(list->files);
    free(list->folder);
    *list = (bc_folder_list){0};
}
