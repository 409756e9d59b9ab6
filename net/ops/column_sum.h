/* Sums over rows, per column, in two deterministic passes: gradients of biases, global pooling, sums of
 * partial results. */
#ifndef BC_NET_OPS_COLUMN_SUM_H
#define BC_NET_OPS_COLUMN_SUM_H

#include "host/device/launch.h"

/* out[b,c] = scale[b] * sum over r of row_weight[b,r] x[b,r,c] (+ out[b,c] with accumulate). Offsets count
 * floats. */
typedef struct bc_column_sum {
    bc_buffer out;        /* (batch, columns) */
    bc_buffer x;          /* (batch, rows, columns), from x_offset */
    bc_buffer row_weight; /* (batch, rows), or empty: 1 */
    bc_buffer scale;      /* (batch) from scale_offset, or empty: 1 */
    int x_offset, scale_offset;
    int batch, rows, columns;
    int accumulate;
} bc_column_sum;

/* Bytes of workspace for such a sum; 0 up to BC_COLUMN_SUM_ROWS rows. */
enum { BC_COLUMN_SUM_ROWS = 256 };
size_t bc_column_sum_workspace(int batch, int rows, int columns);
/* Records the sum. It uses `workspace` from float `workspace_offset` on. */
bc_status bc_tape_column_sum(bc_tape *tape, const bc_column_sum *sum, bc_buffer workspace,
                             int workspace_offset);

#endif
