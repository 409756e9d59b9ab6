/* What the keys of the stage crossdomain do, each at a tiny size. */
#include "tests/support_train.h"

#include <stdio.h>
#include <string.h>

/* The source is seen as it is, by whom it teaches and in the warm-up. */
START_TEST(test_strong_views_are_of_the_target_alone) {
    fixture f;
    char rgb[400], mono[400], out[2][2][400];
    open_fixture(&f, "views");
    f.config.pretrain.steps = f.config.crossmodality.steps = f.config.crossdomain.steps = 2;
    train(&f, "views-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "views-mono", BC_CROSSMODALITY, rgb, mono);
    f.config.sca = false;
    for (int target = 0; target < 2; target++) {
        f.config.scp = target;
        f.config.source_loss = !target;
        for (int strong = 0; strong < 2; strong++) {
            char name[32];
            snprintf(name, sizeof name, "views-%d-%d", target, strong);
            f.config.strong_view = strong;
            train(&f, name, BC_CROSSDOMAIN, mono, out[target][strong]);
        }
        assert_same_tensors(out[target][0], out[target][1], !target);
    }
    close_fixture(&f);
}
END_TEST

/* The last update of four has 3/4 of the weight; the first has none of it. */
START_TEST(test_pseudo_labels_rise) {
    static const char *const names[] = {"sig", "uncertainty", "sca_source", "sca_target", "scp"};
    fixture f;
    char rgb[400], mono[400], rising[400], without[400];
    open_fixture(&f, "ramp");
    f.config.pretrain.steps = f.config.crossmodality.steps = 2;
    train(&f, "ramp-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "ramp-mono", BC_CROSSMODALITY, rgb, mono);
    f.config.scp_ramp = 1;
    f.config.scp_weight = 8;
    train(&f, "ramp-whole", BC_CROSSDOMAIN, mono, rising);
    expect_total(&f, 4, names, (const float[]){1, 1, 0.1f, 0.1f, 6}, 5);
    f.config.crossdomain.steps = 1;
    train(&f, "ramp-first", BC_CROSSDOMAIN, mono, rising);
    f.config.scp_ramp = 0;
    f.config.scp_weight = 0;
    train(&f, "ramp-without", BC_CROSSDOMAIN, mono, without);
    assert_same_tensors(rising, without, true);
    close_fixture(&f);
}
END_TEST

static void note_epoch(void *user, const bc_beginning *beginning) {
    *(bc_beginning *)user = *beginning;
}

static bc_beginning beginning_of(fixture *f, bc_stage stage, const char *folder, const char *start) {
    bc_beginning seen = {0};
    bc_observer observer = {.user = &seen, .started = note_epoch};
    snprintf(f->folder, sizeof f->folder, "%s/%s", test_folder(), folder);
    bc_train_job job = job_of(f, stage);
    job.weights = start;
    job.observer = &observer;
    ck_ok(bc_train(test_host(), &job));
    return seen;
}

static bc_beginning crossdomain_epoch(fixture *f, const char *folder, const char *start) {
    return beginning_of(f, BC_CROSSDOMAIN, folder, start);
}

START_TEST(test_an_epoch_is_a_pass_over_the_target) {
    fixture f;
    char start[400];
    open_fixture(&f, "epoch");
    f.config.neuromorphic.steps = 1;
    train(&f, "epoch-start", BC_NEUROMORPHIC, NULL, start);
    f.config.crossdomain.steps = 0;
    f.config.crossdomain.epochs = 1;
    f.source->count = 2;
    bc_beginning target = crossdomain_epoch(&f, "epoch-target", start);
    ck_assert_int_eq(target.steps, SAMPLES / 2);
    ck_assert_ptr_nonnull(strstr(target.epoch, "the target, source cycled"));
    f.config.epoch = BC_EPOCH_SHORTER;
    ck_assert_int_eq(crossdomain_epoch(&f, "epoch-shorter", start).steps, 1);
    f.config.source_loss = f.config.sca = false; /* there is but one */
    ck_assert_int_eq(crossdomain_epoch(&f, "epoch-alone", start).steps, SAMPLES / 2);
    close_fixture(&f);
}
END_TEST

/* A control is crossdomain without its target terms, whatever the form that it is compared with. */
START_TEST(test_a_control_reads_the_source_alone) {
    fixture f;
    char start[400], control[400], code[400], without[400];
    open_fixture(&f, "control");
    f.config.neuromorphic.steps = 1;
    train(&f, "control-start", BC_NEUROMORPHIC, NULL, start);
    train(&f, "control-paper", BC_CONTROL, start, control);
    f.config.sca = f.config.source_loss = false;
    train(&f, "control-code", BC_CONTROL, start, code);
    f.config.scp = false;
    f.config.source_loss = true;
    train(&f, "control-without", BC_CROSSDOMAIN, start, without);
    assert_same_tensors(control, without, true);
    assert_same_tensors(code, without, true);
    bc_train_job job = job_of(&f, BC_CONTROL);
    snprintf(f.folder, sizeof f.folder, "%s/control-nothing", test_folder());
    refuse(&job, BC_E_ARGUMENT, "control needs", "crossmodality");
    job.weights = start;
    f.config.source_loss = false;
    refuse(&job, BC_E_ARGUMENT, "[crossdomain] switches every term off", "");
    close_fixture(&f);
}
END_TEST

/* And has as many updates. */
START_TEST(test_a_control_is_as_long_as_crossdomain) {
    static const struct {
        int source, target;
        bc_epoch epoch;
        bool alone; /* pseudo-labels, which no source goes with */
    } cases[] = {{2, SAMPLES, BC_EPOCH_TARGET, false},
                 {SAMPLES, 4, BC_EPOCH_TARGET, false},
                 {2, SAMPLES, BC_EPOCH_SHORTER, false},
                 {2, SAMPLES, BC_EPOCH_SHORTER, true}};
    fixture f;
    char start[400], name[64];
    open_fixture(&f, "long");
    f.config.neuromorphic.steps = 1;
    train(&f, "long-start", BC_NEUROMORPHIC, NULL, start);
    f.config.crossdomain.steps = 0;
    f.config.crossdomain.epochs = 1;
    for (int i = 0; i < 4; i++) {
        f.source->count = cases[i].source;
        f.target->count = cases[i].target;
        f.config.epoch = cases[i].epoch;
        f.config.source_loss = f.config.sca = !cases[i].alone;
        snprintf(name, sizeof name, "long-domain-%d", i);
        long steps = crossdomain_epoch(&f, name, start).steps;
        snprintf(name, sizeof name, "long-control-%d", i);
        bc_beginning control = beginning_of(&f, BC_CONTROL, name, start);
        ck_assert_int_eq(control.steps, steps);
        ck_assert_ptr_null(control.target);
    }
    f.source->count = f.target->count = SAMPLES;
    close_fixture(&f);
}
END_TEST

/* Each key changes what is learned, and what is learned comes again. */
START_TEST(test_keys_of_pseudo_labels_act) {
    fixture f;
    char start[400], plain[400], out[2][400];
    open_fixture(&f, "keys");
    f.config.neuromorphic.steps = 40; /* until depths differ by octaves */
    f.config.crossdomain.steps = 2;
    train(&f, "keys-start", BC_NEUROMORPHIC, NULL, start);
    train(&f, "keys-plain", BC_CROSSDOMAIN, start, plain);
    static const char *const keys[] = {"scp_views=2", "scp_keep=by_depth", "scp_mean=0", "scp_softness=1",
                                       "calibrate=true"};
    for (int i = 0; i < 5; i++) {
        bc_config before = f.config;
        char assignment[64], name[32];
        snprintf(assignment, sizeof assignment, "crossdomain.%s", keys[i]);
        ck_ok(bc_config_set(&test_error, assignment, &f.config));
        for (int run = 0; run < 2; run++) {
            snprintf(name, sizeof name, "keys-%d-%d", i, run);
            train(&f, name, BC_CROSSDOMAIN, start, out[run]);
        }
        assert_same_tensors(out[0], out[1], true);
        assert_same_tensors(plain, out[0], false);
        f.config = before;
    }
    close_fixture(&f);
}
END_TEST

/* Half of four updates are two: a teacher that keeps a half of itself. */
START_TEST(test_a_horizon_is_a_share_of_the_run) {
    fixture f;
    char start[400], horizon[400], alpha[400], other[400];
    open_fixture(&f, "horizon");
    f.config.neuromorphic.steps = 1;
    train(&f, "horizon-start", BC_NEUROMORPHIC, NULL, start);
    train(&f, "horizon-other", BC_CROSSDOMAIN, start, other);
    f.config.horizon = 0.5f;
    train(&f, "horizon-share", BC_CROSSDOMAIN, start, horizon);
    f.config.horizon = 0;
    f.config.alpha = 0.5f;
    train(&f, "horizon-alpha", BC_CROSSDOMAIN, start, alpha);
    assert_same_tensors(horizon, alpha, true);
    assert_same_tensors(horizon, other, false);
    close_fixture(&f);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("crossdomain");
    TCase *t = tcase_create("crossdomain");
    tcase_set_timeout(t, 600);
    tcase_add_test(t, test_strong_views_are_of_the_target_alone);
    tcase_add_test(t, test_pseudo_labels_rise);
    tcase_add_test(t, test_an_epoch_is_a_pass_over_the_target);
    tcase_add_test(t, test_a_control_reads_the_source_alone);
    tcase_add_test(t, test_a_control_is_as_long_as_crossdomain);
    tcase_add_test(t, test_keys_of_pseudo_labels_act);
    tcase_add_test(t, test_a_horizon_is_a_share_of_the_run);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
