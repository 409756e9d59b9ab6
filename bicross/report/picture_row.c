/* Rows of captioned panels, each with the scale of its colours. */
#include "bicross/report/picture.h"
#include "bicross/report/picture_letters.h"
#include "bicross/report/picture_scale.h"

#include <stdlib.h>
#include <string.h>

enum {
    GAP = 8,
    LEAST_HEIGHT = 160,
    MOST_ZOOMED = 640 /* that is zoomed, in width */
};

typedef struct layout {
    int zoom, top, panel_height, width, height;
} layout;

/* What is put beside each other. */
typedef struct panel_row {
    int count;
    const bc_picture *panels;
    const char *const *captions; /* or NULL */
    const bc_scale *scales;      /* or NULL */
} panel_row;

static void put_panel(bc_picture *p, int x, int y, const bc_picture *panel, int zoom) {
    for (int dy = 0; dy < panel->height * zoom; dy++)
        for (int dx = 0; dx < panel->width * zoom; dx++)
            bc_picture_dot(p, x + dx, y + dy,
                           panel->rgb +
                               3 * ((size_t)(dy / zoom) * (size_t)panel->width + (size_t)(dx / zoom)));
}

static const char *caption_of(const panel_row *r, int i) {
    return r->captions ? r->captions[i] : "";
}

static int scale_width(const panel_row *r) {
    return r->scales ? bc_scale_room() : 0;
}

/* A caption stands above the panel alone, and makes it wider where it is longer. */
static int panel_width(const panel_row *r, int i, int zoom) {
    int wide = r->panels[i].width * zoom, text = bc_letters_width(caption_of(r, i));
    return wide > text ? wide : text;
}

int bc_picture_zoom(int height, int width) {
    int wanted = (LEAST_HEIGHT + height - 1) / height, most = MOST_ZOOMED / width;
    int zoom = wanted < most ? wanted : most;
    return zoom > 1 ? zoom : 1;
}

static layout lay_out(const panel_row *r) {
    layout l = {.width = GAP};
    int widest = 1;
    for (int i = 0; i < r->count; i++) {
        l.panel_height = r->panels[i].height > l.panel_height ? r->panels[i].height : l.panel_height;
        widest = r->panels[i].width > widest ? r->panels[i].width : widest;
    }
    l.zoom = bc_picture_zoom(l.panel_height, widest);
    l.panel_height *= l.zoom;
    for (int i = 0; i < r->count; i++)
        l.width += panel_width(r, i, l.zoom) + scale_width(r) + GAP;
    l.top = r->captions ? GAP + BC_LETTERS_HEIGHT + GAP / 2 : GAP;
    l.height = l.top + l.panel_height + GAP;
    return l;
}

static void put_row(const panel_row *r, const layout *l, bc_picture *out) {
    for (int i = 0, x = GAP; i < r->count; i++) {
        const char *caption = caption_of(r, i);
        int width = panel_width(r, i, l->zoom), indent = (width - r->panels[i].width * l->zoom) / 2;
        bc_letters_put(out, x + (width - bc_letters_width(caption)) / 2, GAP, caption);
        put_panel(out, x + indent, l->top, &r->panels[i], l->zoom);
        if (r->scales)
            bc_scale_put(out, x + width - indent, l->top, l->panel_height, &r->scales[i]);
        x += width + scale_width(r) + GAP;
    }
}

bc_status bc_picture_row(bc_error *err, int count, const bc_picture *panels, const char *const *captions,
                         const bc_scale *scales, bc_picture *out) {
    panel_row r = {count, panels, captions, scales};
    *out = (bc_picture){0};
    for (int i = 0; i < count; i++)
        if (!panels[i].rgb)
            return bc_fail(err, BC_E_ARGUMENT, "the panel \"%s\" of a picture is empty", caption_of(&r, i));
    if (count < 1)
        return bc_fail(err, BC_E_ARGUMENT, "a row of panels needs at least one panel");
    layout l = lay_out(&r);
    size_t bytes = (size_t)l.width * (size_t)l.height * 3;
    uint8_t *rgb = malloc(bytes);
    if (!rgb)
        return bc_fail(err, BC_E_MEMORY, "no memory for a picture of %d x %d pixels", l.width, l.height);
    memset(rgb, 255, bytes);
    *out = (bc_picture){l.width, l.height, rgb};
    put_row(&r, &l, out);
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
