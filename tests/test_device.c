/* What is there before a device is used: memory and its limits, and PoCL's folder. */
#include "host/base/file.h"
#include "host/base/memory.h"
#include "host/base/text.h"
#include "host/device/internal.h"
#include "host/device/quirks.h"
#include "tests/support.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path_of(const char *name) {
    return test_path_in(test_folder(), name);
}

static void write_text(const char *folder, const char *name, const char *text) {
    const char *inside = path_of(folder);
    ck_ok(bc_make_folder(&test_error, inside));
    ck_ok(bc_file_write(&test_error, test_path_in(inside, name), text, strlen(text)));
}

/* --- memory --- */

static bc_memory_limit limit_under(const char *root) {
    const char *folder = path_of(root);
    return bc_memory_of_host(test_path_in(folder, "proc"), test_path_in(folder, "cgroup"));
}

START_TEST(the_tightest_limit_counts) {
    /* nothing that can be read limits nothing */
    ck_assert_uint_eq(limit_under("nowhere").left, SIZE_MAX);

    write_text("a/proc", "meminfo", "MemTotal: 900 kB\nMemAvailable:  400 kB\nSwapFree: 100 kB\n");
    ck_assert_uint_eq(limit_under("a").left, 500 << 10);
    ck_assert_str_eq(limit_under("a").name, "this machine");

    /* version 2: the group and those above it; pages of files are given up when asked for */
    write_text("a/proc/self", "cgroup", "0::/outer/inner\n");
    write_text("a/cgroup/outer/inner", "memory.max", "max\n");
    write_text("a/cgroup/outer/inner", "memory.current", "1000\n");
    ck_assert_uint_eq(limit_under("a").left, 500 << 10);
    write_text("a/cgroup/outer", "memory.max", "300000\n");
    write_text("a/cgroup/outer", "memory.current", "250000\n");
    write_text("a/cgroup/outer", "memory.stat", "anon 3\ninactive_file 20000\n");
    ck_assert_uint_eq(limit_under("a").left, 70000);
    ck_assert_ptr_nonnull(strstr(limit_under("a").name, "container"));

    /* version 1, whose group is often seen as the root; more than all is used: nothing is left */
    write_text("b/proc/self", "cgroup", "5:devices:/\n4:memory:/not/seen/from/here\n");
    write_text("b/cgroup/memory", "memory.limit_in_bytes", "1000000\n");
    write_text("b/cgroup/memory", "memory.usage_in_bytes", "400000\n");
    ck_assert_uint_eq(limit_under("b").left, 600000);
    write_text("b/cgroup/memory", "memory.usage_in_bytes", "1400000\n");
    ck_assert_uint_eq(limit_under("b").left, 0);
}
END_TEST

START_TEST(address_space_is_a_limit) {
    struct rlimit before, tight;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &before), 0);
    if (before.rlim_cur != RLIM_INFINITY)
        return; /* somebody has limited the tests; a sanitizer's shadow is larger than any limit of ours */
    ck_ok(bc_memory_check_start(&test_error));
    tight = before;
    tight.rlim_cur = (rlim_t)100 << 20;
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &tight), 0);
    bc_error err = {0};
    bc_status start = bc_memory_check_start(&err);
    bc_memory_limit limit = bc_memory_of_host("/proc", "/nowhere");
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &before), 0);
    ck_assert_int_eq(start, BC_E_MEMORY);
    ck_assert_msg(strstr(err.text, "ulimit -v) is 100.0 MiB"), "%s", err.text);
    ck_assert_uint_eq(limit.left, 0);
    ck_assert_ptr_nonnull(strstr(limit.name, "ulimit -v"));
}
END_TEST

START_TEST(a_plan_that_does_not_fit_is_refused_in_words) {
    bc_host *host = test_host();
    bc_graph *graph;
    bc_plan *plan;
    char text[32];
    size_t share = bc_host_device(host)->max_allocation / 16 / sizeof(float);
    int width = share < 1 << 28 ? (int)share : 1 << 28;
    long count = (long)(bc_host_device(host)->global_bytes / ((size_t)width * sizeof(float))) + 2;
    ck_ok(bc_graph_create(host, &graph));
    for (long i = 0; i < count; i++)
        bc_graph_input(graph, "a large input", (bc_shape){1, 1, 1, width});
    ck_ok(bc_graph_status(graph));
    ck_assert_int_eq(bc_plan_create(graph, BC_TRAIN, &plan), BC_E_MEMORY);
    ck_assert_ptr_null(plan);
    bc_size_text((size_t)count * (size_t)width * sizeof(float), text);
    ck_assert_msg(strstr(test_error.text, "the network's activations: ") && strstr(test_error.text, text) &&
                      strstr(test_error.text, "smaller batch") && strstr(test_error.text, "model.recompute"),
                  "%s", test_error.text);
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}
END_TEST

/* --- PoCL's folder --- */

