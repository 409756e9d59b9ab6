#include "bicross/report/colour_map.h"

#include <math.h>

const char *const bc_colour_map_words[] = {
    [BC_VIRIDIS] = "viridis", [BC_INFERNO] = "inferno",   [BC_MAGMA] = "magma",
    [BC_TURBO] = "turbo",     [BC_SPECTRAL] = "spectral", [BC_SPECTRAL + 1] = 0};

/* Colours (0xRRGGBB) at equal steps from 0 to 1, between which lines are drawn: within 8 of 255 of the map that they are taken from
 * (spectral is made of such lines). */
enum { MOST_STOPS = 17 };
static const struct {
    int stops;
    uint32_t colours[MOST_STOPS];
} maps[] = {
    [BC_VIRIDIS] = {17,
                    {0x440154, 0x48186a, 0x472d7b, 0x424086, 0x3b528b, 0x33638d, 0x2c728e, 0x26828e, 0x21918c,
                     0x1fa088, 0x28ae80, 0x3fbc73, 0x5ec962, 0x84d44b, 0xaddc30, 0xd8e219, 0xfde725}},
    [BC_INFERNO] = {17,
                    {0x000004, 0x0b0724, 0x210c4a, 0x3d0965, 0x57106e, 0x71196e, 0x8a226a, 0xa32c61, 0xbc3754,
                     0xd24644, 0xe45a31, 0xf1731d, 0xf98e09, 0xfcac11, 0xf9cb35, 0xf2ea69, 0xfcffa4}},
    [BC_MAGMA] = {17,
                  {0x000004, 0x0a0822, 0x1d1147, 0x36106b, 0x51127c, 0x6a1c81, 0x832681, 0x9c2e7f, 0xb73779,
                   0xd0416f, 0xe75263, 0xf56b5c, 0xfc8961, 0xfea772, 0xfec488, 0xfde2a3, 0xfcfdbf}},
    [BC_TURBO] = {17,
                  {0x30123b, 0x4040a2, 0x466be3, 0x4294ff, 0x28bceb, 0x18ddc2, 0x32f298, 0x6dfe62, 0xa4fc3c,
                   0xcdec34, 0xeecf3a, 0xfdac34, 0xfb7e21, 0xeb500e, 0xd02f05, 0xa91601, 0x7a0403}},
    [BC_SPECTRAL] = {11,
                     {0x5e4fa2, 0x3387bc, 0x66c2a5, 0xaadca4, 0xe6f598, 0xfffebe, 0xfee08b, 0xfdad60,
                      0xf46d43, 0xd43d4f, 0x9e0142}},
};

void bc_colour(bc_colour_map map, float t, uint8_t rgb[3]) {
    int last = maps[map].stops - 1;
    float at = (t > 0 ? fminf(t, 1) : 0) * (float)last; /* NaN is not above 0 */
    int stop = at < (float)last ? (int)at : last - 1;
    uint32_t low = maps[map].colours[stop], high = maps[map].colours[stop + 1];
    for (int c = 0; c < 3; c++) {
        int shift = 16 - 8 * c, a = (int)(low >> shift & 255), b = (int)(high >> shift & 255);
        rgb[c] = (uint8_t)lroundf((float)a + (at - (float)stop) * (float)(b - a));
    }
}
