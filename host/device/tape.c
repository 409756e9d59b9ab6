/* Device work recorded once and enqueued many times. A step that launches has a kernel object of its own with all arguments set, so
 * that a run is one enqueue a step, without looking anything up. The queue is in order: steps wait for those before them without
 * events. A tape belongs to one host and one thread; the buffers that it names must outlive it. */
#include "host/base/clock.h"
#include "host/base/grow.h"
#include "host/device/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tape_step {
    enum { STEP_KERNEL, STEP_FILL, STEP_COPY, STEP_CALL } kind;
    double flops, bytes;
    int row; /* of the profile, when there is one */
    union {
        struct {
            cl_kernel handle;
            size_t global[3], local[3];
        } kernel;
        struct {
            bc_buffer buffer;
            size_t offset, bytes;
            float value;
        } fill;
        struct {
            bc_buffer from, to;
            size_t from_offset, to_offset, bytes;
        } copy;
        struct {
            bc_status (*run)(bc_host *, void *);
            void *state;
        } call;
    } as;
} tape_step;

struct bc_tape {
    bc_host *host;
    tape_step *steps;
    int count, capacity;
    double flops; /* of all steps */
};

bc_status bc_tape_create(bc_host *host, bc_tape **out) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return bc_fail(host->err, BC_E_MEMORY, "no memory for a tape");
    (*out)->host = host;
    return BC_OK;
}

void bc_tape_release(bc_tape *tape) {
    if (!tape)
        return;
    for (int i = 0; i < tape->count; i++) {
        if (tape->steps[i].kind == STEP_KERNEL)
            clReleaseKernel(tape->steps[i].as.kernel.handle);
        if (tape->steps[i].kind == STEP_CALL)
            free(tape->steps[i].as.call.state);
    }
    free(tape->steps);
    free(tape);
}

bc_host *bc_tape_host(const bc_tape *tape) {
    return tape->host;
}

double bc_tape_flops(const bc_tape *tape) {
    return tape->flops;
}

static bc_status append(bc_tape *tape, const char *source, const char *name, tape_step new_step) {
    bc_host *host = tape->host;
    if (host->profiling)
        BC_TRY(bc_profile_row_of(host, source, name, &new_step.row));
    if (!bc_grow((void **)&tape->steps, tape->count, &tape->capacity, sizeof new_step))
        return bc_fail(host->err, BC_E_MEMORY, "no memory for step %d of a tape", tape->count);
    tape->steps[tape->count++] = new_step;
    tape->flops += new_step.flops;
    return BC_OK;
}

bc_status bc_tape_launch(bc_tape *tape, const bc_launch *launch) {
    bc_host *host = tape->host;
    tape_step s = {.kind = STEP_KERNEL, .flops = launch->flops, .bytes = launch->bytes};
    bc_kernel_limits limits;
    BC_TRY(bc_kernel_create(host, launch, &s.as.kernel.handle, &limits));
    bc_status status = bc_launch_sizes(host, launch, &limits, s.as.kernel.global, s.as.kernel.local);
    if (status == BC_OK)
        status = bc_launch_arguments(host, launch, s.as.kernel.handle);
    if (status == BC_OK)
        status = append(tape, launch->source, launch->kernel, s);
    if (status != BC_OK)
        clReleaseKernel(s.as.kernel.handle);
    return status;
}

bc_status bc_tape_fill(bc_tape *tape, bc_buffer buffer, size_t offset, size_t bytes, float value) {
    tape_step s = {.kind = STEP_FILL, .bytes = (double)bytes};
    s.as.fill.buffer = buffer;
    s.as.fill.offset = offset;
    s.as.fill.bytes = bytes;
    s.as.fill.value = value;
    return bytes ? append(tape, NULL, "fill", s) : BC_OK;
}

bc_status bc_tape_copy(bc_tape *tape, bc_buffer from, size_t from_offset, bc_buffer to, size_t to_offset,
                       size_t bytes) {
    tape_step s = {.kind = STEP_COPY, .bytes = 2.0 * (double)bytes};
    s.as.copy.from = from;
    s.as.copy.to = to;
    s.as.copy.from_offset = from_offset;
    s.as.copy.to_offset = to_offset;
    s.as.copy.bytes = bytes;
    return bytes ? append(tape, NULL, "copy", s) : BC_OK;
}

bc_status bc_tape_call(bc_tape *tape, const char *name, double flops, double bytes,
                       bc_status (*run)(bc_host *, void *), void *state) {
    tape_step s = {.kind = STEP_CALL, .flops = flops, .bytes = bytes};
    s.as.call.run = run;
    s.as.call.state = state;
    bc_status status = append(tape, NULL, name, s);
    if (status != BC_OK)
        free(state);
    return status;
}

/* A library enqueues kernels of its own: with a profile they are timed together, from an idle queue to an
 * idle queue. */
static bc_status run_call(bc_host *host, const tape_step *s) {
    if (!host->profiling)
        return s->as.call.run(host, s->as.call.state);
    BC_TRY(bc_host_finish(host));
    double start = bc_seconds_now();
    BC_TRY(s->as.call.run(host, s->as.call.state));
    BC_TRY(bc_host_finish(host));
    bc_profile_seconds(host, s->row, bc_seconds_now() - start, s->flops, s->bytes);
    return BC_OK;
}

static bc_status run_kernel(bc_host *host, const tape_step *s, int index, cl_event *event) {
    cl_int code = clEnqueueNDRangeKernel(host->queue, s->as.kernel.handle, 3, NULL, s->as.kernel.global,
                                         s->as.kernel.local, 0, NULL, event);
    if (code == CL_SUCCESS)
        return BC_OK;
    char name[96] = "?";
    clGetKernelInfo(s->as.kernel.handle, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL);
    return bc_fail_cl(host, code, "launching the kernel %s (step %d of a tape)", name, index);
}

static bc_status run_step(bc_host *host, const tape_step *s, int index) {
    cl_event event = NULL, *wanted = host->profiling ? &event : NULL;
    switch (s->kind) {
    case STEP_KERNEL:
        BC_TRY(run_kernel(host, s, index, wanted));
        break;
    case STEP_FILL:
        BC_TRY(bc_enqueue_fill(host, s->as.fill.buffer, s->as.fill.offset, s->as.fill.bytes, s->as.fill.value,
                               wanted));
        break;
    case STEP_COPY:
        BC_TRY(bc_enqueue_copy(host, s->as.copy.from, s->as.copy.from_offset, s->as.copy.to,
                               s->as.copy.to_offset, s->as.copy.bytes, wanted));
        break;
    case STEP_CALL:
        return run_call(host, s);
    }
    return event ? bc_profile_event(host, s->row, event, s->flops, s->bytes) : BC_OK;
}

int bc_tape_length(const bc_tape *tape) {
    return tape->count;
}

bc_status bc_tape_run(bc_tape *tape) {
    return bc_tape_run_part(tape, 0, tape->count);
}

bc_status bc_tape_run_part(bc_tape *tape, int from, int to) {
    for (int i = from; i < to; i++)
        BC_TRY(run_step(tape->host, &tape->steps[i], i));
    cl_int code = clFlush(tape->host->queue);
    if (code != CL_SUCCESS)
        return bc_fail_cl(tape->host, code, "submitting %d steps of a tape", to - from);
    return BC_OK;
}
