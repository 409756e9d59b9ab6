/* Convolutions. Those of 1x1 without stride are linear layers (op_linear.c); the others run directly, without
 * unfolding.
 *
 * Forward: x is copied with its zero padding into the workspace, and the weights are packed in panels.
 *
 * Gradient of x: at pixels of one remainder modulo the stride (a phase) it is a convolution without stride of
 * the padded gradient of y with every stride-th tap, flipped; so stride^2 convolutions, and no wasted zeros.
 *
 * Gradient of the weights: where there are few weights, the rows of y are shared among slices, whose sums are
 * added afterwards. */
#include "net/column_sum.h"
#include "net/op_conv_kernels.h"
#include "net/ops.h"

typedef struct conv {
    bc_shape x, y;
    int kh, kw;
    bc_conv geometry;
    bc_conv_tile tile;   /* for maps of y's channels */
    bc_conv_tile tile_x; /* for maps of x's channels */
} conv;

static conv conv_of(const bc_node *node) {
    const bc_host *host = bc_graph_host(node->graph);
    bc_shape x = node->inputs[0]->shape, w = node->inputs[1]->shape;
    return (conv){.x = x,
                  .y = node->outputs[0]->shape,
                  .kh = w.n,
                  .kw = w.h,
                  .geometry = *(const bc_conv *)node->attributes,
                  .tile = bc_conv_tile_for(host, w.c),
                  .tile_x = bc_conv_tile_for(host, w.w)};
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

static bool has_padding(const conv *c) {
    const bc_conv *g = &c->geometry;
    return g->pad_top || g->pad_left || g->pad_bottom || g->pad_right;
}

/* x itself, or its padded copy, to be made by fill_padded. */
static bc_conv_map padded_input(const conv *c, bc_buffer x, workspace *space) {
    bc_conv_map map = map_of(c->x, x);
    if (!has_padding(c))
        return map;
    map.h = (c->y.h - 1) * c->geometry.stride + c->kh;
    map.w = (c->y.w - 1) * c->geometry.stride + c->kw;
    map.buffer = space->buffer;
    map.offset = take(space, map_count(&map));
    return map;
}

static bc_status fill_padded(const conv *c, bc_tape *tape, bc_buffer x, const bc_conv_map *padded) {
    bc_conv_map in = map_of(c->x, x);
    if (!has_padding(c))
        return BC_OK;
    return bc_tape_conv_pad(tape, &c->tile, padded, &in, c->geometry.pad_top, c->geometry.pad_left);
}

/* --- forward --- */

static bc_conv_direct forward_layout(const conv *c, bc_buffer x, workspace *space) {
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
    direct.panels_offset = take(space, panel_count(&c->tile, c->y.c, c->kh * c->kw, c->x.c));
    return direct;
}

static bc_status conv_forward(bc_node *node, bc_tape *tape) {
    conv c = conv_of(node);
    bc_value *x = node->inputs[0], *weight = node->inputs[1], *bias = node->inputs[2], *y = node->outputs[0];
    workspace space = {.buffer = node->workspace};
    bc_conv_direct direct = forward_layout(&c, x->data, &space);
    direct.y = map_of(y->shape, y->data);
    direct.bias = bias ? bias->data : (bc_buffer){0};
    bc_conv_taps taps = {.y_step = 1, .y_count = c.kh, .x_step = 1, .x_count = c.kw};
    BC_TRY(fill_padded(&c, tape, x->data, &direct.x));
    BC_TRY(bc_tape_conv_pack(tape, &c.tile, direct.panels, direct.panels_offset, weight->data, c.kw, c.x.c,
                             c.y.c, false, &taps));
    return bc_tape_conv_direct(tape, &c.tile, &direct);
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

static data_layout data_layout_of(const conv *c, bc_buffer dy, workspace *space) {
    const bc_conv *g = &c->geometry;
    data_layout layout = {.dy = map_of(c->y, dy)};
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
    layout.panels_offset = take(space, panel_count(&c->tile_x, c->x.c, taps, c->y.c));
    return layout;
}

static bc_status record_phase(const conv *c, bc_node *node, bc_tape *tape, const data_layout *layout,
                              int phase_y, int phase_x, int accumulate) {
    int stride = c->geometry.stride;
    bc_value *x = node->inputs[0], *weight = node->inputs[1];
    axis_phase v = axis_phase_of(phase_y, c->x.h, c->kh, stride, c->geometry.pad_top);
    axis_phase h = axis_phase_of(phase_x, c->x.w, c->kw, stride, c->geometry.pad_left);
    if (v.count == 0 || h.count == 0 || (accumulate && (is_empty(v) || is_empty(h))))
        return BC_OK;
    bool zero = is_empty(v) || is_empty(h); /* pixels that no window reads */
    bc_conv_direct direct = {
        .x = layout->dy,
        .y = map_of(x->shape, x->grad),
        .panels = node->workspace,
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
        BC_TRY(bc_tape_conv_pack(tape, &c->tile_x, direct.panels, direct.panels_offset, weight->data, c->kw,
                                 c->x.c, c->y.c, true, &taps));
    return bc_tape_conv_direct(tape, &c->tile_x, &direct);
}

static bc_status data_gradient(const conv *c, bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0], *y = node->outputs[0];
    workspace space = {.buffer = node->workspace};
    data_layout layout = data_layout_of(c, y->grad, &space);
    bc_conv_map dy = map_of(y->shape, y->grad);
    int accumulate = bc_grad_accumulate(x);
    if (layout.copy)
        BC_TRY(bc_tape_conv_pad(tape, &c->tile_x, &layout.dy, &dy, layout.top, layout.left));
    for (int phase_y = 0; phase_y < c->geometry.stride; phase_y++)
        for (int phase_x = 0; phase_x < c->geometry.stride; phase_x++)
            BC_TRY(record_phase(c, node, tape, &layout, phase_y, phase_x, accumulate));
    return BC_OK;
}

/* --- gradient of the weights --- */

static size_t weight_count(const conv *c) {
    return (size_t)c->kh * c->kw * c->x.c * c->y.c;
}

typedef struct weight_layout {
    bc_conv_weight_gradient gradient;
    int slices;
} weight_layout;

static weight_layout weight_layout_of(const conv *c, const bc_host *host, bc_buffer x, bc_buffer dy,
                                      workspace *space) {
    weight_layout layout = {.gradient = {
                                .x = padded_input(c, x, space),
                                .dy = map_of(c->y, dy),
                                .kernel_h = c->kh,
                                .kernel_w = c->kw,
                                .stride = c->geometry.stride,
                                .outputs = c->y.c,
                            }};
    bc_conv_weight_gradient *gradient = &layout.gradient;
    int channels = bc_conv_panel_channels(&c->tile, c->y.c);
    if (channels != c->y.c) {
        gradient->dy.buffer = space->buffer;
        gradient->dy.c = channels;
        gradient->dy.offset = take(space, map_count(&gradient->dy));
    }
    layout.slices = bc_conv_slices(host, &c->tile, gradient);
    if (layout.slices > 1) {
        gradient->dw = space->buffer;
        gradient->dw_offset = take(space, layout.slices * weight_count(c));
    }
    return layout;
}

/* Rows of whole panels from rows of y's channels. */
static bc_status widen_rows(const conv *c, bc_tape *tape, bc_buffer dy, const bc_conv_map *wide) {
    int pixels = c->y.n * c->y.h * c->y.w;
    bc_conv_map from = {dy, 0, 1, pixels, 1, c->y.c},
                to = {wide->buffer, wide->offset, 1, pixels, 1, wide->c};
    return bc_tape_conv_pad(tape, &c->tile, &to, &from, 0, 0);
}

static bc_status weight_gradient(const conv *c, bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0], *weight = node->inputs[1], *y = node->outputs[0];
    workspace space = {.buffer = node->workspace};
    weight_layout layout = weight_layout_of(c, bc_graph_host(node->graph), x->data, y->grad, &space);
    bc_conv_weight_gradient *gradient = &layout.gradient;
    int accumulate = bc_grad_accumulate(weight);
    BC_TRY(fill_padded(c, tape, x->data, &gradient->x));
    if (gradient->dy.c != c->y.c)
        BC_TRY(widen_rows(c, tape, y->grad, &gradient->dy));
    if (layout.slices == 1) {
        gradient->dw = weight->grad;
        gradient->accumulate = accumulate;
        return bc_tape_conv_weight_gradient(tape, &c->tile, gradient);
    }
    BC_TRY(bc_tape_conv_weight_gradient(tape, &c->tile, gradient));
    bc_column_sum sum = {.out = weight->grad,
                         .x = gradient->dw,
                         .x_offset = gradient->dw_offset,
                         .batch = 1,
                         .rows = layout.slices,
                         .columns = (int)weight_count(c),
                         .accumulate = accumulate};
    return bc_tape_column_sum(tape, &sum, (bc_buffer){0}, 0);
}

/* --- the operation --- */

static size_t conv_workspace(const bc_node *node, bool backward) {
    conv c = conv_of(node);
    workspace data = {0}, weights = {0};
    size_t bytes = 0;
    if (!backward) {
        forward_layout(&c, (bc_buffer){0}, &data);
        return data.end * sizeof(float);
    }
    if (node->inputs[0]->needs_grad)
        data_layout_of(&c, (bc_buffer){0}, &data);
    if (node->inputs[1]->needs_grad)
        weight_layout_of(&c, bc_graph_host(node->graph), (bc_buffer){0}, (bc_buffer){0}, &weights);
    if (node->inputs[2] && node->inputs[2]->needs_grad)
        bytes = bc_column_sum_workspace(1, c.y.n * c.y.h * c.y.w, c.y.c);
    size_t floats = data.end > weights.end ? data.end : weights.end;
    return bytes > floats * sizeof(float) ? bytes : floats * sizeof(float);
}

static bc_status conv_backward(bc_node *node, bc_tape *tape) {
    conv c = conv_of(node);
    bc_value *x = node->inputs[0], *weight = node->inputs[1], *bias = node->inputs[2], *y = node->outputs[0];
    if (x->needs_grad)
        BC_TRY(data_gradient(&c, node, tape));
    if (weight->needs_grad)
        BC_TRY(weight_gradient(&c, node, tape));
    if (!bias || !bias->needs_grad)
        return BC_OK;
    bc_column_sum sum = {.out = bias->grad,
                         .x = y->grad,
                         .batch = 1,
                         .rows = c.y.n * c.y.h * c.y.w,
                         .columns = c.y.c,
                         .accumulate = bc_grad_accumulate(bias)};
    return bc_tape_column_sum(tape, &sum, node->workspace, 0);
}

static const bc_op conv_op = {
    .name = "conv2d",
    .backward_reads = BC_READS_INPUT(0) | BC_READS_INPUT(1),
    .workspace_bytes = conv_workspace,
    .forward = conv_forward,
    .backward = conv_backward,
};

static int same_padding(int size, int kernel, int stride) {
    int total = ((size + stride - 1) / stride - 1) * stride + kernel - size;
    return total > 0 ? total : 0;
}

bc_conv bc_conv_same(bc_shape x, int kernel_h, int kernel_w, int stride) {
    int v = same_padding(x.h, kernel_h, stride), h = same_padding(x.w, kernel_w, stride);
    return (bc_conv){stride, v / 2, h / 2, v - v / 2, h - h / 2};
}

bc_conv bc_conv_symmetric(int stride, int pad) {
    return (bc_conv){stride, pad, pad, pad, pad};
}

bc_value *bc_conv2d(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_conv geometry) {
    if (!x || !weight)
        return NULL;
    bc_shape s = x->shape, w = weight->shape;
    const char *name = weight->name ? weight->name : "?";
    int h = s.h + geometry.pad_top + geometry.pad_bottom, wide = s.w + geometry.pad_left + geometry.pad_right;
    if (geometry.stride < 1 || geometry.pad_top < 0 || geometry.pad_left < 0 || geometry.pad_bottom < 0 ||
        geometry.pad_right < 0)
        return bc_graph_fail(
            g,
            "conv2d: weight %s is used with stride %d and padding %d,%d,%d,%d; expected a stride of at "
            "least 1 and no negative padding",
            name, geometry.stride, geometry.pad_top, geometry.pad_left, geometry.pad_bottom,
            geometry.pad_right);
    if (w.w != s.c)
        return bc_graph_fail(g, "conv2d: weight %s (%d,%d,%d,%d) expects %d channels, its input has %d", name,
                             w.n, w.h, w.w, w.c, w.w, s.c);
    if (h < w.n || wide < w.h)
        return bc_graph_fail(g, "conv2d: weight %s has a kernel of %dx%d, its padded input is only %dx%d",
                             name, w.n, w.h, h, wide);
    if (bias && !bc_shape_same(bias->shape, (bc_shape){1, 1, 1, w.c}))
        return bc_graph_fail(g, "conv2d: bias of weight %s is (%d,%d,%d,%d), expected (1,1,1,%d)", name,
                             bias->shape.n, bias->shape.h, bias->shape.w, bias->shape.c, w.c);
    bc_shape y = {s.n, (h - w.n) / geometry.stride + 1, (wide - w.h) / geometry.stride + 1, w.c};
    if (w.n == 1 && w.h == 1 && geometry.stride == 1 && h == s.h && wide == s.w)
        return bc_linear(g, x, weight, bias);
    bc_value *inputs[] = {x, weight, bias};
    return bc_graph_node(g, &conv_op, y, 3, inputs, &geometry, sizeof geometry);
}
