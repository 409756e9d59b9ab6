/* What selftest finds: summing up, judging, the file, the walk through the checks, and hosts that leave something out. */
#include "bicross/reference/operations.h"
#include "bicross/reference/selftest.h"
#include "host/base/file.h"
#include "host/gemm/gemm.h"
#include "host/open.h"
#include "net/ops/conv.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

static const bc_device_info board = {
    .name = "Board", .platform_name = "OpenCL", .platform_version = "3.0", .driver_version = "1.0"};

static bc_finding finding(const char *kernels, const char *operation, const char *kind, const char *way,
                          double output) {
    bc_finding f = {.seconds = 0.5};
    bc_check check = {.output = output, .output_allowed = 1e-5, .gradient = 1e-7, .gradient_allowed = 1e-4};
    snprintf(f.kernels, sizeof f.kernels, "%s", kernels);
    snprintf(f.operation, sizeof f.operation, "%s", operation);
    snprintf(f.kind, sizeof f.kind, "%s", kind);
    snprintf(f.way, sizeof f.way, "%s", way);
    if (output > check.output_allowed)
        snprintf(check.fault, sizeof check.fault, "output: element 3\tis\n7");
    bc_finding_note(&f, "a case", &check);
    return f;
}

static bc_findings *none(void) {
    static bc_findings findings;
    findings.count = 0;
    findings.whole = true;
    return &findings;
}

static void add(bc_findings *findings, const char *kernels, const char *operation, const char *kind,
                const char *way, double output) {
    bc_finding f = finding(kernels, operation, kind, way, output);
    ck_ok(bc_findings_add(&test_error, findings, &f));
}

START_TEST(the_worst_is_kept) {
    bc_findings *f = none();
    char text[BC_FINDING_TEXT], name[64];
    add(f, "cpu", "conv2d", "conv", "winograd", 2e-6);
    add(f, "cpu", "conv2d", "conv", "winograd", 0.17);
    add(f, "cpu", "conv2d", "conv", "winograd", 0.02);
    add(f, "gpu", "conv2d", "conv", "winograd", 1e-7);
    ck_assert_int_eq(f->count, 2);
    const bc_finding *w = &f->items[0];
    ck_assert_int_eq(w->checks, 3);
    ck_assert_int_eq(w->wrong, 2);
    ck_assert_double_eq(w->output, 0.17);
    ck_assert_double_eq_tol(w->seconds, 1.5, 1e-9);
    ck_assert_str_eq(bc_finding_why(w, text), "error 0.17 where 1e-05 is allowed");
    ck_assert_str_eq(bc_finding_name(w, name), "conv2d winograd");
    ck_assert_int_eq(f->items[1].wrong, 0);
}
END_TEST

START_TEST(what_has_a_stand_in_is_left_out) {
    bc_findings *f = none();
    bc_left_out left_out = {0};
    add(f, "cpu", "conv2d", "conv", "direct", 1e-7);
    add(f, "cpu", "conv2d", "conv", "winograd", 0.1);
    add(f, "cpu", "attention", "attention", "tiled", 0.1);
    add(f, "cpu", "attention_plain", "attention", "plain", 1e-7);
    add(f, "gpu", "linear", "gemm", "local 64x64", 0.1); /* of the other family */
    ck_assert_ptr_null(bc_findings_judge(f, "cpu", false, &left_out));
    ck_assert_int_eq(left_out.count, 2);
    ck_assert(bc_is_left_out(&left_out, "conv", "winograd"));
    ck_assert(bc_is_left_out(&left_out, "attention", "tiled"));
    ck_assert_ptr_eq(bc_findings_reason(f, "attention", "tiled"), &f->items[2]);
}
END_TEST

