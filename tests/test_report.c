/* The report page: its pieces, and whole pages of full and empty run folders. */
#include "bicross/formats/html.h"
#include "bicross/formats/svg.h"
#include "bicross/report/interval.h"
#include "bicross/report/report.h"
#include "bicross/train/runlog.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

static char folder[512];

static void setup(void) {
    static int number;
    bc_error_clear(&test_error);
    snprintf(folder, sizeof folder, "%s/run-%d", test_folder(), number++);
    ck_ok(bc_make_folder(&test_error, folder));
}

static void write_file(const char *name, const char *text, size_t bytes) {
    char path[1024], *slash;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    slash = strrchr(path, '/');
    *slash = 0;
    ck_ok(bc_make_folder(&test_error, path));
    *slash = '/';
    ck_ok(bc_file_write(&test_error, path, text, bytes));
}

static void write_text(const char *name, const char *text) {
    write_file(name, text, strlen(text));
}

static char *page(void) {
    uint8_t *text;
    size_t bytes;
    ck_ok(bc_report_write(&test_error, folder));
    ck_ok(bc_file_read(&test_error, test_path_in(folder, "report.html"), &text, &bytes));
    return (char *)text;
}

static int occurrences(const char *text, const char *word) {
    int count = 0;
    for (const char *p = text; (p = strstr(p, word)) != NULL; p++)
        count++;
    return count;
}

