/* The demo from rendering to table at a size that takes seconds: what it leaves behind, that a second run with the same
 * seed finds the same numbers, and that resuming trains nothing again. */
#include "bicross/formats/image.h"
#include "bicross/report/demo.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bc_config smallest(void) {
    bc_config c;
    bc_config_defaults(&c);
    ck_ok(bc_demo_config(&test_error, "syn2real", BC_PROTOCOL_GENERIC, false, &c));
    c.world_height = c.input_height = 32;
    c.world_width = c.input_width = 64;
    c.source_count = c.target_count = 4;
    c.test_count = 4;
    c.pretrain.steps = c.neuromorphic.steps = c.crossmodality.steps = c.crossdomain.steps =
        c.supervised.steps = 2;
    c.pretrain.batch = c.neuromorphic.batch = c.crossmodality.batch = c.crossdomain.batch =
        c.supervised.batch = 2;
    return c;
}

static void count_stages(void *user, const bc_progress *progress) {
    *(int *)user += progress->step == progress->steps;
}

static void check_metrics(const bc_metrics *m) {
    ck_assert_int_gt(m->images, 0);
    ck_assert_int_gt(m->pixels, 0);
    ck_assert(isfinite(m->abs_rel) && m->abs_rel > 0 && isfinite(m->rmse_log));
    ck_assert(m->delta[0] <= m->delta[1] && m->delta[1] <= m->delta[2] && m->delta[2] <= 1);
}

START_TEST(test_two_seeds_leave_table_results_and_picture) {
    bc_config config = smallest();
    bc_demo_result result;
    char folder[300], *table;
    snprintf(folder, sizeof folder, "%s/demo", test_folder());
    ck_ok(bc_demo_run(test_host(), &config, &(bc_demo_options){.seeds = 2, .folder = folder}, &result));
    for (int i = 0; i < 2 * BC_ARM_COUNT; i++) {
        check_metrics(&result.target[i].regions[BC_REGION_ALL]);
        check_metrics(&result.source[i].regions[BC_REGION_ALL]);
    }
    ck_ok(bc_demo_table(&test_error, &config, &result, &table));
    for (int arm = 0; arm < BC_ARM_COUNT; arm++)
        ck_assert_ptr_nonnull(strstr(table, bc_arm_name(arm)));
    ck_assert_ptr_nonnull(strstr(table, "Differences of AbsRel"));
    free(table);
    for (const char *const *name = (const char *const[]){"results.json", "table.txt", "device.txt", NULL};
         *name; name++) {
        const char *path = test_path_in(folder, *name);
        ck_assert_msg(bc_file_exists(path), "%s is missing", path);
    }
    int width, height;
    uint8_t *rgb;
    for (int i = 1; i <= 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "pictures/target-%d.png", i);
        ck_ok(bc_picture_read(&test_error, test_path_in(folder, name), &width, &height, &rgb));
        ck_assert(width > 2 * 64 && height > 4 * 32);
        free(rgb);
    }
    bc_demo_result_release(&result);
}
END_TEST

START_TEST(test_resuming_scores_the_same_without_training) {
    bc_config config = smallest();
    bc_demo_result first, second;
    char folder[300];
    snprintf(folder, sizeof folder, "%s/again", test_folder());
    ck_ok(bc_demo_run(test_host(), &config, &(bc_demo_options){.seeds = 1, .folder = folder}, &first));
    int trained = 0;
    bc_observer observer = {.user = &trained, .progress = count_stages};
    ck_ok(bc_demo_run(test_host(), &config,
                      &(bc_demo_options){.seeds = 1, .folder = folder, .resume = true, .observer = &observer},
                      &second));
    ck_assert_int_eq(trained, 0);
    for (int arm = 0; arm < BC_ARM_COUNT; arm++)
        ck_assert(first.target[arm].regions[BC_REGION_ALL].abs_rel ==
                      second.target[arm].regions[BC_REGION_ALL].abs_rel &&
                  first.source[arm].regions[BC_REGION_ALL].rmse ==
                      second.source[arm].regions[BC_REGION_ALL].rmse);
    bc_demo_result_release(&first);
    bc_demo_result_release(&second);
    /* Nothing is lost by asking again, with any seed: the table would be another's. */
    for (config.seed = 0; config.seed < 2; config.seed++) {
        bc_demo_options again = {.seeds = 1, .folder = folder};
        ck_assert_int_eq(bc_demo_run(test_host(), &config, &again, &second), BC_E_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(test_error.text, "--overwrite"));
        bc_error_clear(&test_error);
    }
}
END_TEST

static bool stop_at_once(void *user) {
    (void)user;
    return true;
}

START_TEST(test_what_cannot_run_is_said) {
    bc_config config = smallest();
    bc_demo_result result;
    char folder[300];
    snprintf(folder, sizeof folder, "%s/refused", test_folder());
    bc_observer observer = {.stop = stop_at_once};
    ck_assert_int_eq(bc_demo_run(test_host(), &config,
                                 &(bc_demo_options){.seeds = 1, .folder = folder, .observer = &observer},
                                 &result),
                     BC_E_INTERRUPTED);
    bc_error_clear(&test_error);
    ck_assert_int_eq(bc_demo_run(test_host(), &config, &(bc_demo_options){.folder = folder}, &result),
                     BC_E_ARGUMENT);
    bc_error_clear(&test_error);
    ck_assert_int_eq(bc_demo_config(&test_error, "nowhere", BC_PROTOCOL_GENERIC, false, &config),
                     BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "nowhere"));
    bc_error_clear(&test_error);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("demo");
    TCase *t = tcase_create("demo");
    tcase_set_timeout(t, 600);
    tcase_add_test(t, test_two_seeds_leave_table_results_and_picture);
    tcase_add_test(t, test_resuming_scores_the_same_without_training);
    tcase_add_test(t, test_what_cannot_run_is_said);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
