/* The panel provider: plans what of A is moved, bands of rows and slices of k, then describes the launches of cl_kernels/gemm.cl. */
#include "host/base/divide.h"
#include "host/gemm/internal.h"

typedef struct panel_tile {
    const char *defines, *copied; /* with B in place, and copied part by part */
    int rows, columns;
} panel_tile;

enum {
    BAND_ROWS =
        640, /* that an item makes with a part of B: the more, the less is copied; A's part stays in a second-level cache */
    CORE_ITEMS = 8,     /* that a core has at least, where there are as many tiles */
    FEWEST_TILES = 128, /* below, k is cut, in slices of at least: */
    SHORTEST_SLICE = 256,
    COPY_B_ROWS = 64,       /* from this many rows on, copies of B pay even when it could be read in place */
    SETTLE_A_COLUMNS = 192, /* likewise for an A that lies badly: transposed, or with rows that share */
    CACHE_WAY = 1024,       /* the sets of a first-level cache, being a multiple of 4 KiB apart, */
    CACHE_WAYS = 8,         /* and so many of them that they push each other out */
    CACHE_LINE = 16,
};

#define TILE(rows_, columns_)                                                                                \
    {                                                                                                        \
        "-DVECTOR=16 -DROWS=" #rows_ " -DCOLUMNS=" #columns_,                                                \
            "-DVECTOR=16 -DCOPIED -DROWS=" #rows_ " -DCOLUMNS=" #columns_, rows_, columns_                   \
    }
/* What a work-item makes: as many accumulators as fit in the registers, 32 of 16 numbers with AVX-512. */
static const panel_tile tiles[] = {TILE(8, 32), TILE(12, 32), TILE(14, 32), TILE(6, 64)};

int bc_panel_columns(int tile) {
    return tiles[tile].columns;
}

bool bc_gemm_reads_panels(const bc_gemm_way *way) {
    return way->provider == BC_GEMM_PANEL && bc_panel_columns(way->tile) == bc_panel_columns(0);
}

/* How k is cut, and what goes into the workspace, in floats from its beginning: first an A that is moved, then the slices' sums. */
typedef struct panel_plan {
    panel_tile tile;
    int panels, blocks, slices, slice_length;
    bool pack_a, spread_a, copy_b;
    int spread_length;    /* of a row */
    int a_outer, a_inner; /* batches that differ in A: 1 for a shared one */
    size_t parts_place, floats;
} panel_plan;

static int at_least_one(int x) {
    return x > 0 ? x : 1;
}

/* Enough slices to keep all cores busy when C has few tiles. */
static void cut_k(const bc_gemm *g, panel_plan *p) {
    int wanted = bc_divide_up(FEWEST_TILES, p->panels * p->blocks * g->outer * g->inner),
        possible = at_least_one(g->k / SHORTEST_SLICE);
    int slices = wanted < possible ? wanted : possible;
    p->slice_length = bc_divide_up(g->k, slices);
    p->slices = bc_divide_up(g->k, p->slice_length);
}

static panel_plan make_plan(const bc_gemm *g) {
    panel_tile t = tiles[g->way->tile];
    panel_plan p = {.tile = t, .panels = bc_divide_up(g->n, t.columns), .blocks = bc_divide_up(g->m, t.rows)};
    cut_k(g, &p);
    p.copy_b = !g->b_panels && (g->transpose_b || g->n % t.columns || g->m >= COPY_B_ROWS);
    p.pack_a = g->n >= SETTLE_A_COLUMNS && g->transpose_a;
    p.spread_a =
        g->n >= SETTLE_A_COLUMNS && !g->transpose_a && t.rows >= CACHE_WAYS && g->lda % CACHE_WAY == 0;
    p.spread_length = bc_round_up(g->k, CACHE_WAY) + CACHE_LINE;
    p.a_outer = g->a_stride[0] ? g->outer : 1;
    p.a_inner = g->a_stride[1] ? g->inner : 1;
    size_t batches_a = (size_t)p.a_outer * (size_t)p.a_inner;
    if (p.pack_a)
        p.floats += batches_a * (size_t)(p.blocks * t.rows) * (size_t)g->k;
    if (p.spread_a)
        p.floats += batches_a * (size_t)g->m * (size_t)p.spread_length;
    if (p.slices > 1) {
        p.parts_place = p.floats;
        p.floats += (size_t)g->outer * (size_t)g->inner * (size_t)p.slices * (size_t)g->m *
                    (size_t)(p.panels * t.columns);
    }
    return p;
}