START_TEST(a_family_stands_in_for_the_other) {
    for (int i = 0; i < 4; i++) {
        bool fixed = i == 1, both_wrong = i == 2, unchecked = i == 3;
        bc_findings *f = none();
        bc_left_out left_out = {0};
        add(f, "cpu", "layer_norm", "-", "-", 0.1);
        if (!unchecked)
            add(f, "gpu", "layer_norm", "-", "-", both_wrong ? 0.1 : 1e-7);
        if (!unchecked)
            add(f, "gpu", "linear", "gemm", "clblast", 0.1);
        const bc_finding *wrong = bc_findings_judge(f, "cpu", fixed, &left_out);
        ck_assert_ptr_eq(wrong, i == 0 ? NULL : &f->items[0]);
        ck_assert_int_eq(bc_is_left_out(&left_out, BC_KERNELS_KIND, "cpu"), i == 0);
        ck_assert_int_eq(bc_is_left_out(&left_out, "gemm", "clblast"), i == 0);
        ck_assert_ptr_eq(bc_findings_reason(f, BC_KERNELS_KIND, "cpu"), &f->items[0]);
    }
}
END_TEST

/* --- the file --- */

static char *read_file(const char *path) {
    uint8_t *text;
    size_t bytes;
    ck_ok(bc_file_read(&test_error, path, &text, &bytes));
    return (char *)text;
}

START_TEST(the_file_keeps_all) {
    static bc_findings again;
    bc_findings *f = none();
    const char *path = test_path_in(test_folder(), "cache/kept.txt");
    add(f, "cpu", "conv2d", "conv", "winograd", 0.17);
    add(f, "gpu", "layer_norm", "-", "-", 1e-7);
    f->items[1].gradient = f->items[1].gradient_allowed = 0;
    ck_ok(bc_findings_write(&test_error, path, &board, f));
    ck_ok(bc_findings_read(&test_error, path, &board, &again));
    ck_assert_int_eq(again.count, 2);
    ck_assert(again.whole);
    ck_assert_str_eq(again.items[0].fault, "a case: output: element 3 is 7");
    ck_assert_double_eq(again.items[0].output, 0.17);
    ck_assert_str_eq(again.items[1].way, "-");
    ck_assert_int_eq(again.items[1].wrong, 0);

    char own[1024], others[1024];
    bc_device_info newer = board;
    snprintf(newer.driver_version, sizeof newer.driver_version, "1.1");
    ck_ok(bc_findings_path(&test_error, &board, own));
    ck_ok(bc_findings_path(&test_error, &newer, others));
    ck_assert_str_ne(own, others);
    test_expect_failure(bc_findings_read(&test_error, path, &newer, &again), BC_E_FORMAT, &test_error,
                        "kept.txt", "of another device or version");
}
END_TEST

START_TEST(damage_is_seen) {
    static bc_findings again;
    bc_findings *f = none();
    const char *path = test_path_in(test_folder(), "cache/damaged.txt");
    add(f, "cpu", "conv2d", "conv", "winograd", 0.17);
    add(f, "cpu", "conv2d", "conv", "direct", 1e-7);
    ck_ok(bc_findings_write(&test_error, path, &board, f));
    char *whole = read_file(path);
    size_t length = strlen(whole);
    for (size_t i = 0; i < length; i++) { /* cut off anywhere; one character changed */
        ck_ok(bc_file_write(&test_error, path, whole, i));
        test_expect_failure(bc_findings_read(&test_error, path, &board, &again), BC_E_FORMAT, &test_error,
                            "damaged.txt", "damaged");
        char before = whole[i];
        whole[i] = before == 'x' ? 'y' : 'x';
        ck_ok(bc_file_write(&test_error, path, whole, length));
        test_expect_failure(bc_findings_read(&test_error, path, &board, &again), BC_E_FORMAT, &test_error,
                            "damaged.txt", "damaged");
        whole[i] = before;
    }
    whole[length / 2] = '\x1b'; /* nothing that a message would bring to the terminal */
    ck_ok(bc_file_write(&test_error, path, whole, length));
    test_expect_failure(bc_findings_read(&test_error, path, &board, &again), BC_E_FORMAT, &test_error,
                        "damaged.txt", "not text");
    free(whole);
}
END_TEST

