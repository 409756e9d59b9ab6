/* How many consecutive channels one work-item handles in kernels built with -DVECTOR
 * (cl_kernels/prelude.clh). */
#ifndef BC_NET_OPS_VECTOR_H
#define BC_NET_OPS_VECTOR_H

#include "host/device/host.h"

typedef struct bc_vector {
    int width;
    const char *define; /* "-DVECTOR=16" */
} bc_vector;

/* The widest that divides `channels`: 16 for CPUs only, because on GPUs 16 bytes a work-item keep neighbours'
 * accesses together. */
static inline bc_vector bc_vector_for(const bc_host *host, int channels) {
    if (channels % 16 == 0 && bc_host_cpu_kernels(host))
        return (bc_vector){16, "-DVECTOR=16"};
    return channels % 4 == 0 ? (bc_vector){4, "-DVECTOR=4"} : (bc_vector){1, "-DVECTOR=1"};
}

#endif
