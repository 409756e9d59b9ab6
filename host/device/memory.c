/* How much memory there is, asked before it is taken: drivers that allocate at first use, and compilers in them, end the
 * process where there is too little. Devices with memory of their own are only known by their size; where the device's memory
 * is the host's, three limits count: of the process' address space, of its control groups, and of the machine. */
#include "host/base/memory.h"
#include "host/base/text.h"
#include "host/device/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const size_t start_bytes = (size_t)256
                                  << 20; /* of an implementation that is loaded, beside its threads */

static bool uses_host_memory(const bc_host *host) {
    return host->device.kind == BC_CLASS_CPU || host->device.integrated;
}

static bc_memory_limit limit_of(const bc_host *host) {
    bc_memory_limit least = {host->device.global_bytes, host->device.name};
    if (uses_host_memory(host)) {
        bc_memory_limit there = bc_memory_of_host("/proc", "/sys/fs/cgroup");
        least = there.left < least.left ? there : least;
    }
    return least;
}

bc_status bc_memory_check(bc_host *host, size_t bytes, const char *what, const char *hint) {
    if (bytes < BC_LARGE_BUFFER)
        return BC_OK;
    bc_memory_limit least = limit_of(host);
    if (bytes <= least.left)
        return BC_OK;
    char need[32], left[32];
    return bc_fail(host->err, BC_E_MEMORY, "%s: %s needed, %s has %s left%s%s", what,
                   bc_size_text(bytes, need), least.name, bc_size_text(least.left, left), hint ? ": " : "",
                   hint ? hint : "");
}

bc_status bc_memory_check_compiler(bc_host *host) {
    size_t space = uses_host_memory(host) ? bc_address_space("/proc") : SIZE_MAX;
    char left[32], need[32];
    if (space >= BC_COMPILER_BYTES)
        return BC_OK;
    return bc_fail(host->err, BC_E_MEMORY, "the compiler of %s needs %s; %s has %s left", host->device.name,
                   bc_size_text(BC_COMPILER_BYTES, need), bc_address_name, bc_size_text(space, left));
}

bc_status bc_memory_check_start(bc_error *err) {
    struct rlimit all, stack;
    size_t wanted = start_bytes;
    if (getrlimit(RLIMIT_AS, &all) != 0 || all.rlim_cur == RLIM_INFINITY)
        return BC_OK;
    if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur != RLIM_INFINITY)
        wanted += (size_t)stack.rlim_cur * (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    char whole[32], need[32];
    if (all.rlim_cur >= wanted)
        return BC_OK;
    return bc_fail(err, BC_E_MEMORY, "OpenCL needs %s to begin with; %s is %s", bc_size_text(wanted, need),
                   bc_address_name, bc_size_text((size_t)all.rlim_cur, whole));
}
