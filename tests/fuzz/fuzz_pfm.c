/* PFM files: as floats and as depth. */
#include "bicross/formats/image.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.pfm", copy[] = "again.pfm";

static void check_floats(void) {
    bc_error err = {0};
    int width, height, width_again, height_again;
    float *values = NULL, *again = NULL;
    if (!fuzz_good(bc_pfm_read(&err, path, &width, &height, &values), &err)) {
        FUZZ_CHECK(!values, "memory after a failure");
        return;
    }
    size_t bytes = (size_t)width * (size_t)height * sizeof *values;
    FUZZ_CHECK(bc_pfm_write(&err, copy, width, height, values) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_pfm_read(&err, copy, &width_again, &height_again, &again) == BC_OK, "not read again: %s",
               err.text);
    FUZZ_CHECK(width_again == width && height_again == height && memcmp(again, values, bytes) == 0,
               "read again, it is another");
    free(again);
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_write(path, data, size);
    check_floats();
    fuzz_check_depth(path, 1000);
    return 0;
}
