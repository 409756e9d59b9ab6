/* The file of measured choices, contests, and what choices change. */
#include "host/base/file.h"
#include "host/device/profile.h"
#include "host/open.h"
#include "host/tuning/choices.h"
#include "net/ops/conv.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const bc_device_info board = {.name = "Board [2] (R)", .driver_version = "1.0"};
static const bc_device_info other = {.name = "Other", .driver_version = "1.0"};

static const char *path_of(const char *name, char path[1024]) {
    snprintf(path, 1024, "%.800s/%.200s", test_folder(), name);
    return path;
}

static void write_text(const char *path, const char *text) {
    ck_ok(bc_file_write(&test_error, path, text, strlen(text)));
}

static bc_tuning *read_text(const char *text, const bc_device_info *device) {
    char path[1024];
    bc_tuning *tuning;
    write_text(path_of("read.ini", path), text);
    ck_ok(bc_tuning_read(&test_error, path, device, &tuning));
    return tuning;
}

/* --- the file --- */

static const char example[] = "# a comment\n"
                              "[*, driver 1.*]\n"
                              "gemm NN 64x64x64 = local\n"
                              "conv3x3 data 4->4 at 64 pixels = winograd\n"
                              "\n"
                              "[Board [2] (R), driver 1.0]\r\n"
                              "  gemm NN 64x64x64 = panel ; 1 ms = good\r\n"
                              "[Board [2] (R), driver 2.0]\n"
                              "gemm NT 64x64x64 = clblast\n";

START_TEST(finds_the_choices_of_a_device) {
    bc_tuning *tuning = read_text(example, &board);
    ck_assert_str_eq(bc_tuning_find(tuning, "gemm NN 64x64x64"), "panel"); /* its own before the pattern's */
    ck_assert_str_eq(bc_tuning_find(tuning, "conv3x3 data 4->4 at 64 pixels"), "winograd");
    ck_assert_ptr_null(bc_tuning_find(tuning, "gemm NT 64x64x64")); /* another driver's */
    char text[BC_TUNING_TEXT];
    bc_tuning_describe(tuning, text);
    ck_assert_ptr_nonnull(strstr(text, "2 choices for this device"));
    bc_tuning_release(tuning);

    tuning = read_text(example, &other);
    ck_assert_str_eq(bc_tuning_find(tuning, "gemm NN 64x64x64"), "local");
    bc_tuning_release(tuning);

    tuning = read_text(strstr(example, "[Board"), &other);
    ck_assert_ptr_null(bc_tuning_find(tuning, "gemm NN 64x64x64"));
    bc_tuning_describe(tuning, text);
    ck_assert_ptr_nonnull(strstr(text, "ignored"));
    bc_tuning_release(tuning);
}
END_TEST

