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

static bc_status read_16(bc_error *err, const char *file, fuzz_picture *picture) {
    uint16_t *values = NULL;
    bc_status status = bc_png_read_16(err, file, &picture->width, &picture->height, &values);
    picture->pixels = values;
    return status;
}

static bc_status write_16(bc_error *err, const char *file, const fuzz_picture *picture) {
    return bc_png_write_16(err, file, picture->width, picture->height, picture->pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_write(path, data, size);
    fuzz_check_picture(&fuzz_rgb, path, copy);
    fuzz_check_picture(&(fuzz_pictures){read_16, write_16, sizeof(uint16_t)}, path, copy);
    fuzz_check_depth(path, 256);
    return 0;
}
