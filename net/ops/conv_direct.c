/* Direct convolution for CPUs, without unfolding.
 *
 * Forward: x is copied with its zero padding into the workspace, and the weights are packed in panels. Large maps go
 * through in bands of rows, whose copies stay in a cache.
 *
 * Gradient of x: at pixels of one remainder modulo the stride (a phase) it is a convolution without stride of
 * the padded gradient of y with every stride-th tap, flipped; so stride^2 convolutions, and no wasted zeros.
 *
 * Gradient of the weights: where there are few weights, the rows of y are shared among slices, whose sums are
 * added afterwards. */
#include "net/ops/column_sum.h"
#include "net/ops/conv.h"
#include "net/ops/conv_direct_kernels.h"

static bc_direct_tile tile_for(const bc_conv_job *c, int channels) {
    return bc_direct_tiles[c->tile == BC_TILE_OF_RULE ? bc_direct_tile_rule(channels) : c->tile];
}

/* Tiles for maps of y's channels, and for maps of x's. */
static bc_direct_tile tile_of(const bc_conv_job *c) {
    return tile_for(c, c->y.c);
}

static bc_direct_tile tile_of_data(const bc_conv_job *c) {
    return tile_for(c, c->x.c);
}

static int direct_tile_rule(const bc_conv_job *c, bc_conv_pass pass) {
    return bc_direct_tile_rule(pass == BC_CONV_DATA ? c->x.c : c->y.c);
}

static size_t map_count(const bc_conv_map *map) {
    return (size_t)map->n * map->h * map->w * map->c;
}

static bc_conv_map map_of(bc_shape s, bc_buffer buffer) {
    return (bc_conv_map){buffer, 0, s.n, s.h, s.w, s.c};
}

static size_t panel_count(const bc_direct_tile *tile, int channels, int taps, int reduction) {
    return (size_t)bc_conv_panel_channels(tile, channels) * taps * reduction;
}

/* Where the pieces of a pass lie in its workspace; `end` counts all floats. */
typedef struct workspace {
    bc_buffer buffer;
    size_t end;
} workspace;

static int take(workspace *space, size_t count) {
    size_t at = space->end;
    space->end += count;
    return (int)at;
}

/* --- x with its padding, for forward and for the gradient of the weights --- */

static bool has_padding(const bc_conv_job *c) {
    const bc_conv *g = &c->geometry;
    return g->pad_top || g->pad_left || g->pad_bottom || g->pad_right;
}

/* What is computed from one padded copy: rows of y of one image, or all rows of all images. */
typedef struct band {
    int image, images, first, rows;
} band;

static band whole_map(const bc_conv_job *c) {
    return (band){0, c->y.n, 0, c->y.h};
}

/* x as it is, or room for the padded copy of what a band needs of it. */
static bc_conv_map padded_input(const bc_conv_job *c, bc_buffer x, const band *b, workspace *space) {
    bc_conv_map map = map_of(c->x, x);
    if (!has_padding(c))
        return map;
    map.n = b->images;
    map.h = (b->rows - 1) * c->geometry.stride + c->kh;
    map.w = (c->y.w - 1) * c->geometry.stride + c->kw;
    map.buffer = space->buffer;
    map.offset = take(space, map_count(&map));
    return map;
}

/* The first band; the last may have fewer rows than the others. */
static band first_band(const bc_conv_job *c) {
    enum { BAND_FLOATS = 1 << 20 };
    workspace space = {0};
    band all = whole_map(c), row = {0, 1, 0, 1};
    bc_conv_map map = padded_input(c, (bc_buffer){0}, &all, &space);
    if (!has_padding(c) || map_count(&map) <= BAND_FLOATS)
        return all;
    map = padded_input(c, (bc_buffer){0}, &row, &space);
    int most = BAND_FLOATS / (map.w * map.c * c->geometry.stride), bands = c->y.h;
    if (most > 1)
        bands = (c->y.h + most - 1) / most;
    return (band){0, 1, 0, (c->y.h + bands - 1) / bands};
}

/* Steps to the next band of `rows` rows; false: that was the last. */
static bool next_band(const bc_conv_job *c, band *b, int rows) {
    b->first += b->rows;
    if (b->first == c->y.h) {
        b->first = 0;
        b->image += b->images;
    }
    b->rows = rows < c->y.h - b->first ? rows : c->y.h - b->first;
    return b->image < c->y.n;
}

