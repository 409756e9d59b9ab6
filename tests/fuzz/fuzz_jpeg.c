/* JPEG files. What was read is written as a PNG, and is the same when that is read. */
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.jpg", copy[] = "again.png";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_write(path, data, size);
    fuzz_check_picture(&fuzz_rgb, path, copy);
    return 0;
}
