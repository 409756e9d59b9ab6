/* PNG files: colour, 16 bits, depth. Half of the mutations get right checksums, without which libpng would refuse nearly all
 * of them at the first chunk; the other half test that it does. */
#include "bicross/formats/image.h"
#include "tests/fuzz/fuzz.h"

#include <zlib.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t capacity);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t capacity, unsigned seed);

static const char path[] = "input.png", copy[] = "again.png";
enum { SIGNATURE = 8, AROUND = 12 }; /* bytes: before the chunks; of a chunk's length, type and CRC */

static uint32_t get_32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_32(uint8_t *p, uint32_t value) {
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The last chunk is made to end where the data end. */
static void mend_checksums(uint8_t *data, size_t size) {
    for (size_t at = SIGNATURE; at < size && size - at >= AROUND;) {
        size_t length = get_32(data + at), room = size - at - AROUND;
        if (length > room) {
            length = room;
            put_32(data + at, (uint32_t)length);
        }
        put_32(data + at + 8 + length, (uint32_t)crc32(0, data + at + 4, (uInt)(4 + length)));
        at += AROUND + length;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t capacity, unsigned seed) {
    size = LLVMFuzzerMutate(data, size, capacity);
    if (seed % 2)
        mend_checksums(data, size);
    return size;
}

static void check_rgb(void) {
    bc_error err = {0};
    int width, height, width_again, height_again;
    uint8_t *rgb = NULL, *again = NULL;
    if (!fuzz_good(bc_png_read_rgb(&err, path, &width, &height, &rgb), &err)) {
        FUZZ_CHECK(!rgb, "memory after a failure");
        return;
    }
    size_t bytes = (size_t)width * (size_t)height * 3;
    fuzz_touch(rgb, bytes);
    if (bytes < 1 << 18) { /* writing more would take the time of many inputs */
        FUZZ_CHECK(bc_png_write_rgb(&err, copy, width, height, rgb) == BC_OK, "%s", err.text);
        FUZZ_CHECK(bc_png_read_rgb(&err, copy, &width_again, &height_again, &again) == BC_OK,
                   "not read again: %s", err.text);
        FUZZ_CHECK(width_again == width && height_again == height && memcmp(again, rgb, bytes) == 0,
                   "read again, it is another");
        free(again);
    }
    free(rgb);
}

static void check_16(void) {
    bc_error err = {0};
    int width, height, width_again, height_again;
    uint16_t *values = NULL, *again = NULL;
    if (!fuzz_good(bc_png_read_16(&err, path, &width, &height, &values), &err)) {
        FUZZ_CHECK(!values, "memory after a failure");
        return;
    }
    size_t bytes = (size_t)width * (size_t)height * sizeof *values;
    fuzz_touch(values, bytes);
    if (bytes < 1 << 18) {
        FUZZ_CHECK(bc_png_write_16(&err, copy, width, height, values) == BC_OK, "%s", err.text);
        FUZZ_CHECK(bc_png_read_16(&err, copy, &width_again, &height_again, &again) == BC_OK,
                   "not read again: %s", err.text);
        FUZZ_CHECK(width_again == width && height_again == height && memcmp(again, values, bytes) == 0,
                   "read again, it is another");
        free(again);
    }
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_write(path, data, size);
    check_rgb();
    check_16();
    fuzz_check_depth(path, 256);
    return 0;
}
