/* Tables of shares: what was read has the same cases after it was written and read again. */
#include "apps/bench/shares.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.txt";

static void check_same(const bench_shares *shares, const bench_shares *again) {
    FUZZ_CHECK(strcmp(shares->device, again->device) == 0, "'%s' is '%s'", shares->device, again->device);
    FUZZ_CHECK(shares->count == again->count, "%d cases are %d", shares->count, again->count);
    for (int i = 0; i < shares->count; i++) {
        const char *name = shares->items[i].name;
        FUZZ_CHECK(bench_shares_find(again, name) == &again->items[i], "'%s' is not found", name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bc_error err = {0};
    bench_shares shares, again;
    fuzz_write(path, data, size);
    if (fuzz_good(bench_shares_read(&err, path, &shares), &err)) {
        FUZZ_CHECK(bench_shares_write(&err, path, &shares, "a note") == BC_OK, "%s", err.text);
        FUZZ_CHECK(bench_shares_read(&err, path, &again) == BC_OK, "not read again: %s", err.text);
        check_same(&shares, &again);
        bench_shares_release(&again);
    }
    bench_shares_release(&shares);
    return 0;
}
