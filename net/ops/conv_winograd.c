/* Convolutions of 3x3 without stride by Winograd's minimal filtering: transforms (cl_kernels/winograd.cl) around a
 * product for each position of a tile. The tiles go through in blocks whose transforms stay in a cache. */
#include "host/base/divide.h"
#include "net/ops/conv.h"
#include "net/ops/vector.h"

enum { KERNEL = 3 };

/* One pass, seen as a convolution from a map to another of the same size or so. Its intermediate maps lie in the
 * workspace: `left` (tiles, positions, from.c), `right` (positions, rows, to.c), the results, and the products' own scratch. */
typedef struct winograd {
    const bc_conv_job *prepared; /* whose weights are transformed already; NULL: none */
    bool data;                   /* the data gradient */
    const bc_gemm_way *products;
    bc_host *host;
    bc_shape from, to; /* of the data gradient: dy and dx */
    int pad_top, pad_left;
    int out, positions;
    int tiles_h, tiles_w, tiles, block; /* tiles in all, and at once */
} winograd;

static void set_tile(winograd *w, int out) {
    w->out = out;
    w->positions = (out + KERNEL - 1) * (out + KERNEL - 1);
    w->tiles_h = bc_divide_up(w->to.h, out);
    w->tiles_w = bc_divide_up(w->to.w, out);
    w->tiles = w->to.n * w->tiles_h * w->tiles_w;
}

/* The tile that needs fewer products; the smaller one is also the more accurate. */
static void choose_tile(winograd *w) {
    set_tile(w, 4);
    long products = (long)w->tiles * w->positions;
    set_tile(w, 2);
    if (products < (long)w->tiles * w->positions)
        set_tile(w, 4);
}

static winograd winograd_of(const bc_conv_job *job, bc_conv_pass pass) {
    enum { BLOCK_FLOATS = 1 << 21 }; /* 8 MiB of both maps */
    bool data = pass == BC_CONV_DATA;
    winograd w = {.data = data,
                  .prepared = job->is_prepared && pass == BC_CONV_FORWARD ? job : NULL,
                  .host = job->host,
                  .products = job->products,
                  .from = data ? job->y : job->x,
                  .to = data ? job->x : job->y};
    w.pad_top = data ? KERNEL - 1 - job->geometry.pad_top : job->geometry.pad_top;
    w.pad_left = data ? KERNEL - 1 - job->geometry.pad_left : job->geometry.pad_left;
    choose_tile(&w);
    int block = (int)(BLOCK_FLOATS / (w.positions * ((long)w.from.c + w.to.c)));
    int blocks = bc_divide_up(w.tiles, block > 8 ? block : 8);
    w.block = bc_divide_up(bc_divide_up(w.tiles, blocks), 8) * 8;
    return w;
}

/* Channels of a work-item. On GPUs the numbers of a tile fill its registers with one (vendor_notes/offline.md). */
static int width_for(const winograd *w, int channels) {
    return bc_host_cpu_kernels(w->host) ? bc_vector_for(w->host, channels).width : 1;
}

static const char *defines_for(const winograd *w, int channels) {
    static const char *const defines[2][3] = {
        {"-DOUT=2 -DVECTOR=1", "-DOUT=2 -DVECTOR=4", "-DOUT=2 -DVECTOR=16"},
        {"-DOUT=4 -DVECTOR=1", "-DOUT=4 -DVECTOR=4", "-DOUT=4 -DVECTOR=16"}};
    int width = width_for(w, channels);
    return defines[w->out == 4][width == 16 ? 2 : width == 4];
}

/* The channels of a panel of a product's second operand; all of them where panels are not read or do not fit. */
static int panel_for(const winograd *w, int channels) {
    int panel = bc_gemm_panel_columns(w->host);
    return panel && channels % panel == 0 ? panel : channels;
}

/* Records a transform of `rows` rows of channels, whose numbers stand for `outside` numbers of a map or of the weights
 * each. The launch brings its kernel and arguments. */
static bc_status record(bc_tape *tape, const winograd *w, bc_launch launch, int channels, int rows,
                        int outside) {
    double numbers = (double)rows * channels;
    launch.source = "winograd.cl";
    launch.defines = defines_for(w, channels);
    launch.items[0] = (size_t)(channels / width_for(w, channels));
    launch.items[1] = (size_t)rows;
    if (!launch.group[0]) {
        launch.group[0] = 16;
        launch.group[1] = bc_host_cpu_kernels(w->host) ? 1 : 4;
    }
    launch.flops = 4 * numbers * w->positions;
    launch.bytes = sizeof(float) * numbers * (w->positions + outside);
    return bc_tape_launch(tape, &launch);
}

