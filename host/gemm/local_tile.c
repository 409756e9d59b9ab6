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

static const shape narrow = {"-DITEM_ROWS=8 -DITEM_COLUMNS=2", 8, 2},
                   large = {"-DITEM_ROWS=8 -DITEM_COLUMNS=4", 8, 4},
                   small = {"-DITEM_ROWS=4 -DITEM_COLUMNS=4", 4, 4};

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

bc_local_tile bc_local_tile_for(const bc_host *host, int rows, int columns, int depth, int batches) {
    long busy = (long)BUSY * bc_host_device(host)->compute_units;
    const shape *s = columns <= SIDE * narrow.columns                    ? &narrow
                     : groups_of(&large, rows, columns, batches) >= busy ? &large
                                                                         : &small;
    int slices = slices_for(groups_of(s, rows, columns, batches), busy, depth);
    return (bc_local_tile){
        .defines = s->defines,
        .slices = slices,
        .items = {SIDE * (size_t)parts(rows, SIDE * s->rows),
                  SIDE * (size_t)parts(columns, SIDE * s->columns), (size_t)batches * (size_t)slices},
    };
}
