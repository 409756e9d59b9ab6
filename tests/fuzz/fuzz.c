/* What every fuzz target needs. */
#include "tests/fuzz/fuzz.h"

#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void fuzz_write(const char *path, const void *data, size_t size) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    FUZZ_CHECK(file >= 0 && write(file, data, size) == (ssize_t)size, "cannot write %s", path);
    close(file);
}

bool fuzz_good(bc_status status, const bc_error *err) {
    FUZZ_CHECK((status == BC_OK) == (err->text[0] == 0), "status %d with the message '%s'", status,
               err->text);
    return status == BC_OK;
}

void fuzz_touch(const void *data, size_t size) {
    const uint8_t *bytes = data;
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + bytes[i]);
}

void fuzz_empty(const char *folder) {
    mkdir(folder, 0700);
    DIR *stream = opendir(folder);
    FUZZ_CHECK(stream, "cannot open the folder %s", folder);
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;)
        unlinkat(dirfd(stream), entry->d_name, 0);
    closedir(stream);
}

/* The line on which two texts part. */
static size_t parting(const char *a, const char *b) {
    size_t at = 0, line = 0;
    for (; a[at] && a[at] == b[at]; at++)
        if (a[at] == '\n')
            line = at + 1;
    return line;
}

void fuzz_check_config(const bc_config *config) {
    static const char path[] = "again.ini";
    bc_error err = {0};
    bc_config again;
    char *text, *text_again;
    FUZZ_CHECK(bc_config_text(&err, config, &text) == BC_OK, "%s", err.text);
    fuzz_write(path, text, strlen(text));
    bc_config_defaults(&again);
    FUZZ_CHECK(bc_config_read(&err, path, &again) == BC_OK, "not read again: %s", err.text);
    FUZZ_CHECK(bc_config_text(&err, &again, &text_again) == BC_OK, "%s", err.text);
    size_t line = parting(text, text_again);
    FUZZ_CHECK(strcmp(text, text_again) == 0, "read again, '%.300s' is '%.300s'", text + line,
               text_again + line);
    free(text_again);
    free(text);
}

void fuzz_check_depth(const char *path, float png_scale) {
    bc_error err = {0};
    int width, height;
    float *metres = NULL;
    if (!fuzz_good(bc_depth_read(&err, path, png_scale, &width, &height, &metres), &err))
        return;
    fuzz_touch(metres, (size_t)width * (size_t)height * sizeof *metres);
    free(metres);
}

static bc_status read_rgb(bc_error *err, const char *file, fuzz_picture *picture) {
    uint8_t *rgb = NULL;
    bc_status status = bc_picture_read(err, file, &picture->width, &picture->height, &rgb);
    picture->pixels = rgb;
    return status;
}

static bc_status write_rgb(bc_error *err, const char *file, const fuzz_picture *picture) {
    return bc_png_write_rgb(err, file, picture->width, picture->height, picture->pixels);
}

const fuzz_pictures fuzz_rgb = {read_rgb, write_rgb, 3};

void fuzz_check_picture(const fuzz_pictures *way, const char *path, const char *copy) {
    bc_error err = {0};
    fuzz_picture read = {0}, again = {0};
    if (!fuzz_good(way->read(&err, path, &read), &err)) {
        FUZZ_CHECK(!read.pixels, "memory after a failure");
        return;
    }
    size_t bytes = (size_t)read.width * (size_t)read.height * way->pixel;
    fuzz_touch(read.pixels, bytes);
    if (bytes < 1 << 18) { /* writing more would take the time of many inputs */
        FUZZ_CHECK(way->write(&err, copy, &read) == BC_OK, "%s", err.text);
        FUZZ_CHECK(way->read(&err, copy, &again) == BC_OK, "not read again: %s", err.text);
        FUZZ_CHECK(again.width == read.width && again.height == read.height &&
                       memcmp(again.pixels, read.pixels, bytes) == 0,
                   "read again, it is another");
        free(again.pixels);
    }
    free(read.pixels);
}
