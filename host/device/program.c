/* Programs: sources embedded or from a folder, built once per set of defines. */
#include "host/base/clock.h"
#include "host/base/file.h"
#include "host/base/grow.h"
#include "host/base/text.h"
#include "host/device/embedded.h"
#include "host/device/internal.h"
#include "host/device/quirks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What comes before every source. */
static const char *const preludes[] = {"shared.h", "prelude.clh"};
enum { PRELUDES = sizeof preludes / sizeof *preludes };

/* Sets *text to the source; *owned is what the caller frees (NULL for embedded text). */
static bc_status find_source(bc_host *host, const char *name, const char **text, char **owned) {
    *owned = NULL;
    if (host->kernel_dir) {
        char path[1024];
        size_t bytes;
        snprintf(path, sizeof path, "%s/%s", host->kernel_dir, name);
        BC_TRY(bc_file_read(host->err, path, (uint8_t **)owned, &bytes));
        *text = *owned;
        return BC_OK;
    }
    for (const bc_embedded_source *s = bc_embedded_sources; s->name; s++)
        if (strcmp(s->name, name) == 0) {
            *text = s->text;
            return BC_OK;
        }
    return bc_fail(host->err, BC_E_ARGUMENT, "there is no kernel source file called %s", name);
}

/* Under its own name, so that the compiler's line numbers are the file's. */
static bc_status add_source(bc_host *host, const char *name, FILE *out) {
    const char *text;
    char *owned;
    BC_TRY(find_source(host, name, &text, &owned));
    fprintf(out, "#line 1 \"%s\"\n%s\n", name, text);
    free(owned);
    return BC_OK;
}

static bc_status full_source(bc_host *host, const char *name, char **out) {
    size_t bytes;
    bc_status status = BC_OK;
    *out = NULL;
    FILE *stream = open_memstream(out, &bytes);
    if (!stream)
        return bc_fail(host->err, BC_E_MEMORY, "no memory for the kernel source %s", name);
    for (int i = 0; i < PRELUDES && status == BC_OK; i++)
        status = add_source(host, preludes[i], stream);
    if (status == BC_OK)
        status = add_source(host, name, stream);
    bool failed = ferror(stream);
    failed = fclose(stream) != 0 || failed;
    if (status == BC_OK && failed)
        status = bc_fail(host->err, BC_E_MEMORY, "no memory for the kernel source %s", name);
    if (status != BC_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}

/* The first few lines of the compiler's log that name an error, or its beginning when none does. */
static void first_errors(const char *log, char *out, size_t capacity) {
    size_t used = 0;
    int lines = 0;
    out[0] = 0;
    for (const char *line = log; *line && lines < 3;) {
        size_t length = strcspn(line, "\n");
        const char *error = strstr(line, "error");
        if (error && error < line + length && used + 4 < capacity) {
            used +=
                (size_t)snprintf(out + used, capacity - used, "%s%.*s", lines ? "; " : "", (int)length, line);
            lines++;
        }
        line += length + (line[length] == '\n');
    }
    if (lines == 0)
        snprintf(out, capacity, "%.300s", log);
}

static bc_status fail_build(bc_host *host, cl_program program, const char *name, const char *defines,
                            cl_int code) {
    size_t bytes = 0;
    clGetProgramBuildInfo(program, host->device.id, CL_PROGRAM_BUILD_LOG, 0, NULL, &bytes);
    char *log = calloc(bytes + 1, 1);
    if (log)
        clGetProgramBuildInfo(program, host->device.id, CL_PROGRAM_BUILD_LOG, bytes, log, NULL);
    char errors[BC_ERROR_TEXT / 2];
    first_errors(log ? log : "", errors, sizeof errors);
    free(log);
    return bc_fail(host->err, BC_E_OPENCL, "%s with options \"%s\" does not build on %s: %s: %s", name,
                   defines, host->device.name, bc_cl_error_name(code), errors);
}

static void tell_compiling(bc_host *host) {
    if (host->compiling)
        host->compiling(host->user, &host->device);
    host->compiling = NULL;
}

/* What a driver with a cache of its own takes long to build it did not have. PoCL: 0.02 s of a thread's time with it, 0.12 s and more
 * without, and then as much again for each kernel at its first launch, which nobody can see. */
static void note_compiling(bc_host *host, double seconds) {
    static const double looked_up = 0.06, worth_telling = 0.2;
    if (seconds > looked_up)
        host->compiling_seconds += seconds;
    if (host->compiling_seconds > worth_telling)
        tell_compiling(host);
}

static bc_status compile(bc_host *host, const char *name, const char *defines, const char *source,
                         const char *options, cl_program *out) {
    cl_int code;
    cl_program program = clCreateProgramWithSource(host->context, 1, &source, NULL, &code);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "creating the program %s", name);
    double before = bc_thread_seconds_now();
    code = clBuildProgram(program, 1, &host->device.id, options, NULL, NULL);
    note_compiling(host, bc_thread_seconds_now() - before);
    if (code != CL_SUCCESS) {
        bc_status status = fail_build(host, program, name, defines, code);
        clReleaseProgram(program);
        return status;
    }
    host->account.compiled++;
    *out = program;
    return BC_OK;
}

