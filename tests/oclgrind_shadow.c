/* Preloaded into test programs that run under `oclgrind --uninitialized` (see on_runtime.sh).
 *
 * Oclgrind 21.10 keeps one shadow per buffer that says which bytes were written. Every store by the host
 * (write, fill, copy) replaces the whole shadow by one of the store's own size, a sub-buffer's first use
 * makes one without contents, and a freed buffer leaves its shadow to the next one. Reports are then missing
 * or false. This library keeps shadows right: each buffer's is made, of full size and unwritten, by a kernel
 * that receives the buffer; stores into part of a buffer become kernels; and no buffer is freed, so that no
 * shadow is inherited. What a program computes stays the same.
 *
 * A failure in here ends the program: results without right shadows would prove nothing. */
#include <CL/cl.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sixteen bytes a work-item; the last one takes what is left. The pattern of a fill has sixteen bytes. */
enum { UNIT = 16 };
static const char source[] =
    "__kernel void see(__global uchar *buffer) { (void)buffer; }\n"
    "__kernel void fill(__global uchar *to, __global const uchar *pattern, ulong to_offset, ulong bytes) {\n"
    "    size_t at = 16 * get_global_id(0);\n"
    "    to += to_offset + at;\n"
    "    if (at + 16 <= bytes)\n"
    "        vstore16(vload16(0, pattern), 0, to);\n"
    "    else\n"
    "        for (int i = 0; at + i < bytes; i++)\n"
    "            to[i] = pattern[i];\n"
    "}\n"
    "__kernel void copy(__global uchar *to, __global const uchar *from, ulong to_offset, ulong from_offset,\n"
    "                   ulong bytes) {\n"
    "    size_t at = 16 * get_global_id(0);\n"
    "    to += to_offset + at;\n"
    "    from += from_offset + at;\n"
    "    if (at + 16 <= bytes)\n"
    "        vstore16(vload16(0, from), 0, to);\n"
    "    else\n"
    "        for (int i = 0; at + i < bytes; i++)\n"
    "            to[i] = from[i];\n"
    "}\n";

enum { MAX_CONTEXTS = 64 };

/* What each context needs; holding the queue keeps the context, hence its address stays its own. */
typedef struct tools {
    cl_context context;
    cl_command_queue queue;
    cl_kernel see, fill, copy;
} tools;

static tools known[MAX_CONTEXTS];
static int known_count;

static void need(cl_int code, const char *what) {
    if (code == CL_SUCCESS)
        return;
    fprintf(stderr, "oclgrind_shadow: %s: error %d\n", what, code);
    abort();
}

/* The implementation's own function of that name. */
static void *original(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        need(-1, name);
    return function;
}

static cl_mem create(cl_context context, cl_mem_flags flags, size_t bytes, void *data, cl_int *code) {
    cl_mem (*function)(cl_context, cl_mem_flags, size_t, void *, cl_int *) = original("clCreateBuffer");
    return function(context, flags, bytes, data, code);
}

static void make_tools(tools *t, cl_context context) {
    cl_device_id device;
    cl_int code;
    const char *text = source;
    need(clGetContextInfo(context, CL_CONTEXT_DEVICES, sizeof device, &device, NULL),
         "asking for the device");
    t->context = context;
    t->queue = clCreateCommandQueue(context, device, 0, &code);
    need(code, "creating a queue");
    cl_program program = clCreateProgramWithSource(context, 1, &text, NULL, &code);
    need(code, "creating the program");
    need(clBuildProgram(program, 1, &device, "", NULL, NULL), "building the program");
    t->see = clCreateKernel(program, "see", &code);
    need(code, "creating a kernel");
    t->fill = clCreateKernel(program, "fill", &code);
    need(code, "creating a kernel");
    t->copy = clCreateKernel(program, "copy", &code);
    need(code, "creating a kernel");
}

static tools *tools_of(cl_context context) {
    for (int i = 0; i < known_count; i++)
        if (known[i].context == context)
            return &known[i];
    if (known_count == MAX_CONTEXTS)
        need(-1, "too many contexts");
    make_tools(&known[known_count], context);
    return &known[known_count++];
}

static tools *tools_for(cl_command_queue queue) {
    cl_context context;
    need(clGetCommandQueueInfo(queue, CL_QUEUE_CONTEXT, sizeof context, &context, NULL), "asking a queue");
    return tools_of(context);
}

static void set(cl_kernel kernel, cl_uint index, size_t bytes, const void *value) {
    need(clSetKernelArg(kernel, index, bytes, value), "setting an argument");
}

static cl_int enqueue(cl_command_queue queue, cl_kernel kernel, size_t items, cl_uint waits,
                      const cl_event *wait, cl_event *event) {
    return clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &items, NULL, waits, wait, event);
}