typedef struct kept {
    const char *name;
    char *value;
} kept;

/* Runs prepare with this environment (NULL: not set) and puts the old one back; `found` receives POCL_CACHE_DIR. */
static void prepare_with(const char *pocl, const char *cache, const char *home, const char *temporary,
                         char found[1024]) {
    kept old[] = {{"POCL_CACHE_DIR", NULL}, {"XDG_CACHE_HOME", NULL}, {"HOME", NULL}, {"TMPDIR", NULL}};
    const char *wanted[] = {pocl, cache, home, temporary};
    for (int i = 0; i < 4; i++) {
        old[i].value = getenv(old[i].name) ? strdup(getenv(old[i].name)) : NULL;
        if (wanted[i])
            setenv(old[i].name, wanted[i], 1);
        else
            unsetenv(old[i].name);
    }
    bc_quirk_prepare_pocl();
    snprintf(found, 1024, "%s", getenv("POCL_CACHE_DIR") ? getenv("POCL_CACHE_DIR") : "");
    for (int i = 0; i < 4; i++) {
        if (old[i].value)
            setenv(old[i].name, old[i].value, 1);
        else
            unsetenv(old[i].name);
        free(old[i].value);
    }
}

#ifdef CPU_COUNT
/* A process that was given some of the cores only keeps to them. */
START_TEST(pocl_binds_its_threads_where_all_cores_are_ours) {
    cpu_set_t before, one;
    char *set = getenv("POCL_AFFINITY") ? strdup(getenv("POCL_AFFINITY")) : NULL;
    ck_assert_int_eq(sched_getaffinity(0, sizeof before, &before), 0);
    bool all = CPU_COUNT(&before) == sysconf(_SC_NPROCESSORS_CONF);
    unsetenv("POCL_AFFINITY");
    bc_quirk_prepare_pocl();
    ck_assert_int_eq(getenv("POCL_AFFINITY") != NULL, all);
    setenv("POCL_AFFINITY", "0", 1);
    bc_quirk_prepare_pocl();
    ck_assert_str_eq(getenv("POCL_AFFINITY"), "0");
    if (all && CPU_COUNT(&before) > 1) {
        CPU_ZERO(&one);
        CPU_SET(0, &one);
        ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
        unsetenv("POCL_AFFINITY");
        bc_quirk_prepare_pocl();
        ck_assert_ptr_null(getenv("POCL_AFFINITY"));
        ck_assert_int_eq(sched_setaffinity(0, sizeof before, &before), 0);
    }
    if (set)
        setenv("POCL_AFFINITY", set, 1);
    free(set);
}
END_TEST
#endif

START_TEST(pocl_gets_a_folder_where_it_has_none) {
    static const char nowhere[] = "/dev/null/nowhere"; /* not even root can make it */
    char name[64], found[1024];
    struct stat info;
    write_text("temporary", "a file", "");
    const char *folder = path_of("temporary");
    prepare_with("set by the user", nowhere, nowhere, folder, found);
    ck_assert_str_eq(found, "set by the user");
    prepare_with(NULL, NULL, test_folder(), folder, found);
    ck_assert_str_eq(found, ""); /* PoCL finds it alone */
    prepare_with(NULL, test_folder(), nowhere, folder, found);
    ck_assert_str_eq(found, "");

    snprintf(name, sizeof name, "temporary/bicross-pocl-%ld", (long)geteuid());
    const char *own = path_of(name);
    for (int run = 0; run < 2; run++) { /* made, then found again */
        prepare_with(NULL, nowhere, test_folder(), folder, found);
        ck_assert_str_eq(found, own);
        ck_assert(lstat(own, &info) == 0 && S_ISDIR(info.st_mode) && (info.st_mode & 0777) == 0700);
    }
    ck_assert_int_eq(chmod(own, 0777), 0); /* others could put code into it */
    prepare_with(NULL, NULL, NULL, folder, found);
    ck_assert_str_ne(found, own);
    ck_assert(strncmp(found, folder, strlen(folder)) == 0 && lstat(found, &info) == 0 &&
              (info.st_mode & 0777) == 0700);
    ck_assert_int_eq(rmdir(own), 0);
    ck_assert_int_eq(symlink(found, own), 0); /* a link may lead anywhere */
    prepare_with(NULL, nowhere, NULL, folder, found);
    ck_assert_str_ne(found, own);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("device");
    TCase *c = tcase_create("device");
    tcase_add_test(c, the_tightest_limit_counts);
    tcase_add_test(c, address_space_is_a_limit);
    tcase_add_test(c, a_plan_that_does_not_fit_is_refused_in_words);
#ifdef CPU_COUNT
    tcase_add_test(c, pocl_binds_its_threads_where_all_cores_are_ours);
#endif
    tcase_add_test(c, pocl_gets_a_folder_where_it_has_none);
    tcase_set_timeout(c, 120);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
