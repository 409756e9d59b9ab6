/* Memory of the machine, of control groups (versions 1 and 2) and of the address space. */
#include "host/base/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void note(bc_memory_limit *least, double left, const char *name) {
    size_t bytes = left <= 0 ? 0 : left >= (double)SIZE_MAX ? SIZE_MAX : (size_t)left;
    if (bytes < least->left)
        *least = (bc_memory_limit){bytes, name};
}

/* --- the parts --- */

double bc_number_in(const char *folder, const char *name, const char *key) {
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
    double available = bc_number_in(proc, "meminfo", "MemAvailable:"),
           swap = bc_number_in(proc, "meminfo", "SwapFree:");
    if (available >= 0)
        note(least, 1024 * (available + (swap > 0 ? swap : 0)), "this machine");
}

static void look_at_group(bc_memory_limit *least, const char *folder, const char *limit, const char *used,
                          const char *cached) {
    double most = bc_number_in(folder, limit, ""), now = bc_number_in(folder, used, "");
    double cache =
        bc_number_in(folder, "memory.stat", cached); /* counted as used, but given up when asked for */
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

size_t bc_address_space(const char *proc) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    double pages = bc_number_in(proc, "self/statm", "");
    double left = (double)limit.rlim_cur - (pages > 0 ? pages * (double)sysconf(_SC_PAGESIZE) : 0);
    return left > 0 ? (size_t)left : 0;
}

/* --- the whole --- */

const char bc_address_name[] = "the address space that this process may have (ulimit -v)";

bc_memory_limit bc_memory_of_host(const char *proc, const char *cgroups) {
    bc_memory_limit least = {SIZE_MAX, "this machine"};
    size_t space = bc_address_space(proc);
    look_at_machine(&least, proc);
    look_at_cgroups(&least, proc, cgroups);
    if (space < SIZE_MAX)
        note(&least, (double)space - (double)BC_COMPILER_BYTES, bc_address_name);
    return least;
}
