/* How much memory the process has taken. */
#include "apps/bench/bench.h"

#include "host/base/memory.h"

#include <malloc.h>
#include <string.h>
#include <sys/resource.h>

/* A queue may hold the last command's memory, here an earlier case's, until the next command (PoCL does). */
static void flush_memory(bc_host *host) {
    bc_buffer small = {0};
    if (bc_buffer_create(host, sizeof(float), "a command", &small) == BC_OK &&
        bc_buffer_fill(host, small, 0, sizeof(float), 0.0f) == BC_OK)
        (void)bc_host_finish(host);
    bc_buffer_release(&small);
}

void bench_peak_restart(bc_host *host) {
    flush_memory(host);
#ifdef __GLIBC__
    malloc_trim(0); /* what earlier cases have freed */
#endif
    FILE *file = fopen("/proc/self/clear_refs", "w"); /* proc(5): "5" resets the peak to the present size */
    if (!file)
        return;
    fputs("5\n", file);
    fclose(file);
}

double bench_peak_bytes(void) {
    double peak = bc_number_in("/proc/self", "status", "VmHWM:");
    struct rusage usage;
    if (peak < 0 && getrusage(RUSAGE_SELF, &usage) == 0)
        peak = (double)usage.ru_maxrss;
    return peak > 0 ? 1024 * peak : 0;
}
