/* Preloaded into the program by selftest.sh: a driver in which one kernel is bad. BICROSS_FAULTY says how, and which:
 *     "build winograd.cl"           that source does not compile
 *     "wrong attention_forward"     that kernel is never run, so that its results stay what lay there
 *     "hang attention_forward"      launching it does not return
 *     "crash attention_forward"     launching it ends the process */
#include <CL/cl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether the name is the one that is bad in this way. */
static int is_bad(const char *way, const char *name) {
    const char *wanted = getenv("BICROSS_FAULTY");
    size_t length = strlen(way);
    return wanted && strncmp(wanted, way, length) == 0 && wanted[length] == ' ' &&
           strcmp(wanted + length + 1, name) == 0;
}

/* ISO C has no cast from an object's address to a function's. */
static void find(const char *name, void *function) {
    void *real = dlsym(RTLD_NEXT, name);
    if (!real)
        abort();
    memcpy(function, &real, sizeof real);
}

/* Every source follows a line with its name. */
static int source_is_bad(const char *text) {
    static const char line[] = "#line 1 \"";
    char name[64];
    for (const char *at = text; (at = strstr(at, line)) != NULL;) {
        at += strlen(line);
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "\""), at);
        if (is_bad("build", name))
            return 1;
    }
    return 0;
}

cl_program clCreateProgramWithSource(cl_context context, cl_uint count, const char **texts,
                                     const size_t *lengths, cl_int *code) {
    cl_program (*real)(cl_context, cl_uint, const char **, const size_t *, cl_int *);
    const char *bad = "#error this driver is faulty\n";
    find("clCreateProgramWithSource", &real);
    return real(context, count, source_is_bad(texts[0]) ? &bad : texts, lengths, code);
}

cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                              const size_t *offset, const size_t *global, const size_t *local, cl_uint count,
                              const cl_event *waits, cl_event *event) {
    cl_int (*real)(cl_command_queue, cl_kernel, cl_uint, const size_t *, const size_t *, const size_t *,
                   cl_uint, const cl_event *, cl_event *);
    char name[128] = "";
    find("clEnqueueNDRangeKernel", &real);
    clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL);
    if (is_bad("wrong", name))
        return CL_SUCCESS;
    if (is_bad("crash", name))
        abort();
    while (is_bad("hang", name))
        pause();
    return real(queue, kernel, dimensions, offset, global, local, count, waits, event);
}
