/* OpenCL as far as the host uses it, on a device that computes nothing and stores nothing: every number read from it is zero.
 * Linked into list_kernels, these functions take the place of the OpenCL library's; list_kernels_clblast.c does so for CLBlast. So the whole program runs in seconds, on a GPU or a CPU that is not there, and all it wants built and launched
 * is seen. */
#include "tests/list_kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The signatures are OpenCL's; most of what they carry does not matter here. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* Every object begins with a table of functions, as the OpenCL library expects it: a call of a function that is not
 * defined here goes to the library, and from there into this table. */
static void unknown_call(void) {
    list_fail("the host calls an OpenCL function that tests/list_kernels_opencl.c does not have");
}

enum { TABLE = 256 };
static void (*table[TABLE])(void);

struct _cl_platform_id {
    void *table;
};
struct _cl_device_id {
    void *table;
};
struct _cl_context {
    void *table;
};
struct _cl_command_queue {
    void *table;
};
struct _cl_event {
    void *table;
};
struct _cl_mem {
    void *table;
    cl_mem owner;
    size_t offset, bytes;
};
struct _cl_program {
    void *table;
    char *text;
    const listed_program *listed;
};
struct _cl_kernel {
    void *table;
    listed_kernel *listed;
};

static struct _cl_platform_id the_platform = {table};
static struct _cl_device_id the_device = {table};
static struct _cl_context the_context = {table};
static struct _cl_command_queue the_queue = {table};
static struct _cl_event the_event = {table};

static void *object(size_t bytes, cl_int *code) {
    void **made = calloc(1, bytes);
    if (!made)
        list_fail("no memory");
    *made = table;
    if (code)
        *code = CL_SUCCESS;
    return made;
}

static cl_int answer(const void *value, size_t bytes, size_t room, void *to, size_t *needed) {
    if (needed)
        *needed = bytes;
    if (to && room < bytes)
        return CL_INVALID_VALUE;
    if (to)
        memcpy(to, value, bytes);
    return CL_SUCCESS;
}

static cl_int answer_text(const char *text, size_t room, void *to, size_t *needed) {
    return answer(text, strlen(text) + 1, room, to, needed);
}

static cl_int happened(cl_event *event) {
    if (event)
        *event = &the_event;
    return CL_SUCCESS;
}

/* --- platform and device --- */

cl_int clGetPlatformIDs(cl_uint room, cl_platform_id *list, cl_uint *count) {
    for (int i = 0; i < TABLE; i++)
        table[i] = unknown_call;
    if (list && room)
        *list = &the_platform;
    if (count)
        *count = 1;
    return CL_SUCCESS;
}

cl_int clGetPlatformInfo(cl_platform_id platform, cl_platform_info what, size_t room, void *to,
                         size_t *needed) {
    return answer_text("OpenCL 1.2 listing", room, to, needed);
}

cl_int clGetDeviceIDs(cl_platform_id platform, cl_device_type type, cl_uint room, cl_device_id *list,
                      cl_uint *count) {
    if (list && room)
        *list = &the_device;
    if (count)
        *count = 1;
    return CL_SUCCESS;
}