/* --- where things lie in the workspace, in floats; the products' own scratch comes first --- */

typedef struct layout {
    size_t left, right, third, end;
} layout;

/* Floats from a tile to the next one in a transformed map, and from a position to the next one elsewhere. A cache line more than
 * is used: what lies a multiple of 4 KiB apart falls on each other in first-level caches. */
enum { CACHE_LINE = 16 };
static int tile_length(const winograd *w, int channels) {
    return w->positions * channels + CACHE_LINE;
}
static int plane(int rows, int columns) {
    return rows * columns + CACHE_LINE;
}

/* The products of all positions of one block: c (m, n) = op(a) (m, k) b (k, n). */
static bc_gemm products(const winograd *w, bc_buffer buffer, int m, int n, int k, const layout *l) {
    int panel = panel_for(w, n);
    return (bc_gemm){.m = m,
                     .n = n,
                     .k = k,
                     .a = buffer,
                     .b = buffer,
                     .c = buffer,
                     .a_offset = (int)l->left,
                     .b_offset = (int)l->right,
                     .c_offset = (int)l->third,
                     .lda = tile_length(w, w->from.c),
                     .ldb = n,
                     .b_panels = panel != n || panel == bc_gemm_panel_columns(w->host),
                     .outer = 1,
                     .inner = w->positions,
                     .a_stride = {0, w->from.c},
                     .b_stride = {0, plane(k, n)},
                     .alpha = 1,
                     .way = w->products};
}

static size_t aligned(size_t floats) {
    return bc_round_up(floats, 16);
}

static size_t weight_floats(const winograd *w) {
    return (size_t)w->positions * (size_t)plane(w->from.c, w->to.c);
}

static layout layout_of(const winograd *w, const bc_gemm *product, size_t left, size_t right, size_t third) {
    layout l = {.left = aligned(bc_gemm_workspace(w->host, product) / sizeof(float))};
    l.right = l.left + aligned(left);
    l.third = l.right + aligned(right);
    l.end = l.third + aligned(third);
    return l;
}

/* --- forward and data: transformed map (tiles, from.c) x transformed weights (from.c, to.c) -> (tiles, to.c) --- */

/* What becomes of the sums: y = sum + bias, with relu not below 0, + residual, with accumulate + y. */
typedef struct output {
    bc_buffer y, bias, residual;
    int relu, accumulate;
} output;

static bc_gemm map_products(const winograd *w, bc_buffer buffer, int tiles, const layout *l) {
    bc_gemm product = products(w, buffer, tiles, w->to.c, w->from.c, l);
    product.ldc = tile_length(w, w->to.c);
    product.c_stride[1] = w->to.c;
    if (w->prepared) {
        product.b = w->prepared->prepared;
        product.b_offset = 0;
    }
    return product;
}

static layout map_layout(const winograd *w) {
    size_t in = (size_t)tile_length(w, w->from.c), out = (size_t)tile_length(w, w->to.c);
    size_t tiles = (size_t)w->block, weights = w->prepared ? 0 : weight_floats(w);
    bc_gemm product = map_products(w, (bc_buffer){0}, w->block, &(layout){0});
    return layout_of(w, &product, tiles * in, weights, tiles * out);
}

static bc_status transform_weight(const winograd *w, bc_tape *tape, bc_buffer weight, bc_buffer space,
                                  size_t to) {
    int in = w->from.c, out = w->to.c;
    bc_launch launch = {.kernel = "winograd_weight",
                        .group = {w->data ? 1 : 4, 16}, /* neighbours share the lines that they read */
                        BC_ARGS(BC_BUFFER(space), BC_BUFFER(weight), BC_INT(to), BC_INT(in), BC_INT(out),
                                BC_INT(w->data ? 1 : out), BC_INT(w->data ? in : 1), BC_INT(in * out),
                                BC_INT(w->data), BC_INT(plane(in, out)), BC_INT(panel_for(w, out)))};
    return record(tape, w, launch, out, in, KERNEL * KERNEL);
}

