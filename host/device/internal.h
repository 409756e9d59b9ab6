/* What the files of host/ share and nobody else sees. */
#ifndef BC_HOST_DEVICE_INTERNAL_H
#define BC_HOST_DEVICE_INTERNAL_H

#include "host/device/launch.h"
#include "host/device/profile.h"
#include "host/tuning/tuning.h"

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

struct bc_host {
    bc_error *err;
    bc_device_info device;
    cl_context context;
    cl_command_queue queue;
    char *cache_dir;  /* NULL: no program cache on disk */
    char *kernel_dir; /* NULL: embedded sources */
    bool profiling;
    bool cpu_kernels;      /* variants for CPUs, not for GPUs */
    bc_gemm_provider gemm; /* PANEL, LOCAL or CLBLAST */
    bool gemm_given;       /* asked for by the caller: not to be tuned */
    bool clblast_used;     /* its cache refers to the context and must be cleared first */
    bool clblast_tested;   /* its self-test has run, */
    bool clblast_good;     /* and passed */
    bc_tuning *tuning;     /* NULL: rules built in decide */
    bool measuring;        /* what the table lacks is measured, */
    double measure_until;  /* up to this moment of bc_seconds_now */
    int left_out;          /* classes that were asked for later */
    bc_tuning_observer observer;
    bc_program_entry *programs;
    int program_count, program_capacity;
    bc_kernel_entry *kernels;
    int kernel_count, kernel_capacity;
    int programs_compiled, programs_loaded; /* from source; from the cache on disk */
    bc_profile profile;
};

/* cl_error.c */
const char *bc_cl_error_name(cl_int code);
const char *bc_cl_error_hint(cl_int code); /* NULL: none known */

/* device.c */
/* "1.5 GiB", for messages. */
const char *bc_size_text(size_t bytes, char text[32]);

/* memory.c */
enum { BC_LARGE_BUFFER = 1 << 20 }; /* bytes; smaller ones are not worth a look */
typedef struct bc_memory_limit {
    size_t left;
    const char *name; /* whose limit it is */
} bc_memory_limit;
/* The tightest limit on the host's memory, by the files under /proc and /sys/fs/cgroup (tests have others). */
bc_memory_limit bc_memory_of_host(const char *proc, const char *cgroups);
/* BC_E_MEMORY where the driver's compiler has too little room... */
bc_status bc_memory_check_compiler(bc_host *host);
/* ...or OpenCL itself, which is asked only then. */
bc_status bc_memory_check_start(bc_error *err);

/* pocl_cache.c */
/* Before OpenCL is asked for the first time: sets POCL_CACHE_DIR to a private folder where PoCL would find none that it can
 * write. What the user has set stays. */
void bc_pocl_cache_prepare(void);

/* program.c */
/* The program of cl_kernels/`source` with these defines (NULL: none), built at first use; owned by the host.
 */
bc_status bc_program_get(bc_host *host, const char *source, const char *defines, cl_program *out);
/* BC_E_DEVICE when it needs more local memory than the device has. */
bc_status bc_kernel_create(bc_host *host, const bc_launch *launch, cl_kernel *out, bc_kernel_limits *limits);
void bc_programs_release(bc_host *host);

/* host.c */
/* $XDG_CACHE_HOME/bicross or ~/.cache/bicross, malloc'ed; NULL when neither variable is set or memory is short. */
char *bc_default_cache_dir(void);

/* tuning.c */
/* Of the choices in force, and how many they are; 0 without any. NULL is allowed. */
uint64_t bc_tuning_hash(const bc_tuning *tuning, int *count);
/* Takes the choice in force out: it turned out to be one that is not known here. */
void bc_tuning_skip(bc_tuning *tuning, const char *key);

/* contest.c */
/* Sets a choice and, when it is `kept`, writes the file. False: it could not. */
bool bc_tuning_enter(bc_host *host, const char *key, const char *choice, const char *note, bool kept);

/* clblast_parameters.c */
/* Gives CLBlast the parameters that the table has for this device, before its first use. Those that this CLBlast refuses, or is
 * known to compute wrongly with, are skipped. */
void bc_clblast_apply(bc_host *host);

/* program_cache.c */
uint64_t bc_hash(const void *data, size_t bytes); /* FNV-1a, 64 bits */
/* Largest difference over the largest expected magnitude; infinite where a number is not finite, or where only zeros were
 * expected and others came. For checks of one way to compute against another. */
double bc_largest_difference(const float *got, const float *expected, size_t count);
/* Looks for a stored binary. *out stays NULL when there is none that loads; that is not a failure. */
void bc_program_cache_load(bc_host *host, const char *key, cl_program *out);
/* Stores the program's binary; a folder that cannot be written is not a failure. */
void bc_program_cache_store(bc_host *host, const char *key, cl_program program);

/* launch.c */
/* The work-group that the launch asks for, or a smaller one where kernel or device allow less. */
bc_status bc_launch_sizes(bc_host *host, const bc_launch *launch, const bc_kernel_limits *limits,
                          size_t global[3], size_t local[3]);
bc_status bc_launch_arguments(bc_host *host, const bc_launch *launch, cl_kernel kernel);
/* `what` names the kernel in messages. */
bc_status bc_set_argument(bc_host *host, cl_kernel kernel, const char *what, int index, const bc_arg *value);
void bc_kernels_release(bc_host *host);

/* buffer.c: the enqueues of bc_buffer_copy and bc_buffer_fill with an event for the profile (NULL: none). */
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

/* Grows an array to hold one element more; false when memory does not suffice. */
bool bc_grow(void **array, int count, int *capacity, size_t element_bytes);

#endif
