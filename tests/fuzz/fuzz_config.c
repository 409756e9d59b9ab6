/* Configuration files. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_write("input.ini", data, size);
    bc_error err = {0};
    bc_config config;
    bc_config_defaults(&config);
    if (!fuzz_good(bc_config_read(&err, "input.ini", &config), &err))
        return 0;
    fuzz_good(bc_config_check(&err, &config), &err);
    fuzz_check_config(&config);
    return 0;
}
