/* The assignments of --set. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *assignment = strndup((const char *)data, size);
    bc_error err = {0};
    bc_config config;
    bc_config_defaults(&config);
    if (fuzz_good(bc_config_set(&err, assignment, &config), &err)) {
        fuzz_good(bc_config_check(&err, &config), &err);
        fuzz_check_config(&config);
    }
    free(assignment);
    return 0;
}
