/* Faults on demand: in the program bicross_faults the linker gives our own objects (not the libraries') these functions in
 * place of the system's and OpenCL's. Each counts its calls, and one call fails as it would when memory, the device or the disk
 * does:
 *     BICROSS_FAULT_KIND=alloc|opencl|write|sync|rename|open|read   of which
 *     BICROSS_FAULT_AT=N                                            the Nth call fails (0 or unset: none),
 *     BICROSS_FAULT_REPORT=FILE                                     receives "failed FUNCTION CALLER", or, without a kind, at exit
 *                                                                   "site KIND FUNCTION CALLER COUNT FIRST SECOND MIDDLE LAST" lines.
 * CMakeLists.txt wraps what follows "WRAP(type, " here. What releases is not wrapped: it has nothing to report. */
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int file, const void *data, size_t bytes);

typedef enum kind { ALLOC, OPENCL, WRITE, SYNC, RENAME, OPEN, READ, KINDS } kind;
static const char *const kind_names[KINDS] = {"alloc", "opencl", "write", "sync", "rename", "open", "read"};

/* A place in our code that calls: which of the kind's calls were its first, second, last, and its latest that is a power of two
 * (somewhere in the middle). */
typedef struct site {
    const void *caller;
    const char *function;
    kind kind;
    long count, first, second, middle, last;
} site;

enum { SITES = 2048 };

static struct {
    int kind; /* -1: none */
    long at, counts[KINDS];
    int report; /* file, -1: none */
    site sites[SITES];
    int site_count;
} faults = {.kind = -1, .report = -1};

static void report(const char *format, ...) {
    char line[200];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (__real_write(faults.report, line, (size_t)length) != length)
        abort(); /* a report that cannot be written would pass for a run without a fault */
}

static void report_sites(void) {
    for (int i = 0; i < faults.site_count; i++) {
        const site *s = &faults.sites[i];
        report("site %s %s %p %ld %ld %ld %ld %ld\n", kind_names[s->kind], s->function, s->caller, s->count,
               s->first, s->second, s->middle, s->last);
    }
}

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("BICROSS_FAULT_KIND"), *at = getenv("BICROSS_FAULT_AT"),
               *path = getenv("BICROSS_FAULT_REPORT");
    for (int i = 0; name && i < KINDS; i++)
        if (strcmp(name, kind_names[i]) == 0)
            faults.kind = i;
    faults.at = at ? strtol(at, NULL, 10) : 0;
    if (!path)
        return;
    faults.report = __real_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (faults.kind < 0)
        atexit(report_sites);
}

static void count_site(kind k, const char *function, const void *caller) {
    int i = 0;
    while (i < faults.site_count && (faults.sites[i].caller != caller || faults.sites[i].kind != k))
        i++;
    if (i == SITES)
        abort(); /* more than were foreseen */
    site *s = &faults.sites[i];
    long now = faults.counts[k];
    if (i == faults.site_count) {
        *s = (site){.caller = caller, .function = function, .kind = k, .first = now, .second = now};
        faults.site_count++;
    }
    s->count++;
    if (s->count == 2)
        s->second = now;
    if ((s->count & (s->count - 1)) == 0)
        s->middle = now;
    s->last = now;
}

static bool fails(kind k, const char *function, const void *caller) {
    faults.counts[k]++;
    if (faults.kind < 0 && faults.report >= 0)
        count_site(k, function, caller);
    if ((int)k != faults.kind || faults.counts[k] != faults.at)
        return false;
    if (faults.report >= 0)
        report("failed %s %p\n", function, caller);
    return true;
}

/* A stream whose buffer could not be written keeps that in mind. */
static bool stream_fails(FILE *stream, const char *function, const void *caller) {
    if (stream == stderr || !fails(WRITE, function, caller))
        return false;
    stream->_flags |= _IO_ERR_SEEN;
    errno = ENOSPC;
    return true;
}

#define CALLER __builtin_return_address(0)
#define WRAP(type, name, parameters)                                                                         \
    type __real_##name parameters;                                                                           \
    type __wrap_##name parameters;                                                                           \
    type __wrap_##name parameters