/* Makes the copy for a band in `padded`, which has room for the first one. */
static bc_status fill_padded(const bc_conv_job *c, bc_tape *tape, bc_buffer x, const band *b,
                             bc_conv_map *padded) {
    bc_conv_map in = map_of(c->x, x);
    bc_direct_tile tile = tile_of(c);
    if (!has_padding(c))
        return BC_OK;
    in.n = b->images;
    in.offset = b->image * in.h * in.w * in.c;
    padded->h = (b->rows - 1) * c->geometry.stride + c->kh;
    return bc_tape_conv_pad(tape, &tile, padded, &in, c->geometry.pad_top - b->first * c->geometry.stride,
                            c->geometry.pad_left);
}

/* --- forward --- */

static size_t forward_panels(const bc_conv_job *c) {
    bc_direct_tile tile = tile_of(c);
    return panel_count(&tile, c->y.c, c->kh * c->kw, c->x.c);
}

static bc_conv_direct forward_layout(const bc_conv_job *c, bc_buffer x, const band *b, workspace *space) {
    bc_conv_direct direct = {
        .x = padded_input(c, x, b, space),
        .panels = c->is_prepared ? c->prepared : space->buffer,
        .taps_y = c->kh,
        .taps_x = c->kw,
        .grid_w = c->y.w,
        .stride = c->geometry.stride,
        .y_step = 1,
    };
    if (!c->is_prepared)
        direct.panels_offset = take(space, forward_panels(c));
    return direct;
}

static bc_status pack_forward(const bc_conv_job *c, bc_tape *tape, bc_buffer weight, bc_buffer panels,
                              int offset) {
    bc_direct_tile tile = tile_of(c);
    bc_conv_taps taps = {.y_step = 1, .y_count = c->kh, .x_step = 1, .x_count = c->kw};
    return bc_tape_conv_pack(tape, &tile, panels, offset, weight, c->kw, c->x.c, c->y.c, false, &taps);
}

static size_t direct_prepared_bytes(const bc_conv_job *c) {
    return sizeof(float) * forward_panels(c);
}

static bc_status direct_prepare(const bc_conv_job *c, bc_tape *tape, bc_buffer weight, bc_buffer prepared) {
    return pack_forward(c, tape, weight, prepared, 0);
}

static bc_status direct_forward(const bc_conv_job *c, bc_tape *tape, bc_buffer x, bc_buffer weight,
                                bc_buffer bias, bc_buffer y, bc_buffer scratch) {
    workspace space = {.buffer = scratch};
    bc_direct_tile tile = tile_of(c);
    band b = first_band(c);
    int rows = b.rows;
    bc_conv_direct direct = forward_layout(c, x, &b, &space);
    direct.y = map_of(c->y, y);
    direct.bias = bias;
    direct.residual = c->residual;
    direct.relu = c->relu;
    if (!c->is_prepared)
        BC_TRY(pack_forward(c, tape, weight, direct.panels, direct.panels_offset));
    do {
        direct.y.n = b.images;
        direct.y_top = b.image * c->y.h + b.first;
        direct.grid_h = b.rows;
        BC_TRY(fill_padded(c, tape, x, &b, &direct.x));
        BC_TRY(bc_tape_conv_direct(tape, &tile, &direct));
    } while (next_band(c, &b, rows));
    return BC_OK;
}

/* --- gradient of x --- */

/* One axis of one phase: x positions phase + stride*i, i < count, receive from y positions i + d - t, t <
 * taps, through the taps first + stride*t. `lead` is how many zeros the gradient of y needs before it for
 * that. */
typedef struct axis_phase {
    int first, taps, count, lead;
} axis_phase;

static axis_phase axis_phase_of(int phase, int size, int kernel, int stride, int before) {
    axis_phase p = {.first = (phase + before) % stride};
    p.taps = p.first < kernel ? (kernel - 1 - p.first) / stride + 1 : 0;
    p.count = phase < size ? (size - 1 - phase) / stride + 1 : 0;
    p.lead = p.taps - 1 - (phase + before) / stride;
    return p;
}

static bool is_empty(axis_phase p) {
    return p.taps == 0 || p.count == 0;
}

/* Zeros before the gradient of y, and its extent with zeros, that serve all phases. */
static void axis_padding(int size, int kernel, int stride, int before, int *pad, int *extent) {
    *pad = *extent = 0;
    for (int i = 0; i < stride; i++) {
        axis_phase p = axis_phase_of(i, size, kernel, stride, before);
        if (!is_empty(p) && p.lead > *pad)
            *pad = p.lead;
    }
    for (int i = 0; i < stride; i++) {
        axis_phase p = axis_phase_of(i, size, kernel, stride, before);
        int end = *pad - p.lead + p.count + p.taps - 1;
        if (!is_empty(p) && end > *extent)
            *extent = end;
    }
}

