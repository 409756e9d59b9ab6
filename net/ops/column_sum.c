#include "net/ops/column_sum.h"
#include "net/ops/vector.h"

enum { MAX_SLICES = 64 };

static int slice_count(int rows) {
    int slices = (rows + BC_COLUMN_SUM_ROWS - 1) / BC_COLUMN_SUM_ROWS;
    return slices < MAX_SLICES ? slices : MAX_SLICES;
}

size_t bc_column_sum_workspace(int batch, int rows, int columns) {
    int slices = slice_count(rows);
    return slices > 1 ? (size_t)batch * slices * columns * sizeof(float) : 0;
}

/* One pass: every matrix of the batch becomes `slices` rows at `out_offset` of `out`. */
static bc_status record_pass(bc_tape *tape, const bc_column_sum *sum, bc_buffer out, int out_offset,
                             int slices) {
    const bc_host *host = bc_tape_host(tape);
    bc_vector vector = bc_vector_for(host, sum->columns);
    double count = (double)sum->batch * sum->rows * sum->columns;
    bc_launch launch = {
        .source = "column_sum.cl",
        .kernel = "column_sum",
        .defines = vector.define,
        .items = {(size_t)sum->batch * slices * (sum->columns / vector.width)},
        .group = {bc_host_cpu_kernels(host) ? 4 : 64, 1, 1},
        .flops = count * (sum->row_weight.mem ? 2 : 1),
        .bytes = sizeof(float) * (count + (double)sum->batch * slices * sum->columns),
        BC_ARGS(BC_BUFFER(out), BC_BUFFER(sum->x), BC_BUFFER(sum->row_weight), BC_BUFFER(sum->scale),
                BC_INT(sum->scale_offset), BC_INT(out_offset), BC_INT(sum->x_offset), BC_INT(sum->batch),
                BC_INT(sum->rows), BC_INT(sum->columns), BC_INT(slices), BC_INT(sum->accumulate)),
    };
    return bc_tape_launch(tape, &launch);
}

bc_status bc_tape_column_sum(bc_tape *tape, const bc_column_sum *sum, bc_buffer workspace,
                             int workspace_offset) {
    int slices = slice_count(sum->rows);
    if (slices <= 1)
        return record_pass(tape, sum, sum->out, 0, 1);
    bc_column_sum slicing = *sum, rest = *sum;
    slicing.scale = (bc_buffer){0};
    slicing.accumulate = 0;
    BC_TRY(record_pass(tape, &slicing, workspace, workspace_offset, slices));
    rest.x = workspace;
    rest.x_offset = workspace_offset;
    rest.row_weight = (bc_buffer){0};
    rest.rows = slices;
    return record_pass(tape, &rest, sum->out, 0, 1);
}
