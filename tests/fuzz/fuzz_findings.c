/* What selftest found: the lines of the input, between the first line and the last that belong there. What was read is the same after it
 * was written and read again. */
#include "bicross/reference/findings.h"
#include "host/base/hash.h"
#include "tests/fuzz/fuzz.h"

#include <inttypes.h>

static const char path[] = "input.txt";
static const bc_device_info device = {.name = "pocl", .driver_version = "3.1"};

/* The file that would have these lines. */
static void write_lines(const uint8_t *data, size_t size) {
    static const bc_findings none;
    uint8_t *text;
    char *all;
    size_t bytes;
    bc_error err = {0};
    FUZZ_CHECK(bc_findings_write(&err, path, &device, &none) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_file_read(&err, path, &text, &bytes) == BC_OK, "%s", err.text);
    *strstr((char *)text, "form = ") = 0;
    FILE *out = open_memstream(&all, &bytes);
    FUZZ_CHECK(out, "no memory");
    fprintf(out, "%s%.*s\n", (char *)text, (int)size, (const char *)data);
    fflush(out);
    fprintf(out, "end = %016" PRIx64 "\n", bc_hash(all, bytes));
    fclose(out);
    fuzz_write(path, all, bytes);
    free(all);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bc_findings found, again;
    bc_error err = {0};
    fuzz_write(path, data, size);
    fuzz_good(bc_findings_read(&err, path, &device, &found), &err);
    bc_error_clear(&err);
    write_lines(data, size);
    if (!fuzz_good(bc_findings_read(&err, path, &device, &found), &err))
        return 0;
    FUZZ_CHECK(bc_findings_write(&err, path, &device, &found) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_findings_read(&err, path, &device, &again) == BC_OK, "not read again: %s", err.text);
    FUZZ_CHECK(again.count == found.count && again.whole == found.whole, "%d findings, not %d", again.count,
               found.count);
    for (int i = 0; i < found.count; i++)
        FUZZ_CHECK(strcmp(again.items[i].fault, found.items[i].fault) == 0 &&
                       again.items[i].wrong == found.items[i].wrong,
                   "finding %d is another", i);
    bc_left_out left_out = {0};
    (void)bc_findings_judge(&found, "cpu", false, &left_out);
    for (int i = 0; i < left_out.count; i++)
        FUZZ_CHECK(bc_findings_reason(&found, left_out.items[i].kind, left_out.items[i].way), "no reason");
    return 0;
}
