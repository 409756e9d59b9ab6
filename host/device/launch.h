/* Launching kernels: at once, or recorded on a tape that is run many times.
 *
 * A kernel is named by its source file in cl_kernels/ ("norm.cl"), its function, and its -D options; the program is
 * built at first use and cached. Every source is preceded by cl_kernels/shared.h and prelude.clh. */
#ifndef BC_HOST_DEVICE_LAUNCH_H
#define BC_HOST_DEVICE_LAUNCH_H

#include "host/device/buffer.h"

#include <stdint.h>

typedef struct bc_arg {
    enum { BC_ARG_BUFFER, BC_ARG_INT, BC_ARG_UINT, BC_ARG_FLOAT } kind;
    union {
        bc_buffer buffer;
        int64_t integer; /* checked when it becomes an argument: it has to fit the kernel's int or uint */
        cl_float f;
    } value;
} bc_arg;

#define BC_BUFFER(b) ((bc_arg){.kind = BC_ARG_BUFFER, .value.buffer = (b)})
#define BC_INT(x) ((bc_arg){.kind = BC_ARG_INT, .value.integer = (int64_t)(x)})
#define BC_UINT(x) ((bc_arg){.kind = BC_ARG_UINT, .value.integer = (int64_t)(x)})
#define BC_FLOAT(x) ((bc_arg){.kind = BC_ARG_FLOAT, .value.f = (cl_float)(x)})

enum { BC_MAX_ARGS = 36 };

typedef struct bc_launch {
    const char *source;  /* file in cl_kernels/, e.g. "norm.cl" */
    const char *kernel;  /* function */
    const char *defines; /* "-DC=32 -DRELU=1", or NULL. Few distinct values: each one is a build */
    size_t items
        [3]; /* work-items wanted; zero counts as 1. Rounded up to whole groups: the kernel guards its tail */
    size_t group
        [3]; /* work-group; all zero: {64,1,1}. At most 256 in all. Cut where the device allows less, unless the kernel is
                written for it (reqd_work_group_size): then BC_E_DEVICE names both sizes */
    double flops,
        bytes; /* what one run costs: floating-point operations; global bytes read and written once each */
    bc_arg args[BC_MAX_ARGS];
    int arg_count; /* 0: counted up to the last argument given by BC_ARGS */
} bc_launch;

/* Designated-initialiser helper: bc_launch l = {..., BC_ARGS(BC_BUFFER(y), BC_INT(n))}; */
#define BC_ARGS(...)                                                                                         \
    .args = {__VA_ARGS__}, .arg_count = (int)(sizeof((bc_arg[]){__VA_ARGS__}) / sizeof(bc_arg))

/* Enqueues one kernel now. */
bc_status bc_run(bc_host *host, const bc_launch *launch);

/* A tape: device work recorded once with all arguments set, enqueued many times in the order recorded. Kernels, fills,
 * copies and library GEMMs. The buffers named in it must outlive it. */
typedef struct bc_tape bc_tape;
bc_status bc_tape_create(bc_host *host, bc_tape **out);
void bc_tape_release(bc_tape *tape);
bc_host *bc_tape_host(const bc_tape *tape);

bc_status bc_tape_launch(bc_tape *tape, const bc_launch *launch);
bc_status bc_tape_fill(bc_tape *tape, bc_buffer buffer, size_t offset, size_t bytes, float value);
bc_status bc_tape_copy(bc_tape *tape, bc_buffer from, size_t from_offset, bc_buffer to, size_t to_offset,
                       size_t bytes);
/* A step that calls back into host code while the tape runs (library calls such as CLBlast). `state` is freed with
 * free() when the tape is released. For files of host/ only. */
bc_status bc_tape_call(bc_tape *tape, const char *name, double flops, double bytes,
                       bc_status (*run)(bc_host *, void *), void *state);

double bc_tape_flops(const bc_tape *tape); /* floating-point operations of a run of what is recorded so far */
bc_status bc_tape_run(bc_tape *tape);      /* enqueues everything; does not wait */
int bc_tape_length(const bc_tape *tape);   /* steps that are recorded so far */
bc_status bc_tape_run_part(bc_tape *tape, int from, int to); /* steps [from, to) alone */

#endif
