/* Files of measured choices: what was read, also for other devices, is the same after it was written again. */
#include "host/tuning/choices.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.ini";

static void describe(const bc_tuning *tuning, char text[BC_TUNING_TEXT]) {
    bc_tuning_describe(tuning, text);
    (void)bc_tuning_find(tuning, "gemm 64x64x64");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const bc_device_info device = {.name = "pocl", .driver_version = "3.1"};
    char text[BC_TUNING_TEXT], text_again[BC_TUNING_TEXT];
    bc_error err = {0};
    bc_tuning *tuning, *again;
    fuzz_write(path, data, size);
    if (!fuzz_good(bc_tuning_read(&err, path, &device, &tuning), &err))
        return 0;
    describe(tuning, text);
    FUZZ_CHECK(bc_tuning_write(&err, tuning) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_tuning_read(&err, path, &device, &again) == BC_OK, "not read again: %s", err.text);
    describe(again, text_again);
    FUZZ_CHECK(strcmp(text, text_again) == 0, "read again, '%s' is '%s'", text, text_again);
    FUZZ_CHECK(bc_tuning_set(&err, again, "gemm 64x64x64", "panel", "a note", true) == BC_OK, "%s", err.text);
    FUZZ_CHECK(strcmp(bc_tuning_find(again, "gemm 64x64x64"), "panel") == 0, "what was set is not found");
    bc_tuning_release(again);
    bc_tuning_release(tuning);
    return 0;
}
