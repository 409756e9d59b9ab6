/* Times C = A B with CLBlast on the first device that `BICROSS_PEER_DEVICE` (part of its name; empty: any) fits.
 *   cc -O2 sgemm_clblast.c -o sgemm_clblast -lclblast -lOpenCL && ./sgemm_clblast M N K
 * Prints the median of several products, in seconds, after one that compiles. Row-major, float32. */
#define CL_TARGET_OPENCL_VERSION 120
#define _GNU_SOURCE
#include <CL/cl.h>
#include <clblast_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPETITIONS = 5, MOST_PLATFORMS = 16 };

static void must(int code, const char *what) {
    if (code == 0)
        return;
    fprintf(stderr, "sgemm_clblast: %s failed with %d\n", what, code);
    exit(1);
}

static cl_device_id find_device(void) {
    const char *wanted = getenv("BICROSS_PEER_DEVICE");
    cl_platform_id platforms[MOST_PLATFORMS];
    cl_uint count = 0;
    must(clGetPlatformIDs(MOST_PLATFORMS, platforms, &count), "clGetPlatformIDs");
    for (cl_uint i = 0; i < count && i < MOST_PLATFORMS; i++) {
        cl_device_id device;
        char name[256] = "";
        if (clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_ALL, 1, &device, NULL) != CL_SUCCESS)
            continue;
        must(clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof name, name, NULL), "clGetDeviceInfo");
        if (!wanted || strcasestr(name, wanted))
            return device;
    }
    fprintf(stderr, "sgemm_clblast: there is no such device\n");
    exit(1);
}

static cl_mem matrix(cl_context context, cl_command_queue queue, size_t count) {
    int code;
    float one = 1;
    cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, count * sizeof one, NULL, &code);
    must(code, "clCreateBuffer");
    must(clEnqueueFillBuffer(queue, buffer, &one, sizeof one, 0, count * sizeof one, 0, NULL, NULL), "fill");
    return buffer;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: sgemm_clblast M N K\n");
        return 2;
    }
    size_t m = strtoul(argv[1], NULL, 10), n = strtoul(argv[2], NULL, 10), k = strtoul(argv[3], NULL, 10);
    int code;
    cl_device_id device = find_device();
    cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
    must(code, "clCreateContext");
    cl_command_queue queue = clCreateCommandQueue(context, device, 0, &code);
    must(code, "clCreateCommandQueue");
    cl_mem a = matrix(context, queue, m * k), b = matrix(context, queue, k * n),
           c = matrix(context, queue, m * n);
    double samples[REPETITIONS];
    for (int i = -1; i < REPETITIONS; i++) {
        double start = now();
        must(CLBlastSgemm(CLBlastLayoutRowMajor, CLBlastTransposeNo, CLBlastTransposeNo, m, n, k, 1, a, 0, k,
                          b, 0, n, 0, c, 0, n, &queue, NULL),
             "CLBlastSgemm");
        must(clFinish(queue), "clFinish");
        if (i >= 0)
            samples[i] = now() - start;
    }
    qsort(samples, REPETITIONS, sizeof *samples, ascending);
    printf("%.9f\n", samples[REPETITIONS / 2]);
    must(CLBlastClearCache(), "CLBlastClearCache");
    clReleaseMemObject(a);
    clReleaseMemObject(b);
    clReleaseMemObject(c);
    clReleaseCommandQueue(queue);
    clReleaseContext(context);
    return 0;
}
