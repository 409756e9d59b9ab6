/* JPEG files. What was read is written as a PNG, and is the same when that is read. */
#include "bicross/formats/image.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.jpg", copy[] = "again.png";

static bc_status read_rgb(bc_error *err, const char *file, fuzz_picture *picture) {
    uint8_t *rgb = NULL;
    bc_status status = bc_picture_read(err, file, &picture->width, &picture->height, &rgb);
    picture->pixels = rgb;
    return status;
}

static bc_status write_rgb(bc_error *err, const char *file, const fuzz_picture *picture) {
    return bc_png_write_rgb(err, file, picture->width, picture->height, picture->pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_write(path, data, size);
    fuzz_check_picture(&(fuzz_pictures){read_rgb, write_rgb, 3}, path, copy);
    return 0;
}
