/* Names and hints for the status codes of OpenCL and CLBlast. */
#include "host/device/internal.h"

typedef struct error_name {
    cl_int code;
    const char *name, *hint;
} error_name;

static const error_name names[] = {
    {0, "CL_SUCCESS", NULL},
    {-1, "CL_DEVICE_NOT_FOUND", "no device of this kind; try `bicross devices`"},
    {-2, "CL_DEVICE_NOT_AVAILABLE", "another process may hold the device exclusively"},
    {-3, "CL_COMPILER_NOT_AVAILABLE", "the driver has no compiler; install the full OpenCL runtime"},
    {-4, "CL_MEM_OBJECT_ALLOCATION_FAILURE", "device memory is full; use a smaller input or batch"},
    {-5, "CL_OUT_OF_RESOURCES",
     "device memory may be full, or a kernel crashed or ran too long; use a smaller input or batch"},
    {-6, "CL_OUT_OF_HOST_MEMORY", "host memory is full; use a smaller input or batch"},
    {-7, "CL_PROFILING_INFO_NOT_AVAILABLE", "the queue was made without profiling"},
    {-8, "CL_MEM_COPY_OVERLAP", NULL},
    {-9, "CL_IMAGE_FORMAT_MISMATCH", NULL},
    {-10, "CL_IMAGE_FORMAT_NOT_SUPPORTED", NULL},
    {-11, "CL_BUILD_PROGRAM_FAILURE", NULL},
    {-12, "CL_MAP_FAILURE", NULL},
    {-13, "CL_MISALIGNED_SUB_BUFFER_OFFSET", NULL},
    {-14, "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST", "an earlier kernel failed"},
    {-15, "CL_COMPILE_PROGRAM_FAILURE", NULL},
    {-16, "CL_LINKER_NOT_AVAILABLE", NULL},
    {-17, "CL_LINK_PROGRAM_FAILURE", NULL},
    {-18, "CL_DEVICE_PARTITION_FAILED", NULL},
    {-19, "CL_KERNEL_ARG_INFO_NOT_AVAILABLE", NULL},
    {-30, "CL_INVALID_VALUE", NULL},
    {-31, "CL_INVALID_DEVICE_TYPE", NULL},
    {-32, "CL_INVALID_PLATFORM", NULL},
    {-33, "CL_INVALID_DEVICE", NULL},
    {-34, "CL_INVALID_CONTEXT", NULL},
    {-35, "CL_INVALID_QUEUE_PROPERTIES", NULL},
    {-36, "CL_INVALID_COMMAND_QUEUE", "the device was lost, often because a kernel crashed or ran too long"},
    {-37, "CL_INVALID_HOST_PTR", NULL},
    {-38, "CL_INVALID_MEM_OBJECT", NULL},
    {-39, "CL_INVALID_IMAGE_FORMAT_DESCRIPTOR", NULL},
    {-40, "CL_INVALID_IMAGE_SIZE", NULL},
    {-41, "CL_INVALID_SAMPLER", NULL},
    {-42, "CL_INVALID_BINARY", NULL},
    {-43, "CL_INVALID_BUILD_OPTIONS", NULL},
    {-44, "CL_INVALID_PROGRAM", NULL},
    {-45, "CL_INVALID_PROGRAM_EXECUTABLE", NULL},
    {-46, "CL_INVALID_KERNEL_NAME", "the source file has no kernel of this name"},
    {-47, "CL_INVALID_KERNEL_DEFINITION", NULL},
    {-48, "CL_INVALID_KERNEL", NULL},
    {-49, "CL_INVALID_ARG_INDEX", "the kernel has fewer arguments"},
    {-50, "CL_INVALID_ARG_VALUE", NULL},
    {-51, "CL_INVALID_ARG_SIZE", "the argument's type differs from the kernel's"},
    {-52, "CL_INVALID_KERNEL_ARGS", "an argument was not set"},
    {-53, "CL_INVALID_WORK_DIMENSION", NULL},
    {-54, "CL_INVALID_WORK_GROUP_SIZE",
     "the work-group differs from the kernel's or exceeds what the device allows"},
    {-55, "CL_INVALID_WORK_ITEM_SIZE", NULL},
    {-56, "CL_INVALID_GLOBAL_OFFSET", NULL},
    {-57, "CL_INVALID_EVENT_WAIT_LIST", NULL},
    {-58, "CL_INVALID_EVENT", NULL},
    {-59, "CL_INVALID_OPERATION", NULL},
    {-60, "CL_INVALID_GL_OBJECT", NULL},
    {-61, "CL_INVALID_BUFFER_SIZE", "the buffer exceeds the device's largest allocation"},
    {-62, "CL_INVALID_MIP_LEVEL", NULL},
    {-63, "CL_INVALID_GLOBAL_WORK_SIZE", NULL},
    {-64, "CL_INVALID_PROPERTY", NULL},
    {-1001, "CL_PLATFORM_NOT_FOUND_KHR", "no OpenCL driver is installed"},
    {-1011, "CLBLAST_INVALID_LEAD_DIM_A", NULL},
    {-1012, "CLBLAST_INVALID_LEAD_DIM_B", NULL},
    {-1013, "CLBLAST_INVALID_LEAD_DIM_C", NULL},
    {-1014, "CLBLAST_INVALID_INCREMENT_X", NULL},
    {-1015, "CLBLAST_INVALID_INCREMENT_Y", NULL},
    {-1016, "CLBLAST_INSUFFICIENT_MEMORY_A", NULL},
    {-1017, "CLBLAST_INSUFFICIENT_MEMORY_B", NULL},
    {-1018, "CLBLAST_INSUFFICIENT_MEMORY_C", NULL},
    {-2041, "CLBLAST_INSUFFICIENT_MEMORY_TEMP", NULL},
    {-2042, "CLBLAST_INVALID_BATCH_COUNT", NULL},
    {-2043, "CLBLAST_INVALID_OVERRIDE_KERNEL", NULL},
    {-2044, "CLBLAST_MISSING_OVERRIDE_PARAMETER", NULL},
    {-2045, "CLBLAST_INVALID_LOCAL_MEM_USAGE", NULL},
    {-2046, "CLBLAST_NO_HALF_PRECISION", NULL},
    {-2047, "CLBLAST_NO_DOUBLE_PRECISION", NULL},
    {-2048, "CLBLAST_INVALID_VECTOR_SCALAR", NULL},
    {-2049, "CLBLAST_INSUFFICIENT_MEMORY_SCALAR", NULL},
    {-2050, "CLBLAST_DATABASE_ERROR", NULL},
    {-2051, "CLBLAST_UNKNOWN_ERROR", NULL},
    {-2052, "CLBLAST_UNEXPECTED_ERROR", NULL},
};

static const error_name *find(cl_int code) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == code)
            return &names[i];
    return NULL;
}

const char *bc_cl_error_name(cl_int code) {
    const error_name *found = find(code);
    return found ? found->name : "unknown OpenCL error";
}

const char *bc_cl_error_hint(cl_int code) {
    const error_name *found = find(code);
    return found ? found->hint : NULL;
}
