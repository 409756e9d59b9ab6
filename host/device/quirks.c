/* Known by the names and versions that drivers give themselves. */
#include "host/device/quirks.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool bc_quirk_software_renderer(const bc_device_info *device) {
    return strcasestr(device->platform_name, "rusticl") || strcasestr(device->platform_name, "clover");
}

bool bc_quirk_driver_caches(const bc_device_info *device) {
    return strstr(device->platform_version, "PoCL") || strstr(device->platform_version, "pocl");
}

bool bc_quirk_kernels_misdescribed(const bc_device_info *device) {
    return strcasestr(device->platform_name, "rusticl") != NULL;
}

/* --- a folder for PoCL: a service, or a user in a container, often has no home, and gets one among the temporary files --- */

static const char *variable(const char *name) {
    const char *text = getenv(name);
    return text && *text ? text : NULL;
}

/* The folder, or the nearest that there is above it, is one in which this user may make files. Shortens `path`. */
static bool can_be_made(char *path) {
    struct stat info;
    while (*path && stat(path, &info) != 0) {
        char *slash = strrchr(path, '/');
        if (!slash)
            return false;
        slash[slash == path && path[1]] = 0; /* "/" is the last to be asked */
    }
    return *path && S_ISDIR(info.st_mode) && faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0;
}

/* Where PoCL will look by itself, in its order. */
static bool has_folder(void) {
    char path[1024];
    const char *cache = variable("XDG_CACHE_HOME"), *home = variable("HOME");
    if (!cache && !home)
        return false;
    int length =
        snprintf(path, sizeof path, "%s%s/pocl/kcache", cache ? cache : home, cache ? "" : "/.cache");
    return length < (int)sizeof path && can_be_made(path);
}

/* Nobody else may have made it, or may put anything into it: PoCL runs the code that it finds there. */
static bool is_private(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & 077) == 0;
}

/* The user's own folder in `base`, or a new one where that name is taken. */
static bool make_private(const char *base, char path[1024]) {
    if (!base || snprintf(path, 1024, "%s/bicross-pocl-%ld", base, (long)geteuid()) >= 1024)
        return false;
    if (mkdir(path, 0700) == 0 || is_private(path))
        return true;
    return snprintf(path, 1024, "%s/bicross-pocl-XXXXXX", base) < 1024 && mkdtemp(path);
}

static void find_folder(void) {
    char path[1024];
    if (variable("POCL_CACHE_DIR") || has_folder())
        return;
    if (make_private(variable("TMPDIR"), path) || make_private("/tmp", path))
        setenv("POCL_CACHE_DIR", path, 1);
}

/* --- its threads: woken for each kernel, they may be put where another one runs, and wait there for milliseconds --- */

/* PoCL binds its threads to the first cores, as many as it has threads: nobody may have taken one of them away. */
static bool all_cores_are_ours(void) {
#ifdef CPU_COUNT
    cpu_set_t ours;
    long cores = sysconf(_SC_NPROCESSORS_CONF);
    return sched_getaffinity(0, sizeof ours, &ours) == 0 && CPU_COUNT(&ours) == cores;
#else
    return false;
#endif
}

static void bind_threads(void) {
    if (all_cores_are_ours())
        setenv("POCL_AFFINITY", "1", 0);
}

void bc_quirk_prepare_pocl(void) {
    find_folder();
    bind_threads();
}
