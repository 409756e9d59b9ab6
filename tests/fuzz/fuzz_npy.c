/* NPY files: as arrays, as depth and as spikes. */
#include "bicross/data/spikes.h"
#include "bicross/formats/image.h"
#include "bicross/formats/npy.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.npy", copy[] = "again.npy";

static void check_array(void) {
    bc_error err = {0};
    bc_npy npy, again;
    if (!fuzz_good(bc_npy_open(&err, path, &npy), &err))
        return;
    float *values = calloc(npy.count + 1, sizeof *values);
    FUZZ_CHECK(values && bc_npy_floats(&err, path, &npy, values) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_npy_write(&err, copy, "<f4", npy.rank, npy.shape, values) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_npy_open(&err, copy, &again) == BC_OK, "not read again: %s", err.text);
    FUZZ_CHECK(again.rank == npy.rank && memcmp(again.shape, npy.shape, sizeof npy.shape) == 0 &&
                   again.count == npy.count && memcmp(again.data, values, npy.count * sizeof *values) == 0,
               "read again, it is another");
    bc_npy_close(&again);
    free(values);
    bc_npy_close(&npy);
}

static void check_spikes(void) {
    bc_error err = {0};
    bc_spike_stream stream, again;
    if (!fuzz_good(bc_spikes_read(&err, path, NULL, &stream), &err))
        return;
    size_t words = (size_t)stream.height * (size_t)stream.width * (size_t)stream.words_per_pixel;
    FUZZ_CHECK(bc_spikes_write(&err, copy, NULL, &stream) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_spikes_read(&err, copy, NULL, &again) == BC_OK, "not read again: %s", err.text);
    FUZZ_CHECK(again.frames == stream.frames && again.height == stream.height &&
                   again.width == stream.width &&
                   memcmp(again.words, stream.words, words * sizeof *again.words) == 0,
               "read again, it is another");
    bc_spikes_release(&again);
    bc_spikes_release(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_write(path, data, size);
    check_array();
    fuzz_check_depth(path, 256);
    check_spikes();
    return 0;
}
