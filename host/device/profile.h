/* Time per kernel, collected when the host was opened with profile = true. */
#ifndef BC_HOST_DEVICE_PROFILE_H
#define BC_HOST_DEVICE_PROFILE_H

#include "host/device/host.h"

typedef struct bc_profile_row {
    char name[96]; /* "norm.cl:group_norm_apply" */
    long calls;
    double seconds, flops, bytes;
} bc_profile_row;

/* Rows so far, most time first; *rows is malloc'ed and the caller's. Waits for the queue. */
bc_status bc_profile_rows(bc_host *host, bc_profile_row **rows, int *count);
void bc_profile_clear(bc_host *host);
/* Whether kernels are timed from now on, on a host that was opened to do so; returns whether they were. */
bool bc_profile_switch(bc_host *host, bool on);
/* The table of `--profile` as text (calls, time, GFLOP/s, GB/s, share); *text is malloc'ed and the caller's. */
bc_status bc_profile_table(bc_host *host, char **text);

#endif