size_t bc_gemm_panel_workspace(const bc_gemm *gemm) {
    bc_gemm g = bc_gemm_turned(gemm);
    return bc_gemm_is_vector(&g) ? 0 : 4 * make_plan(&g).floats;
}

static bc_launch pack_a(const bc_gemm *g, const panel_plan *p, bc_buffer workspace) {
    size_t batches = (size_t)p->a_outer * (size_t)p->a_inner;
    return (bc_launch){.source = "gemm.cl",
                       .defines = p->tile.defines,
                       .kernel = "gemm_pack_a",
                       .items = {(size_t)p->blocks, (size_t)bc_divide_up(g->k, 16), batches},
                       .group = {8, 1, 1},
                       .bytes = 8.0 * g->m * g->k * (double)batches,
                       BC_ARGS(BC_BUFFER(workspace), BC_BUFFER(g->a), BC_INT(0), BC_INT(g->m), BC_INT(g->k),
                               BC_INT(p->a_inner), BC_INT(g->a_offset), BC_INT(g->a_stride[0]),
                               BC_INT(g->a_stride[1]), BC_INT(g->lda))};
}

static bc_launch spread_a(const bc_gemm *g, const panel_plan *p, bc_buffer workspace) {
    size_t batches = (size_t)p->a_outer * (size_t)p->a_inner;
    return (bc_launch){.source = "gemm.cl",
                       .defines = p->tile.defines,
                       .kernel = "gemm_spread_a",
                       .items = {(size_t)bc_divide_up(g->k, 16), (size_t)g->m, batches},
                       .group = {16, 1, 1},
                       .bytes = 8.0 * g->m * g->k * (double)batches,
                       BC_ARGS(BC_BUFFER(workspace), BC_BUFFER(g->a), BC_INT(0), BC_INT(g->m), BC_INT(g->k),
                               BC_INT(p->a_inner), BC_INT(g->a_offset), BC_INT(g->a_stride[0]),
                               BC_INT(g->a_stride[1]), BC_INT(g->lda), BC_INT(p->spread_length))};
}

/* How gemm_tile walks through op(A): from block to block, row to row, term to term. */
typedef struct walk {
    bc_buffer buffer;
    size_t offset, outer, inner;
    int block, row, step;
} walk;

/* Of an A that was moved to scratch, in blocks of this size; a shared level has stride 0. */
static void moved_strides(walk *w, const bc_gemm *g, const panel_plan *p, size_t blocks, size_t block_size) {
    w->block = (int)block_size;
    w->inner = g->a_stride[1] ? blocks * block_size : 0;
    w->outer = g->a_stride[0] ? (size_t)p->a_inner * blocks * block_size : 0;
}

static walk walk_a(const bc_gemm *g, const panel_plan *p, bc_buffer workspace) {
    if (p->pack_a) {
        walk w = {.buffer = workspace, .row = 1, .step = p->tile.rows};
        moved_strides(&w, g, p, (size_t)p->blocks, (size_t)g->k * p->tile.rows);
        return w;
    }
    if (p->spread_a) {
        walk w = {.buffer = workspace, .row = p->spread_length, .step = 1};
        moved_strides(&w, g, p, (size_t)g->m, (size_t)p->spread_length);
        w.block *= p->tile.rows;
        return w;
    }
    walk w = {.buffer = g->a,
              .offset = (size_t)g->a_offset,
              .outer = (size_t)g->a_stride[0],
              .inner = (size_t)g->a_stride[1]};
    w.block = g->transpose_a ? p->tile.rows : p->tile.rows * g->lda;
    w.row = g->transpose_a ? 1 : g->lda;
    w.step = g->transpose_a ? g->lda : 1;
    return w;
}

/* Terms that an item adds at a time: equal parts of a slice. */
static int depth_of(const panel_plan *p) {
    int most = BC_PANEL_FLOATS / p->tile.columns;
    return bc_divide_up(p->slice_length, bc_divide_up(p->slice_length, most));
}

/* Rows of an item: fewer where there would not be enough for all cores. */
static int band_of(const bc_host *host, const bc_gemm *g, const panel_plan *p) {
    int others = p->panels * g->outer * g->inner * p->slices;
    int wanted = bc_divide_up(CORE_ITEMS * bc_host_device(host)->compute_units, others);
    int bands = bc_divide_up(g->m, BAND_ROWS);
    bands = bands > wanted ? bands : wanted < p->blocks ? wanted : p->blocks;
    return bc_divide_up(p->blocks, bands) * p->tile.rows;
}