/* PoCL 3 calls a CPU pthread-..., 4 and later cpu-...; Intel's runtime by its processor. */
START_TEST(presets_speak_for_their_devices) {
    static const struct {
        const char *preset, *name, *driver;
        bool speaks;
    } cases[] = {
        {"pocl-avx512.ini", "pthread-skylake-avx512-AMD EPYC", "3.1+debian", true},
        {"pocl-avx512.ini", "cpu-skylake-avx512-AMD EPYC", "5.0+debian", true},
        {"pocl-avx512.ini", "cpu-skylake-avx512-Intel(R) Xeon(R) Gold 6248", "6.0", true},
        {"pocl-avx512.ini", "cpu-skylake-avx512-AMD EPYC", "7.0", true},
        {"pocl-avx512.ini", "cpu-haswell-AMD EPYC 7763 64-Core Processor", "6.0", false},
        {"pocl-avx512.ini", "cpu-skylake-avx512-AMD EPYC", "1.8", false},
        {"pocl-avx512.ini", "AMD EPYC 9554", "2026.22", false},
        {"intel-avx512.ini", "AMD EPYC 9554", "2026.22", true},
        {"intel-avx512.ini", "cpu-skylake-avx512-AMD EPYC", "6.0", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bc_device_info device = {0};
        bc_tuning *tuning;
        char path[1024];
        int count;
        snprintf(device.name, sizeof device.name, "%s", cases[i].name);
        snprintf(device.driver_version, sizeof device.driver_version, "%s", cases[i].driver);
        snprintf(path, sizeof path, "%s/../vendor_notes/tuning/%s", TEST_SOURCE_DIR, cases[i].preset);
        ck_ok(bc_tuning_read(&test_error, path, &device, &tuning));
        bc_tuning_hash(tuning, &count);
        ck_assert_msg((count > 0) == cases[i].speaks, "%s has %d choices for %s, driver %s", cases[i].preset,
                      count, cases[i].name, cases[i].driver);
        bc_tuning_release(tuning);
    }
}
END_TEST

START_TEST(a_section_speaks_for_devices) {
    char own[BC_TUNING_SECTION];
    bc_tuning_section(&board, own);
    ck_assert_str_eq(own, "Board [2] (R), driver 1.0");
    ck_assert(bc_tuning_speaks(own, own)); /* as a pattern it would mean "Board 2" */
    ck_assert(bc_tuning_speaks("Board*, driver 1.*", own));
    ck_assert(!bc_tuning_speaks("Board*, driver 2.*", own));
}
END_TEST

START_TEST(names_the_damaged_line) {
    static const struct {
        const char *text, *message;
    } files[] = {
        {"[Board]\ngemm NN 64x64x64 panel\n", "line 2: expected '[device"},
        {"\n\ngemm NN 64x64x64 = panel\n", "line 3: 'gemm NN 64x64x64' stands before"},
        {"[Board]\nconv3x3 data 4->4 at 64 pixels =\n", "line 2: expected 'class of work = choice'"},
        {"[Board]\n = winograd\n", "line 2: expected 'class of work = choice'"},
        {"[Board\n", "line 1: expected '[device"},
        {"[]\n", "line 1: expected '[device"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[1024];
        bc_tuning *tuning;
        bc_error err = {0};
        write_text(path_of("damaged.ini", path), files[i].text);
        ck_assert_int_eq(bc_tuning_read(&err, path, &board, &tuning), BC_E_FORMAT);
        ck_assert_ptr_null(tuning);
        ck_assert_msg(strstr(err.text, files[i].message) && strstr(err.text, "damaged.ini"), "%s", err.text);
    }
}
END_TEST

START_TEST(refuses_what_is_not_text) {
    char path[1024];
    bc_tuning *tuning;
    bc_error err = {0};
    ck_ok(bc_file_write(&test_error, path_of("binary.ini", path), "; \0 [", 6));
    ck_assert_int_eq(bc_tuning_read(&err, path, &board, &tuning), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.text, "not text"));
    err = (bc_error){0}; /* what could reach the terminal in a message */
    write_text(path, "[*]\n\x1b[2Jgemm = panel\n");
    ck_assert_int_eq(bc_tuning_read(&err, path, &board, &tuning), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.text, "not text"));
}
END_TEST

START_TEST(skips_and_keeps_words_of_other_versions) {
    char path[1024], text[BC_TUNING_TEXT], key[200];
    static const char lines[] = "[*]\n"
                                "gemm NN 64x64x64 = panel\n"
                                "conv3x3 data 4->4 at 64 pixels = fft ; 1 ms\n"
                                "attention 577 = wide\n";
    bc_tuning *tuning = read_text(lines, &board), *again;
    ck_assert_str_eq(bc_tuning_find(tuning, "gemm NN 64x64x64"), "panel");
    ck_assert_ptr_null(bc_tuning_find(tuning, "conv3x3 data 4->4 at 64 pixels"));
    ck_assert(bc_tuning_skipped(tuning, text));
    ck_assert_msg(strstr(text, "line 3: 'fft' is not known to this version: skipped (2 lines in all)"), "%s",
                  text);
    bc_tuning_describe(tuning, text);
    ck_assert_msg(strstr(text, "1 choice for"), "%s", text);

    /* An answer of ours for the same class stands beside the other version's. */
    ck_ok(bc_tuning_set(&test_error, tuning, "conv3x3 data 4->4 at 64 pixels", "winograd", NULL, true));
    ck_ok(bc_tuning_write(&test_error, tuning));
    uint8_t *written;
    size_t bytes;
    ck_ok(bc_file_read(&test_error, path_of("read.ini", path), &written, &bytes));
    ck_assert_ptr_nonnull(
        strstr((char *)written, "conv3x3 data 4->4 at 64 pixels = fft ; 1 ms\nattention 577 = wide\n"));
    free(written);
    ck_ok(bc_tuning_read(&test_error, path, &board, &again));
    ck_assert_str_eq(bc_tuning_find(again, "conv3x3 data 4->4 at 64 pixels"), "winograd");
    bc_tuning_release(again);
    bc_tuning_release(tuning);

    memset(key, 'x', sizeof key); /* longer than a class of this version */
    snprintf(text, sizeof text, "[*]\nconv%.150s = direct\n", key);
    tuning = read_text(text, &board);
    ck_assert(bc_tuning_skipped(tuning, text));
    ck_assert_msg(strstr(text, "line 2: 'convxxx") && !strstr(text, "in all"), "%s", text);
    bc_tuning_release(tuning);

    tuning = read_text(example, &board);
    ck_assert(!bc_tuning_skipped(tuning, text));
    bc_tuning_release(tuning);
}
END_TEST

