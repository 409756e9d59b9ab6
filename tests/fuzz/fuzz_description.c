/* What stands beside a spike file. The first byte says whether that is a raw one; the rest is PATH.ini. */
#include "bicross/data/spike_files.h"
#include "tests/fuzz/fuzz.h"

static void check_again(const char *path, const bc_spike_description *said) {
    bc_error err = {0};
    bc_spike_description again;
    FUZZ_CHECK(bc_spike_description_write(&err, path, said) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_spike_description_read(&err, path, &again) == BC_OK, "not read again: %s", err.text);
    FUZZ_CHECK(again.there && again.frames == said->frames && again.format.height == said->format.height &&
                   again.format.width == said->format.width,
               "read again, it is another");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    const char *path = data[0] & 1 ? "input.dat" : "input.npy";
    fuzz_write(data[0] & 1 ? "input.dat.ini" : "input.npy.ini", data + 1, size - 1);
    bc_error err = {0};
    bc_spike_description found;
    bc_spike_format unsaid = {0}, both;
    if (!fuzz_good(bc_spike_description_read(&err, path, &found), &err))
        return 0;
    FUZZ_CHECK(bc_spike_description_join(&err, path, &found, &unsaid, &both) == BC_OK,
               "nothing said contradicts it: %s", err.text);
    /* Only a whole description is ever written. */
    if (found.format.height && found.frames && found.rate >= 0 && (data[0] & 1 || found.format.axes[0]))
        check_again(path, &found);
    return 0;
}
