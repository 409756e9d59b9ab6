/* Rows of captioned panels with a scale bar. */
#include "bicross/report/picture.h"
#include "bicross/report/picture_font.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GAP = 8,
    LEAST_HEIGHT = 160,
    MOST_ZOOMED = 640, /* that is zoomed, in width */
    LETTER = 2,
    TEXT_HEIGHT = LETTER * BC_GLYPH_HEIGHT,
    BAR_WIDTH = 16,
    TICK = 4
};

static const uint8_t ink[3] = {0, 0, 0};

typedef struct layout {
    int zoom, top, panel_height, width, height;
} layout;

static int text_width(const char *text) {
    return (int)strlen(text) * BC_GLYPH_WIDTH * LETTER;
}

static void put_pixel(bc_picture *p, int x, int y, const uint8_t rgb[3]) {
    if (x >= 0 && x < p->width && y >= 0 && y < p->height)
        memcpy(p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x), rgb, 3);
}

static void put_text(bc_picture *p, int x, int y, const char *text) {
    for (; *text; text++, x += BC_GLYPH_WIDTH * LETTER)
        for (int dy = 0; dy < TEXT_HEIGHT; dy++)
            for (int dx = 0; dx < BC_GLYPH_WIDTH * LETTER; dx++)
                if (bc_glyph_dot(*text, dx / LETTER, dy / LETTER))
                    put_pixel(p, x + dx, y + dy, ink);
}

static void put_panel(bc_picture *p, int x, int y, const bc_picture *panel, int zoom) {
    for (int dy = 0; dy < panel->height * zoom; dy++)
        for (int dx = 0; dx < panel->width * zoom; dx++)
            put_pixel(p, x + dx, y + dy,
                      panel->rgb + 3 * ((size_t)(dy / zoom) * (size_t)panel->width + (size_t)(dx / zoom)));
}

/* --- the scale bar: near at the bottom, far at the top, like the ground in a picture --- */

/* Row of a depth, counted from the bar's top. */
static int bar_row(bc_depth_range range, int height, float metres) {
    return (int)lroundf((float)(height - 1) * logf(range.far / metres) / logf(range.far / range.near));
}

static void put_tick(bc_picture *p, int x, int top, int height, int row, float metres) {
    char text[24];
    snprintf(text, sizeof text, "%.3g m", (double)metres);
    for (int k = 0; k < TICK; k++)
        put_pixel(p, x + BAR_WIDTH + k, top + row, ink);
    int y = row - TEXT_HEIGHT / 2 + 1;
    y = y < 0 ? 0 : y > height - TEXT_HEIGHT ? height - TEXT_HEIGHT : y;
    put_text(p, x + BAR_WIDTH + TICK + LETTER, top + y, text);
}

/* Labels at both ends, and at 1, 2 and 5 times powers of ten between them where there is room. */
static void put_scale(bc_picture *p, int x, int top, int height, bc_depth_range range) {
    static const float steps[] = {1, 2, 5};
    for (int y = 0; y < height; y++) {
        uint8_t rgb[3];
        bc_colour(range.map, (float)y / (float)(height - 1), rgb);
        for (int k = 0; k < BAR_WIDTH; k++)
            put_pixel(p, x + k, top + y, rgb);
    }
    put_tick(p, x, top, height, 0, range.far);
    put_tick(p, x, top, height, height - 1, range.near);
    int last = height - 1 - TEXT_HEIGHT / 2;
    for (int power = -3; power <= 3; power++)
        for (int k = 0; k < 3; k++) {
            float metres = steps[k] * powf(10, (float)power);
            int row = metres > range.near && metres < range.far ? bar_row(range, height, metres) : height;
            if (row + TEXT_HEIGHT > last || row < TEXT_HEIGHT * 3 / 2)
                continue;
            put_tick(p, x, top, height, row, metres);
            last = row;
        }
}

/* --- the row --- */

static int column_width(const bc_picture *panel, const char *caption, int zoom) {
    int wide = panel->width * zoom, text = caption ? text_width(caption) : 0;
    return wide > text ? wide : text;
}

int bc_picture_zoom(int height, int width) {
    int wanted = (LEAST_HEIGHT + height - 1) / height, most = MOST_ZOOMED / width;
    int zoom = wanted < most ? wanted : most;
    return zoom > 1 ? zoom : 1;
}

static layout lay_out(int count, const bc_picture *panels, const char *const *captions, bool scale) {
    layout l = {.width = GAP};
    int widest = 1;
    for (int i = 0; i < count; i++) {
        l.panel_height = panels[i].height > l.panel_height ? panels[i].height : l.panel_height;
        widest = panels[i].width > widest ? panels[i].width : widest;
    }
    l.zoom = bc_picture_zoom(l.panel_height, widest);
    l.panel_height *= l.zoom;
    for (int i = 0; i < count; i++)
        l.width += column_width(&panels[i], captions ? captions[i] : NULL, l.zoom) + GAP;
    if (scale)
        l.width += BAR_WIDTH + TICK + LETTER + text_width("0.005 m") + GAP;
    l.top = captions ? GAP + TEXT_HEIGHT + GAP / 2 : GAP;
    l.height = l.top + l.panel_height + GAP;
    return l;
}

bc_status bc_picture_row(bc_error *err, int count, const bc_picture *panels, const char *const *captions,
                         const bc_depth_range *scale, bc_picture *out) {
    *out = (bc_picture){0};
    for (int i = 0; i < count; i++)
        if (!panels[i].rgb)
            return bc_fail(err, BC_E_ARGUMENT, "the panel \"%s\" of a picture is empty",
                           captions ? captions[i] : "");
    if (count < 1)
        return bc_fail(err, BC_E_ARGUMENT, "a row of panels needs at least one panel");
    layout l = lay_out(count, panels, captions, scale != NULL);
    size_t bytes = (size_t)l.width * (size_t)l.height * 3;
    uint8_t *rgb = malloc(bytes);
    if (!rgb)
        return bc_fail(err, BC_E_MEMORY, "no memory for a picture of %d x %d pixels", l.width, l.height);
    memset(rgb, 255, bytes);
    *out = (bc_picture){l.width, l.height, rgb};
    int x = GAP;
    for (int i = 0; i < count; i++) {
        const char *caption = captions ? captions[i] : NULL;
        int width = column_width(&panels[i], caption, l.zoom);
        if (caption)
            put_text(out, x + (width - text_width(caption)) / 2, GAP, caption);
        put_panel(out, x + (width - panels[i].width * l.zoom) / 2, l.top, &panels[i], l.zoom);
        x += width + GAP;
    }
    if (scale)
        put_scale(out, x, l.top, l.panel_height, *scale);
    return BC_OK;
}

bc_status bc_picture_stack(bc_error *err, int count, const bc_picture *rows, bc_picture *out) {
    *out = (bc_picture){0};
    for (int i = 0; i < count; i++) {
        out->width = rows[i].width > out->width ? rows[i].width : out->width;
        out->height += rows[i].height;
    }
    size_t row = (size_t)out->width * 3;
    out->rgb = malloc(((size_t)out->height + 1) * row);
    if (!out->rgb) {
        *out = (bc_picture){0};
        return bc_fail(err, BC_E_MEMORY, "no host memory for a picture");
    }
    memset(out->rgb, 255, (size_t)out->height * row);
    uint8_t *to = out->rgb;
    for (int i = 0; i < count; i++)
        for (int y = 0; y < rows[i].height; y++, to += row)
            memcpy(to, rows[i].rgb + (size_t)y * (size_t)rows[i].width * 3, (size_t)rows[i].width * 3);
    return BC_OK;
}
