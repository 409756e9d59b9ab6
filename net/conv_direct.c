/* Direct convolution for CPUs, without unfolding.
 *
 * Forward: x is copied with its zero padding into the workspace, and the weights are packed in panels.
 *
 * Gradient of x: at pixels of one remainder modulo the stride (a phase) it is a convolution without stride of
 * the padded gradient of y with every stride-th tap, flipped; so stride^2 convolutions, and no wasted zeros.
 *
 * Gradient of the weights: where there are few weights, the rows of y are shared among slices, whose sums are
 * added afterwards. */
#include "net/column_sum.h"
#include "net/conv.h"
#include "net/conv_direct_kernels.h"

/* Tiles for maps of y's channels, and for maps of x's. */
static bc_conv_tile tile_of(const bc_conv_job *c) {
    return bc_conv_tile_for(c->y.c);
}

static bc_conv_tile tile_of_data(const bc_conv_job *c) {
    return bc_conv_tile_for(c->x.c);
}

static size_t map_count(const bc_conv_map *map) {
    return (size_t)map->n * map->h * map->w * map->c;
}

static bc_conv_map map_of(bc_shape s, bc_buffer buffer) {
    return (bc_conv_map){buffer, 0, s.n, s.h, s.w, s.c};
}

static size_t panel_count(const bc_conv_tile *tile, int channels, int taps, int reduction) {
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

/* x itself, or its padded copy, to be made by fill_padded. */
static bc_conv_map padded_input(const bc_conv_job *c, bc_buffer x, workspace *space) {
    bc_conv_map map = map_of(c->x, x);
    if (!has_padding(c))
        return map;
    map.h = (c->y.h - 1) * c->geometry.stride + c->kh;
    map.w = (c->y.w - 1) * c->geometry.stride + c->kw;
    map.buffer = space->buffer;
    map.offset = take(space, map_count(&map));
    return map;
}

static bc_status fill_padded(const bc_conv_job *c, bc_tape *tape, bc_buffer x, const bc_conv_map *padded) {
    bc_conv_map in = map_of(c->x, x);
    bc_conv_tile tile = tile_of(c);
    if (!has_padding(c))
        return BC_OK;
    return bc_tape_conv_pad(tape, &tile, padded, &in, c->geometry.pad_top, c->geometry.pad_left);
}

/* --- forward --- */

static bc_conv_direct forward_layout(const bc_conv_job *c, bc_buffer x, workspace *space) {
    bc_conv_tile tile = tile_of(c);
    bc_conv_direct direct = {
        .x = padded_input(c, x, space),
        .panels = space->buffer,
        .taps_y = c->kh,
        .taps_x = c->kw,
        .grid_h = c->y.h,
        .grid_w = c->y.w,
        .stride = c->geometry.stride,
        .y_step = 1,
    };
    direct.panels_offset = take(space, panel_count(&tile, c->y.c, c->kh * c->kw, c->x.c));
    return direct;
}

static bc_status forward(const bc_conv_job *c, bc_tape *tape, bc_buffer x, bc_buffer weight, bc_buffer bias,
                         bc_buffer y, bc_buffer scratch) {
    workspace space = {.buffer = scratch};
    bc_conv_tile tile = tile_of(c);
    bc_conv_direct direct = forward_layout(c, x, &space);
    direct.y = map_of(c->y, y);
    direct.bias = bias;
    bc_conv_taps taps = {.y_step = 1, .y_count = c->kh, .x_step = 1, .x_count = c->kw};
    BC_TRY(fill_padded(c, tape, x, &direct.x));
    BC_TRY(bc_tape_conv_pack(tape, &tile, direct.panels, direct.panels_offset, weight, c->kw, c->x.c, c->y.c,
                             false, &taps));
    return bc_tape_conv_direct(tape, &tile, &direct);
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
    bc_conv_tile tile = tile_of_data(c);
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
    bc_conv_tile tile = tile_of_data(c);
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

static bc_status data(const bc_conv_job *c, bc_tape *tape, bc_buffer dy, bc_buffer weight, bc_buffer dx,
                      int accumulate, bc_buffer scratch) {
    workspace space = {.buffer = scratch};
    data_layout layout = data_layout_of(c, dy, &space);
    bc_conv_map from = map_of(c->y, dy);
    bc_conv_tile tile = tile_of_data(c);
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
    int slices;
} weight_layout;

static weight_layout weight_layout_of(const bc_conv_job *c, bc_buffer x, bc_buffer dy, workspace *space) {
    weight_layout layout = {.gradient = {
                                .x = padded_input(c, x, space),
                                .dy = map_of(c->y, dy),
                                .kernel_h = c->kh,
                                .kernel_w = c->kw,
                                .stride = c->geometry.stride,
                                .outputs = c->y.c,
                            }};
    bc_conv_weight_gradient *gradient = &layout.gradient;
    bc_conv_tile tile = tile_of(c);
    int channels = bc_conv_panel_channels(&tile, c->y.c);
    if (channels != c->y.c) {
        gradient->dy.buffer = space->buffer;
        gradient->dy.c = channels;
        gradient->dy.offset = take(space, map_count(&gradient->dy));
    }
    layout.slices = bc_conv_slices(&tile, gradient);
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
    bc_conv_tile tile = tile_of(c);
    return bc_tape_conv_pad(tape, &tile, &to, &from, 0, 0);
}

static bc_status weight(const bc_conv_job *c, bc_tape *tape, bc_buffer x, bc_buffer dy, bc_buffer dw,
                        int accumulate, bc_buffer scratch) {
    workspace space = {.buffer = scratch};
    bc_conv_tile tile = tile_of(c);
    weight_layout layout = weight_layout_of(c, x, dy, &space);
    bc_conv_weight_gradient *gradient = &layout.gradient;
    BC_TRY(fill_padded(c, tape, x, &gradient->x));
    if (gradient->dy.c != c->y.c)
        BC_TRY(widen_rows(c, tape, dy, &gradient->dy));
    if (layout.slices == 1) {
        gradient->dw = dw;
        gradient->accumulate = accumulate;
        return bc_tape_conv_weight_gradient(tape, &tile, gradient);
    }
    BC_TRY(bc_tape_conv_weight_gradient(tape, &tile, gradient));
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

static size_t workspace_bytes(const bc_conv_job *c, bc_conv_pass pass) {
    workspace space = {0};
    bc_buffer none = {0};
    if (pass == BC_CONV_FORWARD)
        forward_layout(c, none, &space);
    else if (pass == BC_CONV_DATA)
        data_layout_of(c, none, &space);
    else
        weight_layout_of(c, none, none, &space);
    return space.end * sizeof(float);
}

const bc_conv_algorithm bc_direct_convolution = {NULL, NULL, workspace_bytes, forward, data, weight};
