#include "net/ops/copy_block.h"

#include "net/ops/vector.h"

bc_status bc_tape_copy_block(bc_tape *tape, bc_block to, bc_block from, bc_extent extent, int accumulate) {
    bc_vector vector = bc_vector_for(bc_tape_host(tape), (int)extent.columns);
    size_t count = extent.outer * extent.rows * extent.columns;
    bc_launch launch = {
        .source = "copy_block.cl",
        .kernel = "copy_block",
        .defines = vector.define,
        .items = {count / (size_t)vector.width},
        .flops = accumulate ? (double)count : 0,
        .bytes = (double)count * sizeof(float) * (accumulate ? 3 : 2),
        BC_ARGS(BC_BUFFER(to.buffer), BC_BUFFER(from.buffer), BC_INT(to.offset), BC_INT(to.outer_stride),
                BC_INT(to.row_stride), BC_INT(from.offset), BC_INT(from.outer_stride),
                BC_INT(from.row_stride), BC_INT(extent.outer), BC_INT(extent.rows), BC_INT(extent.columns),
                BC_INT(accumulate)),
    };
    return bc_tape_launch(tape, &launch);
}

bc_status bc_tape_copy_range(bc_tape *tape, bc_buffer to, size_t to_offset, bc_buffer from,
                             size_t from_offset, size_t count, int accumulate) {
    if (!accumulate)
        return bc_tape_copy(tape, from, from_offset * sizeof(float), to, to_offset * sizeof(float),
                            count * sizeof(float));
    return bc_tape_copy_block(tape, (bc_block){to, to_offset, 0, 0}, (bc_block){from, from_offset, 0, 0},
                              (bc_extent){1, 1, count}, accumulate);
}
