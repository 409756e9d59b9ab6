/* PFM files: as floats and as depth. */
#include "bicross/formats/image.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.pfm", copy[] = "again.pfm";

static bc_status read_floats(bc_error *err, const char *file, fuzz_picture *picture) {
    float *values = NULL;
    bc_status status = bc_pfm_read(err, file, &picture->width, &picture->height, &values);
    picture->pixels = values;
    return status;
}

static bc_status write_floats(bc_error *err, const char *file, const fuzz_picture *picture) {
    return bc_pfm_write(err, file, picture->width, picture->height, picture->pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_write(path, data, size);
    fuzz_check_picture(&(fuzz_pictures){read_floats, write_floats, sizeof(float)}, path, copy);
    fuzz_check_depth(path, 1000);
    return 0;
}
