/* Convolution of packed spikes, straight from the bits: what unpacking and convolving would give, without the
 * 32 times larger map of +-1. Its kernels for CPUs look sums up by patterns of bits (cl_kernels/spike_conv.cl);
 * those for GPUs make signs from bits (cl_kernels/spike_conv_gpu.cl).
 *
 * Gradient of the weights: the output's pixels are shared among slices, whose sums are added afterwards. */
#include "cl_kernels/shared.h"
#include "host/base/divide.h"
#include "net/ops/attributes.h"
#include "net/ops/column_sum.h"
#include "net/ops/conv.h"
#include "net/ops/epilogue.h"

typedef struct spike_conv {
    const bc_host *host;
    bc_shape x, y; /* x: words */
    int kh, kw;
    bc_conv geometry;
} spike_conv;

static spike_conv conv_of(const bc_node *node) {
    bc_shape w = node->inputs[1]->shape;
    return (spike_conv){.host = bc_graph_host(node->graph),
                        .x = node->inputs[0]->shape,
                        .y = node->output->shape,
                        .kh = w.n,
                        .kw = w.h,
                        .geometry = ((const bc_spike_conv_attributes *)node->attributes)->geometry};
}

static int between(int low, int value, int high) {
    return value < low ? low : value > high ? high : value;
}

static int pixel_count(const spike_conv *c) {
    return c->y.n * c->y.h * c->y.w;
}

/* Frames of all taps: rows of the weights. */
static int weight_rows(const spike_conv *c) {
    return c->kh * c->kw * 32 * c->x.c;
}

static double weight_bytes(const spike_conv *c) {
    return sizeof(float) * (double)weight_rows(c) * c->y.c;
}

static double map_bytes(bc_shape s) {
    return sizeof(float) * (double)bc_shape_count(s);
}

/* --- for CPUs --- */

/* How spike_conv.cl is built: pixels of a block, of a run, and runs whose tables (4 KiB each) are in use at once. */
#define CPU_DEFINES "-DBLOCK=1024 -DPIXELS=6 -DRUNS=6"
enum {
    PANEL = 16,
    BLOCK = 1024,
    SMALLEST_BLOCK = 128,
    RUN = 6,
    RUNS = 6,
    WORD_LOOK_UPS = 6,
    PANEL_BYTES = 64
};

static int panel_count(const spike_conv *c) {
    return bc_divide_up(c->y.c, PANEL);
}

/* A few work-items for every processor: more would only repeat the making of tables. */
static int wanted_items(const spike_conv *c, int each) {
    return each * bc_host_device(c->host)->compute_units;
}

typedef struct blocks {
    int h, w, down, across;
} blocks;

static blocks blocks_of(const spike_conv *c) {
    int share = (int)((long)pixel_count(c) * panel_count(c) / wanted_items(c, 4));
    int pixels = between(SMALLEST_BLOCK, share, BLOCK);
    blocks b = {.across = bc_divide_up(c->y.w, pixels)};
    b.w = bc_divide_up(c->y.w, b.across);
    b.h = between(1, pixels / b.w, c->y.h);
    b.down = bc_divide_up(c->y.h, b.h);
    return b;
}

static bc_status cpu_forward(const spike_conv *c, bc_node *node, bc_tape *tape) {
    bc_value *bias = node->inputs[2];
    const bc_conv *g = &c->geometry;
    blocks b = blocks_of(c);
    int panels = panel_count(c);
    bc_launch launch = {
        .source = "spike_conv.cl",
        .kernel = "spike_conv",
        .defines = CPU_DEFINES,
        .items = {(size_t)c->y.n * b.down * b.across, panels},
        .group = {1, 1, 1},
        .flops = (double)pixel_count(c) * c->kh * c->kw * c->x.c * WORD_LOOK_UPS * panels * PANEL,
        .bytes = map_bytes(c->x) + map_bytes(c->y) + weight_bytes(c),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(bias ? bias->data : (bc_buffer){0}),
                BC_INT(c->x.h), BC_INT(c->x.w), BC_INT(c->x.c), BC_INT(c->y.h), BC_INT(c->y.w),
                BC_INT(c->y.c), BC_INT(c->kh), BC_INT(c->kw), BC_INT(g->stride), BC_INT(g->pad_top),
                BC_INT(g->pad_left), BC_INT(b.h), BC_INT(b.w), BC_INT(b.down), BC_INT(b.across)),
    };
    return bc_tape_launch(tape, &launch);
}

