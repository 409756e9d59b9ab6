#include "net/ops/resample.h"

#include "net/ops/vector.h"

#include <math.h>
#include <stdio.h>

float bc_nearest_step(int in, int out) {
    return (float)in / (float)out;
}

int bc_nearest_source(int at, int in, int out) {
    int source = (int)floorf((float)at * bc_nearest_step(in, out));
    return source < in ? source : in - 1;
}

enum { DEFINES = 48 };

/* Writes the -D options for rows of `inner` floats; returns the work-items that a row takes. */
static size_t kernel_variant(const bc_tape *tape, bc_resize_mode mode, int inner, char defines[DEFINES]) {
    const bc_host *host = bc_tape_host(tape);
    bc_vector vector = bc_vector_for(host, inner);
    int vectors = inner / vector.width;
    int run = !bc_host_cpu_kernels(host) ? 1 : vectors >= 16 ? 16 : vectors >= 4 ? 4 : 1;
    snprintf(defines, DEFINES, "%s -DMODE=%d -DRUN=%d", vector.define, (int)mode, run);
    return (size_t)(vectors + run - 1) / run;
}

static int tap_count(bc_resize_mode mode) {
    return mode == BC_RESIZE_NEAREST ? 1 : mode == BC_RESIZE_BICUBIC ? 4 : 2;
}

bc_status bc_tape_resample(bc_tape *tape, const bc_resample *r, bc_buffer out, bc_buffer in) {
    char defines[DEFINES];
    size_t runs = kernel_variant(tape, r->mode, r->c, defines);
    int taps = tap_count(r->mode);
    double pixels = (double)r->n * r->out_h * r->out_w;
    bc_launch launch = {
        .source = "resize.cl",
        .kernel = "resize",
        .defines = defines,
        .items = {r->out_w * runs, r->out_h, r->n},
        .flops = pixels * r->c * 2 * taps * (taps + 1),
        .bytes = 4 * r->c * (pixels + (double)r->n * r->in_h * r->in_w),
        BC_ARGS(BC_BUFFER(out), BC_BUFFER(in), BC_INT(r->out_offset), BC_INT(r->in_offset), BC_INT(r->in_h),
                BC_INT(r->in_w), BC_INT(r->out_h), BC_INT(r->out_w), BC_INT(r->c),
                BC_FLOAT(bc_nearest_step(r->in_h, r->out_h)), BC_FLOAT(bc_nearest_step(r->in_w, r->out_w))),
    };
    return bc_tape_launch(tape, &launch);
}

/* One axis of the adjoint: (outer, out, inner) -> (outer, in, inner). */
typedef struct axis {
    bc_buffer to, from;
    int to_offset, from_offset;
    int outer, in, out, inner;
    int accumulate;
} axis;

/* Which outputs read an input: see resize_adjoint. The margin covers the rounding of position * step. */
typedef struct reach {
    float step, below, above;
} reach;

static reach reach_of(bc_resize_mode mode, int in, int out) {
    const float margin = 0.01f;
    float step = (float)out / (float)in, taps = mode == BC_RESIZE_BICUBIC ? 2.0f : 1.0f;
    if (mode == BC_RESIZE_NEAREST)
        return (reach){step, margin, step + margin};
    if (mode == BC_RESIZE_ALIGN_CORNERS) {
        step = in > 1 ? (float)(out - 1) / (float)(in - 1) : 0.0f;
        return (reach){step, step + margin, step + margin};
    }
    return (reach){step, (taps - 0.5f) * step + 0.5f + margin, (taps + 0.5f) * step - 0.5f + margin};
}

static bc_status record_axis(bc_tape *tape, bc_resize_mode mode, const axis *a) {
    char defines[DEFINES];
    size_t runs = kernel_variant(tape, mode, a->inner, defines);
    reach near = reach_of(mode, a->in, a->out);
    double lines = (double)a->outer * a->inner;
    bc_launch launch = {
        .source = "resize.cl",
        .kernel = "resize_adjoint",
        .defines = defines,
        .items = {a->in * runs, a->outer},
        .flops = 2 * lines * a->out * tap_count(mode),
        .bytes = 4 * lines * (a->out + (a->accumulate ? 2.0 : 1.0) * a->in),
        BC_ARGS(BC_BUFFER(a->to), BC_BUFFER(a->from), BC_INT(a->to_offset), BC_INT(a->from_offset),
                BC_INT(a->in), BC_INT(a->out), BC_INT(a->inner), BC_FLOAT(bc_nearest_step(a->in, a->out)),
                BC_FLOAT(near.step), BC_FLOAT(near.below), BC_FLOAT(near.above), BC_INT(a->accumulate)),
    };
    return bc_tape_launch(tape, &launch);
}

size_t bc_resample_adjoint_workspace(const bc_resample *r) {
    return (size_t)r->n * r->in_h * r->out_w * r->c * sizeof(float);
}

bc_status bc_tape_resample_adjoint(bc_tape *tape, const bc_resample *r, bc_buffer in_grad, bc_buffer out_grad,
                                   bc_buffer workspace, int accumulate) {
    axis rows = {.to = workspace,
                 .from = out_grad,
                 .from_offset = r->out_offset,
                 .outer = r->n,
                 .in = r->in_h,
                 .out = r->out_h,
                 .inner = r->out_w * r->c};
    axis columns = {.to = in_grad,
                    .from = workspace,
                    .to_offset = r->in_offset,
                    .outer = r->n * r->in_h,
                    .in = r->in_w,
                    .out = r->out_w,
                    .inner = r->c,
                    .accumulate = accumulate};
    BC_TRY(record_axis(tape, r->mode, &rows));
    return record_axis(tape, r->mode, &columns);
}
