/* Lists and ranks OpenCL devices, and chooses one by the user's selector. */
#include "host/internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_PLATFORMS = 16 };

/* Order of preference; a software renderer runs on the CPU without a CPU's vectoriser, so it comes last. */
typedef enum rank { RANK_DISCRETE_GPU, RANK_ACCELERATOR, RANK_INTEGRATED_GPU, RANK_CPU, RANK_SOFTWARE } rank;

typedef struct candidate {
    bc_device_info info;
    rank rank;
    int order; /* as found, so that sorting is stable */
} candidate;

const char *bc_size_text(size_t bytes, char text[32]) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    int unit = 0;
    while (value >= 1024 && unit < 4) {
        value /= 1024;
        unit++;
    }
    snprintf(text, 32, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return text;
}

/* Copies a string property, cut to fit; drivers refuse buffers that are too small, hence the detour. */
static void copy_text(char *to, size_t capacity, const char *text) {
    while (isspace((unsigned char)*text))
        text++;
    snprintf(to, capacity, "%s", text);
    for (size_t n = strlen(to); n > 0 && isspace((unsigned char)to[n - 1]); n--)
        to[n - 1] = 0;
}

static void device_text(cl_device_id id, cl_device_info what, char *to, size_t capacity) {
    size_t bytes = 0;
    to[0] = 0;
    if (clGetDeviceInfo(id, what, 0, NULL, &bytes) != CL_SUCCESS || bytes == 0)
        return;
    char *text = calloc(bytes + 1, 1);
    if (text && clGetDeviceInfo(id, what, bytes, text, NULL) == CL_SUCCESS)
        copy_text(to, capacity, text);
    free(text);
}

static void platform_text(cl_platform_id id, cl_platform_info what, char *to, size_t capacity) {
    size_t bytes = 0;
    to[0] = 0;
    if (clGetPlatformInfo(id, what, 0, NULL, &bytes) != CL_SUCCESS || bytes == 0)
        return;
    char *text = calloc(bytes + 1, 1);
    if (text && clGetPlatformInfo(id, what, bytes, text, NULL) == CL_SUCCESS)
        copy_text(to, capacity, text);
    free(text);
}

static cl_ulong device_ulong(cl_device_id id, cl_device_info what) {
    cl_ulong value = 0;
    clGetDeviceInfo(id, what, sizeof value, &value, NULL);
    return value;
}

static cl_uint device_uint(cl_device_id id, cl_device_info what) {
    cl_uint value = 0;
    clGetDeviceInfo(id, what, sizeof value, &value, NULL);
    return value;
}

/* Mesa's software renderer has the type CPU, but its compiler handles explicit wide vectors badly: it is
 * written for like a GPU. */
static bool is_software_renderer(const bc_device_info *d) {
    return strcasestr(d->platform_name, "rusticl") || strcasestr(d->platform_name, "clover");
}

static void describe(cl_platform_id platform, cl_device_id id, candidate *out) {
    bc_device_info *d = &out->info;
    memset(d, 0, sizeof *d);
    d->platform = platform;
    d->id = id;
    device_text(id, CL_DEVICE_NAME, d->name, sizeof d->name);
    device_text(id, CL_DEVICE_VENDOR, d->vendor, sizeof d->vendor);
    device_text(id, CL_DRIVER_VERSION, d->driver_version, sizeof d->driver_version);
    device_text(id, CL_DEVICE_EXTENSIONS, d->extensions, sizeof d->extensions);
    platform_text(platform, CL_PLATFORM_NAME, d->platform_name, sizeof d->platform_name);
    platform_text(platform, CL_PLATFORM_VERSION, d->platform_version, sizeof d->platform_version);
    d->compute_units = (int)device_uint(id, CL_DEVICE_MAX_COMPUTE_UNITS);
    d->global_bytes = (size_t)device_ulong(id, CL_DEVICE_GLOBAL_MEM_SIZE);
    d->local_bytes = (size_t)device_ulong(id, CL_DEVICE_LOCAL_MEM_SIZE);
    d->max_allocation = (size_t)device_ulong(id, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
    clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof d->max_work_group, &d->max_work_group, NULL);
    d->base_alignment = device_uint(id, CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8;
    cl_bool unified = CL_FALSE;
    clGetDeviceInfo(id, CL_DEVICE_HOST_UNIFIED_MEMORY, sizeof unified, &unified, NULL);
    d->integrated = unified;

    cl_device_type type = (cl_device_type)device_ulong(id, CL_DEVICE_TYPE);
    if (type & CL_DEVICE_TYPE_CPU) {
        d->kind = is_software_renderer(d) ? BC_CLASS_GPU : BC_CLASS_CPU;
        out->rank = d->kind == BC_CLASS_CPU ? RANK_CPU : RANK_SOFTWARE;
    } else {
        d->kind = BC_CLASS_GPU;
        out->rank = !(type & CL_DEVICE_TYPE_GPU) ? RANK_ACCELERATOR
                    : d->integrated              ? RANK_INTEGRATED_GPU
                                                 : RANK_DISCRETE_GPU;
    }
}

static int by_preference(const void *left, const void *right) {
    const candidate *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->info.compute_units != b->info.compute_units)
        return a->info.compute_units > b->info.compute_units ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static int find_candidates(candidate list[BC_MAX_DEVICES]) {
    cl_platform_id platforms[MAX_PLATFORMS];
    cl_uint platform_count = 0;
    if (clGetPlatformIDs(MAX_PLATFORMS, platforms, &platform_count) != CL_SUCCESS)
        return 0;
    if (platform_count > MAX_PLATFORMS)
        platform_count = MAX_PLATFORMS;
    int count = 0;
    for (cl_uint p = 0; p < platform_count; p++) {
        cl_device_id ids[BC_MAX_DEVICES];
        cl_uint id_count = 0;
        if (clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, BC_MAX_DEVICES, ids, &id_count) != CL_SUCCESS)
            continue; /* a platform without devices */
        if (id_count > BC_MAX_DEVICES)
            id_count = BC_MAX_DEVICES;
        for (cl_uint i = 0; i < id_count && count < BC_MAX_DEVICES; i++) {
            if (!device_uint(ids[i], CL_DEVICE_AVAILABLE) ||
                !device_uint(ids[i], CL_DEVICE_COMPILER_AVAILABLE))
                continue;
            describe(platforms[p], ids[i], &list[count]);
            list[count].order = count;
            count++;
        }
    }
    return count;
}