static cl_int write(cl_command_queue queue, cl_mem buffer, size_t bytes, const void *data, cl_uint waits,
                    const cl_event *wait, cl_event *event) {
    cl_int (*function)(cl_command_queue, cl_mem, cl_bool, size_t, size_t, const void *, cl_uint,
                       const cl_event *, cl_event *) = original("clEnqueueWriteBuffer");
    return function(queue, buffer, CL_TRUE, 0, bytes, data, waits, wait, event);
}

/* A buffer with these bytes, written whole: the one kind of store by the host that Oclgrind follows. */
static cl_mem stage(tools *t, const void *data, size_t bytes) {
    cl_int code;
    cl_mem staged = create(t->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    need(code, "creating a buffer");
    need(write(t->queue, staged, bytes, data, 0, NULL, NULL), "writing a buffer");
    return staged;
}

static bool is_whole(cl_mem buffer, size_t offset, size_t bytes) {
    cl_mem owner;
    size_t all;
    need(clGetMemObjectInfo(buffer, CL_MEM_ASSOCIATED_MEMOBJECT, sizeof owner, &owner, NULL),
         "asking a buffer");
    need(clGetMemObjectInfo(buffer, CL_MEM_SIZE, sizeof all, &all, NULL), "asking a buffer");
    return !owner && offset == 0 && bytes == all;
}

static cl_int copy(cl_command_queue queue, cl_mem from, cl_mem to, cl_ulong from_offset, cl_ulong to_offset,
                   cl_ulong bytes, cl_uint waits, const cl_event *wait, cl_event *event) {
    cl_kernel kernel = tools_for(queue)->copy;
    set(kernel, 0, sizeof to, &to);
    set(kernel, 1, sizeof from, &from);
    set(kernel, 2, sizeof to_offset, &to_offset);
    set(kernel, 3, sizeof from_offset, &from_offset);
    set(kernel, 4, sizeof bytes, &bytes);
    return enqueue(queue, kernel, (bytes + UNIT - 1) / UNIT, waits, wait, event);
}

/* --- the calls replaced --- */

cl_mem clCreateBuffer(cl_context context, cl_mem_flags flags, size_t bytes, void *data, cl_int *code) {
    cl_mem buffer = create(context, flags, bytes, data, code);
    if (!buffer)
        return NULL;
    tools *t = tools_of(context);
    set(t->see, 0, sizeof buffer, &buffer);
    need(enqueue(t->queue, t->see, 1, 0, NULL, NULL), "showing a buffer to a kernel");
    need(clFinish(t->queue), "showing a buffer to a kernel");
    return buffer;
}

cl_int clReleaseMemObject(cl_mem buffer) {
    return buffer ? CL_SUCCESS : CL_INVALID_MEM_OBJECT;
}

cl_int clEnqueueWriteBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset,
                            size_t bytes, const void *data, cl_uint waits, const cl_event *wait,
                            cl_event *event) {
    if (is_whole(buffer, offset, bytes))
        return write(queue, buffer, bytes, data, waits, wait, event);
    cl_mem staged = stage(tools_for(queue), data, bytes);
    cl_int code = copy(queue, staged, buffer, 0, offset, bytes, waits, wait, event);
    return code == CL_SUCCESS && blocking ? clFinish(queue) : code;
}

cl_int clEnqueueFillBuffer(cl_command_queue queue, cl_mem buffer, const void *pattern, size_t pattern_bytes,
                           size_t offset, size_t bytes, cl_uint waits, const cl_event *wait,
                           cl_event *event) {
    tools *t = tools_for(queue);
    unsigned char repeated[UNIT];
    need(UNIT % pattern_bytes ? CL_INVALID_VALUE : CL_SUCCESS, "filling with this pattern");
    for (size_t i = 0; i < UNIT; i++)
        repeated[i] = ((const unsigned char *)pattern)[i % pattern_bytes];
    cl_mem staged = stage(t, repeated, UNIT);
    cl_ulong first = offset, count = bytes;
    set(t->fill, 0, sizeof buffer, &buffer);
    set(t->fill, 1, sizeof staged, &staged);
    set(t->fill, 2, sizeof first, &first);
    set(t->fill, 3, sizeof count, &count);
    return enqueue(queue, t->fill, (bytes + UNIT - 1) / UNIT, waits, wait, event);
}

cl_int clEnqueueCopyBuffer(cl_command_queue queue, cl_mem from, cl_mem to, size_t from_offset,
                           size_t to_offset, size_t bytes, cl_uint waits, const cl_event *wait,
                           cl_event *event) {
    return copy(queue, from, to, from_offset, to_offset, bytes, waits, wait, event);
}
