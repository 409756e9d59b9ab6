/* The device, the folders and the runner that all suites share. */
#include "tests/support.h"
#include "host/open.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bc_error test_error;
char test_path_text[1024];

static bc_host *shared_host;
static char folder[64];

bc_host *test_host(void) {
    if (!shared_host)
        ck_ok(bc_host_open(NULL, &test_error, &shared_host));
    return shared_host;
}

void test_host_close(void) {
    bc_host_close(shared_host);
    shared_host = NULL;
}

static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && strcmp(value, "1") == 0;
}

bool test_tiny(void) {
    return is_set("BICROSS_TEST_TINY");
}

bool test_interpreted(void) {
    return is_set("BICROSS_TEST_INTERPRETED");
}

const char *test_shared_data(void) {
    const char *path = getenv("BICROSS_SHARED_DATA");
    if (!path || !*path)
        path = "../shared/data";
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode) ? path : NULL;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_folder(void) {
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *test_folder(void) {
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "/tmp/bicross-test-XXXXXX");
        if (!mkdtemp(folder)) {
            folder[0] = 0;
            ck_abort_msg("cannot create a folder for the test's files");
        }
        atexit(remove_folder);
    }
    return folder;
}

const char *test_path(const char *name) {
    snprintf(test_path_text, sizeof test_path_text, "%s/%s", test_folder(), name);
    return test_path_text;
}

const char *test_path_in(const char *directory, const char *name) {
    static char paths[8][1024];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

void test_expect_failure(bc_status status, bc_status wanted, bc_error *err, const char *first,
                         const char *second) {
    ck_assert_msg(status == wanted && err->status == wanted, "status %d, not %d: \"%s\"", status, wanted,
                  err->text);
    ck_assert_msg(strstr(err->text, first) && strstr(err->text, second), "\"%s\" lacks \"%s\" or \"%s\"",
                  err->text, first, second);
    bc_error_clear(err);
}

/* One process: device state survives from test to test, and a compiled kernel is compiled once. */
int test_run(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    if (!getenv("CK_FORK"))
        srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    test_host_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