static bc_status transform_input(const winograd *w, bc_tape *tape, bc_buffer x, bc_shape shape, int first,
                                 int tiles, bc_buffer space, size_t to) {
    bc_launch launch = {.kernel = "winograd_input",
                        BC_ARGS(BC_BUFFER(space), BC_BUFFER(x), BC_INT(to), BC_INT(shape.h), BC_INT(shape.w),
                                BC_INT(shape.c), BC_INT(first), BC_INT(tiles), BC_INT(w->tiles_h),
                                BC_INT(w->tiles_w), BC_INT(tile_length(w, shape.c)), BC_INT(w->pad_top),
                                BC_INT(w->pad_left))};
    return record(tape, w, launch, shape.c, tiles, w->out * w->out);
}

static bc_status transform_output(const winograd *w, bc_tape *tape, const output *o, int first, int tiles,
                                  bc_buffer space, size_t from) {
    bc_launch launch = {.kernel = "winograd_output",
                        BC_ARGS(BC_BUFFER(o->y), BC_BUFFER(space), BC_BUFFER(o->bias), BC_BUFFER(o->residual),
                                BC_INT(from), BC_INT(w->to.h), BC_INT(w->to.w), BC_INT(w->to.c),
                                BC_INT(first), BC_INT(tiles), BC_INT(w->tiles_h), BC_INT(w->tiles_w),
                                BC_INT(tile_length(w, w->to.c)), BC_INT(o->relu), BC_INT(o->accumulate))};
    int passes = 1 + o->accumulate + (o->residual.mem != NULL);
    return record(tape, w, launch, w->to.c, tiles, w->out * w->out * passes);
}

static int at_most(int value, int limit) {
    return value < limit ? value : limit;
}

static bc_status convolve(const winograd *w, bc_tape *tape, bc_buffer x, bc_buffer weight, const output *o,
                          bc_buffer space) {
    layout l = map_layout(w);
    if (!w->prepared)
        BC_TRY(transform_weight(w, tape, weight, space, l.right));
    for (int first = 0; first < w->tiles; first += w->block) {
        int tiles = at_most(w->block, w->tiles - first);
        bc_gemm product = map_products(w, space, tiles, &l);
        BC_TRY(transform_input(w, tape, x, w->from, first, tiles, space, l.left));
        BC_TRY(bc_tape_gemm(tape, &product, space));
        BC_TRY(transform_output(w, tape, o, first, tiles, space, l.third));
    }
    return BC_OK;
}

static size_t winograd_prepared_bytes(const bc_conv_job *job) {
    winograd w = winograd_of(job, BC_CONV_FORWARD);
    return sizeof(float) * weight_floats(&w);
}

static bc_status winograd_prepare(const bc_conv_job *job, bc_tape *tape, bc_buffer weight,
                                  bc_buffer prepared) {
    winograd w = winograd_of(job, BC_CONV_FORWARD);
    return transform_weight(&w, tape, weight, prepared, 0);
}

static bc_status winograd_forward(const bc_conv_job *job, bc_tape *tape, bc_buffer x, bc_buffer weight,
                                  bc_buffer bias, bc_buffer y, bc_buffer space) {
    winograd w = winograd_of(job, BC_CONV_FORWARD);
    output o = {.y = y, .bias = bias, .residual = job->residual, .relu = job->relu};
    return convolve(&w, tape, x, weight, &o, space);
}

static bc_status winograd_data(const bc_conv_job *job, bc_tape *tape, bc_buffer dy, bc_buffer weight,
                               bc_buffer dx, int accumulate, bc_buffer space) {
    winograd w = winograd_of(job, BC_CONV_DATA);
    output o = {.y = dx, .accumulate = accumulate};
    return convolve(&w, tape, dy, weight, &o, space);
}

/* --- weight: transformed map (tiles, ci)^T x transformed gradient (tiles, co) -> (ci, co), summed over blocks --- */

static bc_gemm weight_products(const winograd *w, bc_buffer buffer, int tiles, const layout *l) {
    bc_gemm product = products(w, buffer, w->from.c, w->to.c, tiles, l);
    product.transpose_a = true;
    product.ldc = w->to.c;
    product.c_stride[1] = plane(w->from.c, w->to.c);
    return product;
}