START_TEST(keeps_what_is_in_force) {
    char path[1024], before[BC_TUNING_TEXT], after[BC_TUNING_TEXT];
    bc_tuning *tuning = read_text(example, &board), *again;
    ck_ok(bc_tuning_set(&test_error, tuning, "gemm TT 64x64x64", "local", NULL, false));
    bc_tuning_describe(tuning, before);
    ck_ok(bc_tuning_snapshot(&test_error, tuning, path_of("snapshot.ini", path)));
    ck_ok(bc_tuning_read(&test_error, path, &board, &again));
    bc_tuning_describe(again, after);
    ck_assert_ptr_nonnull(strstr(before, "2 choices for this device"));
    ck_assert_str_eq(strstr(before, ", 2 choices"), strstr(after, ", 2 choices")); /* the hash with it */
    ck_assert_str_eq(bc_tuning_find(again, "conv3x3 data 4->4 at 64 pixels"), "winograd");
    ck_assert_str_eq(bc_tuning_find(again, "gemm NN 64x64x64"), "panel");
    ck_assert_ptr_null(bc_tuning_find(again, "gemm TT 64x64x64")); /* that was the rule's */
    bc_tuning_release(again);
    ck_ok(bc_tuning_read(&test_error, path, &other, &again)); /* another device does not take them */
    ck_assert_ptr_null(bc_tuning_find(again, "conv3x3 data 4->4 at 64 pixels"));
    bc_tuning_release(again);
    bc_tuning_release(tuning);

    ck_ok(bc_tuning_snapshot(&test_error, NULL, path));
    ck_ok(bc_tuning_read(&test_error, path, &board, &again));
    bc_tuning_describe(again, after);
    ck_assert_ptr_nonnull(strstr(after, "nothing for this device"));
    bc_tuning_release(again);
}
END_TEST

START_TEST(writes_what_it_reads) {
    char path[1024], before[BC_TUNING_TEXT], after[BC_TUNING_TEXT];
    bc_tuning *tuning = read_text(example, &board), *again;
    ck_ok(bc_tuning_set(&test_error, tuning, "gemm NN 64x64x64", "clblast", "0.5 ms", true));
    ck_ok(bc_tuning_set(&test_error, tuning, "gemm TN 64x64x64", "local", NULL, true));
    ck_ok(bc_tuning_set(&test_error, tuning, "gemm TT 64x64x64", "local", NULL, false));
    ck_assert_str_eq(bc_tuning_find(tuning, "gemm TT 64x64x64"), "local");
    ck_ok(bc_tuning_write(&test_error, tuning));
    ck_ok(bc_tuning_read(&test_error, path_of("read.ini", path), &board, &again));
    ck_assert_str_eq(bc_tuning_find(again, "gemm NN 64x64x64"), "clblast");
    ck_assert_str_eq(bc_tuning_find(again, "gemm TN 64x64x64"), "local");
    ck_assert_ptr_null(bc_tuning_find(again, "gemm TT 64x64x64"));
    bc_tuning_describe(tuning, before);
    bc_tuning_describe(again, after);
    ck_assert_str_eq(before, after); /* the hash with it */
    ck_ok(bc_tuning_set(&test_error, again, "gemm NN 64x64x64", "panel", NULL, true));
    bc_tuning_describe(again, after);
    ck_assert_str_ne(before, after);
    uint8_t *text;
    size_t bytes;
    ck_ok(bc_file_read(&test_error, path, &text, &bytes));
    ck_assert_ptr_nonnull(strstr((char *)text, "gemm NN 64x64x64 = clblast ; 0.5 ms\n"));
    ck_assert_ptr_nonnull(strstr((char *)text, "[Board [2] (R), driver 2.0]\ngemm NT 64x64x64 = clblast\n"));
    free(text);
    bc_tuning_release(tuning);
    bc_tuning_release(again);
}
END_TEST

