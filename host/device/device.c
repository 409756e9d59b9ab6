/* Lists and ranks OpenCL devices, and chooses one by the user's selector. */
#include "host/base/text.h"
#include "host/device/internal.h"
#include "host/device/quirks.h"

#include <CL/cl_ext.h>

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

/* Copies a string property, cut to fit; drivers refuse buffers that are too small, hence the detour. */
static void copy_text(char *to, size_t capacity, const char *text) {
    while (isspace((unsigned char)*text))
        text++;
    snprintf(to, capacity, "%s", text);
    for (size_t n = strlen(to); n > 0 && isspace((unsigned char)to[n - 1]); n--)
        to[n - 1] = 0;
}

/* What is asked of a driver, and its first answer that is a failure. A property that it does not know is none: it stays empty
 * or zero. */
typedef struct questions {
    cl_platform_id platform;
    cl_device_id device;
    cl_int code;
} questions;

static bool answered(questions *q, cl_int code) {
    if (q->code == CL_SUCCESS && code != CL_INVALID_VALUE)
        q->code = code;
    return code == CL_SUCCESS;
}

typedef cl_int ask(const questions *q, cl_uint what, size_t bytes, void *value, size_t *needed);

static cl_int ask_device(const questions *q, cl_uint what, size_t bytes, void *value, size_t *needed) {
    return clGetDeviceInfo(q->device, what, bytes, value, needed);
}

static cl_int ask_platform(const questions *q, cl_uint what, size_t bytes, void *value, size_t *needed) {
    return clGetPlatformInfo(q->platform, what, bytes, value, needed);
}

static void text_of(questions *q, ask *of, cl_uint what, char *to, size_t capacity) {
    size_t bytes = 0;
    to[0] = 0;
    if (!answered(q, of(q, what, 0, NULL, &bytes)) || bytes == 0)
        return;
    char *text = calloc(bytes + 1, 1);
    if (answered(q, text ? of(q, what, bytes, text, NULL) : CL_OUT_OF_HOST_MEMORY))
        copy_text(to, capacity, text);
    free(text);
}

static cl_ulong ulong_of(questions *q, cl_device_info what) {
    cl_ulong value = 0;
    answered(q, clGetDeviceInfo(q->device, what, sizeof value, &value, NULL));
    return value;
}

static cl_uint uint_of(questions *q, cl_device_info what) {
    cl_uint value = 0;
    answered(q, clGetDeviceInfo(q->device, what, sizeof value, &value, NULL));
    return value;
}

static size_t size_of(questions *q, cl_device_info what) {
    size_t value = 0;
    answered(q, clGetDeviceInfo(q->device, what, sizeof value, &value, NULL));
    return value;
}

/* Devices may have more sides than three; one that does not say limits nothing. */
static void side_limits(questions *q, size_t most[3]) {
    size_t all[16] = {0};
    bool said = answered(q, clGetDeviceInfo(q->device, CL_DEVICE_MAX_WORK_ITEM_SIZES, sizeof all, all, NULL));
    for (int d = 0; d < 3; d++)
        most[d] = said && all[d] > 0 ? all[d] : SIZE_MAX;
}

static void classify(questions *q, candidate *out) {
    bc_device_info *d = &out->info;
    d->type = (cl_device_type)ulong_of(q, CL_DEVICE_TYPE);
    if (d->type & CL_DEVICE_TYPE_CPU) {
        d->kind = bc_quirk_software_renderer(d) ? BC_CLASS_GPU : BC_CLASS_CPU;
        out->rank = d->kind == BC_CLASS_CPU ? RANK_CPU : RANK_SOFTWARE;
    } else {
        d->kind = BC_CLASS_GPU;
        out->rank = !(d->type & CL_DEVICE_TYPE_GPU) ? RANK_ACCELERATOR
                    : d->integrated                 ? RANK_INTEGRATED_GPU
                                                    : RANK_DISCRETE_GPU;
    }
}

