/* What single implementations of OpenCL do otherwise than one would think, each with the versions that were seen to. */
#ifndef BC_HOST_DEVICE_QUIRKS_H
#define BC_HOST_DEVICE_QUIRKS_H

#include "host/device/device.h"

#include <stdbool.h>

/* A renderer on the CPU, whose compiler handles explicit wide vectors badly though its type is CPU: it is written for like a GPU.
 * Mesa's rusticl and Clover on llvmpipe (22.3; https://docs.mesa3d.org/rusticl.html). */
bool bc_quirk_software_renderer(const bc_device_info *device);
/* The driver keeps compiled kernels itself, and asking it for a binary compiles each kernel a second time. PoCL (3.1;
 * https://portablecl.org/docs/html/env_variables.html, POCL_CACHE_DIR). */
bool bc_quirk_driver_caches(const bc_device_info *device);
/* It says of every kernel that groups of 32 are the largest, and that it takes twice its local memory. Mesa's rusticl (22.3). */
bool bc_quirk_kernels_misdescribed(const bc_device_info *device);
/* PoCL keeps the kernels that it builds in a folder, and has no device where it can write none (1.3 to 7.0): before OpenCL is asked
 * for the first time, this sets POCL_CACHE_DIR to a private folder where it would find none. It does not bind its threads to cores
 * (3.1), with which kernels of a millisecond take twice as long now and then; POCL_AFFINITY=1 does, and is set where this process
 * may use all cores. What the user has set stays. */
void bc_quirk_prepare_pocl(void);

#endif
