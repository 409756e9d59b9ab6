/* The parts of list_kernels: an OpenCL device that computes nothing, and what it was asked for. */
#ifndef BC_TESTS_LIST_KERNELS_H
#define BC_TESTS_LIST_KERNELS_H

#include "host/team/share.h"

#include <CL/cl.h>
#include <stdbool.h>

enum { LISTED_GROUPS = 8 };

typedef struct listed_kernel {
    char *name;
    cl_uint arguments;
    size_t groups[LISTED_GROUPS][3]; /* distinct work-groups it was launched with */
    int group_count;                 /* 0: never launched */
} listed_kernel;

/* A program as the host builds it. */
typedef struct listed_program {
    bool gpu;     /* asked for on a GPU */
    char *source; /* file in cl_kernels/ */
    char *options;
    listed_kernel *kernels; /* every kernel in the text, as the preprocessor leaves it with these options */
    int kernel_count;
} listed_program;

/* Half of the batch of a team of two (list_kernels_team.c). */
bc_share list_share(int count);

/* Files go to `folder`: one with the text of each source, and kernels.txt. */
void list_open(const char *folder);
/* Which kind of device there is from now on. */
void list_device(bool gpu);
bool list_is_gpu(void);
/* The program of this text and options on the present device. */
listed_program *list_program(const char *text, const char *options);
/* NULL: the program has none of that name. */
listed_kernel *list_kernel(const listed_program *program, const char *name);
void list_launch(listed_kernel *kernel, cl_uint dimensions, const size_t *group);
/* Writes kernels.txt, a line for each kernel of each program, tabs between: gpu or cpu, source, options, kernel, work-groups
 * as 64x1x1 with commas between ("-": never launched). */
void list_write(void);
void list_close(void);

/* Ends the program with a message. */
void list_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