START_TEST(lines_are_checked) {
    static const struct {
        const char *line;
        bool good;
    } lines[] = {
        {"ok\tcpu\tadd\t-\t-\t3\t0\t1e-07\t1e-05\t0\t0\t0.5\t", true},
        {"WRONG\tcpu\tadd\t-\t-\t3\t1\tinf\t1e-05\t0\t0\t0.5\tvalues: off\n", true},
        {"ok\tcpu\tadd\t-\t-\t3\t1\t1e-07\t1e-05\t0\t0\t0.5\t", false},    /* wrong, and ok */
        {"WRONG\tcpu\tadd\t-\t-\t3\t4\t1e-07\t1e-05\t0\t0\t0.5\t", false}, /* more than all */
        {"ok\tcpu\tadd\t-\t-\t3\t0\tnan\t1e-05\t0\t0\t0.5\t", false},
        {"ok\tcpu\tadd\t-\t-\t3\t0\t-1\t1e-05\t0\t0\t0.5\t", false},
        {"ok\tcpu\tadd\t-\t-\t3x\t0\t1\t1e-05\t0\t0\t0.5\t", false},
        {"ok\tcpu\t\t-\t-\t3\t0\t1e-07\t1e-05\t0\t0\t0.5\t", false},
        {"ok\tcpu\tan operation with a name that nobody has\t-\t-\t3\t0\t1\t1\t0\t0\t1\t", false},
        {"ok\tcpu\tadd\t-\t-\t3\t0\t1e-07\t1e-05\t0\t0\t0.5", false},
        {"ok\tcpu\tadd\t-\t-\t3\t0\t1e-07\t1e-05\t0\t0\t0.5\t\t", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char line[200];
        bc_finding f;
        snprintf(line, sizeof line, "%s", lines[i].line);
        ck_assert_msg(bc_finding_parse(line, &f) == lines[i].good, "line %zu", i);
    }
}
END_TEST

/* --- the checks --- */

typedef struct seen {
    int begun, ended, first, tiled, stop;
} seen;

static bool begins(void *user, int number, const bc_finding *about) {
    seen *s = user;
    s->first = s->begun++ == 0 ? number : s->first;
    s->tiled += strcmp(about->operation, "attention") == 0 && strcmp(about->way, "tiled") == 0;
    return s->begun != s->stop;
}

static bool ends(void *user, int number, const bc_finding *found) {
    seen *s = user;
    (void)number;
    s->ended++;
    ck_assert_msg(!found->wrong && found->checks == 1, "%s %s: %s", found->operation, found->way,
                  found->fault);
    return true;
}

START_TEST(the_short_form_goes_through) {
    static const char *const skip[] = {"attention/tiled"};
    seen all = {0}, rest = {0}, skipped = {0}, stopped = {.stop = 2};
    ck_ok(bc_selftest_run(test_host(), &(bc_selftest){.begin = begins, .end = ends, .user = &all}));
    ck_assert_int_ge(all.begun, 7);
    ck_assert_int_eq(all.ended, all.begun);
    ck_assert_int_eq(all.tiled, 1);
    ck_ok(
        bc_selftest_run(test_host(), &(bc_selftest){.from = 3, .begin = begins, .end = ends, .user = &rest}));
    ck_assert_int_eq(rest.begun, all.begun - 3);
    ck_assert_int_eq(rest.first, 3);
    ck_ok(bc_selftest_run(
        test_host(),
        &(bc_selftest){.skip = skip, .skip_count = 1, .begin = begins, .end = ends, .user = &skipped}));
    ck_assert_int_eq(skipped.begun, all.begun - 1);
    ck_assert_int_eq(skipped.tiled, 0);
    test_expect_failure(
        bc_selftest_run(test_host(), &(bc_selftest){.begin = begins, .end = ends, .user = &stopped}),
        BC_E_INTERRUPTED, &test_error, "interrupted", "");
    ck_assert_int_eq(stopped.ended, 1);
}
END_TEST

START_TEST(the_short_form_names_cases_that_exist) {
    for (int i = 0; bc_selftest_first[i]; i += 2) {
        const bc_operation *o;
        int found = 0;
        for (int k = 0; (o = bc_operation_at(k)) != NULL; k++)
            for (const bc_op_case *c = o->op->cases; c->label; c++)
                found += strcmp(o->op->name, bc_selftest_first[i]) == 0 &&
                         strcmp(c->label, bc_selftest_first[i + 1]) == 0;
        ck_assert_msg(found == 1, "%s, %s: %d cases", bc_selftest_first[i], bc_selftest_first[i + 1], found);
    }
}
END_TEST

/* --- leaving out --- */

static bc_host *open_without(const bc_left_out *left_out) {
    bc_host *host;
    ck_ok(bc_host_open(&(bc_host_options){.left_out = left_out}, &test_error, &host));
    return host;
}

static const char *algorithm_on(bc_host *host) {
    const bc_conv_job job = {.host = host,
                             .x = {1, 64, 64, 64},
                             .y = {1, 64, 64, 64},
                             .kh = 3,
                             .kw = 3,
                             .geometry = {1, 1, 1, 1, 1},
                             .tile = BC_TILE_OF_RULE};
    return bc_conv_choose(&job, BC_CONV_FORWARD).algorithm->name;
}

START_TEST(what_is_left_out_is_not_chosen) {
    bc_left_out left_out = {0};
    bc_graph *graph;
    bc_host *host = open_without(NULL);
    uint64_t hash = bc_host_tuning_hash(host);
    ck_assert_str_eq(algorithm_on(host), "winograd");
    ck_ok(bc_graph_create(host, &graph));
    bc_value *qkv = bc_graph_input(graph, "qkv", (bc_shape){1, 1, 5, 24});
    ck_assert_ptr_eq(bc_attention(graph, qkv, 2)->producer->op, &bc_attention_tiled_op);
    bc_graph_release(graph);
    bc_host_close(host);

    bc_leave_out(&left_out, "conv", "winograd");
    bc_leave_out(&left_out, "attention", "tiled");
    bc_leave_out(&left_out, "gemm", "clblast");
    host = open_without(&left_out);
    ck_assert_str_ne(algorithm_on(host), "winograd");
    ck_assert_int_ne(bc_host_gemm(host), BC_GEMM_CLBLAST);
    ck_assert(bc_host_tuning_hash(host) != hash);
    ck_ok(bc_graph_create(host, &graph));
    qkv = bc_graph_input(graph, "qkv", (bc_shape){1, 1, 5, 24});
    ck_assert_ptr_eq(bc_attention(graph, qkv, 2)->producer->op, &bc_attention_plain_op);
    bc_graph_release(graph);
    bc_host_close(host);
}
END_TEST

/* What a table says is not taken, nor what a contest would measure. */
START_TEST(a_table_does_not_bring_it_back) {
    const char *path = test_path_in(test_folder(), "tuning.ini");
    static const char text[] = "[*]\nconv3x3 forward 64->64 at 4096 pixels = winograd\n";
    bc_left_out left_out = {0};
    bc_host *host;
    ck_ok(bc_file_write(&test_error, path, text, strlen(text)));
    bc_leave_out(&left_out, "conv", "winograd");
    ck_ok(bc_host_open(&(bc_host_options){.tuning = path, .left_out = &left_out}, &test_error, &host));
    ck_assert_str_ne(algorithm_on(host), "winograd");
    bc_host_close(host);
}
END_TEST

START_TEST(a_family_is_left_out) {
    if (getenv("BICROSS_KERNELS"))
        return; /* which comes first */
    for (int i = 0; i < 2; i++) {
        bc_left_out left_out = {0};
        bc_host *host;
        bc_leave_out(&left_out, BC_KERNELS_KIND, i ? "gpu" : "cpu");
        bc_status status = bc_host_open(&(bc_host_options){.left_out = &left_out}, &test_error, &host);
        if (!i && status == BC_E_DEVICE) { /* a device without large groups */
            test_expect_failure(status, BC_E_DEVICE, &test_error, "work-groups of 256", "");
            continue;
        }
        ck_ok(status);
        ck_assert_int_eq(bc_host_cpu_kernels(host), i);
        bc_host_close(host);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("findings");
    TCase *t = tcase_create("findings");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, the_worst_is_kept);
    tcase_add_test(t, what_has_a_stand_in_is_left_out);
    tcase_add_test(t, a_family_stands_in_for_the_other);
    tcase_add_test(t, the_file_keeps_all);
    tcase_add_test(t, damage_is_seen);
    tcase_add_test(t, lines_are_checked);
    tcase_add_test(t, the_short_form_goes_through);
    tcase_add_test(t, the_short_form_names_cases_that_exist);
    tcase_add_test(t, what_is_left_out_is_not_chosen);
    tcase_add_test(t, a_table_does_not_bring_it_back);
    tcase_add_test(t, a_family_is_left_out);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
