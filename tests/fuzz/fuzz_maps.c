/* NPZ files as maps of a camera's pixels: what was read has values that a pixel has, and is laid on pictures of any size. */
#include "bicross/data/pixel_maps.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

static const char path[] = "input.npz";

/* Every value on the picture is one of the map's. */
static void check_map(const bc_pixel_maps *maps, const float *map, int height, int width) {
    bc_error err = {0};
    float *fitted;
    FUZZ_CHECK(bc_pixel_maps_fit(&err, maps, map, height, width, &fitted) == BC_OK, "%s", err.text);
    for (int i = 0; fitted && i < height * width; i++)
        FUZZ_CHECK(fitted[i] >= 0 && fitted[i] < INFINITY, "%g was taken", (double)fitted[i]);
    free(fitted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bc_error err = {0};
    bc_pixel_maps maps;
    fuzz_write(path, data, size);
    if (!fuzz_good(bc_pixel_maps_read(&err, path, &maps), &err))
        return 0;
    FUZZ_CHECK(maps.height > 0 && maps.width > 0 && (maps.response || maps.dark), "nothing was taken");
    for (int side = 1; side < 8; side += 3) {
        check_map(&maps, maps.response, side, 8 - side);
        check_map(&maps, maps.dark, side, 8 - side);
    }
    bc_pixel_maps_release(&maps);
    return 0;
}
