/* Convolution for GPUs: each pass is one product of matrices (cl_kernels/conv_tile.cl) that is cut into tiles in local memory,
 * and into slices of its sums where there are too few tiles; the slices are added in order afterwards. */
#include "host/base/divide.h"
#include "host/gemm/local_tile.h"
#include "net/ops/column_sum.h"
#include "net/ops/conv.h"

/* The product of a pass: of the gradient of x, the largest of its stride^2 phases. */
typedef struct size {
    int rows, columns, depth, batches;
} size;

static size size_of(const bc_conv_job *c, bc_conv_pass pass) {
    int s = c->geometry.stride, pixels = c->y.n * c->y.h * c->y.w, taps = c->kh * c->kw;
    if (pass == BC_CONV_FORWARD)
        return (size){pixels, c->y.c, taps * c->x.c, 1};
    if (pass == BC_CONV_WEIGHT)
        return (size){taps * c->x.c, c->y.c, pixels, 1};
    return (size){c->x.n * bc_divide_up(c->x.h, s) * bc_divide_up(c->x.w, s), c->x.c,
                  bc_divide_up(c->kh, s) * bc_divide_up(c->kw, s) * c->y.c, s * s};
}

static bc_local_tile tile_of(const bc_conv_job *c, bc_conv_pass pass) {
    size p = size_of(c, pass);
    return bc_local_tile_for(c->host, c->tile, p.rows, p.columns, p.depth, p.batches);
}

static int tile_rule(const bc_conv_job *c, bc_conv_pass pass) {
    size p = size_of(c, pass);
    return bc_local_tile_rule(c->host, p.rows, p.columns, p.batches);
}

static size_t result_count(const bc_conv_job *c, bc_conv_pass pass) {
    return pass == BC_CONV_FORWARD ? bc_shape_count(c->y)
           : pass == BC_CONV_DATA  ? bc_shape_count(c->x)
                                   : (size_t)c->kh * c->kw * c->x.c * c->y.c;
}

static size_t tile_workspace_bytes(const bc_conv_job *c, bc_conv_pass pass) {
    int slices = tile_of(c, pass).slices;
    return slices > 1 ? sizeof(float) * slices * result_count(c, pass) : 0;
}

/* What follows the sums of forward, as a launch of its own or as arguments of the kernel. */
static bc_gemm epilogue_of(const bc_conv_job *c, bc_buffer y) {
    return (bc_gemm){.m = c->y.n * c->y.h * c->y.w,
                     .n = c->y.c,
                     .c = y,
                     .ldc = c->y.c,
                     .residual = c->residual,
                     .activation = c->relu ? BC_ACTIVATION_RELU : BC_ACTIVATION_NONE};
}

/* out = product + bias (+ out). The three kernels take the same arguments, forward's two more. */
static bc_status record(const bc_conv_job *c, bc_tape *tape, bc_conv_pass pass, bc_buffer out, bc_buffer left,
                        bc_buffer right, bc_buffer bias, int accumulate, bc_buffer workspace) {
    static const char *const kernels[] = {
        [BC_CONV_FORWARD] = "conv_tile_forward",
        [BC_CONV_DATA] = "conv_tile_data",
        [BC_CONV_WEIGHT] = "conv_tile_weight",
    };
    const bc_conv *g = &c->geometry;
    bc_local_tile tile = tile_of(c, pass);
    bool cut = tile.slices > 1;
    double weights = (double)c->kh * c->kw * c->x.c * c->y.c, results = (double)result_count(c, pass);
    bc_launch launch = {
        .source = "conv_tile.cl",
        .kernel = kernels[pass],
        .defines = tile.defines,
        .items = {tile.items[0], tile.items[1], tile.items[2]},
        .group = {16, 16, 1},
        .flops = 2.0 * c->y.n * c->y.h * c->y.w * weights,
        .bytes = sizeof(float) * ((double)bc_shape_count(c->x) + (double)bc_shape_count(c->y) + weights +
                                  (tile.slices - 1 + (accumulate && !cut)) * results),
        BC_ARGS(BC_BUFFER(cut ? workspace : out), BC_BUFFER(left), BC_BUFFER(right), BC_BUFFER(bias),
                BC_INT(c->x.n), BC_INT(c->x.h), BC_INT(c->x.w), BC_INT(c->x.c), BC_INT(c->y.h),
                BC_INT(c->y.w), BC_INT(c->y.c), BC_INT(c->kh), BC_INT(c->kw), BC_INT(g->stride),
                BC_INT(g->pad_top), BC_INT(g->pad_left), BC_INT(tile.slices), BC_INT(accumulate && !cut)),
    };
    bc_gemm epilogue = epilogue_of(c, out);
    if (pass == BC_CONV_FORWARD) {
        launch.args[launch.arg_count++] = BC_BUFFER(cut ? (bc_buffer){0} : epilogue.residual);
        launch.args[launch.arg_count++] = BC_INT(cut ? BC_ACTIVATION_NONE : epilogue.activation);
    }
    BC_TRY(bc_tape_launch(tape, &launch));
    if (!cut)
        return BC_OK;
    bc_column_sum sum = {.out = out,
                         .x = workspace,
                         .batch = 1,
                         .rows = tile.slices,
                         .columns = (int)result_count(c, pass),
                         .accumulate = accumulate};
    BC_TRY(bc_tape_column_sum(tape, &sum, (bc_buffer){0}, 0));
    return pass == BC_CONV_FORWARD ? bc_tape_epilogue(tape, &epilogue) : BC_OK;
}

static bc_status tile_forward(const bc_conv_job *c, bc_tape *tape, bc_buffer x, bc_buffer weight,
                              bc_buffer bias, bc_buffer y, bc_buffer workspace) {
    return record(c, tape, BC_CONV_FORWARD, y, x, weight, bias, 0, workspace);
}

static bc_status tile_data(const bc_conv_job *c, bc_tape *tape, bc_buffer dy, bc_buffer weight, bc_buffer dx,
                           int accumulate, bc_buffer workspace) {
    return record(c, tape, BC_CONV_DATA, dx, dy, weight, (bc_buffer){0}, accumulate, workspace);
}

static bc_status tile_weight(const bc_conv_job *c, bc_tape *tape, bc_buffer x, bc_buffer dy, bc_buffer dw,
                             int accumulate, bc_buffer workspace) {
    return record(c, tape, BC_CONV_WEIGHT, dw, x, dy, (bc_buffer){0}, accumulate, workspace);
}

const bc_conv_algorithm bc_tile_convolution = {.name = "tile",
                                               .tiles = {"tile 128x32", "tile 128x64", "tile 64x64"},
                                               .tile_rule = tile_rule,
                                               .workspace_bytes = tile_workspace_bytes,
                                               .forward = tile_forward,
                                               .data = tile_data,
                                               .weight = tile_weight};
