/* results.json, and the report that is made of it. */
#include "bicross/report/report.h"
#include "tests/fuzz/fuzz.h"

static const char run[] = "run", path[] = "run/results.json", html[] = "run/report.html";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bc_error err = {0};
    uint8_t *page;
    size_t bytes;
    fuzz_empty(run);
    fuzz_write(path, data, size);
    if (!fuzz_good(bc_report_write(&err, run), &err))
        return 0;
    FUZZ_CHECK(bc_file_read(&err, html, &page, &bytes) == BC_OK, "%s", err.text);
    FUZZ_CHECK(strstr((char *)page, "</body></html>"), "the page has no end");
    free(page);
    return 0;
}
