/* The names of files in a data folder. The input is a list of: folder, length, characters, ending. */
#include "bicross/data/folder.h"
#include "bicross/data/folder_list.h"
#include "tests/fuzz/fuzz.h"

enum { FILES = 20, LONGEST = 40 };
static const char *const folders[] = {"rgb", "spikes", "depth"};
static const char *const endings[] = {".png", ".npy", ".dat", ".pfm"};
static const bc_kind any = BC_KIND("a file of a sample", endings);

static void make_files(const uint8_t *data, size_t size) {
    for (int file = 0; file < FILES && size > 2; file++) {
        char path[100];
        int at = snprintf(path, sizeof path, "%s/", folders[data[0] % 3]);
        size_t length = data[1] % LONGEST;
        data += 2;
        size -= 2;
        for (; length > 0 && size > 1; length--, data++, size--)
            path[at++] = (char)(*data == 0 || *data == '/' ? '_' : *data);
        snprintf(path + at, sizeof path - (size_t)at, "%s", endings[*data++ % 4]);
        size--;
        fuzz_write(path, "", 0);
    }
}

static void check_list(const char *name) {
    bc_error err = {0};
    bc_folder_list list;
    if (!fuzz_good(bc_folder_list_read(&err, ".", name, &any, &list), &err))
        return;
    for (int i = 1; i < list.count; i++)
        FUZZ_CHECK(bc_folder_compare(&list.files[i - 1], &list.files[i]) < 0 &&
                       bc_folder_compare(&list.files[i], &list.files[i - 1]) > 0,
                   "%s is listed before %s", list.files[i - 1].path, list.files[i].path);
    bc_folder_list_release(&list);
}

/* The files are empty: no sample can be read, and each failure says so. */
static void check_dataset(void) {
    const bc_file_set_options options = {.labels = true, .depth_scale = 256};
    bc_dataset *dataset;
    if (bc_folder_open(NULL, ".", &options, &dataset) != BC_OK)
        return;
    for (int i = 0; i < dataset->count; i++) {
        bc_error err = {0};
        const bc_sample *sample;
        FUZZ_CHECK(!fuzz_good(bc_dataset_get(dataset, &err, i, &sample), &err), "sample %d was read", i);
    }
    bc_dataset_release(dataset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (int i = 0; i < 3; i++)
        fuzz_empty(folders[i]);
    make_files(data, size);
    for (int i = 0; i < 3; i++)
        check_list(folders[i]);
    check_dataset();
    return 0;
}