static layout weight_layout(const winograd *w) {
    size_t in = (size_t)w->block * (size_t)tile_length(w, w->from.c);
    size_t out = (size_t)w->positions * (size_t)plane(w->block, w->to.c);
    bc_gemm product = weight_products(w, (bc_buffer){0}, w->block, &(layout){0});
    return layout_of(w, &product, in, out, weight_floats(w));
}

static bc_status transform_gradient(const winograd *w, bc_tape *tape, bc_buffer dy, int first, int tiles,
                                    bc_buffer space, size_t to) {
    bc_launch launch = {.kernel = "winograd_output_gradient",
                        BC_ARGS(BC_BUFFER(space), BC_BUFFER(dy), BC_INT(to), BC_INT(w->to.h), BC_INT(w->to.w),
                                BC_INT(w->to.c), BC_INT(first), BC_INT(tiles), BC_INT(w->tiles_h),
                                BC_INT(w->tiles_w), BC_INT(plane(tiles, w->to.c)),
                                BC_INT(panel_for(w, w->to.c)))};
    return record(tape, w, launch, w->to.c, tiles, w->out * w->out);
}

static bc_status winograd_weight(const bc_conv_job *job, bc_tape *tape, bc_buffer x, bc_buffer dy,
                                 bc_buffer dw, int accumulate, bc_buffer space) {
    winograd w = winograd_of(job, BC_CONV_WEIGHT);
    layout l = weight_layout(&w);
    for (int first = 0; first < w.tiles; first += w.block) {
        int tiles = at_most(w.block, w.tiles - first);
        bc_gemm product = weight_products(&w, space, tiles, &l);
        product.beta = first > 0;
        BC_TRY(transform_input(&w, tape, x, w.from, first, tiles, space, l.left));
        BC_TRY(transform_gradient(&w, tape, dy, first, tiles, space, l.right));
        BC_TRY(bc_tape_gemm(tape, &product, space));
    }
    bc_launch launch = {.kernel = "winograd_weight_gradient",
                        BC_ARGS(BC_BUFFER(dw), BC_BUFFER(space), BC_INT(l.third),
                                BC_INT(plane(w.from.c, w.to.c)), BC_INT(w.from.c), BC_INT(w.to.c),
                                BC_INT(accumulate))};
    return record(tape, &w, launch, w.to.c, w.from.c, KERNEL * KERNEL);
}

/* --- the algorithm --- */

static bool winograd_can(const bc_conv_job *job) {
    return job->kh == KERNEL && job->kw == KERNEL && job->geometry.stride == 1 &&
           job->geometry.pad_top < KERNEL && job->geometry.pad_left < KERNEL;
}

/* Enough of a map to outweigh the transform of the weights, which for the gradient of x reads across their lines; measured on
 * PoCL. */
static bool winograd_pays(const bc_conv_job *job, bc_conv_pass pass) {
    enum { FEWEST_CHANNELS = 32, FEWEST_NUMBERS = 4096, FEWEST_TILES_FOR_DATA = 64 };
    winograd w = winograd_of(job, pass);
    int channels = at_most(job->x.c, job->y.c);
    return channels >= FEWEST_CHANNELS && (double)w.tiles * channels >= FEWEST_NUMBERS &&
           (pass != BC_CONV_DATA || w.tiles >= FEWEST_TILES_FOR_DATA);
}

static const bc_gemm_way *winograd_choose(const bc_conv_job *job, bc_conv_pass pass) {
    winograd w = winograd_of(job, pass);
    bc_gemm product =
        (pass == BC_CONV_WEIGHT ? weight_products : map_products)(&w, (bc_buffer){0}, w.block, &(layout){0});
    return bc_gemm_choose(w.host, &product);
}

static size_t winograd_workspace_bytes(const bc_conv_job *job, bc_conv_pass pass) {
    winograd w = winograd_of(job, pass);
    layout l = pass == BC_CONV_WEIGHT ? weight_layout(&w) : map_layout(&w);
    return l.end * sizeof(float);
}

const bc_conv_algorithm bc_winograd_convolution = {.name = "winograd",
                                                   .can = winograd_can,
                                                   .pays = winograd_pays,
                                                   .choose = winograd_choose,
                                                   .workspace_bytes = winograd_workspace_bytes,
                                                   .prepared_bytes = winograd_prepared_bytes,
                                                   .prepare = winograd_prepare,
                                                   .forward = winograd_forward,
                                                   .data = winograd_data,
                                                   .weight = winograd_weight};
