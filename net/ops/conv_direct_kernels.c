#include "net/ops/conv_direct_kernels.h"
#include "host/base/divide.h"

enum { GROUP = 8 };

const bc_direct_tile bc_direct_tiles[BC_DIRECT_TILES] = {
    {"-DVECTOR=16 -DVECTORS=1 -DPIXELS=8 -DTILE=16", 16, 8, 16},
    {"-DVECTOR=16 -DVECTORS=2 -DPIXELS=8 -DTILE=8", 32, 8, 8},
    {"-DVECTOR=16 -DVECTORS=4 -DPIXELS=6 -DTILE=6", 64, 6, 6},
};

int bc_direct_tile_rule(int channels) {
    return channels <= 16 ? 0 : 1;
}

int bc_conv_panel_channels(const bc_direct_tile *tile, int channels) {
    return bc_divide_up(channels, tile->panel) * tile->panel;
}

bc_status bc_tape_conv_pad(bc_tape *tape, const bc_direct_tile *tile, const bc_conv_map *out,
                           const bc_conv_map *in, int top, int left) {
    int out_length = out->w * out->c, in_length = in->w * in->c;
    bc_launch launch = {
        .source = "conv.cl",
        .kernel = "pad_rows",
        .defines = tile->defines,
        .items = {bc_divide_up(out_length, 16), out->h, out->n},
        .group = {GROUP, 1, 1},
        .bytes = sizeof(float) * ((double)out->n * out->h * out_length + (double)in->n * in->h * in_length),
        BC_ARGS(BC_BUFFER(out->buffer), BC_BUFFER(in->buffer), BC_INT(out->offset), BC_INT(in->offset),
                BC_INT(out->h), BC_INT(out_length), BC_INT(in->h), BC_INT(in_length), BC_INT(top),
                BC_INT(left * in->c)),
    };
    return bc_tape_launch(tape, &launch);
}

bc_status bc_tape_conv_pack(bc_tape *tape, const bc_direct_tile *tile, bc_buffer panels, int panels_offset,
                            bc_buffer weight, int kernel_w, int in, int out, bool transposed,
                            const bc_conv_taps *taps) {
    int reduction = transposed ? out : in, outputs = transposed ? in : out;
    int tap_count = taps->y_count * taps->x_count;
    bc_launch launch = {
        .source = "conv.cl",
        .kernel = "pack_panels",
        .defines = tile->defines,
        .items = {reduction, tap_count, bc_divide_up(outputs, tile->panel)},
        .group = {GROUP, 1, 1},
        .bytes = sizeof(float) * 2.0 * tap_count * in * out,
        BC_ARGS(BC_BUFFER(panels), BC_BUFFER(weight), BC_INT(panels_offset), BC_INT(reduction),
                BC_INT(outputs), BC_INT(taps->y_count), BC_INT(taps->x_count), BC_INT(taps->y_first),
                BC_INT(taps->y_step), BC_INT(taps->x_first), BC_INT(taps->x_step), BC_INT(kernel_w),
                BC_INT(transposed ? 1 : out), BC_INT(transposed ? out : 1)),
    };
    return bc_tape_launch(tape, &launch);
}

bc_status bc_tape_conv_direct(bc_tape *tape, const bc_direct_tile *tile, const bc_conv_direct *conv) {
    const bc_conv_map *x = &conv->x, *y = &conv->y;
    int row = x->w * x->c, pixels = y->n * conv->grid_h * conv->grid_w, length = conv->taps_x * x->c;
    bc_launch launch = {
        .source = "conv.cl",
        .kernel = "conv_direct",
        .defines = tile->defines,
        .items = {bc_divide_up(pixels, tile->pixels), bc_divide_up(y->c, tile->panel)},
        .group = {GROUP, 1, 1},
        .flops = 2.0 * pixels * conv->taps_y * length * y->c,
        .bytes =
            sizeof(float) * ((double)x->n * x->h * row + (conv->residual.mem ? 2.0 : 1.0) * pixels * y->c +
                             (double)conv->taps_y * length * y->c),
        BC_ARGS(BC_BUFFER(y->buffer), BC_BUFFER(x->buffer), BC_BUFFER(conv->panels), BC_BUFFER(conv->bias),
                BC_BUFFER(conv->residual), BC_INT(x->offset + conv->x_top * row + conv->x_left * x->c),
                BC_INT(conv->panels_offset), BC_INT(pixels), BC_INT(conv->grid_h), BC_INT(conv->grid_w),
                BC_INT(x->h * row), BC_INT(conv->stride * row), BC_INT(conv->stride * x->c), BC_INT(row),
                BC_INT(conv->taps_y), BC_INT(length), BC_INT(y->h), BC_INT(y->w), BC_INT(y->c),
                BC_INT(conv->y_step), BC_INT(conv->y_top), BC_INT(conv->y_left), BC_INT(conv->relu),
                BC_INT(conv->accumulate)),
    };
    return bc_tape_launch(tape, &launch);
}