cl_int clGetDeviceInfo(cl_device_id device, cl_device_info what, size_t room, void *to, size_t *needed) {
    cl_device_type type = list_is_gpu() ? CL_DEVICE_TYPE_GPU : CL_DEVICE_TYPE_CPU;
    cl_uint units = list_is_gpu() ? 60 : 8, alignment_bits = 1024;
    cl_ulong memory = (cl_ulong)64 << 30, largest = (cl_ulong)16 << 30, local = 32 << 10;
    cl_bool yes = CL_TRUE, unified = !list_is_gpu();
    size_t group = 256;
    switch (what) {
    case CL_DEVICE_TYPE:
        return answer(&type, sizeof type, room, to, needed);
    case CL_DEVICE_MAX_COMPUTE_UNITS:
        return answer(&units, sizeof units, room, to, needed);
    case CL_DEVICE_MEM_BASE_ADDR_ALIGN:
        return answer(&alignment_bits, sizeof alignment_bits, room, to, needed);
    case CL_DEVICE_GLOBAL_MEM_SIZE:
        return answer(&memory, sizeof memory, room, to, needed);
    case CL_DEVICE_MAX_MEM_ALLOC_SIZE:
        return answer(&largest, sizeof largest, room, to, needed);
    case CL_DEVICE_LOCAL_MEM_SIZE:
        return answer(&local, sizeof local, room, to, needed);
    case CL_DEVICE_MAX_WORK_GROUP_SIZE:
        return answer(&group, sizeof group, room, to, needed);
    case CL_DEVICE_HOST_UNIFIED_MEMORY:
        return answer(&unified, sizeof unified, room, to, needed);
    case CL_DEVICE_AVAILABLE:
    case CL_DEVICE_COMPILER_AVAILABLE:
        return answer(&yes, sizeof yes, room, to, needed);
    case CL_DEVICE_VERSION:
        return answer_text("OpenCL 1.2", room, to, needed);
    case CL_DEVICE_EXTENSIONS:
        return answer_text("", room, to, needed);
    case CL_DEVICE_NAME:
    case CL_DEVICE_VENDOR:
    case CL_DRIVER_VERSION:
        return answer_text("listing", room, to, needed);
    default:
        return CL_INVALID_VALUE;
    }
}

cl_context clCreateContext(const cl_context_properties *properties, cl_uint count,
                           const cl_device_id *devices,
                           void(CL_CALLBACK *notify)(const char *, const void *, size_t, void *), void *user,
                           cl_int *code) {
    *code = CL_SUCCESS;
    return &the_context;
}

cl_command_queue clCreateCommandQueue(cl_context context, cl_device_id device,
                                      cl_command_queue_properties flags, cl_int *code) {
    *code = CL_SUCCESS;
    return &the_queue;
}

cl_int clReleaseContext(cl_context context) {
    return CL_SUCCESS;
}

cl_int clReleaseCommandQueue(cl_command_queue queue) {
    return CL_SUCCESS;
}

/* --- memory --- */

cl_mem clCreateBuffer(cl_context context, cl_mem_flags flags, size_t bytes, void *data, cl_int *code) {
    cl_mem buffer = object(sizeof *buffer, code);
    buffer->bytes = bytes;
    return buffer;
}

cl_mem clCreateSubBuffer(cl_mem owner, cl_mem_flags flags, cl_buffer_create_type type, const void *info,
                         cl_int *code) {
    const cl_buffer_region *region = info;
    cl_mem buffer = object(sizeof *buffer, code);
    buffer->owner = owner;
    buffer->offset = region->origin;
    buffer->bytes = region->size;
    return buffer;
}

cl_int clGetMemObjectInfo(cl_mem buffer, cl_mem_info what, size_t room, void *to, size_t *needed) {
    switch (what) {
    case CL_MEM_ASSOCIATED_MEMOBJECT:
        return answer(&buffer->owner, sizeof buffer->owner, room, to, needed);
    case CL_MEM_OFFSET:
        return answer(&buffer->offset, sizeof buffer->offset, room, to, needed);
    case CL_MEM_SIZE:
        return answer(&buffer->bytes, sizeof buffer->bytes, room, to, needed);
    default:
        return CL_INVALID_VALUE;
    }
}

cl_int clReleaseMemObject(cl_mem buffer) {
    free(buffer);
    return CL_SUCCESS;
}

/* --- programs and kernels --- */

cl_program clCreateProgramWithSource(cl_context context, cl_uint count, const char **strings,
                                     const size_t *lengths, cl_int *code) {
    if (count != 1 || lengths)
        list_fail("a program comes in parts");
    cl_program program = object(sizeof *program, code);
    program->text = strdup(strings[0]);
    if (!program->text)
        list_fail("no memory");
    return program;
}

cl_program clCreateProgramWithBinary(cl_context context, cl_uint count, const cl_device_id *devices,
                                     const size_t *lengths, const unsigned char **binaries, cl_int *loaded,
                                     cl_int *code) {
    *loaded = *code = CL_INVALID_BINARY;
    return NULL;
}

cl_int clBuildProgram(cl_program program, cl_uint count, const cl_device_id *devices, const char *options,
                      void(CL_CALLBACK *notify)(cl_program, void *), void *user) {
    program->listed = list_program(program->text, options ? options : "");
    return CL_SUCCESS;
}

