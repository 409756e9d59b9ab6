/* How products of matrices are cut into tiles in local memory, for the kernels built on the tiles of
 * cl_kernels/prelude.clh: gemm_local.cl and conv_tile.cl. */
#ifndef BC_HOST_GEMM_LOCAL_TILE_H
#define BC_HOST_GEMM_LOCAL_TILE_H

#include "host/device/launch.h"
#include "host/tuning/choices.h"

/* Launch the kernel with `defines`, work-groups of 16 x 16 and these items: tiles of rows, tiles of columns,
 * batches * slices. `slices` work-groups share the sums of a tile; their results are to be added in order. */
typedef struct bc_local_tile {
    const char *defines;
    int slices;
    size_t items[3];
} bc_local_tile;

/* Rows and columns of a work-group: 128x32, 128x64, 64x64. */
enum { BC_LOCAL_TILES = 3 };
/* The tile that the rule takes for `batches` products with results of this size. */
int bc_local_tile_rule(const bc_host *host, int rows, int columns, int batches);
/* A tile, or BC_TILE_OF_RULE, for `batches` products of (rows x depth) and (depth x columns). */
bc_local_tile bc_local_tile_for(const bc_host *host, int tile, int rows, int columns, int depth, int batches);

#endif