START_TEST(rounds_sizes) {
    static const int sizes[][2] = {{1, 1},     {2, 2},     {3, 3},       {5, 6},       {6, 6},     {7, 8},
                                   {577, 512}, {768, 768}, {9216, 8192}, {3072, 3072}, {896, 1024}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        ck_assert_int_eq(bc_tuning_size(sizes[i][0]), sizes[i][1]);
}
END_TEST

/* --- contests --- */

enum { FLOATS = 1024, COPIES = 300 };

/* What the variants of the contest below do. */
typedef enum behaviour { COPY, SLOW_COPY, HALF_COPY, FAILURE } behaviour;

static size_t no_workspace(const void *work, int variant) {
    (void)work;
    (void)variant;
    return 0;
}

static bc_status record_copies(const void *work, int variant, bc_tape *tape, const bc_trial *trial) {
    behaviour what = ((const behaviour *)work)[variant];
    if (what == FAILURE)
        return bc_fail(bc_host_error(bc_tape_host(tape)), BC_E_ARGUMENT, "a variant that refuses");
    for (int i = 0; i < (what == SLOW_COPY ? COPIES : 1); i++)
        BC_TRY(bc_tape_copy(tape, trial->inputs[0], 0, trial->output, 0,
                            trial->output.bytes / (what == HALF_COPY ? 2 : 1)));
    return BC_OK;
}

static bc_contest copies(const behaviour *work, int count, int usual) {
    return (bc_contest){.key = "conv0x0 copies",
                        .count = count,
                        .usual = usual,
                        .choices = {"direct", "winograd", "tile"},
                        .tolerance = 1e-6,
                        .input_bytes = {4 * FLOATS},
                        .output_bytes = 4 * FLOATS,
                        .workspace_bytes = no_workspace,
                        .record = record_copies,
                        .work = work};
}

START_TEST(leaves_out_what_is_wrong_or_fails) {
    static const behaviour work[] = {SLOW_COPY, HALF_COPY, FAILURE};
    for (int usual = 0; usual < 3; usual++) {
        bc_contest contest = copies(work, 3, usual);
        bc_contest_result result;
        bc_contest_run(test_host(), &contest, &result);
        ck_assert_int_eq(result.winner, 0); /* though the wrong one is faster, or the rule's */
        ck_assert(result.seconds[0] > 0);
        ck_assert_str_eq(result.fault[0], "");
        ck_assert_ptr_nonnull(strstr(result.fault[1], "wrong by"));
        ck_assert_ptr_nonnull(strstr(result.fault[2], "a variant that refuses"));
        ck_assert_str_eq(test_error.text, "");
    }
}
END_TEST

START_TEST(follows_the_rule_when_the_reference_fails) {
    static const behaviour work[] = {FAILURE, COPY};
    bc_contest contest = copies(work, 2, 1);
    bc_contest_result result;
    bc_contest_run(test_host(), &contest, &result);
    ck_assert_int_eq(result.winner, 1);
    ck_assert(result.seconds[1] == 0);
    ck_assert_str_ne(result.fault[0], "");
    ck_assert_str_eq(test_error.text, "");
}
END_TEST

static bc_host *open_host(const char *path, bool measure, bc_gemm_provider gemm) {
    bc_host *host;
    bc_host_options options = {.device = getenv("BICROSS_DEVICE"),
                               .tuning = path,
                               .measure = measure,
                               .gemm = gemm,
                               .profile = true};
    ck_ok(bc_host_open(&options, &test_error, &host));
    return host;
}

static void count_contests(void *user, const bc_contest_result *result) {
    (void)result;
    ++*(int *)user;
}

START_TEST(measures_once_and_remembers) {
    static const behaviour work[] = {SLOW_COPY, COPY};
    char path[1024];
    bc_contest contest = copies(work, 2, 0);
    bc_host *host = open_host(path_of("new/folder/measured.ini", path), true, BC_GEMM_AUTO);
    int contests = 0;
    bc_tuning_observer observer = {count_contests, &contests};
    bc_tuning_observe(host, 60, &observer);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(bc_contest_choose(host, &contest), 1);
    ck_assert_int_eq(contests, 1);
    bc_host_close(host);
    host = open_host(path, false, BC_GEMM_AUTO); /* the file says it */
    ck_assert_int_eq(bc_contest_choose(host, &contest), 1);
    strcpy(contest.key, "conv0x0 others");
    ck_assert_int_eq(bc_contest_choose(host, &contest), 0); /* not there: the rule */
    bc_host_close(host);
}
END_TEST

START_TEST(stops_measuring_in_time) {
    static const behaviour work[] = {SLOW_COPY, COPY};
    char path[1024];
    bc_contest contest = copies(work, 2, 0);
    bc_host *host = open_host(path_of("late.ini", path), true, BC_GEMM_AUTO);
    bc_tuning_observe(host, 0, NULL);
    ck_assert_int_eq(bc_contest_choose(host, &contest), 0);
    ck_assert_int_eq(bc_tuning_left_out(host), 1);
    bc_tuning_observe(host, 60, NULL); /* the answer does not change while the host is open, */
    ck_assert_int_eq(bc_contest_choose(host, &contest), 0);
    bc_host_close(host);
    host = open_host(path, true, BC_GEMM_AUTO); /* and was not written */
    ck_assert_int_eq(bc_contest_choose(host, &contest), 1);
    bc_host_close(host);
}
END_TEST

/* --- what choices change --- */

enum { SIDE = 8, CHANNELS = 4 };

/* Runs a convolution and a product of its output; says whether a kernel with this in its name was among those that ran. */
static bool runs(bc_host *host, const char *variant, const char *kernel, float y[SIDE * SIDE * CHANNELS]) {
    bc_graph *graph;
    bc_plan *plan;
    float values[9 * CHANNELS * CHANNELS];
    bc_shape shapes[] = {{1, SIDE, SIDE, CHANNELS}, {3, 3, CHANNELS, CHANNELS}, {1, 1, CHANNELS, CHANNELS}};
    bc_value *inputs[3];
    ck_ok(bc_graph_create(host, &graph));
    for (int i = 0; i < 3; i++)
        inputs[i] = bc_graph_input(graph, "input", shapes[i]);
    bc_graph_prefer(graph, variant);
    bc_value *map = bc_conv2d(graph, inputs[0], inputs[1], NULL, bc_conv_symmetric(1, 1));
    bc_value *out = bc_graph_keep(graph, bc_linear(graph, map, inputs[2], NULL));
    ck_ok(bc_graph_status(graph));
    ck_ok(bc_plan_create(graph, BC_INFER, &plan));
    for (int i = 0; i < 3; i++) {
        float wide[SIDE * SIDE * CHANNELS];
        for (int j = 0; j < SIDE * SIDE * CHANNELS; j++)
            wide[j] = sinf((float)(j + 7 * i));
        memcpy(values, wide, sizeof values);
        ck_ok(bc_value_write(graph, inputs[i], i ? values : wide));
    }
    bc_profile_clear(host);
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_read(graph, out, y));
    bc_profile_row *rows;
    int count;
    bool found = false;
    ck_ok(bc_profile_rows(host, &rows, &count));
    for (int i = 0; i < count; i++)
        found = found || strstr(rows[i].name, kernel);
    free(rows);
    bc_plan_release(plan);
    bc_graph_release(graph);
    return found;
}