/* Everything a binary depends on; the format number changes when this layout does. */
static bc_status cache_key(bc_host *host, const char *source, const char *options, char **out) {
    const bc_device_info *d = &host->device;
    if (asprintf(out, "format 1\nplatform %s %s\ndevice %s\ndriver %s\noptions %s\n%s", d->platform_name,
                 d->platform_version, d->name, d->driver_version, options, source) >= 0)
        return BC_OK;
    *out = NULL;
    return bc_fail(host->err, BC_E_MEMORY, "no memory for the key of a program");
}

static bc_status load_or_compile(bc_host *host, const char *name, const char *defines, cl_program *out) {
    char *source = NULL, *options = NULL, *key = NULL;
    bc_status status = full_source(host, name, &source);
    if (status != BC_OK)
        return status;
    *out = NULL;
    if (asprintf(&options, "-cl-std=CL1.2 -cl-mad-enable %s", defines) < 0) {
        options = NULL;
        status = bc_fail(host->err, BC_E_MEMORY, "no memory for the build options of %s", name);
    }
    if (status == BC_OK && host->cache_dir && (status = cache_key(host, source, options, &key)) == BC_OK)
        bc_program_cache_load(host, key, out);
    if (status == BC_OK && !*out) {
        if (!bc_quirk_driver_caches(&host->device))
            tell_compiling(host);
        status = compile(host, name, defines, source, options, out);
        if (status == BC_OK && key)
            bc_program_cache_store(host, key, *out);
    }
    free(key);
    free(options);
    free(source);
    return status;
}

static bc_status remember(bc_host *host, const char *source, const char *defines, cl_program program) {
    bc_program_entry entry = {strdup(source), strdup(defines), program};
    if (entry.source && entry.defines &&
        bc_grow((void **)&host->programs, host->program_count, &host->program_capacity, sizeof entry)) {
        host->programs[host->program_count++] = entry;
        return BC_OK;
    }
    free(entry.source);
    free(entry.defines);
    clReleaseProgram(program);
    return bc_fail(host->err, BC_E_MEMORY, "no memory to keep the program %s", source);
}

/* The program of this source with these defines (NULL: none); owned by the host. */
static bc_status get_program(bc_host *host, const char *source, const char *defines, cl_program *out) {
    if (!defines)
        defines = "";
    for (int i = 0; i < host->program_count; i++)
        if (strcmp(host->programs[i].source, source) == 0 &&
            strcmp(host->programs[i].defines, defines) == 0) {
            *out = host->programs[i].program;
            return BC_OK;
        }
    double before = bc_seconds_now();
    BC_TRY(load_or_compile(host, source, defines, out));
    host->account.program_seconds += bc_seconds_now() - before;
    return remember(host, source, defines, *out);
}

/* What is asked of a kernel; a driver that does not know the question leaves *value as it is. */
static bc_status ask(bc_host *host, const bc_launch *launch, cl_kernel kernel, cl_kernel_work_group_info what,
                     size_t bytes, void *value) {
    cl_int code = clGetKernelWorkGroupInfo(kernel, host->device.id, what, bytes, value, NULL);
    if (code == CL_SUCCESS || code == CL_INVALID_VALUE)
        return BC_OK;
    return bc_fail_cl(host, code, "asking for the limits of %s:%s", launch->source, launch->kernel);
}

/* Within what the device allows. */
static bc_status find_limits(bc_host *host, const bc_launch *launch, cl_kernel kernel,
                             bc_kernel_limits *limits) {
    const bc_device_info *d = &host->device;
    size_t most = 0;
    cl_ulong local = 0;
    *limits = (bc_kernel_limits){.most = d->max_work_group};
    BC_TRY(ask(host, launch, kernel, CL_KERNEL_COMPILE_WORK_GROUP_SIZE, sizeof limits->required,
               limits->required));
    if (bc_quirk_kernels_misdescribed(d))
        return BC_OK;
    BC_TRY(ask(host, launch, kernel, CL_KERNEL_WORK_GROUP_SIZE, sizeof most, &most));
    BC_TRY(ask(host, launch, kernel, CL_KERNEL_LOCAL_MEM_SIZE, sizeof local, &local));
    if (most > 0 && most < limits->most)
        limits->most = most;
    char need[32], there[32];
    if (local <= d->local_bytes)
        return BC_OK;
    return bc_fail(host->err, BC_E_DEVICE, "%s:%s needs %s of local memory; %s has %s", launch->source,
                   launch->kernel, bc_size_text((size_t)local, need), d->name,
                   bc_size_text(d->local_bytes, there));
}

bc_status bc_kernel_create(bc_host *host, const bc_launch *launch, cl_kernel *out, bc_kernel_limits *limits) {
    cl_program program;
    cl_int code;
    BC_TRY(bc_memory_check_compiler(host)); /* PoCL compiles once more for each kernel, at its first launch */
    BC_TRY(get_program(host, launch->source, launch->defines, &program));
    *out = clCreateKernel(program, launch->kernel, &code);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "creating the kernel %s of %s", launch->kernel, launch->source);
    bc_status status = find_limits(host, launch, *out, limits);
    if (status != BC_OK)
        clReleaseKernel(*out);
    return status;
}

void bc_programs_release(bc_host *host) {
    for (int i = 0; i < host->program_count; i++) {
        clReleaseProgram(host->programs[i].program);
        free(host->programs[i].source);
        free(host->programs[i].defines);
    }
    free(host->programs);
}
