#include "bicross/report/picture_letters.h"

#include <string.h>

void bc_picture_dot(bc_picture *p, int x, int y, const uint8_t rgb[3]) {
    if (x >= 0 && x < p->width && y >= 0 && y < p->height)
        memcpy(p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x), rgb, 3);
}

void bc_letters_put(bc_picture *p, int x, int y, const char *text) {
    static const uint8_t ink[3] = {0, 0, 0};
    for (; *text; text++, x += BC_GLYPH_WIDTH * BC_LETTER)
        for (int dy = 0; dy < BC_LETTERS_HEIGHT; dy++)
            for (int dx = 0; dx < BC_GLYPH_WIDTH * BC_LETTER; dx++)
                if (bc_glyph_dot(*text, dx / BC_LETTER, dy / BC_LETTER))
                    bc_picture_dot(p, x + dx, y + dy, ink);
}

int bc_letters_width(const char *text) {
    return (int)strlen(text) * BC_GLYPH_WIDTH * BC_LETTER;
}
