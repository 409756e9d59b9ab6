/* Listing the files of one kind in a folder. */
#include "bicross/data/folder_list.h"
#include "host/base/grow.h"
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

bc_status bc_folder_list_begin(bc_error *err, const char *folder, bc_folder_list *out) {
    *out = (bc_folder_list){.folder = strdup(folder)};
    return out->folder ? BC_OK : bc_fail(err, BC_E_MEMORY, "no memory to list %s", folder);
}

/* Path and stem share their memory. */
bc_status bc_folder_list_add(bc_error *err, bc_folder_list *list, const char *name, const char *stem) {
    if (!bc_grow((void **)&list->files, list->count, &list->capacity, sizeof *list->files))
        return bc_fail(err, BC_E_MEMORY, "no memory to list %s", list->folder);
    bc_folder_file *file = &list->files[list->count];
    size_t folder = strlen(list->folder), path = folder + 1 + strlen(name) + 1;
    file->path = malloc(path + strlen(stem) + 1);
    if (!file->path)
        return bc_fail(err, BC_E_MEMORY, "no memory to list %s", list->folder);
    snprintf(file->path, path, "%s/%s", list->folder, name);
    memcpy(file->path + path, stem, strlen(stem) + 1);
    file->stem = file->path + path;
    file->stem_length = strlen(stem) - strlen(bc_path_ending(stem));
    list->count++;
    return BC_OK;
}

void bc_folder_list_sort(bc_folder_list *list) {
    if (list->count > 0)
        qsort(list->files, (size_t)list->count, sizeof *list->files, compare);
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

/* --- reading --- */

enum {
    DEEPEST = 16,
    NAME = 1024
}; /* folders in folders, which may be links in a circle; characters of a name */

typedef struct reading {
    bc_error *err;
    const bc_kind *kind;
    bc_folder_list *list;
    bool tree;
    int others; /* files of other kinds */
} reading;

static bc_status read_folder(reading *r, const char *below, int depth);

static bool is_folder(const reading *r, const char *name) {
    char path[2 * NAME];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", r->list->folder, name);
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Words for a kind of file, which its folders and names have and those of the others have not. */
static size_t kind_word(const char *name, char after) {
    static const char *const words[] = {"rgb", "image", "depth", "spikes", "spike", "npy"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (strncmp(name, words[i], length) == 0 && name[length] == after && name[length + 1])
            return length + 1;
    }
    return 0;
}

/* "Scene01/rgb/Camera_0/rgb_00012.jpg" as "Scene01/Camera_0/00012.jpg". */
static void without_kind(const char *name, char stem[NAME]) {
    size_t used = 0;
    while (*name) {
        const char *slash = strchr(name, '/');
        size_t length = slash ? (size_t)(slash + 1 - name) : strlen(name);
        size_t word = kind_word(name, slash ? '/' : '_');
        name += word;
        length -= word;
        memcpy(stem + used, name, length); /* no longer than the name */
        used += length;
        name += length;
    }
    stem[used] = 0;
}

static bc_status take_entry(reading *r, const char *below, const char *entry, int depth) {
    char name[NAME], stem[NAME];
    if (snprintf(name, sizeof name, "%s%s%s", below, below[0] ? "/" : "", entry) >= (int)sizeof name)
        return bc_fail(r->err, BC_E_FILE, "%s/%.100s...: expected a path of at most %d characters",
                       r->list->folder, below, NAME - 1);
    if (bc_kind_find(r->kind, entry)) {
        without_kind(name, stem);
        return bc_folder_list_add(r->err, r->list, name, r->tree ? stem : name);
    }
    if (r->tree && is_folder(r, name))
        return depth < DEEPEST ? read_folder(r, name, depth + 1)
                               : bc_fail(r->err, BC_E_FILE, "%s/%s: expected folders at most %d deep",
                                         r->list->folder, name, DEEPEST);
    r->others++;
    return BC_OK;
}

static bc_status read_entries(reading *r, DIR *folder, const char *below, int depth) {
    errno = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] != '.')
            BC_TRY(take_entry(r, below, entry->d_name, depth));
        errno = 0; /* the only way to tell the end from a failure */
    }
    if (errno)
        return bc_fail(r->err, BC_E_FILE, "cannot read the folder %s/%s: %s", r->list->folder, below,
                       strerror(errno));
    return BC_OK;
}

static bc_status read_folder(reading *r, const char *below, int depth) {
    char path[2 * NAME];
    snprintf(path, sizeof path, "%s%s%s", r->list->folder, below[0] ? "/" : "", below);
    DIR *folder = opendir(path);
    if (!folder)
        return bc_fail(r->err, BC_E_FILE, "cannot open the folder %s: %s", path, strerror(errno));
    bc_status status = read_entries(r, folder, below, depth);
    closedir(folder);
    return status;
}

static bc_status read_all(reading *r) {
    BC_TRY(read_folder(r, "", 0));
    if (r->list->count == 0)
        return fail_empty(r->err, r->list, r->kind, r->others);
    bc_folder_list_sort(r->list);
    return check(r->err, r->list);
}

static bc_status read_list(reading *r, const char *path, const char *name) {
    char folder[2 * NAME];
    struct stat info;
    *r->list = (bc_folder_list){0};
    if (snprintf(folder, sizeof folder, "%s/%s", path, name) >= NAME)
        return bc_fail(r->err, BC_E_FILE, "%.100s...: expected a path of at most %d characters", path,
                       NAME - 1);
    if (stat(folder, &info) != 0 && errno == ENOENT)
        return BC_OK;
    BC_TRY(bc_folder_list_begin(r->err, folder, r->list));
    bc_status status = read_all(r);
    if (status != BC_OK)
        bc_folder_list_release(r->list);
    return status;
}

bc_status bc_folder_list_read(bc_error *err, const char *path, const char *name, const bc_kind *kind,
                              bc_folder_list *out) {
    return read_list(&(reading){err, kind, out, false, 0}, path, name);
}

bc_status bc_folder_tree_read(bc_error *err, const char *path, const char *name, const bc_kind *kind,
                              bc_folder_list *out) {
    return read_list(&(reading){err, kind, out, true, 0}, path, name);
}

void bc_folder_list_release(bc_folder_list *list) {
    for (int i = 0; i < list->count; i++)
        free(list->files[i].path);
    free(list->files);
    free(list->folder);
    *list = (bc_folder_list){0};
}