/* What `write` puts into a stream. */
static char *captured(void (*write)(FILE *out, const void *user), const void *user) {
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    ck_assert_ptr_nonnull(out);
    write(out, user);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

static void write_base64(FILE *out, const void *user) {
    bc_base64(out, user, strlen(user));
}

static void write_escaped(FILE *out, const void *user) {
    bc_html_text(out, user);
}

START_TEST(test_pieces) {
    static const char *const pairs[][2] = {{"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
                                           {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "//79"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char *text = captured(write_base64, pairs[i][0]);
        ck_assert_str_eq(text, pairs[i][1]);
        free(text);
    }
    char *text = captured(write_escaped, "a<b>&\"c\"");
    ck_assert_str_eq(text, "a&lt;b&gt;&amp;&quot;c&quot;");
    free(text);
}
END_TEST

typedef struct chart {
    int count;
    bc_svg_line lines[3];
} chart;

static void write_chart(FILE *out, const void *user) {
    const chart *c = user;
    bc_svg_chart_write(
        out, &(bc_svg_chart){
                 .title = "a & b", .x_title = "images < 5", .line_count = c->count, .lines = c->lines});
}

START_TEST(test_chart) {
    enum { POINTS = 1000 };
    static double steps[POINTS], falling[POINTS], holes[POINTS];
    for (int i = 0; i < POINTS; i++) {
        steps[i] = 10 * (i + 1);
        falling[i] = 100.0 / (i + 1);
        holes[i] = i % 3 ? 1 : NAN;
    }
    chart c = {3,
               {{"falling", 0, POINTS, steps, falling, false, false, false},
                {"holes", 1, POINTS, steps, holes, false, false, false},
                {"one", 2, 1, steps, falling, false, false, false}}};
    char *text = captured(write_chart, &c);
    ck_assert_int_eq(occurrences(text, "<polyline"), 3);
    ck_assert_int_eq(occurrences(text, "<circle"), 1);
    ck_assert_ptr_nonnull(strstr(text, "a &amp; b (logarithmic)"));
    ck_assert_ptr_nonnull(strstr(text, ">10000<")); /* the last step's tick */
    ck_assert_ptr_nonnull(strstr(text, ">holes<"));
    ck_assert_ptr_nonnull(strstr(text, ">images &lt; 5<"));
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strstr(text, "inf"));
    ck_assert_uint_lt(strlen(text), 20000); /* thinned */
    free(text);
    for (int i = 0; i < POINTS; i++)
        falling[i] = NAN;
    c = (chart){1, {{"nothing", 0, POINTS, steps, falling, false, false, false}}};
    text = captured(write_chart, &c);
    ck_assert_int_eq(occurrences(text, "<polyline"), 0);
    ck_assert_ptr_null(strstr(text, "nan"));
    free(text);
    /* A line to be smoothed has what was measured behind it; an axis can be logarithmic. */
    for (int i = 0; i < POINTS; i++)
        falling[i] = 2 + i % 2;
    c = (chart){1, {{"noisy", 0, POINTS, steps, falling, true, false, false}}};
    text = captured(write_chart, &c);
    ck_assert_int_eq(occurrences(text, "class=\"raw"), 1);
    ck_assert_int_eq(occurrences(text, "class=\"line"), 1);
    free(text);
    c = (chart){1, {{"constant", 0, 0, NULL, NULL, false, false, false}}};
    text = captured(write_chart, &c);
    ck_assert_ptr_nonnull(strstr(text, "</svg>"));
    free(text);
}
END_TEST

static void write_log(const char *name, float level) {
    static const char *const names[] = {"total", "rate"};
    const char *path = test_path_in(folder, name);
    ck_ok(bc_make_folder(&test_error, path));
    bc_runlog *log;
    ck_ok(bc_runlog_open(&test_error, path, 0, &log));
    for (long step = 10; step <= 100; step += 10)
        ck_ok(bc_runlog_write(log, &test_error, step, 2, names, (float[]){level / (float)step, 1e-3f}));
    bc_runlog_close(log);
}

START_TEST(test_full_page) {
    write_text("table.txt", "BiCross <best>  0.123\n");
    write_text("results.json", "{}");
    write_text("device.txt", "device   a device\n");
    write_text("history.txt", "2026-01-31T12:00:00Z  842 s  0.1.0  bicross train --config 'a <b>'\n");
    write_file("pictures/first.png", "\x89PNG\0x", 6);
    write_file("pictures/notes.txt", "no picture", 10);
    write_log("seed-0/bicross", 1);
    write_log("seed-0/control", 2);
    write_log("seed-1/bicross", 3);
    write_text("seed-0/bicross/config.ini", "[run]\nseed = 0\n[loss]\nscp = true\n");
    write_text("seed-0/control/config.ini", "[run]\nseed = 0\n[loss]\nscp = false\n");
    write_text("seed-1/bicross/config.ini", "[run]\nseed = 1\n[loss]\nscp = true\n");
    char *text = page();
    ck_assert_ptr_nonnull(strstr(text, "BiCross &lt;best&gt;  0.123"));
    ck_assert_ptr_nonnull(strstr(text, "data:image/png;base64,iVBORwB4"));
    ck_assert_int_eq(occurrences(text, "<figure id="), 1);
    ck_assert_int_eq(occurrences(text, "<svg"), 4);         /* two names in each of two groups */
    ck_assert_int_eq(occurrences(text, "<polyline"), 6);    /* three logs */
    ck_assert_ptr_nonnull(strstr(text, ">BiCross</text>")); /* as tables call it */
    ck_assert_ptr_nonnull(strstr(text, "learning rate [rate]"));
    ck_assert_ptr_nonnull(strstr(text, "<h3>seed-1</h3>"));
    ck_assert_int_eq(occurrences(text, "<details>"), 1); /* one in full; of the others what differs */
    ck_assert_ptr_nonnull(strstr(text, "loss.scp"));
    ck_assert_ptr_null(strstr(text, "run.seed")); /* that is no difference */
    ck_assert_ptr_nonnull(strstr(text, "842 s"));
    ck_assert_ptr_nonnull(strstr(text, "'a &lt;b&gt;'"));
    ck_assert_ptr_nonnull(strstr(text, "a device"));
    ck_assert_ptr_null(strstr(text, "There is no "));
    ck_assert_ptr_null(strstr(text, "http")); /* nothing is fetched */
    ck_assert_ptr_nonnull(strstr(text, "</body></html>"));
    char *again = page();
    ck_assert_str_eq(text, again);
    free(again);
    free(text);
    /* A table of one seed: what an earlier demo left of others does not belong to it. */
    write_text("runs.txt", "seed-1/bicross\nseed-1/control\nseed-10/bicross\n");
    text = page();
    ck_assert_int_eq(occurrences(text, "<polyline"), 2);
    ck_assert_ptr_nonnull(strstr(text, "<h3>seed-1</h3>"));
    ck_assert_ptr_null(strstr(text, "<h3>seed-0</h3>"));
    free(text);
}
END_TEST

START_TEST(test_empty_page) {
    char *text = page();
    ck_assert_int_eq(occurrences(text, "class=\"note\">There is no"), 5);
    ck_assert_int_eq(occurrences(text, "<svg"), 0);
    free(text);
    ck_assert_int_eq(bc_report_write(&test_error, "/nowhere/run"), BC_E_FILE);
    ck_assert_ptr_nonnull(strstr(test_error.text, "/nowhere/run"));
}
END_TEST

/* Of one network: AbsRel and that of each image. */
static void write_scores(const char *name, const char *abs_rel, double image) {
    char text[2000], *at = text;
    at += sprintf(at, "{\"abs_rel\": %s, \"images\": 40, \"image_abs_rel\": [", abs_rel);
    for (int i = 0; i < 40; i++)
        at += sprintf(at, "%s%g", i ? ", " : "", image + 0.01 * (i % 2));
    sprintf(at, "]}\n");
    write_text(name, text);
}

START_TEST(test_networks_are_compared) {
    char first[600], second[600];
    const char *folders[] = {first, second};
    snprintf(first, sizeof first, "%s/bicross", folder);
    snprintf(second, sizeof second, "%s/control", folder);
    write_scores("bicross/results.json", "0.105", 0.1);
    write_scores("control/results.json", "0.125", 0.12);
    uint8_t *text;
    size_t bytes;
    ck_ok(bc_report_write_of(&test_error, 2, folders, test_path_in(folder, "both.html")));
    ck_ok(bc_file_read(&test_error, test_path_in(folder, "both.html"), &text, &bytes));
    ck_assert_ptr_nonnull(
        strstr((char *)text, "against bicross <data value=\"0.02\">0.0200</data> higher, 95 % interval"));
    ck_assert_ptr_nonnull(strstr((char *)text, "one seed: no interval over seeds"));
    free(text);
    write_text("results.json", "{\"seeds\": [{\"seed\": 1, \"arms\": {\"a\": {}}}], \"scenario\": \"s\"}");
    folders[0] = folders[1] = folder;
    ck_assert_int_eq(bc_report_write_of(&test_error, 2, folders, test_path_in(folder, "both.html")),
                     BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "seed 1"));
    bc_error_clear(&test_error);
    const char *bad[] = {"{\"abs_rel\": nan}", "{", "[1,]",
                         "{\"seeds\": [{\"arms\": {\"a\": {}}}, {\"arms\": {}}]}", "{} {}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_text("results.json", bad[i]);
        ck_assert_int_eq(bc_report_write(&test_error, folder), BC_E_FORMAT);
        ck_assert_ptr_nonnull(strstr(test_error.text, "results.json"));
        bc_error_clear(&test_error);
    }
}
END_TEST

START_TEST(test_intervals) {
    /* Two runs, 1 apart: the mean, and 12.706 standard errors of 1/2. */
    bc_interval i = bc_interval_of_runs((double[]){1, 2}, 2);
    ck_assert_double_eq_tol(i.mean, 1.5, 1e-12);
    ck_assert_double_eq_tol(i.high - i.mean, 12.706 / 2, 1e-3);
    ck_assert(!bc_interval_has_zero(&(bc_interval){.low = 0.1, .high = 0.2}) && bc_interval_has_zero(&i));
    i = bc_interval_of_runs((double[]){3}, 1);
    ck_assert(i.mean == 3 && i.deviation == 0 && !bc_interval_known(&i));
    /* Of many images it is about two standard errors at either side. */
    double images[400];
    for (int k = 0; k < 400; k++)
        images[k] = k % 2 ? 1 : -1;
    i = bc_interval_of_images(images, 400);
    ck_assert_double_eq_tol(i.high, 1.96 / 20, 0.012);
    ck_assert_double_eq_tol(i.low, -1.96 / 20, 0.012);
    bc_interval again = bc_interval_of_images(images, 400);
    ck_assert(again.low == i.low && again.high == i.high);
    i = bc_interval_of_images(images, 9);
    ck_assert(!bc_interval_known(&i));
}
END_TEST

START_TEST(test_device_text) {
    bc_host *host = test_host();
    ck_ok(bc_report_device(host, folder));
    char *text = page();
    ck_assert_ptr_nonnull(strstr(text, "compute units"));
    ck_assert_ptr_nonnull(strstr(text, BICROSS_VERSION ", compiler"));
    free(text);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("report");
    TCase *t = tcase_create("report");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, test_pieces);
    tcase_add_test(t, test_chart);
    tcase_add_test(t, test_full_page);
    tcase_add_test(t, test_empty_page);
    tcase_add_test(t, test_networks_are_compared);
    tcase_add_test(t, test_intervals);
    tcase_add_test(t, test_device_text);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