static void describe(questions *q, candidate *out) {
    bc_device_info *d = &out->info;
    *d = (bc_device_info){.platform = q->platform, .id = q->device};
    text_of(q, ask_device, CL_DEVICE_NAME, d->name, sizeof d->name);
    text_of(q, ask_device, CL_DEVICE_VENDOR, d->vendor, sizeof d->vendor);
    text_of(q, ask_device, CL_DRIVER_VERSION, d->driver_version, sizeof d->driver_version);
    text_of(q, ask_device, CL_DEVICE_EXTENSIONS, d->extensions, sizeof d->extensions);
    text_of(q, ask_platform, CL_PLATFORM_NAME, d->platform_name, sizeof d->platform_name);
    text_of(q, ask_platform, CL_PLATFORM_VERSION, d->platform_version, sizeof d->platform_version);
    d->compute_units = (int)uint_of(q, CL_DEVICE_MAX_COMPUTE_UNITS);
    d->global_bytes = (size_t)ulong_of(q, CL_DEVICE_GLOBAL_MEM_SIZE);
    d->local_bytes = (size_t)ulong_of(q, CL_DEVICE_LOCAL_MEM_SIZE);
    d->max_allocation = (size_t)ulong_of(q, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
    d->max_work_group = size_of(q, CL_DEVICE_MAX_WORK_GROUP_SIZE);
    side_limits(q, d->max_items);
    d->base_alignment = uint_of(q, CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8;
    d->integrated = uint_of(q, CL_DEVICE_HOST_UNIFIED_MEMORY) != 0;
    classify(q, out);
}

static int by_preference(const void *left, const void *right) {
    const candidate *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->info.compute_units != b->info.compute_units)
        return a->info.compute_units > b->info.compute_units ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

/* What was found: devices that can be used, and the names of the platforms that have none, with the reason if it is told. */
typedef struct findings {
    candidate list[BC_MAX_DEVICES];
    int count;
    char empty[BC_ERROR_TEXT / 2];
} findings;

/* "OpenCL 1.2 SOMETHING" or newer: what came before has no fills and no kernels as ours are. */
static bool is_new_enough(questions *q) {
    char version[64];
    int major = 0, minor = 0;
    text_of(q, ask_device, CL_DEVICE_VERSION, version, sizeof version);
    return sscanf(version, "OpenCL %d.%d", &major, &minor) == 2 && (major > 1 || minor >= 2);
}

/* A device that fails to answer is not used: what it is, and so what would run on it, is not known. */
static bool can_be_used(questions *q, candidate *out) {
    if (!is_new_enough(q) || !uint_of(q, CL_DEVICE_AVAILABLE) || !uint_of(q, CL_DEVICE_COMPILER_AVAILABLE))
        return false;
    describe(q, out);
    return q->code == CL_SUCCESS;
}

static void note_empty(findings *f, cl_platform_id platform, cl_int code) {
    char name[128];
    size_t used = strlen(f->empty);
    questions q = {.platform = platform};
    text_of(&q, ask_platform, CL_PLATFORM_NAME, name, sizeof name);
    snprintf(f->empty + used, sizeof f->empty - used, "%s%s%s%s", used ? ", " : "",
             name[0] ? name : "one without a name", code ? ": " : "", code ? bc_cl_error_name(code) : "");
}

static void find_on(cl_platform_id platform, findings *f) {
    cl_device_id ids[BC_MAX_DEVICES];
    cl_uint id_count = 0;
    int before = f->count;
    cl_int code = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, BC_MAX_DEVICES, ids, &id_count);
    if (code != CL_SUCCESS)
        id_count = 0;
    if (id_count > BC_MAX_DEVICES)
        id_count = BC_MAX_DEVICES;
    for (cl_uint i = 0; i < id_count && f->count < BC_MAX_DEVICES; i++) {
        questions q = {.platform = platform, .device = ids[i]};
        if (can_be_used(&q, &f->list[f->count])) {
            f->list[f->count].order = f->count;
            f->count++;
        }
        code = q.code ? q.code : code;
    }
    if (f->count == before)
        note_empty(f, platform, code == CL_DEVICE_NOT_FOUND ? CL_SUCCESS : code);
}

static void find_candidates(findings *f) {
    cl_platform_id platforms[MAX_PLATFORMS];
    cl_uint platform_count = 0;
    bc_quirk_prepare_pocl();
    cl_int code = clGetPlatformIDs(MAX_PLATFORMS, platforms, &platform_count);
    if (code != CL_SUCCESS && code != CL_PLATFORM_NOT_FOUND_KHR)
        snprintf(f->empty, sizeof f->empty, "listing them failed with %s", bc_cl_error_name(code));
    if (code != CL_SUCCESS)
        return;
    if (platform_count > MAX_PLATFORMS)
        platform_count = MAX_PLATFORMS;
    for (cl_uint p = 0; p < platform_count; p++)
        find_on(platforms[p], f);
}

static bc_status fail_no_device(bc_error *err, const findings *f) {
    const char *folder = getenv("POCL_CACHE_DIR");
    if (!*f->empty)
        return bc_fail(
            err, BC_E_DEVICE,
            "no OpenCL device was found: install a driver, for example `apt install pocl-opencl-icd` for "
            "the CPU or the GPU vendor's OpenCL driver (is OCL_ICD_VENDORS set to something absent?)");
    char why[BC_ERROR_TEXT / 4] = "";
    const char *pocl = strstr(f->empty, "Portable Computing Language");
    if (pocl && pocl[strlen("Portable Computing Language")] != ':')
        snprintf(
            why, sizeof why,
            "; Portable Computing Language is PoCL: it needs a folder that it can write (POCL_CACHE_DIR, %s)",
            folder ? folder : "which is not set");
    return bc_fail(err, BC_E_DEVICE,
                   "no OpenCL device was found: a driver is installed, but no device that can be used, of "
                   "OpenCL 1.2 or newer "
                   "and with a compiler (%s)%s",
                   f->empty, why);
}

bc_status bc_devices_list(bc_error *err, bc_device_info list[BC_MAX_DEVICES], int *count) {
    *count = 0;
    BC_TRY(bc_memory_check_start(err));
    findings *found = calloc(1, sizeof *found);
    if (!found)
        return bc_fail(err, BC_E_MEMORY, "no memory to list the OpenCL devices");
    find_candidates(found);
    qsort(found->list, (size_t)found->count, sizeof found->list[0], by_preference);
    for (int i = 0; i < found->count; i++) {
        list[i] = found->list[i].info;
        list[i].index = i;
    }
    *count = found->count;
    bc_status status = *count ? BC_OK : fail_no_device(err, found);
    free(found);
    return status;
}

static const char *kind_text(const bc_device_info *d) {
    if (d->type & CL_DEVICE_TYPE_CPU)
        return "CPU";
    if (d->type & CL_DEVICE_TYPE_GPU)
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