typedef struct data_layout {
    bc_conv_map dy; /* with zeros around it, or as it is */
    bool copy;
    int top, left, panels_offset;
} data_layout;

static data_layout data_layout_of(const bc_conv_job *c, bc_buffer dy, workspace *space) {
    const bc_conv *g = &c->geometry;
    data_layout layout = {.dy = map_of(c->y, dy)};
    bc_direct_tile tile = tile_of_data(c);
    int h, w;
    axis_padding(c->x.h, c->kh, g->stride, g->pad_top, &layout.top, &h);
    axis_padding(c->x.w, c->kw, g->stride, g->pad_left, &layout.left, &w);
    layout.copy = layout.top || layout.left || h > c->y.h || w > c->y.w;
    if (layout.copy) {
        layout.dy.h = h;
        layout.dy.w = w;
        layout.dy.buffer = space->buffer;
        layout.dy.offset = take(space, map_count(&layout.dy));
    }
    int taps = ((c->kh - 1) / g->stride + 1) * ((c->kw - 1) / g->stride + 1);
    layout.panels_offset = take(space, panel_count(&tile, c->x.c, taps, c->y.c));
    return layout;
}

/* One phase of the gradient of x. */
static bc_status record_phase(const bc_conv_job *c, bc_tape *tape, const data_layout *layout,
                              bc_buffer weight, bc_buffer dx, bc_buffer scratch, int phase_y, int phase_x,
                              int accumulate) {
    int stride = c->geometry.stride;
    bc_direct_tile tile = tile_of_data(c);
    axis_phase v = axis_phase_of(phase_y, c->x.h, c->kh, stride, c->geometry.pad_top);
    axis_phase h = axis_phase_of(phase_x, c->x.w, c->kw, stride, c->geometry.pad_left);
    if (v.count == 0 || h.count == 0 || (accumulate && (is_empty(v) || is_empty(h))))
        return BC_OK;
    bool zero = is_empty(v) || is_empty(h); /* pixels that no window reads */
    bc_conv_direct direct = {
        .x = layout->dy,
        .y = map_of(c->x, dx),
        .panels = scratch,
        .panels_offset = layout->panels_offset,
        .taps_y = zero ? 0 : v.taps,
        .taps_x = zero ? 0 : h.taps,
        .grid_h = v.count,
        .grid_w = h.count,
        .stride = 1,
        .x_top = zero ? 0 : layout->top - v.lead,
        .x_left = zero ? 0 : layout->left - h.lead,
        .y_step = stride,
        .y_top = phase_y,
        .y_left = phase_x,
        .accumulate = accumulate,
    };
    bc_conv_taps taps = {.y_first = v.first + stride * (v.taps - 1),
                         .y_step = -stride,
                         .y_count = v.taps,
                         .x_first = h.first + stride * (h.taps - 1),
                         .x_step = -stride,
                         .x_count = h.taps};
    if (!zero)
        BC_TRY(bc_tape_conv_pack(tape, &tile, direct.panels, direct.panels_offset, weight, c->kw, c->x.c,
                                 c->y.c, true, &taps));
    return bc_tape_conv_direct(tape, &tile, &direct);
}

static bc_status direct_data(const bc_conv_job *c, bc_tape *tape, bc_buffer dy, bc_buffer weight,
                             bc_buffer dx, int accumulate, bc_buffer scratch) {
    workspace space = {.buffer = scratch};
    data_layout layout = data_layout_of(c, dy, &space);
    bc_conv_map from = map_of(c->y, dy);
    bc_direct_tile tile = tile_of_data(c);
    if (layout.copy)
        BC_TRY(bc_tape_conv_pad(tape, &tile, &layout.dy, &from, layout.top, layout.left));
    for (int phase_y = 0; phase_y < c->geometry.stride; phase_y++)
        for (int phase_x = 0; phase_x < c->geometry.stride; phase_x++)
            BC_TRY(record_phase(c, tape, &layout, weight, dx, scratch, phase_y, phase_x, accumulate));
    return BC_OK;
}

/* --- gradient of the weights --- */

static size_t weight_count(const bc_conv_job *c) {
    return (size_t)c->kh * c->kw * c->x.c * c->y.c;
}

typedef struct weight_layout {
    bc_conv_weight_gradient gradient;
    bc_conv_map dy;
    band first;
    int slices;
} weight_layout;

