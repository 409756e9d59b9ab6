/* What validation measures, on which data, and which weights are the best. */
#include "bicross/train/evaluate.h"
#include "bicross/train/runlog.h"
#include "bicross/train/sources.h"
#include "tests/support_train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Every second sample has no label: the mean is over the others. */
static bc_status half_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    return index % 2 ? far_load(dataset, err, index, out) : toy_load(dataset, err, index, out);
}

static float first_or_lowest(fixture *f, const char *name, bool lowest) {
    bc_curve *curves;
    int count;
    float value = NAN;
    ck_ok(bc_runlog_curves(&test_error, f->folder, &curves, &count));
    for (int i = 0; i < count; i++)
        for (int k = 0; strcmp(curves[i].name, name) == 0 && k < curves[i].count; k++)
            if (k == 0 || (lowest && curves[i].values[k] < value))
                value = curves[i].values[k];
    bc_curves_release(curves, count);
    return value;
}

static float validation_of(fixture *f, const char *folder, bc_dataset *validation) {
    snprintf(f->folder, sizeof f->folder, "%s/%s", test_folder(), folder);
    bc_train_job job = job_of(f, BC_PRETRAIN);
    job.validation = validation;
    ck_ok(bc_train(test_host(), &job));
    return first_or_lowest(f, "validation", false);
}

START_TEST(test_validation_counts_images_with_labels) {
    fixture f;
    open_fixture(&f, "validation");
    f.config.pretrain.steps = 1;
    bc_dataset *all = toy(true), *half = toy(true);
    all->count = 1;
    half->count = 2;
    half->load = half_load;
    float whole = validation_of(&f, "validation-1", all),
          with_unlabelled = validation_of(&f, "validation-2", half);
    ck_assert_msg(whole > 0 && whole == with_unlabelled, "%g and %g", (double)whole, (double)with_unlabelled);
    bc_dataset_release(all);
    bc_dataset_release(half);
    close_fixture(&f);
}
END_TEST

/* The best weights are those of the lowest AbsRel as it is scored. */
START_TEST(test_best_weights_score_best_on_validation) {
    fixture f;
    char best[400];
    open_fixture(&f, "best");
    f.config.neuromorphic.validate_every = 1;
    bc_dataset *validation = toy(true);
    bc_train_job job = job_of(&f, BC_NEUROMORPHIC);
    job.validation = validation;
    ck_ok(bc_train(test_host(), &job));
    in_folder(&f, BC_RUN_BEST, best);
    bc_trained network;
    bc_scores scores;
    bc_evaluate_options options = {.input_height = HEIGHT, .input_width = WIDTH, .dmax = f.config.dmax};
    ck_ok(bc_trained_open(test_host(), &f.config, best, &network));
    ck_ok(bc_evaluate(test_host(), network.params, &network.model, validation, &options, &scores));
    bc_trained_close(&network);
    ck_assert_double_eq_tol(scores.regions[BC_REGION_ALL].abs_rel,
                            first_or_lowest(&f, "validation_abs_rel", true), 1e-6);
    bc_dataset_release(validation);
    close_fixture(&f);
}
END_TEST

START_TEST(test_validation_may_be_on_the_test_set) {
    bc_config c;
    bc_sources sources;
    bc_stage stage = BC_NEUROMORPHIC;
    bc_config_defaults(&c);
    c.world_height = c.world_width = 32;
    c.test_count = 3;
    c.validation_count = 2;
    ck_ok(bc_sources_open(test_host(), &c, &stage, 1, false, &sources));
    ck_assert_int_eq(sources.validation->count, 2);
    bc_sources_close(&sources);
    c.validate_on = BC_VALIDATE_TEST;
    ck_ok(bc_sources_open(test_host(), &c, &stage, 1, false, &sources));
    ck_assert_int_eq(sources.validation->count, 3);
    bc_sources_close(&sources);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("validation");
    TCase *t = tcase_create("validation");
    tcase_set_timeout(t, 600);
    tcase_add_test(t, test_validation_counts_images_with_labels);
    tcase_add_test(t, test_best_weights_score_best_on_validation);
    tcase_add_test(t, test_validation_may_be_on_the_test_set);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
