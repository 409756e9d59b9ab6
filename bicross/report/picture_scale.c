/* The bar beside a panel that says what its colours mean. */
#include "bicross/report/picture_scale.h"

#include "bicross/report/picture_letters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GAP = 4, BAR_WIDTH = 16, TICK = 4 };

bc_scale bc_scale_of_depth(bc_depth_range range) {
    return (bc_scale){BC_SCALE_DEPTH, range.near, range.far, range.map};
}

bc_scale bc_scale_of_share(float high) {
    return (bc_scale){BC_SCALE_SHARE, 0, high, BC_INFERNO};
}

int bc_scale_room(void) {
    return GAP + BAR_WIDTH + TICK + BC_LETTER + bc_letters_width("0.005 m");
}

/* How high a value stands, 0 at the bottom: depths in the logarithm, near at the bottom, like the ground in a picture. */
static float height_of(const bc_scale *s, float value) {
    return s->kind == BC_SCALE_DEPTH ? logf(value / s->low) / logf(s->high / s->low)
                                     : (value - s->low) / (s->high - s->low);
}

static void put_tick(bc_picture *p, int x, int top, int height, int row, const char *text) {
    static const uint8_t ink[3] = {0, 0, 0};
    for (int k = 0; k < TICK; k++)
        bc_picture_dot(p, x + BAR_WIDTH + k, top + row, ink);
    int y = row - BC_LETTERS_HEIGHT / 2 + 1;
    y = y < 0 ? 0 : y > height - BC_LETTERS_HEIGHT ? height - BC_LETTERS_HEIGHT : y;
    bc_letters_put(p, x + BAR_WIDTH + TICK + BC_LETTER, top + y, text);
}

static void put_value(bc_picture *p, int x, int top, int height, const bc_scale *s, float value) {
    char text[24];
    int row = (int)lroundf((float)(height - 1) * (1 - height_of(s, value)));
    if (s->kind == BC_SCALE_DEPTH)
        snprintf(text, sizeof text, "%.3g m", (double)value);
    else
        snprintf(text, sizeof text, "%.0f %%", 100 * (double)value);
    put_tick(p, x, top, height, row, text);
}

/* Labels at both ends, and at 1, 2 and 5 times powers of ten between them where there is room; of shares at the fifths. */
static void put_values(bc_picture *p, int x, int top, int height, const bc_scale *s) {
    static const float steps[] = {1, 2, 5};
    put_value(p, x, top, height, s, s->low);
    put_value(p, x, top, height, s, s->high);
    if (s->kind == BC_SCALE_SHARE) {
        const int parts = 5;
        for (int k = 1; k < parts && height > 2 * parts * BC_LETTERS_HEIGHT; k++)
            put_value(p, x, top, height, s, s->low + (s->high - s->low) * (float)k / (float)parts);
        return;
    }
    int last = height - 1 - BC_LETTERS_HEIGHT / 2;
    for (int power = -3; power <= 3; power++)
        for (int k = 0; k < 3; k++) {
            float metres = steps[k] * powf(10, (float)power);
            bool inside = metres > s->low && metres < s->high;
            int row = inside ? (int)lroundf((float)(height - 1) * (1 - height_of(s, metres))) : height;
            if (row + BC_LETTERS_HEIGHT > last || row < BC_LETTERS_HEIGHT * 3 / 2)
                continue;
            put_value(p, x, top, height, s, metres);
            last = row;
        }
}

void bc_scale_put(bc_picture *p, int x, int top, int height, const bc_scale *s) {
    if (s->kind == BC_SCALE_NONE)
        return;
    x += GAP;
    for (int y = 0; y < height; y++) {
        uint8_t rgb[3];
        float up = 1 - (float)y / (float)(height - 1);
        bc_colour(s->map, s->kind == BC_SCALE_DEPTH ? 1 - up : up, rgb);
        for (int k = 0; k < BAR_WIDTH; k++)
            bc_picture_dot(p, x + k, top + y, rgb);
    }
    put_values(p, x, top, height, s);
}