static weight_layout weight_layout_of(const bc_conv_job *c, bc_buffer x, bc_buffer dy, workspace *space) {
    weight_layout layout = {.gradient = {.x = map_of(c->x, x),
                                         .kernel_h = c->kh,
                                         .kernel_w = c->kw,
                                         .stride = c->geometry.stride,
                                         .outputs = c->y.c},
                            .dy = map_of(c->y, dy)};
    bc_conv_weight_gradient *gradient = &layout.gradient;
    bc_direct_tile tile = tile_of(c);
    int channels = bc_conv_panel_channels(&tile, c->y.c);
    if (channels != c->y.c) {
        layout.dy.buffer = space->buffer;
        layout.dy.c = channels;
        layout.dy.offset = take(space, map_count(&layout.dy));
    }
    gradient->dy = layout.dy;
    layout.slices = bc_conv_slices(&tile, gradient);
    layout.first = layout.slices > 1 ? whole_map(c) : first_band(c); /* slices share all rows */
    gradient->x = padded_input(c, x, &layout.first, space);
    if (layout.slices > 1) {
        gradient->dw = space->buffer;
        gradient->dw_offset = take(space, layout.slices * weight_count(c));
    }
    return layout;
}

/* Rows of whole panels from rows of y's channels. */
static bc_status widen_rows(const bc_conv_job *c, bc_tape *tape, bc_buffer dy, const bc_conv_map *wide) {
    int pixels = c->y.n * c->y.h * c->y.w;
    bc_conv_map from = {dy, 0, 1, pixels, 1, c->y.c},
                to = {wide->buffer, wide->offset, 1, pixels, 1, wide->c};
    bc_direct_tile tile = tile_of(c);
    return bc_tape_conv_pad(tape, &tile, &to, &from, 0, 0);
}

/* The rows of the gradient of y that belong to a band. */
static bc_conv_map rows_of(const bc_conv_map *dy, const band *b) {
    bc_conv_map rows = *dy;
    rows.n = b->images;
    rows.h = b->rows;
    rows.offset += (b->image * dy->h + b->first) * dy->w * dy->c;
    return rows;
}

/* Several slices are made in one band, so that their sums are written, not added. */
static bc_status record_bands(const bc_conv_job *c, bc_tape *tape, bc_buffer x, weight_layout *layout,
                              int accumulate) {
    bc_conv_weight_gradient *gradient = &layout->gradient;
    bc_direct_tile tile = tile_of(c);
    band b = layout->first;
    do {
        gradient->dy = rows_of(&layout->dy, &b);
        gradient->accumulate = accumulate;
        accumulate = 1;
        BC_TRY(fill_padded(c, tape, x, &b, &gradient->x));
        BC_TRY(bc_tape_conv_weight_gradient(tape, &tile, gradient));
    } while (next_band(c, &b, layout->first.rows));
    return BC_OK;
}

static bc_status direct_weight(const bc_conv_job *c, bc_tape *tape, bc_buffer x, bc_buffer dy, bc_buffer dw,
                               int accumulate, bc_buffer scratch) {
    workspace space = {.buffer = scratch};
    weight_layout layout = weight_layout_of(c, x, dy, &space);
    bc_conv_weight_gradient *gradient = &layout.gradient;
    if (layout.dy.c != c->y.c)
        BC_TRY(widen_rows(c, tape, dy, &layout.dy));
    if (layout.slices == 1) {
        gradient->dw = dw;
        return record_bands(c, tape, x, &layout, accumulate);
    }
    BC_TRY(record_bands(c, tape, x, &layout, 0));
    bc_column_sum sum = {.out = dw,
                         .x = gradient->dw,
                         .x_offset = gradient->dw_offset,
                         .batch = 1,
                         .rows = layout.slices,
                         .columns = (int)weight_count(c),
                         .accumulate = accumulate};
    return bc_tape_column_sum(tape, &sum, (bc_buffer){0}, 0);
}

/* --- the algorithm --- */

static size_t direct_workspace_bytes(const bc_conv_job *c, bc_conv_pass pass) {
    workspace space = {0};
    bc_buffer none = {0};
    band first = first_band(c);
    if (pass == BC_CONV_FORWARD)
        forward_layout(c, none, &first, &space);
    else if (pass == BC_CONV_DATA)
        data_layout_of(c, none, &space);
    else
        weight_layout_of(c, none, none, &space);
    return space.end * sizeof(float);
}

const bc_conv_algorithm bc_direct_convolution = {.name = "direct",
                                                 .tiles = {"direct 8x16", "direct 8x32", "direct 6x64"},
                                                 .tile_rule = direct_tile_rule,
                                                 .workspace_bytes = direct_workspace_bytes,
                                                 .prepared_bytes = direct_prepared_bytes,
                                                 .prepare = direct_prepare,
                                                 .forward = direct_forward,
                                                 .data = direct_data,
                                                 .weight = direct_weight};
