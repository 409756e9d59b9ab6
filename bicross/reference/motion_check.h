/* Checking the steps of motion on a device against their references. */
#ifndef BC_BICROSS_REFERENCE_MOTION_CHECK_H
#define BC_BICROSS_REFERENCE_MOTION_CHECK_H

#include "host/device/host.h"

/* A step that was checked: the largest difference from its reference, and how large that may be. INFINITY: something is no number. */
typedef struct bc_motion_check {
    const char *step;
    double difference, allowed;
} bc_motion_check;
enum { BC_MOTION_CHECKS = 6 };
/* All of them, on random images and flows of this size. */
bc_status bc_check_motion(bc_host *host, int height, int width, bc_motion_check checks[BC_MOTION_CHECKS]);

#endif