static bool has_clblast(void) {
    return strcmp(bc_clblast_version(), "none") != 0;
}

START_TEST(changes_the_algorithm_that_is_recorded) {
    char path[1024];
    float usual[SIDE * SIDE * CHANNELS], chosen[SIDE * SIDE * CHANNELS], again[SIDE * SIDE * CHANNELS];
    write_text(path_of("choice.ini", path), "[*]\n"
                                            "conv3x3 forward 4->4 at 64 pixels = winograd\n"
                                            "gemm NN 64x4x4 = clblast\n");
    bc_host *host = open_host(NULL, false, BC_GEMM_AUTO);
    bool own = bc_host_cpu_kernels(host);
    ck_assert(!runs(host, NULL, "winograd", usual));
    bc_host_close(host);

    host = open_host(path, false, own ? BC_GEMM_PANEL : BC_GEMM_LOCAL);
    ck_assert(runs(host, NULL, "winograd", chosen));
    ck_assert(!runs(host, NULL, "clblast", again)); /* the caller's provider before the table's */
    ck_assert_mem_eq(chosen, again, sizeof chosen);
    ck_assert(!runs(host, BC_CONV_DIRECT, "winograd", again)); /* the caller's variant likewise */
    ck_assert_mem_eq(usual, again, sizeof usual);
    bc_host_close(host);
    for (int i = 0; i < SIDE * SIDE * CHANNELS; i++)
        ck_assert_float_eq_tol(usual[i], chosen[i], 1e-4f);

    host = open_host(path, false, BC_GEMM_AUTO); /* where panels are the rule, CLBlast has no chance */
    ck_assert_int_eq(runs(host, BC_CONV_DIRECT, "clblast", again), !own && has_clblast());
    for (int i = 0; i < SIDE * SIDE * CHANNELS; i++)
        ck_assert_float_eq_tol(usual[i], again[i], 1e-4f);
    bc_host_close(host);
}
END_TEST

