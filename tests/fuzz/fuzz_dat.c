/* Raw spike files. The first bytes are the sensor's height and width (0: as by default), its bit and row order and layout, and where a
 * window is cut; the rest is the file. */
#include "bicross/data/spikes.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.dat", copy[] = "again.dat";
enum { HEAD = 7 };

static size_t bytes_of(const bc_spike_stream *s) {
    return (size_t)s->height * (size_t)s->width * (size_t)s->words_per_pixel * sizeof *s->words;
}

static void check_window(const bc_spike_stream *stream, int first, int count) {
    bc_error err = {0};
    bc_spike_stream window;
    if (!fuzz_good(bc_spikes_window(&err, stream, first, count, &window), &err))
        return;
    FUZZ_CHECK(first >= 0 && count > 0 && first + count <= stream->frames && window.frames == count,
               "%d frames from %d on of %d", count, first, stream->frames);
    fuzz_touch(window.words, bytes_of(&window));
    bc_spikes_release(&window);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < HEAD)
        return 0;
    int16_t sides[2];
    memcpy(sides, data, sizeof sides);
    bc_spike_format format = {.height = sides[0],
                              .width = sides[1],
                              .layout = (bc_dat_layout)(data[4] >> 2 & 3), /* not pcie, which is only read */
                              .bits = data[4] & 1 ? BC_BITS_MSB : BC_BITS_LSB,
                              .rows = data[4] & 2 ? BC_ROWS_TOP_DOWN : BC_ROWS_BOTTOM_UP};
    fuzz_write(path, data + HEAD, size - HEAD);
    bc_error err = {0};
    bc_spike_stream stream, again;
    if (!fuzz_good(bc_spikes_read(&err, path, &format, &stream), &err))
        return 0;
    FUZZ_CHECK(bc_spikes_write(&err, copy, &format, &stream) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_spikes_read(&err, copy, &format, &again) == BC_OK, "not read again: %s", err.text);
    FUZZ_CHECK(again.frames == stream.frames && again.height == stream.height &&
                   again.width == stream.width && memcmp(again.words, stream.words, bytes_of(&stream)) == 0,
               "read again, it is another");
    check_window(&stream, (int8_t)data[5], (int8_t)data[6]);
    bc_spikes_release(&again);
    bc_spikes_release(&stream);
    return 0;
}