bc_status bc_devices_list(bc_error *err, bc_device_info list[BC_MAX_DEVICES], int *count) {
    *count = 0;
    candidate *found = calloc(BC_MAX_DEVICES, sizeof *found);
    if (!found)
        return bc_fail(err, BC_E_MEMORY, "no memory to list the OpenCL devices");
    int n = find_candidates(found);
    qsort(found, (size_t)n, sizeof *found, by_preference);
    for (int i = 0; i < n; i++) {
        list[i] = found[i].info;
        list[i].index = i;
    }
    free(found);
    *count = n;
    if (n == 0)
        return bc_fail(
            err, BC_E_DEVICE,
            "no OpenCL device was found: install a driver, for example `apt install pocl-opencl-icd` for "
            "the CPU or the GPU vendor's OpenCL driver (is OCL_ICD_VENDORS set to something absent?)");
    return BC_OK;
}

static const char *kind_text(const bc_device_info *d) {
    cl_device_type type = (cl_device_type)device_ulong(d->id, CL_DEVICE_TYPE);
    if (type & CL_DEVICE_TYPE_CPU)
        return "CPU";
    if (type & CL_DEVICE_TYPE_GPU)
        return d->integrated ? "integrated GPU" : "GPU";
    return "accelerator";
}

static bool matches(const bc_device_info *d, const char *text) {
    return strcasestr(d->name, text) || strcasestr(d->vendor, text) || strcasestr(d->platform_name, text);
}

static bc_status fail_not_found(bc_error *err, const char *selector, const bc_device_info *list, int count) {
    char there[BC_ERROR_TEXT / 2] = "";
    size_t used = 0;
    for (int i = 0; i < count && used < sizeof there; i++)
        used += (size_t)snprintf(there + used, sizeof there - used, "%s%d: %s (%s)", i ? "; " : "", i,
                                 list[i].name, list[i].platform_name);
    return bc_fail(err, BC_E_DEVICE, "no OpenCL device is called \"%s\"; there is %s", selector, there);
}

static bool is_number(const char *text) {
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits < 6 && text[digits] == 0;
}

static bc_status choose(bc_error *err, const char *selector, const bc_device_info *list, int count,
                        bc_device_info *out, char reason[128]) {
    if (!selector || !*selector) {
        *out = list[0];
        if (count == 1)
            snprintf(reason, 128, "the only device, a %s", kind_text(out));
        else
            snprintf(reason, 128, "the first %s", kind_text(out));
        return BC_OK;
    }
    if (is_number(selector)) {
        int index = atoi(selector);
        if (index >= count)
            return fail_not_found(err, selector, list, count);
        *out = list[index];
        snprintf(reason, 128, "device %d was asked for", index);
        return BC_OK;
    }
    for (int i = 0; i < count; i++)
        if (matches(&list[i], selector)) {
            *out = list[i];
            snprintf(reason, 128, "the first device that matches \"%.90s\"", selector);
            return BC_OK;
        }
    return fail_not_found(err, selector, list, count);
}

bc_status bc_device_choose(bc_error *err, const char *selector, bc_device_info *out, char reason[128]) {
    bc_device_info *list = calloc(BC_MAX_DEVICES, sizeof *list);
    if (!list)
        return bc_fail(err, BC_E_MEMORY, "no memory to list the OpenCL devices");
    int count;
    char ignored[128];
    bc_status status = bc_devices_list(err, list, &count);
    if (status == BC_OK)
        status = choose(err, selector, list, count, out, reason ? reason : ignored);
    free(list);
    return status;
}
