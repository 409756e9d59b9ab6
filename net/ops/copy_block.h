/* Copies between strided places in two buffers, with optional addition: what concatenation, slicing, addition
 * and reshuffling of tokens come down to, forward and backward. */
#ifndef BC_NET_OPS_COPY_BLOCK_H
#define BC_NET_OPS_COPY_BLOCK_H

#include "host/device/launch.h"

/* Element (o, r, j) lies at offset + o * outer_stride + r * row_stride + j, in floats. */
typedef struct bc_block {
    bc_buffer buffer;
    size_t offset, outer_stride, row_stride;
} bc_block;

typedef struct bc_extent {
    size_t outer, rows, columns;
} bc_extent;

/* to = from, or to += from with accumulate, over outer x rows x columns elements. Strides of 0 in `from`
 * repeat it. */
bc_status bc_tape_copy_block(bc_tape *tape, bc_block to, bc_block from, bc_extent extent, int accumulate);

/* The same for `count` consecutive elements. */
bc_status bc_tape_copy_range(bc_tape *tape, bc_buffer to, size_t to_offset, bc_buffer from,
                             size_t from_offset, size_t count, int accumulate);

#endif
