#include "host/gemm/local_tile.h"
#include "cl_kernels/shared.h"

enum {
    SIDE = BC_TILE_SIDE,
    BUSY = 2, /* work-groups for each compute unit: fewer leave it waiting for memory */
    SHORTEST_SLICE = 128,
    LONGEST_SLICE = 4096, /* sums of more terms lose accuracy */
    MOST_SLICES = 64
};

/* What an item makes: more of both means fewer reads for each product, but fewer work-groups; few columns are no reason
 * to compute columns that are not there. */
typedef struct shape {
    const char *defines;
    int rows, columns;
} shape;

enum { NARROW, LARGE, SMALL };
static const shape shapes[BC_LOCAL_TILES] = {
    [NARROW] = {"-DITEM_ROWS=8 -DITEM_COLUMNS=2", 8, 2},
    [LARGE] = {"-DITEM_ROWS=8 -DITEM_COLUMNS=4", 8, 4},
    [SMALL] = {"-DITEM_ROWS=4 -DITEM_COLUMNS=4", 4, 4},
};
static long parts(long count, long size) {
    return (count + size - 1) / size;
}

static long groups_of(const shape *s, int rows, int columns, int batches) {
    return parts(rows, SIDE * s->rows) * parts(columns, SIDE * s->columns) * batches;
}

/* Slices for a device that would otherwise have too few work-groups, and of long sums. */
static int slices_for(long groups, long busy, int depth) {
    long wanted = parts(busy, groups), possible = depth / SHORTEST_SLICE;
    long slices = wanted < possible ? wanted : possible, fewest = parts(depth, LONGEST_SLICE);
    slices = slices < fewest ? fewest : slices;
    return slices < MOST_SLICES ? (int)slices : MOST_SLICES;
}

static long busy_groups(const bc_host *host) {
    return (long)BUSY * bc_host_device(host)->compute_units;
}

int bc_local_tile_rule(const bc_host *host, int rows, int columns, int batches) {
    if (columns <= SIDE * shapes[NARROW].columns)
        return NARROW;
    return groups_of(&shapes[LARGE], rows, columns, batches) >= busy_groups(host) ? LARGE : SMALL;
}

bc_local_tile bc_local_tile_for(const bc_host *host, int tile, int rows, int columns, int depth,
                                int batches) {
    int index = tile == BC_TILE_OF_RULE ? bc_local_tile_rule(host, rows, columns, batches) : tile;
    const shape *s = &shapes[index];
    int slices = slices_for(groups_of(s, rows, columns, batches), busy_groups(host), depth);
    return (bc_local_tile){
        .defines = s->defines,
        .slices = slices,
        .items = {SIDE * (size_t)parts(rows, SIDE * s->rows),
                  SIDE * (size_t)parts(columns, SIDE * s->columns), (size_t)batches * (size_t)slices},
    };
}
