/* How much memory there is, asked before it is taken: drivers that allocate at first use, and compilers in them, end the
 * process where there is too little. Devices with memory of their own are only known by their size; where the device's memory
 * is the host's, three limits count: of the process' address space, of its control groups, and of the machine. */
#include "host/device/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Of address space, for what the driver's compiler takes: at most 300 MiB were seen, with PoCL 3.1. */
static const size_t compiler_bytes = (size_t)320 << 20;
static const size_t start_bytes = (size_t)256
                                  << 20; /* of an implementation that is loaded, beside its threads */

static void note(bc_memory_limit *least, double left, const char *name) {
    size_t bytes = left <= 0 ? 0 : left >= (double)SIZE_MAX ? SIZE_MAX : (size_t)left;
    if (bytes < least->left)
        *least = (bc_memory_limit){bytes, name};
}

/* --- the parts --- */

/* The number after `key` at the beginning of a line of FOLDER/NAME; "" takes the first number. -1: there is none. */
static double number_in(const char *folder, const char *name, const char *key) {
    char path[1024], line[256];
    double found = -1;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return -1;
    FILE *file = fopen(path, "r");
    while (file && found < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) != 0 || sscanf(line + strlen(key), "%lf", &found) != 1)
            found = -1;
    if (file)
        fclose(file);
    return found;
}

/* Memory that the machine can give without taking it from others. */
static void look_at_machine(bc_memory_limit *least, const char *proc) {
    double available = number_in(proc, "meminfo", "MemAvailable:"),
           swap = number_in(proc, "meminfo", "SwapFree:");
    if (available >= 0)
        note(least, 1024 * (available + (swap > 0 ? swap : 0)), "this machine");
}

static void look_at_group(bc_memory_limit *least, const char *folder, const char *limit, const char *used,
                          const char *cached) {
    double most = number_in(folder, limit, ""), now = number_in(folder, used, "");
    double cache =
        number_in(folder, "memory.stat", cached); /* counted as used, but given up when asked for */
    if (most >= 0 && now >= 0)
        note(least, most - now + (cache > 0 ? cache : 0), "this control group (container)");
}

/* The group at `root` + `path` and those above it, each of which has limits. */
static void look_at_groups(bc_memory_limit *least, const char *root, const char *path, bool second) {
    char folder[1024];
    if (snprintf(folder, sizeof folder, "%s%s", root, path) >= (int)sizeof folder)
        return;
    for (size_t length = strlen(folder); length >= strlen(root); length--) {
        if (folder[length] && folder[length] != '/')
            continue;
        folder[length] = 0;
        if (second)
            look_at_group(least, folder, "memory.max", "memory.current", "inactive_file ");
        else
            look_at_group(least, folder, "memory.limit_in_bytes", "memory.usage_in_bytes",
                          "total_inactive_file ");
    }
}

/* Lines "4:memory:/path" of version 1 and "0::/path" of version 2. */
static void look_at_cgroups(bc_memory_limit *least, const char *proc, const char *mounts) {
    char path[1024], line[1024], root[1024];
    snprintf(path, sizeof path, "%s/self/cgroup", proc);
    snprintf(root, sizeof root, "%s/memory", mounts);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = 0;
        if (strcmp(controllers + 1, "memory") == 0)
            look_at_groups(least, root, group, false);
        else if (!controllers[1])
            look_at_groups(least, mounts, group, true);
    }
    if (file)
        fclose(file);
}

/* Address space under `ulimit -v`; SIZE_MAX without. */
static size_t address_space(const char *proc) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    double pages = number_in(proc, "self/statm", "");
    double left = (double)limit.rlim_cur - (pages > 0 ? pages * (double)sysconf(_SC_PAGESIZE) : 0);
    return left > 0 ? (size_t)left : 0;
}

/* --- the whole --- */

static const char address_name[] = "the address space that this process may have (ulimit -v)";

bc_memory_limit bc_memory_of_host(const char *proc, const char *cgroups) {
    bc_memory_limit least = {SIZE_MAX, "this machine"};
    size_t space = address_space(proc);
    look_at_machine(&least, proc);
    look_at_cgroups(&least, proc, cgroups);
    if (space < SIZE_MAX)
        note(&least, (double)space - (double)compiler_bytes, address_name);
    return least;
}

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

size_t bc_memory_left(const bc_host *host) {
    return limit_of(host).left;
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
    size_t space = uses_host_memory(host) ? address_space("/proc") : SIZE_MAX;
    char left[32], need[32];
    if (space >= compiler_bytes)
        return BC_OK;
    return bc_fail(host->err, BC_E_MEMORY, "the compiler of %s needs %s; %s has %s left", host->device.name,
                   bc_size_text(compiler_bytes, need), address_name, bc_size_text(space, left));
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
                   address_name, bc_size_text((size_t)all.rlim_cur, whole));
}
