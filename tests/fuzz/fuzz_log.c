/* The log of a run, and the report that shows it. */
#include "bicross/report/report.h"
#include "bicross/train/runlog.h"
#include "tests/fuzz/fuzz.h"

#include <limits.h>

static const char run[] = "run", path[] = "run/log.csv", html[] = "run/report.html";

static void check_curves(void) {
    bc_error err = {0};
    bc_curve *curves;
    int count;
    if (!fuzz_good(bc_runlog_curves(&err, run, &curves, &count), &err))
        return;
    for (int i = 0; i < count; i++) {
        fuzz_touch(curves[i].steps, (size_t)curves[i].count * sizeof *curves[i].steps);
        fuzz_touch(curves[i].values, (size_t)curves[i].count * sizeof *curves[i].values);
    }
    bc_curves_release(curves, count);
}

static void check_report(size_t size) {
    bc_error err = {0};
    uint8_t *page;
    size_t bytes;
    if (!fuzz_good(bc_report_write(&err, run), &err))
        return;
    FUZZ_CHECK(bc_file_read(&err, html, &page, &bytes) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bytes < 2000000 + 100 * size, "a report of %zu bytes from %zu", bytes, size);
    free(page);
}

/* Resuming rewrites the log: twice gives the same. */
static void check_resume(long step) {
    uint8_t *first = NULL;
    size_t first_bytes = 0;
    for (int round = 0; round < 2; round++) {
        bc_error err = {0};
        bc_runlog *log;
        uint8_t *text;
        size_t bytes;
        if (!fuzz_good(bc_runlog_open(&err, run, step, &log), &err))
            break;
        bc_runlog_close(log);
        FUZZ_CHECK(bc_file_read(&err, path, &text, &bytes) == BC_OK, "%s", err.text);
        if (round == 0) {
            first = text;
            first_bytes = bytes;
        } else {
            FUZZ_CHECK(bytes == first_bytes && memcmp(text, first, bytes) == 0, "resumed twice: '%s', '%s'",
                       (const char *)first, (const char *)text);
            free(text);
        }
    }
    free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_empty(run);
    fuzz_write(path, data, size);
    fuzz_write("run/config.ini", data, size < 200 ? size : 200);
    fuzz_write("run/table.txt", data, size < 200 ? size : 200);
    check_curves();
    check_report(size);
    check_resume(size % 2 ? LONG_MAX : 10);
    return 0;
}