/* With slices, gemm_tile writes plain sums to scratch and gemm_sum does the rest. */
static bc_launch tile(const bc_host *host, const bc_gemm *g, const panel_plan *p, bc_buffer workspace) {
    walk a = walk_a(g, p, workspace);
    int columns = p->tile.columns,
        b_row = g->b_panels      ? columns
                : g->transpose_b ? 1
                                 : g->ldb,
        b_column = g->transpose_b ? g->ldb : 1;
    bool cut = p->slices > 1;
    bc_buffer none = {0}, target = cut ? workspace : g->c;
    int padded = p->panels * p->tile.columns, band = band_of(host, g, p);
    long slice = (long)g->m * padded, one = slice * p->slices;
    return (bc_launch){
        .source = "gemm.cl",
        .defines = p->copy_b ? p->tile.copied : p->tile.defines,
        .kernel = "gemm_tile",
        .items = {(size_t)p->panels, (size_t)bc_divide_up(g->m, band),
                  (size_t)g->outer * (size_t)g->inner * (size_t)p->slices},
        .group = {1, 1, 1},
        .flops = bc_gemm_flops(g),
        .bytes = bc_gemm_bytes(g),
        BC_ARGS(BC_BUFFER(target), BC_BUFFER(a.buffer), BC_BUFFER(g->b), BC_BUFFER(cut ? none : g->bias),
                BC_BUFFER(cut ? none : g->residual), BC_INT(g->m), BC_INT(cut ? padded : g->n), BC_INT(g->k),
                BC_INT(g->inner), BC_INT(p->slices), BC_INT(p->slice_length), BC_INT(band),
                BC_INT(depth_of(p)), BC_INT(a.offset), BC_INT(a.outer), BC_INT(a.inner), BC_INT(a.block),
                BC_INT(a.row), BC_INT(a.step), BC_INT(g->b_offset), BC_INT(g->b_stride[0]),
                BC_INT(g->b_stride[1]), BC_INT(g->b_panels ? columns * g->k : columns * b_column),
                BC_INT(b_row), BC_INT(b_column), BC_INT(g->n),
                BC_INT(cut ? (long)p->parts_place : g->c_offset),
                BC_INT(cut ? one * g->inner : g->c_stride[0]), BC_INT(cut ? one : g->c_stride[1]),
                BC_INT(slice), BC_INT(cut ? padded : g->ldc), BC_FLOAT(cut ? 1 : g->alpha),
                BC_FLOAT(cut ? 0 : g->beta), BC_INT(cut ? BC_ACTIVATION_NONE : g->activation))};
}

static bc_launch sum(const bc_gemm *g, const panel_plan *p, bc_buffer workspace) {
    double elements = (double)g->m * g->n * g->outer * g->inner;
    return (bc_launch){
        .source = "gemm.cl",
        .defines = p->tile.defines,
        .kernel = "gemm_sum",
        .items = {(size_t)bc_divide_up(g->n, 16), (size_t)g->m, (size_t)g->outer * (size_t)g->inner},
        .group = {8, 8, 1},
        .flops = elements * p->slices,
        .bytes = 4 * elements * (p->slices + 1),
        BC_ARGS(BC_BUFFER(g->c), BC_BUFFER(workspace), BC_BUFFER(g->bias), BC_BUFFER(g->residual),
                BC_INT(p->parts_place), BC_INT(g->m), BC_INT(g->n), BC_INT(p->panels * p->tile.columns),
                BC_INT(p->slices), BC_INT(g->inner), BC_INT(g->c_offset), BC_INT(g->c_stride[0]),
                BC_INT(g->c_stride[1]), BC_INT(g->ldc), BC_FLOAT(g->alpha), BC_FLOAT(g->beta),
                BC_INT(g->activation))};
}

bc_status bc_tape_gemm_panel(bc_tape *tape, const bc_gemm *gemm, bc_buffer workspace) {
    bc_gemm turned = bc_gemm_turned(gemm), *g = &turned;
    if (bc_gemm_is_vector(g))
        return bc_tape_gemm_vector(tape, g, tiles[g->way->tile].defines);
    panel_plan p = make_plan(g);
    bc_launch launches[3];
    int count = 0;
    if (p.pack_a)
        launches[count++] = pack_a(g, &p, workspace);
    if (p.spread_a)
        launches[count++] = spread_a(g, &p, workspace);
    launches[count++] = tile(bc_tape_host(tape), g, &p, workspace);
    if (p.slices > 1)
        launches[count++] = sum(g, &p, workspace);
    for (int i = 0; i < count; i++)
        BC_TRY(bc_tape_launch(tape, &launches[i]));
    return BC_OK;
}
