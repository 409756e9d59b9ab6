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

bool test_tiny(void) {
    const char *wanted = getenv("BICROSS_TEST_TINY");
    return wanted && strcmp(wanted, "1") == 0;
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
