/* Files of the program cache. The two OpenCL functions that a binary would be given to are defined here, so that no device is
 * needed, and that a binary that is not as long as said is noticed. */
#include "host/base/hash.h"
#include "host/device/internal.h"
#include "tests/fuzz/fuzz.h"

static const char key[] = "key";

cl_program clCreateProgramWithBinary(cl_context context, cl_uint count, const cl_device_id *devices,
                                     const size_t *lengths, const unsigned char **binaries, cl_int *status,
                                     cl_int *code) {
    (void)context;
    (void)devices;
    for (cl_uint i = 0; i < count; i++)
        fuzz_touch(binaries[i], lengths[i]);
    *status = *code = CL_INVALID_BINARY;
    return NULL;
}

cl_int clBuildProgram(cl_program program, cl_uint count, const cl_device_id *devices, const char *options,
                      void (*notify)(cl_program, void *), void *user) {
    (void)program, (void)count, (void)devices, (void)options, (void)notify, (void)user;
    return CL_INVALID_PROGRAM;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char folder[] = ".", path[64];
    bc_host host = {.cache_dir = folder};
    cl_program program;
    snprintf(path, sizeof path, "%016llx.bin", (unsigned long long)bc_hash(key, strlen(key)));
    fuzz_write(path, data, size);
    bc_program_cache_load(&host, key, &program);
    FUZZ_CHECK(!program && host.account.loaded == 0, "a program was loaded");
    return 0;
}
