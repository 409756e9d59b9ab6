/* The times of spikes and of frames. The input is the two files, one after the other, with a zero byte between them. */
#include "bicross/data/frame_times.h"
#include "tests/fuzz/fuzz.h"

enum { FILES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    size_t first = zero ? (size_t)(zero - data) : size;
    fuzz_write("spikes.txt", data, first);
    fuzz_write("frames.txt", data + first + (zero != NULL), size - first - (zero != NULL));
    bc_error err = {0};
    bc_path_parts parts[FILES] = {0};
    for (int i = 0; i < FILES; i++) {
        char number[8];
        snprintf(number, sizeof number, "%04d", i);
        bc_path_part_set(&parts[i], "n", number);
    }
    long *frames;
    if (!fuzz_good(bc_frame_times_match(&err, ".", "spikes.txt", "frames.txt", parts, FILES, &frames), &err))
        return 0;
    for (int i = 0; i < FILES; i++)
        FUZZ_CHECK(frames[i] >= -1 && frames[i] <= (long)size, "file %d has frame %ld", i, frames[i]);
    free(frames);
    return 0;
}
