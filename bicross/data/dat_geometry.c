/* How the bits of raw spike files lie (method.md 9.1). */
#include "bicross/data/dat_geometry.h"

#include <stdio.h>
#include <string.h>

const char *const bc_dat_layout_words[] = {"auto", "plain", "rows", "head", "pcie", NULL};

enum { HEAD = 16, PCIE_ROW = 1024, PCIE_HALF = 512, PCIE_PIXELS = 500, PCIE_SIDE = 1000 };

/* What streams come in, the usual camera's first. */
static const bc_dat_geometry known[] = {{400, 250, BC_DAT_PLAIN},
                                        {1000, 1000, BC_DAT_PLAIN},
                                        {640, 480, BC_DAT_PLAIN},
                                        {346, 260, BC_DAT_PLAIN},
                                        {400, 250, BC_DAT_HEAD}};
enum { KNOWN = sizeof known / sizeof *known };

const bc_dat_geometry *bc_dat_known(int index) {
    return index < KNOWN ? &known[index] : NULL;
}

bool bc_dat_is_sensor(long height, long width) {
    for (int i = 0; i < KNOWN; i++)
        if (known[i].height == height && known[i].width == width)
            return true;
    return false;
}

size_t bc_dat_row_bits(bc_dat_geometry g) {
    size_t width = (size_t)g.width;
    switch (g.layout) {
    case BC_DAT_ROWS:
        return (width + 7) / 8 * 8;
    case BC_DAT_HEAD:
        return width + HEAD;
    case BC_DAT_PCIE:
        return PCIE_ROW;
    default:
        return width;
    }
}

size_t bc_dat_frame_bytes(bc_dat_geometry g) {
    return (bc_dat_row_bits(g) * (size_t)g.height + 7) / 8;
}

bool bc_dat_fits(bc_dat_geometry g, size_t bytes) {
    return bytes > 0 && bytes % bc_dat_frame_bytes(g) == 0;
}

bool bc_dat_same(bc_dat_geometry a, bc_dat_geometry b) {
    return a.width == b.width && a.height == b.height && bc_dat_row_bits(a) == bc_dat_row_bits(b);
}

void bc_dat_list(size_t bytes, bc_dat_geometry taken, char text[BC_DAT_TEXT]) {
    text[0] = 0;
    for (int i = 0; i < KNOWN; i++)
        if (!bc_dat_same(known[i], taken) && bc_dat_fits(known[i], bytes))
            snprintf(text + strlen(text), BC_DAT_TEXT - strlen(text), "%s%zu frames of %d x %d%s",
                     text[0] ? " or " : "", bytes / bc_dat_frame_bytes(known[i]), known[i].width,
                     known[i].height,
                     known[i].layout == BC_DAT_HEAD ? " with 16 columns more (layout head)" : "");
}

void bc_spikes_other_sizes(const bc_spike_info *info, char text[BC_DAT_TEXT]) {
    bc_dat_geometry g = {info->width, info->height, BC_DAT_PLAIN};
    bc_dat_list((size_t)info->frames * bc_dat_frame_bytes(g), g, text);
}

bc_status bc_dat_geometry_check(bc_error *err, const char *path, bc_dat_geometry g) {
    if (g.width <= 0 || g.width > BC_SPIKE_SIDE_MAX || g.height <= 0 || g.height > BC_SPIKE_SIDE_MAX)
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected a size of 1 to %d pixels a side, found %d x %d",
                       path, BC_SPIKE_SIDE_MAX, g.width, g.height);
    if (g.layout == BC_DAT_PCIE && (g.width != PCIE_SIDE || g.height != PCIE_SIDE))
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected %d x %d pixels in the layout pcie, found %d x %d",
                       path, PCIE_SIDE, PCIE_SIDE, g.width, g.height);
    return BC_OK;
}

void bc_dat_lay(bc_spike_reader *r, bc_dat_geometry g, size_t start, const bc_spike_format *format) {
    bc_row_order rows = format->rows              ? format->rows
                        : g.layout == BC_DAT_PCIE ? BC_ROWS_TOP_DOWN
                                                  : BC_ROWS_BOTTOM_UP;
    r->frame_bytes = bc_dat_frame_bytes(g);
    r->start = start;
    size_t left = r->file.bytes - start;
    r->info = (bc_spike_info){.frames = (int)(left / r->frame_bytes),
                              .height = g.height,
                              .width = g.width,
                              .cut = left % r->frame_bytes};
    r->source = (bc_spike_source){.frame_step = r->frame_bytes,
                                  .row_step = bc_dat_row_bits(g),
                                  .pixel_step = 1,
                                  .bits = true,
                                  .msb_first = format->bits == BC_BITS_MSB,
                                  .flip = rows == BC_ROWS_BOTTOM_UP};
    r->parts = 1;
    r->part[0].left = 0;
    r->part[0].first = 0;
    r->part[0].width = g.width;
    if (g.layout == BC_DAT_PCIE) {
        r->parts = 2;
        r->part[0].width = r->part[1].width = r->part[1].left = PCIE_PIXELS;
        r->part[1].first = PCIE_HALF;
    }
}