static bool is_word(const char *name) {
    for (int i = 0; bc_tuning_conv_words[i]; i++)
        if (strcmp(bc_tuning_conv_words[i], name) == 0)
            return true;
    return false;
}

/* A name that is no word would be measured, written, and skipped when it is read again. */
START_TEST(names_of_algorithms_are_words) {
    static const bc_conv_algorithm *const all[] = {&bc_direct_convolution, &bc_tile_convolution,
                                                   &bc_winograd_convolution};
    for (int i = 0; i < 3; i++) {
        ck_assert_msg(is_word(all[i]->name), "%s", all[i]->name);
        for (int t = 0; t < BC_CONV_TILES; t++)
            ck_assert_msg(!all[i]->tiles[t] || is_word(all[i]->tiles[t]), "%s", all[i]->tiles[t]);
    }
    for (int i = 0; bc_tuning_gemm_words[i]; i++)
        ck_assert_msg(bc_gemm_way_named(bc_tuning_gemm_words[i]) != NULL, "%s", bc_tuning_gemm_words[i]);
}
END_TEST

START_TEST(plans_with_what_it_measures) {
    char path[1024];
    float first[SIDE * SIDE * CHANNELS], second[SIDE * SIDE * CHANNELS];
    bc_host *host = open_host(path_of("lazy.ini", path), true, BC_GEMM_AUTO);
    bool winograd = runs(host, NULL, "winograd", first);
    const char *choice = bc_tuning_find(bc_host_tuning(host), "conv3x3 forward 4->4 at 64 pixels");
    ck_assert_ptr_nonnull(choice);
    ck_assert_int_eq(strcmp(choice, "winograd") == 0, winograd);
    bc_host_close(host);
    host = open_host(path, false, BC_GEMM_AUTO);
    ck_assert_int_eq(runs(host, NULL, "winograd", second), winograd);
    ck_assert_mem_eq(first, second, sizeof first);
    bc_host_close(host);
}
END_TEST

