/* What every fuzz target needs. A target is one file fuzz_NAME.c: it takes the bytes as a file of its kind, reads them through
 * the public functions, and aborts when something that must hold does not. AddressSanitizer and UBSan see the rest.
 * Files are written into the current folder: run.sh makes a fresh one, in memory where there is such a place. */
#ifndef BC_TESTS_FUZZ_FUZZ_H
#define BC_TESTS_FUZZ_FUZZ_H

#include "bicross/config/config.h"
#include "host/base/file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input. */
#define FUZZ_CHECK(condition, ...)                                                                           \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                                  \
            fprintf(stderr, __VA_ARGS__);                                                                    \
            fputc('\n', stderr);                                                                             \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

void fuzz_write(const char *path, const void *data, size_t size);
/* A failure has a message, a success has none. True: it was a success. */
bool fuzz_good(bc_status status, const bc_error *err);
/* Reads every byte, so that AddressSanitizer sees memory that is shorter than it is said to be. */
void fuzz_touch(const void *data, size_t size);
/* Creates the folder, and removes the files in it. */
void fuzz_empty(const char *folder);
/* A configuration that was accepted is the same after it was written and read again. */
void fuzz_check_config(const bc_config *config);
/* Reads it as a depth map, which may be refused; what was read is whole. */
void fuzz_check_depth(const char *path, float png_scale);

typedef struct fuzz_picture {
    int width, height;
    void *pixels;
} fuzz_picture;

/* One way of reading a picture, and of writing it. */
typedef struct fuzz_pictures {
    bc_status (*read)(bc_error *err, const char *path, fuzz_picture *picture);
    bc_status (*write)(bc_error *err, const char *path, const fuzz_picture *picture);
    size_t pixel; /* bytes */
} fuzz_pictures;

/* Pictures, which are written as PNGs. */
extern const fuzz_pictures fuzz_rgb;

/* A picture that was read is whole, and the same after it was written to `copy` and read again. */
void fuzz_check_picture(const fuzz_pictures *way, const char *path, const char *copy);

#endif