/* The usual wrapper: `failure` is the value returned when the call is to fail. */
#define WRAP_ALL(kind, name, arguments, failure)                                                             \
    { return fails(kind, #name, CALLER) ? (failure) : __real_##name arguments; }

/* --- memory --- */
#define NO_MEMORY (errno = ENOMEM, NULL)
WRAP(void *, malloc, (size_t bytes))
WRAP_ALL(ALLOC, malloc, (bytes), NO_MEMORY)
WRAP(void *, calloc, (size_t count, size_t bytes))
WRAP_ALL(ALLOC, calloc, (count, bytes), NO_MEMORY)
WRAP(void *, realloc, (void *old, size_t bytes))
WRAP_ALL(ALLOC, realloc, (old, bytes), NO_MEMORY)
WRAP(char *, strdup, (const char *text))
WRAP_ALL(ALLOC, strdup, (text), NO_MEMORY)
WRAP(char *, strndup, (const char *text, size_t length))
WRAP_ALL(ALLOC, strndup, (text, length), NO_MEMORY)
WRAP(FILE *, open_memstream, (char **text, size_t *bytes))
WRAP_ALL(ALLOC, open_memstream, (text, bytes), NO_MEMORY)
WRAP(FILE *, fmemopen, (void *memory, size_t bytes, const char *mode))
WRAP_ALL(ALLOC, fmemopen, (memory, bytes, mode), NO_MEMORY)
WRAP(int, asprintf, (char **text, const char *format, ...)) {
    if (fails(ALLOC, "asprintf", CALLER)) {
        *text = NULL; /* its value is undefined then: the worst that it can be */
        errno = ENOMEM;
        return -1;
    }
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}

/* --- files --- */
WRAP(size_t, fwrite, (const void *data, size_t size, size_t count, FILE *stream)) {
    return stream_fails(stream, "fwrite", CALLER) ? 0 : __real_fwrite(data, size, count, stream);
}
WRAP(int, fputs, (const char *text, FILE *stream)) {
    return stream_fails(stream, "fputs", CALLER) ? EOF : __real_fputs(text, stream);
}
WRAP(int, fputc, (int character, FILE *stream)) {
    return stream_fails(stream, "fputc", CALLER) ? EOF : __real_fputc(character, stream);
}
#undef putc
WRAP(int, putc, (int character, FILE *stream)) {
    return stream_fails(stream, "putc", CALLER) ? EOF : __real_putc(character, stream);
}
#undef putchar
WRAP(int, putchar, (int character)) {
    return stream_fails(stdout, "putchar", CALLER) ? EOF : __real_putchar(character);
}
WRAP(int, puts, (const char *text)) {
    return stream_fails(stdout, "puts", CALLER) ? EOF : __real_puts(text);
}
WRAP(int, vfprintf, (FILE * stream, const char *format, va_list arguments)) {
    return stream_fails(stream, "vfprintf", CALLER) ? -1 : __real_vfprintf(stream, format, arguments);
}
WRAP(int, fprintf, (FILE * stream, const char *format, ...)) {
    if (stream_fails(stream, "fprintf", CALLER))
        return -1;
    va_list arguments;
    va_start(arguments, format);
    int length = __real_vfprintf(stream, format, arguments);
    va_end(arguments);
    return length;
}
WRAP(int, printf, (const char *format, ...)) {
    if (stream_fails(stdout, "printf", CALLER))
        return -1;
    va_list arguments;
    va_start(arguments, format);
    int length = __real_vfprintf(stdout, format, arguments);
    va_end(arguments);
    return length;
}
WRAP(int, fflush, (FILE * stream)) {
    bool failing = stream && stream_fails(stream, "fflush", CALLER); /* NULL: all of them */
    return failing ? EOF : __real_fflush(stream);
}
WRAP(int, fclose, (FILE * stream)) {
    bool failing = __fwritable(stream) && stream != stderr && fails(WRITE, "fclose", CALLER);
    int status = __real_fclose(stream); /* closes also when it fails */
    if (!failing)
        return status;
    errno = ENOSPC;
    return EOF;
}
WRAP(ssize_t, write, (int file, const void *data, size_t bytes))
WRAP_ALL(WRITE, write, (file, data, bytes), (errno = ENOSPC, -1))
WRAP(int, fsync, (int file))
WRAP_ALL(SYNC, fsync, (file), (errno = EIO, -1))
WRAP(int, rename, (const char *from, const char *to))
WRAP_ALL(RENAME, rename, (from, to), (errno = EIO, -1))
WRAP(FILE *, fopen, (const char *path, const char *mode))
WRAP_ALL(OPEN, fopen, (path, mode), (errno = EMFILE, NULL))
WRAP(FILE *, fdopen, (int file, const char *mode))
WRAP_ALL(OPEN, fdopen, (file, mode), NO_MEMORY)
WRAP(int, open, (const char *path, int flags, ...)) {
    if (fails(OPEN, "open", CALLER)) {
        errno = EMFILE;
        return -1;
    }
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return __real_open(path, flags, mode);
}
WRAP(int, mkdir, (const char *path, mode_t mode))
WRAP_ALL(OPEN, mkdir, (path, mode), (errno = ENOSPC, -1))
WRAP(DIR *, opendir, (const char *path))
WRAP_ALL(OPEN, opendir, (path), (errno = EMFILE, NULL))
WRAP(size_t, fread, (void *data, size_t size, size_t count, FILE *stream)) {
    if (!fails(READ, "fread", CALLER))
        return __real_fread(data, size, count, stream);
    stream->_flags |= _IO_ERR_SEEN;
    errno = EIO;
    return 0;
}
WRAP(ssize_t, read, (int file, void *data, size_t bytes))
WRAP_ALL(READ, read, (file, data, bytes), (errno = EIO, -1))
WRAP(ssize_t, pread, (int file, void *data, size_t bytes, off_t first))
WRAP_ALL(READ, pread, (file, data, bytes, first), (errno = EIO, -1))
WRAP(int, fstat, (int file, struct stat *info))
WRAP_ALL(READ, fstat, (file, info), (errno = EIO, -1))

/* --- OpenCL: calls that return a status --- */
WRAP(cl_int, clGetPlatformIDs, (cl_uint count, cl_platform_id *platforms, cl_uint *found))
WRAP_ALL(OPENCL, clGetPlatformIDs, (count, platforms, found), CL_OUT_OF_HOST_MEMORY)
WRAP(cl_int, clGetPlatformInfo,
     (cl_platform_id platform, cl_platform_info what, size_t room, void *value, size_t *bytes))
WRAP_ALL(OPENCL, clGetPlatformInfo, (platform, what, room, value, bytes), CL_OUT_OF_HOST_MEMORY)
WRAP(cl_int, clGetDeviceIDs,
     (cl_platform_id platform, cl_device_type type, cl_uint count, cl_device_id *devices, cl_uint *found))
WRAP_ALL(OPENCL, clGetDeviceIDs, (platform, type, count, devices, found), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clGetDeviceInfo,
     (cl_device_id device, cl_device_info what, size_t room, void *value, size_t *bytes))
WRAP_ALL(OPENCL, clGetDeviceInfo, (device, what, room, value, bytes), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clGetProgramInfo,
     (cl_program program, cl_program_info what, size_t room, void *value, size_t *bytes))
WRAP_ALL(OPENCL, clGetProgramInfo, (program, what, room, value, bytes), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clGetProgramBuildInfo,
     (cl_program program, cl_device_id device, cl_program_build_info what, size_t room, void *value,
      size_t *bytes))
WRAP_ALL(OPENCL, clGetProgramBuildInfo, (program, device, what, room, value, bytes), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clGetKernelInfo,
     (cl_kernel kernel, cl_kernel_info what, size_t room, void *value, size_t *bytes))
WRAP_ALL(OPENCL, clGetKernelInfo, (kernel, what, room, value, bytes), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clGetKernelWorkGroupInfo,
     (cl_kernel kernel, cl_device_id device, cl_kernel_work_group_info what, size_t room, void *value,
      size_t *bytes))
WRAP_ALL(OPENCL, clGetKernelWorkGroupInfo, (kernel, device, what, room, value, bytes), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clGetMemObjectInfo, (cl_mem memory, cl_mem_info what, size_t room, void *value, size_t *bytes))
WRAP_ALL(OPENCL, clGetMemObjectInfo, (memory, what, room, value, bytes), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clGetEventProfilingInfo,
     (cl_event event, cl_profiling_info what, size_t room, void *value, size_t *bytes))
WRAP_ALL(OPENCL, clGetEventProfilingInfo, (event, what, room, value, bytes), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clGetEventInfo, (cl_event event, cl_event_info what, size_t room, void *value, size_t *bytes))
WRAP_ALL(OPENCL, clGetEventInfo, (event, what, room, value, bytes), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clBuildProgram,
     (cl_program program, cl_uint count, const cl_device_id *devices, const char *options,
      void (*notify)(cl_program, void *), void *user))
WRAP_ALL(OPENCL, clBuildProgram, (program, count, devices, options, notify, user), CL_OUT_OF_HOST_MEMORY)
WRAP(cl_int, clSetKernelArg, (cl_kernel kernel, cl_uint index, size_t bytes, const void *value))
WRAP_ALL(OPENCL, clSetKernelArg, (kernel, index, bytes, value), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clEnqueueCopyBuffer,
     (cl_command_queue queue, cl_mem from, cl_mem to, size_t from_offset, size_t to_offset, size_t bytes,
      cl_uint count, const cl_event *waits, cl_event *event))
WRAP_ALL(OPENCL, clEnqueueCopyBuffer, (queue, from, to, from_offset, to_offset, bytes, count, waits, event),
         CL_MEM_OBJECT_ALLOCATION_FAILURE)
WRAP(cl_int, clEnqueueFillBuffer,
     (cl_command_queue queue, cl_mem memory, const void *pattern, size_t pattern_bytes, size_t offset,
      size_t bytes, cl_uint count, const cl_event *waits, cl_event *event))
WRAP_ALL(OPENCL, clEnqueueFillBuffer,
         (queue, memory, pattern, pattern_bytes, offset, bytes, count, waits, event),
         CL_MEM_OBJECT_ALLOCATION_FAILURE)
WRAP(cl_int, clEnqueueReadBuffer,
     (cl_command_queue queue, cl_mem memory, cl_bool blocking, size_t offset, size_t bytes, void *data,
      cl_uint count, const cl_event *waits, cl_event *event))
WRAP_ALL(OPENCL, clEnqueueReadBuffer, (queue, memory, blocking, offset, bytes, data, count, waits, event),
         CL_OUT_OF_RESOURCES)
WRAP(cl_int, clEnqueueWriteBuffer,
     (cl_command_queue queue, cl_mem memory, cl_bool blocking, size_t offset, size_t bytes, const void *data,
      cl_uint count, const cl_event *waits, cl_event *event))
WRAP_ALL(OPENCL, clEnqueueWriteBuffer, (queue, memory, blocking, offset, bytes, data, count, waits, event),
         CL_OUT_OF_RESOURCES)
WRAP(cl_int, clEnqueueNDRangeKernel,
     (cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *offset,
      const size_t *global, const size_t *local, cl_uint count, const cl_event *waits, cl_event *event))
WRAP_ALL(OPENCL, clEnqueueNDRangeKernel,
         (queue, kernel, dimensions, offset, global, local, count, waits, event), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clFinish, (cl_command_queue queue))
WRAP_ALL(OPENCL, clFinish, (queue), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clEnqueueMarkerWithWaitList,
     (cl_command_queue queue, cl_uint waits, const cl_event *wait, cl_event *event))
WRAP_ALL(OPENCL, clEnqueueMarkerWithWaitList, (queue, waits, wait, event), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clWaitForEvents, (cl_uint count, const cl_event *events))
WRAP_ALL(OPENCL, clWaitForEvents, (count, events), CL_OUT_OF_RESOURCES)
WRAP(cl_int, clFlush, (cl_command_queue queue))
WRAP_ALL(OPENCL, clFlush, (queue), CL_OUT_OF_RESOURCES)

/* --- OpenCL: calls that return an object --- */
static void *no_object(cl_int *code, cl_int failure) {
    if (code)
        *code = failure;
    return NULL;
}

typedef void notify_context(const char *, const void *, size_t, void *);
WRAP(cl_context, clCreateContext,
     (const cl_context_properties *properties, cl_uint count, const cl_device_id *devices,
      notify_context *notify, void *user, cl_int *code))
WRAP_ALL(OPENCL, clCreateContext, (properties, count, devices, notify, user, code),
         no_object(code, CL_DEVICE_NOT_AVAILABLE))
WRAP(cl_command_queue, clCreateCommandQueue,
     (cl_context context, cl_device_id device, cl_command_queue_properties properties, cl_int *code))
WRAP_ALL(OPENCL, clCreateCommandQueue, (context, device, properties, code),
         no_object(code, CL_OUT_OF_RESOURCES))
WRAP(cl_program, clCreateProgramWithSource,
     (cl_context context, cl_uint count, const char **texts, const size_t *lengths, cl_int *code))
WRAP_ALL(OPENCL, clCreateProgramWithSource, (context, count, texts, lengths, code),
         no_object(code, CL_OUT_OF_HOST_MEMORY))
WRAP(cl_program, clCreateProgramWithBinary,
     (cl_context context, cl_uint count, const cl_device_id *devices, const size_t *lengths,
      const unsigned char **binaries, cl_int *status, cl_int *code))
WRAP_ALL(OPENCL, clCreateProgramWithBinary, (context, count, devices, lengths, binaries, status, code),
         no_object(code, CL_OUT_OF_HOST_MEMORY))
WRAP(cl_kernel, clCreateKernel, (cl_program program, const char *name, cl_int *code))
WRAP_ALL(OPENCL, clCreateKernel, (program, name, code), no_object(code, CL_OUT_OF_HOST_MEMORY))
WRAP(cl_mem, clCreateBuffer, (cl_context context, cl_mem_flags flags, size_t bytes, void *data, cl_int *code))
WRAP_ALL(OPENCL, clCreateBuffer, (context, flags, bytes, data, code),
         no_object(code, CL_MEM_OBJECT_ALLOCATION_FAILURE))
WRAP(cl_mem, clCreateSubBuffer,
     (cl_mem memory, cl_mem_flags flags, cl_buffer_create_type type, const void *region, cl_int *code))
WRAP_ALL(OPENCL, clCreateSubBuffer, (memory, flags, type, region, code), no_object(code, CL_OUT_OF_RESOURCES))