START_TEST(refuses_to_open_with_a_bad_file) {
    static const struct {
        const char *text, *message;
        bc_status status;
    } files[] = {
        {NULL, "cannot open", BC_E_FILE},
        {"gemm = \n", "line 1", BC_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[1024];
        bc_host *host;
        bc_error err = {0};
        path_of(files[i].text ? "bad.ini" : "not-there.ini", path);
        if (files[i].text)
            write_text(path, files[i].text);
        bc_host_options options = {.device = getenv("BICROSS_DEVICE"), .tuning = path};
        ck_assert_int_eq(bc_host_open(&options, &err, &host), files[i].status);
        ck_assert_ptr_null(host);
        ck_assert_msg(strstr(err.text, files[i].message), "%s", err.text);
    }
}
END_TEST

START_TEST(skips_parameters_that_clblast_refuses) {
    static const char *const lines[] = {
        "[*]\nclblast Xgemm = GEMMK=1 MWG=64 NWG=32\n", /* computes wrongly */
        "[*]\nclblast Xgemm = GEMMK=0 MWG=64\n",
        "[*]\nclblast XgemmDirect = fast\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char path[1024], text[BC_TUNING_TEXT];
        write_text(path_of("refused.ini", path), lines[i]);
        bc_host *host = open_host(path, false, BC_GEMM_AUTO);
        ck_assert(bc_tuning_skipped(bc_host_tuning(host), text));
        ck_assert_msg(strstr(text, "line 2"), "%s", text);
        ck_assert_ptr_null(bc_tuning_find(bc_host_tuning(host), "clblast Xgemm"));
        bc_host_close(host);
    }
}
END_TEST

/* The hash of a host that is opened so. */
static uint64_t hash_of(const char *path, bc_gemm_provider gemm) {
    bc_host *host = open_host(path, false, gemm);
    uint64_t hash = bc_host_tuning_hash(host);
    bc_host_close(host);
    return hash;
}

START_TEST(hashes_what_decides) {
    char path[1024];
    uint64_t rules = hash_of(NULL, BC_GEMM_AUTO);
    ck_assert(rules != 0 && rules == hash_of(NULL, BC_GEMM_AUTO));
    ck_assert(hash_of(NULL, BC_GEMM_PANEL) != hash_of(NULL, BC_GEMM_LOCAL));
    if (has_clblast())
        ck_assert(hash_of(NULL, BC_GEMM_PANEL) != hash_of(NULL, BC_GEMM_CLBLAST));
    write_text(path_of("hash.ini", path), "[*]\ngemm NN 64x4x4 = clblast\n");
    ck_assert(hash_of(path, BC_GEMM_AUTO) != rules);
    write_text(path, "[another device]\ngemm NN 64x4x4 = clblast\n[*]\nattention = wide\n");
    ck_assert(hash_of(path, BC_GEMM_AUTO) == rules);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("tuning");
    TCase *file = tcase_create("file"), *contest = tcase_create("contest"), *choice = tcase_create("choice");
    tcase_add_test(file, finds_the_choices_of_a_device);
    tcase_add_test(file, a_section_speaks_for_devices);
    tcase_add_test(file, presets_speak_for_their_devices);
    tcase_add_test(file, names_the_damaged_line);
    tcase_add_test(file, refuses_what_is_not_text);
    tcase_add_test(file, skips_and_keeps_words_of_other_versions);
    tcase_add_test(file, keeps_what_is_in_force);
    tcase_add_test(file, writes_what_it_reads);
    tcase_add_test(file, rounds_sizes);
    tcase_add_test(contest, leaves_out_what_is_wrong_or_fails);
    tcase_add_test(contest, follows_the_rule_when_the_reference_fails);
    tcase_add_test(contest, measures_once_and_remembers);
    tcase_add_test(contest, stops_measuring_in_time);
    tcase_add_test(choice, changes_the_algorithm_that_is_recorded);
    tcase_add_test(choice, names_of_algorithms_are_words);
    tcase_add_test(choice, plans_with_what_it_measures);
    tcase_add_test(choice, refuses_to_open_with_a_bad_file);
    tcase_add_test(choice, skips_parameters_that_clblast_refuses);
    tcase_add_test(choice, hashes_what_decides);
    tcase_set_timeout(contest, 120);
    tcase_set_timeout(choice, 120);
    suite_add_tcase(s, file);
    suite_add_tcase(s, contest);
    suite_add_tcase(s, choice);
    return s;
}

int main(void) {
    return test_run(suite());
}
