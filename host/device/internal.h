/* What the files of this room share and nobody else sees. */
#ifndef BC_HOST_DEVICE_INTERNAL_H
#define BC_HOST_DEVICE_INTERNAL_H

#include "host/device/launch.h"
#include "host/device/profile.h"

#include <stdint.h>

/* A built program, found again by its source file and defines. */
typedef struct bc_program_entry {
    char *source, *defines;
    cl_program program;
} bc_program_entry;

/* What a built kernel allows. */
typedef struct bc_kernel_limits {
    size_t most;        /* items of a work-group */
    size_t required[3]; /* the work-group that it is written for; all 0: any */
} bc_kernel_limits;

/* A kernel of bc_run; tapes have kernels of their own because theirs keep their arguments. */
typedef struct bc_kernel_entry {
    char *source, *kernel, *defines;
    cl_kernel handle;
    bc_kernel_limits limits;
} bc_kernel_entry;

typedef struct bc_pending_event {
    cl_event event;
    int row;
} bc_pending_event;

typedef struct bc_profile {
    bc_profile_row *rows;
    int count, capacity;
    bc_pending_event *pending; /* enqueued, not yet read */
    int pending_count, pending_capacity;
} bc_profile;

/* What a room above keeps (bc_host_keep). */
typedef struct bc_kept {
    const void *key;
    void *data;
    void (*release)(void *data);
} bc_kept;

struct bc_host {
    bc_error *err;
    bc_device_info device;
    cl_context context;
    cl_command_queue queue;
    char *cache_dir;  /* NULL: no program cache on disk */
    char *kernel_dir; /* NULL: embedded sources */
    bool profiling;
    bool cpu_kernels; /* variants for CPUs, not for GPUs */
    bc_kept *kept;
    int kept_count, kept_capacity;
    bc_program_entry *programs;
    int program_count, program_capacity;
    bc_kernel_entry *kernels;
    int kernel_count, kernel_capacity;
    bc_host_account account;
    void (*compiling)(const void *user, const bc_device_info *device); /* NULL: nobody asks, or it is told */
    const void *user;
    double compiling_seconds; /* of programs that the driver did not have, by all appearances */
    bc_profile profile;
};

/* cl_error.c */
const char *bc_cl_error_name(cl_int code);
const char *bc_cl_error_hint(cl_int code); /* NULL: none known */

/* memory.c */
enum { BC_LARGE_BUFFER = 1 << 20 }; /* bytes; smaller ones are not worth a look */
/* BC_E_MEMORY where the driver's compiler has too little room... */
bc_status bc_memory_check_compiler(bc_host *host);
/* ...or OpenCL itself, which is asked only then. */
bc_status bc_memory_check_start(bc_error *err);

/* program.c */
/* A kernel of cl_kernels/, whose program is built at first use. BC_E_DEVICE when it needs more local memory than the device has. */
bc_status bc_kernel_create(bc_host *host, const bc_launch *launch, cl_kernel *out, bc_kernel_limits *limits);
void bc_programs_release(bc_host *host);

/* program_cache.c */
/* Looks for a stored binary. *out stays NULL when there is none that loads; that is not a failure. */
void bc_program_cache_load(bc_host *host, const char *key, cl_program *out);
/* Stores the program's binary; a folder that cannot be written is not a failure. */
void bc_program_cache_store(bc_host *host, const char *key, cl_program program);

/* launch.c */
/* The work-group that the launch asks for, or a smaller one where kernel or device allow less. */
bc_status bc_launch_sizes(bc_host *host, const bc_launch *launch, const bc_kernel_limits *limits,
                          size_t global[3], size_t local[3]);
bc_status bc_launch_arguments(bc_host *host, const bc_launch *launch, cl_kernel kernel);
void bc_kernels_release(bc_host *host);

/* buffer.c: what a tape does, with an event for the profile (NULL: none). */
bc_status bc_enqueue_copy(bc_host *host, bc_buffer from, size_t from_offset, bc_buffer to, size_t to_offset,
                          size_t bytes, cl_event *event);
bc_status bc_enqueue_fill(bc_host *host, bc_buffer buffer, size_t offset, size_t bytes, float value,
                          cl_event *event);

/* profile.c */
/* The row of this name, made when new: *row is its index. */
bc_status bc_profile_row_of(bc_host *host, const char *source, const char *kernel, int *row);
/* Counts one call whose time is read from `event` later; takes over the event. */
bc_status bc_profile_event(bc_host *host, int row, cl_event event, double flops, double bytes);
/* Counts one call that was timed by the caller. */
void bc_profile_seconds(bc_host *host, int row, double seconds, double flops, double bytes);
void bc_profile_release(bc_host *host);

#endif