cl_int clGetProgramInfo(cl_program program, cl_program_info what, size_t room, void *to, size_t *needed) {
    return CL_INVALID_VALUE;
}

cl_int clGetProgramBuildInfo(cl_program program, cl_device_id device, cl_program_build_info what, size_t room,
                             void *to, size_t *needed) {
    return what == CL_PROGRAM_BUILD_LOG ? answer_text("", room, to, needed) : CL_INVALID_VALUE;
}

cl_int clReleaseProgram(cl_program program) {
    free(program->text);
    free(program);
    return CL_SUCCESS;
}

cl_kernel clCreateKernel(cl_program program, const char *name, cl_int *code) {
    listed_kernel *listed = list_kernel(program->listed, name);
    if (!listed) {
        *code = CL_INVALID_KERNEL_NAME;
        return NULL;
    }
    cl_kernel kernel = object(sizeof *kernel, code);
    kernel->listed = listed;
    return kernel;
}

cl_int clGetKernelInfo(cl_kernel kernel, cl_kernel_info what, size_t room, void *to, size_t *needed) {
    const listed_kernel *k = kernel->listed;
    switch (what) {
    case CL_KERNEL_NUM_ARGS:
        return answer(&k->arguments, sizeof k->arguments, room, to, needed);
    case CL_KERNEL_FUNCTION_NAME:
        return answer_text(k->name, room, to, needed);
    default:
        return CL_INVALID_VALUE;
    }
}

/* Compilers say it later; the host then goes by the device. */
cl_int clGetKernelWorkGroupInfo(cl_kernel kernel, cl_device_id device, cl_kernel_work_group_info what,
                                size_t room, void *to, size_t *needed) {
    return CL_INVALID_VALUE;
}

cl_int clSetKernelArg(cl_kernel kernel, cl_uint index, size_t bytes, const void *value) {
    return index < kernel->listed->arguments ? CL_SUCCESS : CL_INVALID_ARG_INDEX;
}

cl_int clReleaseKernel(cl_kernel kernel) {
    free(kernel);
    return CL_SUCCESS;
}

/* --- the queue --- */

cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                              const size_t *offset, const size_t *global, const size_t *local, cl_uint waits,
                              const cl_event *wait, cl_event *event) {
    list_launch(kernel->listed, dimensions, local);
    return happened(event);
}

cl_int clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset,
                           size_t bytes, void *data, cl_uint waits, const cl_event *wait, cl_event *event) {
    memset(data, 0, bytes);
    return happened(event);
}

cl_int clEnqueueWriteBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset,
                            size_t bytes, const void *data, cl_uint waits, const cl_event *wait,
                            cl_event *event) {
    return happened(event);
}

cl_int clEnqueueCopyBuffer(cl_command_queue queue, cl_mem from, cl_mem to, size_t from_offset,
                           size_t to_offset, size_t bytes, cl_uint waits, const cl_event *wait,
                           cl_event *event) {
    return happened(event);
}

cl_int clEnqueueFillBuffer(cl_command_queue queue, cl_mem buffer, const void *pattern, size_t pattern_bytes,
                           size_t offset, size_t bytes, cl_uint waits, const cl_event *wait,
                           cl_event *event) {
    return happened(event);
}

cl_int clEnqueueMarkerWithWaitList(cl_command_queue queue, cl_uint waits, const cl_event *wait,
                                   cl_event *event) {
    return happened(event);
}

cl_int clWaitForEvents(cl_uint count, const cl_event *events) {
    return CL_SUCCESS;
}

cl_int clFlush(cl_command_queue queue) {
    return CL_SUCCESS;
}

cl_int clFinish(cl_command_queue queue) {
    return CL_SUCCESS;
}

cl_int clGetEventProfilingInfo(cl_event event, cl_profiling_info what, size_t room, void *to,
                               size_t *needed) {
    cl_ulong never = 0;
    return answer(&never, sizeof never, room, to, needed);
}

cl_int clGetEventInfo(cl_event event, cl_event_info what, size_t room, void *to, size_t *needed) {
    cl_int state = CL_COMPLETE;
    return answer(&state, sizeof state, room, to, needed);
}

cl_int clReleaseEvent(cl_event event) {
    return CL_SUCCESS;
}
