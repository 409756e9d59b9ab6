/* Naming what a file is that should be a picture. */
#include "bicross/formats/picture_formats.h"

#include <string.h>

bool bc_jpeg_is(const uint8_t *file, size_t bytes) {
    return bytes >= 3 && memcmp(file, "\xff\xd8\xff", 3) == 0;
}

const char *bc_picture_found(const uint8_t *file, size_t bytes) {
    static const struct {
        const char *start, *name;
    } known[] = {{"\x89PNG", "a PNG image"}, {"\xff\xd8\xff", "a JPEG image"},
                 {"GIF8", "a GIF image"},    {"BM", "a BMP image"},
                 {"RIFF", "a WebP image"},   {"II*", "a TIFF image"},
                 {"MM", "a TIFF image"},     {"P5", "a PGM image"},
                 {"P6", "a PPM image"},      {"version ", "a pointer to a file that Git LFS keeps elsewhere"},
                 {"<", "a page of the web"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (bytes >= strlen(known[i].start) && memcmp(file, known[i].start, strlen(known[i].start)) == 0)
            return known[i].name;
    return bytes == 0 ? "an empty file" : "other bytes at its start";
}
