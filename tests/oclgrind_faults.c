/* Shows that the run under Oclgrind can fail, and that it does not fail for nothing (on_runtime.sh,
 * oclgrind_shadow.c): oclgrind_faults none | race | uninitialised | bounds Each kernel reads part of a buffer
 * through a sub-buffer whose two halves were written by a fill and by the host. */
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char source[] = "__kernel void none(__global float *y, __global const float *x) { int i = "
                             "get_global_id(0); y[i] = x[i]; }\n"
                             "__kernel void race(__global float *y, __global const float *x) { int i = "
                             "get_global_id(0); y[i / 2] = x[i]; }\n"
                             "__kernel void uninitialised(__global float *y, __global const float *x) {\n"
                             "    int i = get_global_id(0);\n"
                             "    y[i] = x[i + 1];\n"
                             "}\n"
                             "__kernel void bounds(__global float *y, __global const float *x) { int i = "
                             "get_global_id(0); y[i + 1] = x[i]; }\n";

enum { COUNT = 64, OFFSET = 1024, BYTES = COUNT * sizeof(float) };

static void need(cl_int code, const char *what) {
    if (code == CL_SUCCESS)
        return;
    fprintf(stderr, "%s: error %d\n", what, code);
    exit(2);
}

int main(int argc, char **argv) {
    cl_platform_id platform;
    cl_device_id device;
    cl_int code;
    const char *text = source;
    need(clGetPlatformIDs(1, &platform, NULL), "finding a platform");
    need(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "finding a device");
    cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
    need(code, "creating a context");
    cl_command_queue queue = clCreateCommandQueue(context, device, 0, &code);
    need(code, "creating a queue");
    cl_program program = clCreateProgramWithSource(context, 1, &text, NULL, &code);
    need(code, "creating a program");
    need(clBuildProgram(program, 1, &device, "-cl-std=CL1.2", NULL, NULL), "building the program");
    cl_kernel kernel = clCreateKernel(program, argc > 1 ? argv[1] : "", &code);
    need(code, "the kernel named on the command line");

    cl_mem all = clCreateBuffer(context, CL_MEM_READ_WRITE, 2 * OFFSET, NULL, &code);
    need(code, "creating a buffer");
    cl_mem y = clCreateBuffer(context, CL_MEM_READ_WRITE, BYTES, NULL, &code);
    need(code, "creating a buffer");
    cl_buffer_region region = {OFFSET, OFFSET};
    cl_mem x = clCreateSubBuffer(all, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
    need(code, "creating a sub-buffer");
    float one = 1, values[COUNT / 2];
    for (int i = 0; i < COUNT / 2; i++)
        values[i] = (float)i;
    need(clEnqueueFillBuffer(queue, x, &one, sizeof one, 0, BYTES / 2, 0, NULL, NULL), "filling");
    need(clEnqueueWriteBuffer(queue, x, CL_TRUE, BYTES / 2, BYTES / 2, values, 0, NULL, NULL), "writing");

    size_t items = COUNT, group = 8;
    need(clSetKernelArg(kernel, 0, sizeof y, &y), "setting an argument");
    need(clSetKernelArg(kernel, 1, sizeof x, &x), "setting an argument");
    need(clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &items, &group, 0, NULL, NULL), "running the kernel");
    need(clFinish(queue), "running the kernel");
    return 0;
}