/* The workspace of the gradient: the slices' sums, then the patterns, counted in panels of 64 bytes. */
typedef struct cpu_layout {
    int runs, rows, slices; /* runs of a row of y; rows of patterns: those of x with padding */
    size_t sums, patterns;
} cpu_layout;

static cpu_layout cpu_layout_of(const spike_conv *c) {
    enum { MOST_SLICES = 32 };
    cpu_layout l = {.runs = bc_divide_up(c->y.w, RUN), .rows = (c->y.h - 1) * c->geometry.stride + c->kh};
    int run_blocks = bc_divide_up(c->y.n * c->y.h * l.runs, RUNS);
    l.slices = between(1, bc_divide_up(wanted_items(c, 8), panel_count(c)),
                       run_blocks < MOST_SLICES ? run_blocks : MOST_SLICES);
    l.sums = (size_t)l.slices * panel_count(c) * weight_rows(c);
    l.patterns = ((size_t)c->y.n * l.rows * l.runs * c->kw * 32 * c->x.c + PANEL_BYTES - 1) / PANEL_BYTES;
    return l;
}

static bc_status make_patterns(const spike_conv *c, bc_node *node, bc_tape *tape, const cpu_layout *l) {
    bc_launch launch = {
        .source = "spike_conv.cl",
        .kernel = "spike_patterns",
        .defines = CPU_DEFINES,
        .items = {(size_t)l->runs * c->x.c, l->rows, c->y.n},
        .group = {8, 1, 1},
        .bytes = map_bytes(c->x) + (double)l->patterns * PANEL_BYTES,
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->inputs[0]->data), BC_INT(l->sums), BC_INT(c->x.h),
                BC_INT(c->x.w), BC_INT(c->x.c), BC_INT(l->rows), BC_INT(l->runs), BC_INT(c->kw),
                BC_INT(c->geometry.stride), BC_INT(c->geometry.pad_top), BC_INT(c->geometry.pad_left)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status sum_slices(const spike_conv *c, bc_node *node, bc_tape *tape, const cpu_layout *l) {
    const bc_conv *g = &c->geometry;
    bc_value *weight = node->inputs[1];
    int panels = panel_count(c);
    bc_launch launch = {
        .source = "spike_conv.cl",
        .kernel = "spike_weight_gradient_sum",
        .defines = CPU_DEFINES,
        .items = {panels, (size_t)c->kh * c->kw},
        .group = {1, 1, 1},
        .flops = (double)l->sums * PANEL,
        .bytes = (double)l->sums * PANEL_BYTES + weight_bytes(c),
        BC_ARGS(BC_BUFFER(weight->grad), BC_BUFFER(node->workspace), BC_BUFFER(node->output->grad),
                BC_INT(l->slices), BC_INT(c->y.n), BC_INT(c->x.h), BC_INT(c->x.w), BC_INT(c->y.h),
                BC_INT(c->y.w), BC_INT(c->y.c), BC_INT(panels), BC_INT(32 * c->x.c), BC_INT(c->kh),
                BC_INT(c->kw), BC_INT(g->stride), BC_INT(g->pad_top), BC_INT(g->pad_left),
                BC_INT(bc_grad_accumulate(weight))),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status cpu_weight_gradient(const spike_conv *c, bc_node *node, bc_tape *tape) {
    cpu_layout l = cpu_layout_of(c);
    int panels = panel_count(c);
    bc_launch launch = {
        .source = "spike_conv.cl",
        .kernel = "spike_weight_gradient",
        .defines = CPU_DEFINES,
        .items = {panels, l.slices},
        .group = {1, 1, 1},
        .flops = (double)c->y.n * c->y.h * l.runs * weight_rows(c) * panels * PANEL,
        .bytes = (double)(l.patterns + l.sums) * PANEL_BYTES + map_bytes(c->y),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->workspace), BC_BUFFER(node->output->grad),
                BC_INT(l.sums), BC_INT(c->y.n), BC_INT(c->y.h), BC_INT(c->y.w), BC_INT(c->y.c),
                BC_INT(panels), BC_INT(l.rows), BC_INT(l.runs), BC_INT(c->kh), BC_INT(c->kw * 32 * c->x.c),
                BC_INT(c->geometry.stride), BC_INT(l.slices)),
    };
    BC_TRY(make_patterns(c, node, tape, &l));
    BC_TRY(bc_tape_launch(tape, &launch));
    return sum_slices(c, node, tape, &l);
}

/* --- for GPUs --- */

static bc_status gpu_forward(const spike_conv *c, bc_node *node, bc_tape *tape) {
    bc_value *bias = node->inputs[2];
    const bc_conv *g = &c->geometry;
    int pixels = pixel_count(c);
    bc_launch launch = {
        .source = "spike_conv_gpu.cl",
        .kernel = "spike_conv_gpu",
        .items = {(size_t)bc_divide_up(pixels, BC_SPIKE_TILE_PIXELS) * BC_SPIKE_TILE_PIXELS,
                  bc_divide_up(c->y.c, BC_SPIKE_TILE_CHANNELS)},
        .group = {BC_SPIKE_TILE_PIXELS, 1, 1},
        .flops = 2.0 * pixels * weight_rows(c) * c->y.c,
        .bytes = map_bytes(c->x) + map_bytes(c->y) + weight_bytes(c),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(bias ? bias->data : (bc_buffer){0}),
                BC_INT(c->x.h), BC_INT(c->x.w), BC_INT(c->x.c), BC_INT(pixels), BC_INT(c->y.h),
                BC_INT(c->y.w), BC_INT(c->y.c), BC_INT(c->kh), BC_INT(c->kw), BC_INT(g->stride),
                BC_INT(g->pad_top), BC_INT(g->pad_left)),
    };
    return bc_tape_launch(tape, &launch);
}

