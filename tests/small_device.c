/* Preloaded into test programs: a device that has only what OpenCL 1.2 promises, or what some GPU has, and that refuses what asks for more.
 * PoCL and Oclgrind can be told some of these limits, and align buffers to 128 bytes, where GPUs want up to 4096:
 *     SMALL_DEVICE=1      small limits; buffers of at most 16 MiB, aligned to 4096 bytes
 *     SMALL_DEVICE=old    OpenCL 1.1 */
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALLOCATION = 16 << 20, ALIGNMENT = 4096, LOCAL = 32 << 10, GROUP = 256 };
static const size_t sides[3] = {256, 256, 64};

static bool is(const char *mode) {
    const char *wanted = getenv("SMALL_DEVICE");
    return wanted && strcmp(wanted, mode) == 0;
}

/* ISO C has no cast from an object's address to a function's. */
static void find(const char *name, void *function) {
    void *real = dlsym(RTLD_NEXT, name);
    if (!real)
        abort();
    memcpy(function, &real, sizeof real);
}

static cl_int answer(const void *value, size_t bytes, size_t room, void *out, size_t *needed) {
    if (needed)
        *needed = bytes;
    if (out && room < bytes)
        return CL_INVALID_VALUE;
    if (out)
        memcpy(out, value, bytes);
    return CL_SUCCESS;
}

#define ANSWER(type, value_)                                                                                 \
    do {                                                                                                     \
        type value = (value_);                                                                               \
        return answer(&value, sizeof value, room, out, needed);                                              \
    } while (0)

cl_int clGetDeviceInfo(cl_device_id device, cl_device_info what, size_t room, void *out, size_t *needed) {
    static const char old[] = "OpenCL 1.1 of old";
    cl_int (*real)(cl_device_id, cl_device_info, size_t, void *, size_t *);
    find("clGetDeviceInfo", &real);
    if (is("old") && what == CL_DEVICE_VERSION)
        return answer(old, sizeof old, room, out, needed);
    if (!is("1"))
        return real(device, what, room, out, needed);
    switch (what) {
    case CL_DEVICE_MAX_MEM_ALLOC_SIZE:
        ANSWER(cl_ulong, ALLOCATION);
    case CL_DEVICE_MEM_BASE_ADDR_ALIGN:
        ANSWER(cl_uint, 8 * ALIGNMENT);
    case CL_DEVICE_LOCAL_MEM_SIZE:
        ANSWER(cl_ulong, LOCAL);
    case CL_DEVICE_MAX_WORK_GROUP_SIZE:
        ANSWER(size_t, GROUP);
    case CL_DEVICE_MAX_WORK_ITEM_SIZES:
        return answer(sides, sizeof sides, room, out, needed);
    case CL_DEVICE_IMAGE_SUPPORT:
        ANSWER(cl_bool, CL_FALSE);
    case CL_DEVICE_QUEUE_PROPERTIES:
        ANSWER(cl_command_queue_properties, CL_QUEUE_PROFILING_ENABLE);
    default:
        return real(device, what, room, out, needed);
    }
}

static void *refuse(cl_int why, cl_int *code, const char *what) {
    fprintf(stderr, "small_device: %s\n", what);
    if (code)
        *code = why;
    return NULL;
}

cl_mem clCreateBuffer(cl_context context, cl_mem_flags flags, size_t bytes, void *data, cl_int *code) {
    cl_mem (*real)(cl_context, cl_mem_flags, size_t, void *, cl_int *);
    find("clCreateBuffer", &real);
    return is("1") && bytes > ALLOCATION ? refuse(CL_INVALID_BUFFER_SIZE, code, "a buffer is too large")
                                         : real(context, flags, bytes, data, code);
}

cl_mem clCreateSubBuffer(cl_mem memory, cl_mem_flags flags, cl_buffer_create_type type, const void *region,
                         cl_int *code) {
    cl_mem (*real)(cl_mem, cl_mem_flags, cl_buffer_create_type, const void *, cl_int *);
    const cl_buffer_region *r = region;
    find("clCreateSubBuffer", &real);
    return is("1") && r->origin % ALIGNMENT
               ? refuse(CL_MISALIGNED_SUB_BUFFER_OFFSET, code, "a sub-buffer is not aligned")
               : real(memory, flags, type, region, code);
}

cl_command_queue clCreateCommandQueue(cl_context context, cl_device_id device,
                                      cl_command_queue_properties properties, cl_int *code) {
    cl_command_queue (*real)(cl_context, cl_device_id, cl_command_queue_properties, cl_int *);
    find("clCreateCommandQueue", &real);
    return is("1") && properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE
               ? refuse(CL_INVALID_QUEUE_PROPERTIES, code, "a queue out of order")
               : real(context, device, properties, code);
}

cl_mem clCreateImage(cl_context context, cl_mem_flags flags, const cl_image_format *format,
                     const cl_image_desc *description, void *data, cl_int *code) {
    cl_mem (*real)(cl_context, cl_mem_flags, const cl_image_format *, const cl_image_desc *, void *,
                   cl_int *);
    find("clCreateImage", &real);
    return is("1") ? refuse(CL_INVALID_OPERATION, code, "an image")
                   : real(context, flags, format, description, data, code);
}

static bool fits(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *local) {
    size_t items = 1;
    cl_ulong bytes = 0;
    cl_device_id device;
    for (cl_uint d = 0; local && d < dimensions; d++) {
        items *= local[d];
        if (local[d] > sides[d])
            return false;
    }
    return items <= GROUP &&
           clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof device, &device, NULL) == CL_SUCCESS &&
           clGetKernelWorkGroupInfo(kernel, device, CL_KERNEL_LOCAL_MEM_SIZE, sizeof bytes, &bytes, NULL) ==
               CL_SUCCESS &&
           bytes <= LOCAL;
}

cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                              const size_t *offset, const size_t *global, const size_t *local, cl_uint count,
                              const cl_event *waits, cl_event *event) {
    cl_int (*real)(cl_command_queue, cl_kernel, cl_uint, const size_t *, const size_t *, const size_t *,
                   cl_uint, const cl_event *, cl_event *);
    find("clEnqueueNDRangeKernel", &real);
    if (!is("1") || fits(queue, kernel, dimensions, local))
        return real(queue, kernel, dimensions, offset, global, local, count, waits, event);
    fprintf(stderr, "small_device: a work-group or its local memory is too large\n");
    return CL_INVALID_WORK_GROUP_SIZE;
}
