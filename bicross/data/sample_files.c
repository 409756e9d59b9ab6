/* Lists of samples' files. */
#include "bicross/data/sample_files.h"

#include "host/base/grow.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void release_one(bc_sample_files *f) {
    char *const texts[] = {f->name, f->rgb, f->depth, f->spikes, f->before, f->after};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
}

/* False where memory is short. */
static bool copy_text(char **to, const char *from) {
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

bc_status bc_sample_list_add(bc_error *err, bc_sample_list *list, const bc_sample_files *files) {
    bc_sample_files copy = {.place = files->place, .first = files->first};
    bool good = copy_text(&copy.name, files->name);
    good &= copy_text(&copy.rgb, files->rgb);
    good &= copy_text(&copy.depth, files->depth);
    good &= copy_text(&copy.spikes, files->spikes);
    good &= copy_text(&copy.before, files->before);
    good &= copy_text(&copy.after, files->after);
    good = good && bc_grow((void **)&list->files, list->count, &list->capacity, sizeof copy);
    if (!good) {
        release_one(&copy);
        return bc_fail(err, BC_E_MEMORY, "no memory to list %d samples", list->count + 1);
    }
    list->files[list->count++] = copy;
    return BC_OK;
}

void bc_sample_list_cut(bc_sample_list *list, int first, int count) {
    for (int i = 0; i < list->count; i++)
        if (i < first || i - first >= count)
            release_one(&list->files[i]);
    memmove(list->files, list->files + first, (size_t)count * sizeof *list->files);
    list->count = count;
}

void bc_sample_list_release(bc_sample_list *list) {
    for (int i = 0; i < list->count; i++)
        release_one(&list->files[i]);
    free(list->files);
    *list = (bc_sample_list){0};
}