/* As many slices as fill a large device. */
static int gpu_slices(const spike_conv *c) {
    enum { GROUPS = 2048, MOST_SLICES = 64 };
    int groups = c->kh * c->kw * c->x.c * bc_divide_up(c->y.c, BC_SPIKE_TILE_CHANNELS);
    int most = bc_divide_up(pixel_count(c), BC_SPIKE_GRADIENT_GROUP);
    return between(1, bc_divide_up(GROUPS, groups), most < MOST_SLICES ? most : MOST_SLICES);
}

static bc_status gpu_weight_gradient(const spike_conv *c, bc_node *node, bc_tape *tape) {
    const bc_conv *g = &c->geometry;
    bc_value *weight = node->inputs[1];
    int slices = gpu_slices(c), pixels = pixel_count(c);
    bc_launch launch = {
        .source = "spike_conv_gpu.cl",
        .kernel = "spike_weight_gradient_gpu",
        .items = {(size_t)c->kh * c->kw * c->x.c * BC_SPIKE_GRADIENT_GROUP,
                  bc_divide_up(c->y.c, BC_SPIKE_TILE_CHANNELS), slices},
        .group = {BC_SPIKE_GRADIENT_GROUP, 1, 1},
        .flops = 2.0 * pixels * weight_rows(c) * c->y.c,
        .bytes = map_bytes(c->x) + map_bytes(c->y) + slices * weight_bytes(c),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->inputs[0]->data), BC_BUFFER(node->output->grad),
                BC_INT(c->x.h), BC_INT(c->x.w), BC_INT(c->x.c), BC_INT(pixels), BC_INT(c->y.h),
                BC_INT(c->y.w), BC_INT(c->y.c), BC_INT(c->kh), BC_INT(c->kw), BC_INT(g->stride),
                BC_INT(g->pad_top), BC_INT(g->pad_left), BC_INT(slices)),
    };
    bc_column_sum sum = {.out = weight->grad,
                         .x = node->workspace,
                         .batch = 1,
                         .rows = slices,
                         .columns = weight_rows(c) * c->y.c,
                         .accumulate = bc_grad_accumulate(weight)};
    BC_TRY(bc_tape_launch(tape, &launch));
    return bc_tape_column_sum(tape, &sum, (bc_buffer){0}, 0);
}