/* How the weight gradient is shared out. A work-item has as many tiles as leaves a few dozen work-items, and
 * goes through blocks of pixels that stay in its own cache; all work-items together go through bands of rows,
 * one launch each, that stay in the last cache. Where there are too few tiles for that, a work-item has one
 * tile of one of several slices of the rows. */
typedef struct sharing {
    int tiles, slices, block_rows, band_rows;
    size_t items[3];
} sharing;

static int at_most(int value, int limit) {
    return value < limit ? value : limit;
}

static sharing share_weight_gradient(const bc_direct_tile *tile, const bc_conv_weight_gradient *gradient) {
    enum { ITEMS = 64, MOST_TILES = 16, BLOCK_PIXELS = 128, BAND_FLOATS = 1 << 20 };
    const bc_conv_map *x = &gradient->x, *dy = &gradient->dy;
    int rows = dy->n * dy->h, across = bc_divide_up(gradient->kernel_w * x->c, tile->rows);
    int panels = bc_divide_up(gradient->outputs, tile->panel), items = across * panels * gradient->kernel_h;
    sharing s = {.tiles = 1, .slices = 1, .block_rows = rows, .band_rows = rows};
    if (items < ITEMS) {
        s.slices = at_most(bc_divide_up(ITEMS, items), rows);
    } else {
        int row_floats = gradient->stride * x->w * x->c + dy->w * dy->c;
        s.tiles = at_most(items / ITEMS, at_most(across, MOST_TILES));
        s.block_rows = bc_divide_up(BLOCK_PIXELS, dy->w);
        s.band_rows = bc_divide_up(bc_divide_up(BAND_FLOATS, row_floats), s.block_rows) * s.block_rows;
    }
    s.items[0] = bc_divide_up(across, s.tiles);
    s.items[1] = panels;
    s.items[2] = (size_t)s.slices * gradient->kernel_h;
    return s;
}

int bc_conv_slices(const bc_direct_tile *tile, const bc_conv_weight_gradient *gradient) {
    return share_weight_gradient(tile, gradient).slices;
}

static bc_status record_band(bc_tape *tape, const bc_direct_tile *tile,
                             const bc_conv_weight_gradient *gradient, const sharing *share, int first,
                             int rows) {
    const bc_conv_map *x = &gradient->x, *dy = &gradient->dy;
    int row = x->w * x->c, length = gradient->kernel_w * x->c;
    double weights = (double)gradient->kernel_h * length * gradient->outputs;
    bc_launch launch = {
        .source = "conv.cl",
        .kernel = "conv_weight_gradient",
        .defines = tile->defines,
        .items = {share->items[0], share->items[1], share->items[2]},
        .group = {1, 1, 1},
        .flops = 2.0 * rows * dy->w * weights,
        .bytes = sizeof(float) *
                 (rows * ((double)gradient->stride * row + (double)dy->w * dy->c) + share->slices * weights),
        BC_ARGS(BC_BUFFER(gradient->dw), BC_BUFFER(x->buffer), BC_BUFFER(dy->buffer),
                BC_INT(gradient->dw_offset), BC_INT(x->offset), BC_INT(dy->offset), BC_INT(first),
                BC_INT(rows), BC_INT(dy->h), BC_INT(dy->w), BC_INT(x->h * row),
                BC_INT(gradient->stride * row), BC_INT(gradient->stride * x->c), BC_INT(row),
                BC_INT(gradient->kernel_h), BC_INT(length), BC_INT(gradient->outputs), BC_INT(dy->c),
                BC_INT(share->slices), BC_INT(share->tiles), BC_INT(share->block_rows),
                BC_INT(gradient->accumulate || first > 0)),
    };
    return bc_tape_launch(tape, &launch);
}

bc_status bc_tape_conv_weight_gradient(bc_tape *tape, const bc_direct_tile *tile,
                                       const bc_conv_weight_gradient *gradient) {
    sharing share = share_weight_gradient(tile, gradient);
    int rows = gradient->dy.n * gradient->dy.h;
    for (int first = 0; first < rows; first += share.band_rows)
        BC_TRY(record_band(tape, tile, gradient, &share, first, at_most(share.band_rows, rows - first)));
    return BC_OK;
}
