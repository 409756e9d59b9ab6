#include "apps/inputs.h"

#include "bicross/data/folder_list.h"
#include "host/base/file.h"
#include "host/base/grow.h"
#include "host/base/path.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- finding --- */

static bc_status add(bc_error *err, app_inputs *inputs, const char *path) {
    if (!bc_grow((void **)&inputs->files, inputs->count, &inputs->capacity, sizeof *inputs->files))
        return bc_fail(err, BC_E_MEMORY, "no memory to list %s", path);
    app_input *file = &inputs->files[inputs->count++];
    *file = (app_input){strdup(path), strdup(path)};
    return file->path && file->name ? BC_OK : bc_fail(err, BC_E_MEMORY, "no memory to list %s", path);
}

/* What a list calls FOLDER/./FILE is called FOLDER/FILE here. */
static bc_status add_folder(bc_error *err, const char *path, const bc_kind *kind, app_inputs *inputs) {
    static const char here[] = "/./";
    bc_folder_list found;
    BC_TRY(bc_folder_tree_read(err, path, ".", kind, &found));
    bc_status status = BC_OK;
    for (int i = 0; i < found.count && status == BC_OK; i++) {
        char *file = found.files[i].path, *below = file + strlen(path);
        memmove(below + 1, below + strlen(here), strlen(below + strlen(here)) + 1);
        status = add(err, inputs, file);
    }
    bc_folder_list_release(&found);
    return status;
}

static bc_status add_file(bc_error *err, const char *path, const bc_kind *kind, app_inputs *inputs) {
    struct stat info;
    bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    return folder ? add_folder(err, path, kind, inputs) : add(err, inputs, path);
}

static bc_status add_matches(bc_error *err, const char *pattern, const bc_kind *kind, app_inputs *inputs) {
    glob_t found = {0};
    int result = glob(pattern, 0, NULL, &found);
    bc_status status = BC_OK;
    if (result == GLOB_NOMATCH)
        status = bc_fail(err, BC_E_FILE, "%s: expected files, found none that match", pattern);
    else if (result != 0)
        status = bc_fail(err, BC_E_FILE, "cannot look for files that match %s", pattern);
    for (size_t i = 0; i < found.gl_pathc && status == BC_OK; i++)
        status = add_file(err, found.gl_pathv[i], kind, inputs);
    globfree(&found);
    return status;
}

/* --- naming --- */

/* Characters up to and with the last '/' that all paths have in common. */
static size_t common_folder(const app_inputs *inputs) {
    const char *first = inputs->files[0].path;
    size_t length = (size_t)(bc_path_name(first) - first);
    for (int i = 1; i < inputs->count; i++) {
        size_t same = 0;
        while (same < length && inputs->files[i].path[same] == first[same])
            same++;
        while (same > 0 && first[same - 1] != '/')
            same--;
        length = same;
    }
    return length;
}

/* The name has room for the whole path. */
static void make_name(app_input *file, size_t below) {
    const char *rest = file->path + below;
    size_t length = strlen(rest) - strlen(bc_path_ending(rest)), used = 0;
    for (size_t i = 0; i < length; i++)
        if (rest[i] != '/' || rest[i + 1] != '/')
            file->name[used++] = rest[i] == '/' ? '-' : rest[i];
    file->name[used] = 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(const app_input *const *)a)->name, (*(const app_input *const *)b)->name);
}

static bc_status check_names(bc_error *err, const app_inputs *inputs) {
    size_t count = (size_t)inputs->count;
    const app_input **sorted = malloc((count + 1) * sizeof *sorted);
    if (!sorted)
        return bc_fail(err, BC_E_MEMORY, "no memory to name %zu files", count);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &inputs->files[i];
    qsort(sorted, count, sizeof *sorted, by_name);
    bc_status status = BC_OK;
    for (size_t i = 1; i < count && status == BC_OK; i++)
        if (by_name(&sorted[i - 1], &sorted[i]) == 0)
            status = bc_fail(err, BC_E_FORMAT, "expected inputs with names of their own, found %s and %s",
                             sorted[i - 1]->path, sorted[i]->path);
    free(sorted);
    return status;
}

/* --- both --- */

static bc_status list_words(bc_error *err, const app_paths *paths, const bc_kind *kind, app_inputs *inputs) {
    for (int i = 0; i < paths->count; i++) {
        const char *word = paths->items[i];
        bool pattern = strpbrk(word, "*?[") && !bc_file_exists(word);
        BC_TRY((pattern ? add_matches : add_file)(err, word, kind, inputs));
    }
    size_t below = common_folder(inputs);
    for (int i = 0; i < inputs->count; i++)
        make_name(&inputs->files[i], below);
    return check_names(err, inputs);
}

bc_status app_inputs_list(bc_error *err, const app_paths *paths, const bc_kind *kind, app_inputs *out) {
    *out = (app_inputs){0};
    bc_status status = list_words(err, paths, kind, out);
    if (status != BC_OK)
        app_inputs_release(out);
    return status;
}

void app_inputs_release(app_inputs *inputs) {
    for (int i = 0; i < inputs->count; i++) {
        free(inputs->files[i].path);
        free(inputs->files[i].name);
    }
    free(inputs->files);
    *inputs = (app_inputs){0};
}