/* --- the operation --- */

static size_t weight_workspace(const spike_conv *c) {
    if (!bc_host_cpu_kernels(c->host))
        return (size_t)gpu_slices(c) * weight_rows(c) * c->y.c * sizeof(float);
    cpu_layout l = cpu_layout_of(c);
    return (l.sums + l.patterns) * PANEL_BYTES;
}

static size_t spike_conv_workspace_bytes(const bc_node *node, bool backward) {
    if (!backward)
        return 0;
    spike_conv c = conv_of(node);
    size_t for_weight = node->inputs[1]->needs_grad ? weight_workspace(&c) : 0;
    size_t for_bias = bc_bias_gradient_workspace(node->inputs[2], node->output);
    return for_weight > for_bias ? for_weight : for_bias;
}

static bc_status spike_conv_forward(bc_node *node, bc_tape *tape) {
    spike_conv c = conv_of(node);
    return bc_host_cpu_kernels(c.host) ? cpu_forward(&c, node, tape) : gpu_forward(&c, node, tape);
}

static bc_status spike_conv_backward(bc_node *node, bc_tape *tape) {
    spike_conv c = conv_of(node);
    if (node->inputs[1]->needs_grad)
        BC_TRY(bc_host_cpu_kernels(c.host) ? cpu_weight_gradient(&c, node, tape)
                                           : gpu_weight_gradient(&c, node, tape));
    return bc_tape_bias_gradient(tape, node->inputs[2], node->output, node->workspace);
}

static bool spike_conv_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    const bc_value *weight = inputs[1];
    bc_shape s = inputs[0]->shape, w = weight->shape;
    if (w.w != 32 * s.c)
        return bc_graph_fail(
            g, "spike_conv2d: weight %s (%d,%d,%d,%d) expects %d frames, its input has %d words of 32",
            weight->name ? weight->name : "?", w.n, w.h, w.w, w.c, w.w, s.c);
    bc_conv geometry = ((const bc_spike_conv_attributes *)attributes)->geometry;
    return bc_conv_output(g, "spike_conv2d", s, weight, inputs[2], geometry, out);
}

/* As convolving the unpacked spikes; the bits have no gradient. */
static double spike_conv_flops(const bc_node *node, bool backward) {
    spike_conv c = conv_of(node);
    return backward && !node->inputs[1]->needs_grad ? 0 : 2.0 * pixel_count(&c) * weight_rows(&c) * c.y.c;
}

const bc_op bc_spike_conv_op = {
    .name = "spike_conv2d",
    .input_count = 3,
    .optional = BC_INPUT(2),
    .attribute_bytes = sizeof(bc_spike_conv_attributes),
    .shape = spike_conv_shape,
    .flops = spike_conv_flops,
    .backward_reads = BC_INPUT(0),
    .workspace_bytes = spike_conv_workspace_bytes,
    .forward = spike_conv_forward,
    .backward = spike_conv_backward,
    .cases = bc_spike_conv_cases,
};

bc_value *bc_spike_conv2d(bc_graph *g, bc_value *bits, bc_value *weight, bc_value *bias, bc_conv geometry) {
    return bc_graph_node(g, &bc_spike_conv_op, (bc_value *[]){bits, weight, bias},
                         &(bc_spike_conv_attributes){geometry});
}
