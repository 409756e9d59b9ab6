/* How much memory this process can have, asked before it is taken. */
#ifndef BC_HOST_BASE_MEMORY_H
#define BC_HOST_BASE_MEMORY_H

#include <stddef.h>

/* Of address space, for what an OpenCL driver's compiler takes: at most 300 MiB were seen, with PoCL 3.1. */
#define BC_COMPILER_BYTES ((size_t)320 << 20)

typedef struct bc_memory_limit {
    size_t left;
    const char *name; /* whose limit it is */
} bc_memory_limit;
/* The tightest limit on the host's memory, by the files under /proc and /sys/fs/cgroup (tests have others): of the machine, of the
 * control groups of this process, and of its address space, of which the compiler's part is left out. */
bc_memory_limit bc_memory_of_host(const char *proc, const char *cgroups);
/* What is left under `ulimit -v`; SIZE_MAX without. */
size_t bc_address_space(const char *proc);
extern const char bc_address_name[]; /* its name in messages */
/* The number after `key` at the beginning of a line of FOLDER/NAME, as files under /proc have them; "" takes the first number. -1: there
 * is none. */
double bc_number_in(const char *folder, const char *name, const char *key);

#endif
