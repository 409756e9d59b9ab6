/* The forms of the stages: the released code's, losses and weights that are chosen, front ends, and what a stage starts from. */
#include "host/base/digest.h"
#include "tests/support_train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_code_forms_and_single_terms) {
    fixture f;
    char rgb[400], mono[400], out[400];
    open_fixture(&f, "forms");
    f.config.pretrain.steps = f.config.crossmodality.steps = f.config.crossdomain.steps = 2;
    f.config.method = BC_METHOD_CODE;
    bc_config_settle(&f.config);
    ck_assert(f.config.crossmodality.double_backbone && !f.config.filter);
    train(&f, "forms-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "forms-mono", BC_CROSSMODALITY, rgb, mono);
    ck_assert(f.config.scp && !f.config.sca && !f.config.source_loss); /* mean teacher: needs no source */
    train(&f, "forms-teacher", BC_CROSSDOMAIN, mono, out);
    f.config.scp = false; /* adversarial */
    f.config.sca = f.config.source_loss = true;
    train(&f, "forms-adversarial", BC_CROSSDOMAIN, mono, out);
    f.config.sca = false; /* the source-only control */
    f.config.warmup = false;
    train(&f, "forms-control", BC_CROSSDOMAIN, mono, out);
    f.config.stem_init = BC_STEM_INFLATED;
    f.config.ckd = false;
    train(&f, "forms-inflated", BC_CROSSMODALITY, rgb, out);
    close_fixture(&f);
}
END_TEST

START_TEST(test_losses_are_chosen) {
    fixture f;
    char rgb[400], mono[400], out[400];
    open_fixture(&f, "losses");
    f.config.pretrain.steps = f.config.crossmodality.steps = f.config.crossdomain.steps = 2;
    f.config.depth_loss = BC_DEPTH_MSE;
    f.config.uncertainty_loss = BC_UNCERTAINTY_L2;
    train(&f, "losses-rgb", BC_PRETRAIN, NULL, rgb);
    ck_assert(logged(&f, "mse", 2) > 0 && isnan(logged(&f, "sig", 2)));
    f.config.depth_loss = BC_DEPTH_SSI;
    f.config.uncertainty_loss = BC_UNCERTAINTY_L1LOG;
    f.config.distillation = BC_DISTIL_KLD;
    train(&f, "losses-mono", BC_CROSSMODALITY, rgb, mono);
    ck_assert(logged(&f, "ssi", 2) > 0 && logged(&f, "fkd", 2) >= 0);
    train(&f, "losses-cross", BC_CROSSDOMAIN, mono, out);
    ck_assert(logged(&f, "ssi", 2) > 0);
    close_fixture(&f);
}
END_TEST

/* The last update of four has 1 - 3/4 of the weights of distillation; with two epochs of three updates the last has 1 - 1/2. */
START_TEST(test_distillation_decays) {
    static const char *const names[] = {"sig", "uncertainty", "ckd", "fkd"};
    fixture f;
    char rgb[400], out[400];
    open_fixture(&f, "decay");
    f.config.pretrain.steps = 2;
    f.config.distillation_decay = true;
    f.config.ckd_weight = f.config.fkd_weight = 8;
    train(&f, "decay-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "decay-steps", BC_CROSSMODALITY, rgb, out);
    expect_total(&f, 4, names, (const float[]){1, 1, 2, 2}, 4);
    f.config.crossmodality.steps = 0;
    f.config.crossmodality.epochs = 2;
    train(&f, "decay-epochs", BC_CROSSMODALITY, rgb, out);
    expect_total(&f, 6, names, (const float[]){1, 1, 4, 4}, 4);
    close_fixture(&f);
}
END_TEST

/* Looking changes no bit, not even running statistics. */
START_TEST(test_gradients_and_masks_are_looked_at) {
    fixture f;
    char rgb[400], mono[2][400], front[2][400];
    open_fixture(&f, "looked");
    f.config.pretrain.steps = 1;
    f.config.neuromorphic.steps = 2;
    train(&f, "looked-rgb", BC_PRETRAIN, NULL, rgb);
    for (int look = 0; look < 2; look++) {
        char name[2][32];
        for (int i = 0; i < 2; i++)
            snprintf(name[i], sizeof name[i], "looked-%d-%d", i, look);
        f.config.gradients_every = look;
        f.config.front_end = BC_FRONT_UNET;
        train(&f, name[0], BC_NEUROMORPHIC, NULL, front[look]);
        f.config.front_end = BC_FRONT_PLAIN;
        train(&f, name[1], BC_CROSSMODALITY, rgb, mono[look]);
    }
    bc_digest before, after; /* the whole file is too long to read */
    ck_ok(bc_digest_file(&test_error, front[0], &before));
    ck_ok(bc_digest_file(&test_error, front[1], &after));
    ck_assert(before.hash == after.hash);
    assert_same_tensors(mono[0], mono[1], true);
    ck_assert(logged(&f, "gradient_sig", 3) > 0 && logged(&f, "gradient_ckd", 3) > 0);
    float share = logged(&f, "share_distilled", 4);
    ck_assert_msg(share > 0 && share < 1, "%g of the cells", (double)share);
    close_fixture(&f);
}
END_TEST

START_TEST(test_spike_runs_with_front_ends) {
    fixture f;
    char out[400];
    open_fixture(&f, "fronts");
    f.config.neuromorphic.steps = 2;
    for (int i = 0; i < (test_tiny() ? 2 : 4); i++) {
        f.config.front_end = (bc_front_end)i;
        train(&f, bc_front_end_words[i], BC_NEUROMORPHIC, NULL, out);
    }
    close_fixture(&f);
}
END_TEST

/* Whether a tensor of a stage's outcome is as the seed draws it. */
static bool as_drawn(const fixture *f, const char *path, const char *name) {
    bc_trained trained;
    bc_params *drawn;
    ck_ok(bc_trained_open(test_host(), &f->config, path, &trained));
    ck_ok(bc_weights_declare(test_host(), &trained.model, false, &drawn));
    ck_ok(bc_weights_draw(drawn, (uint32_t)f->config.seed));
    const bc_param *param = bc_params_find(drawn, name);
    ck_assert_msg(param != NULL, "there is no %s", name);
    float *before = malloc(param->count * sizeof *before), *after = malloc(param->count * sizeof *after);
    ck_assert(before && after);
    ck_ok(bc_param_read(drawn, param, before));
    ck_ok(bc_param_read(trained.params, bc_params_find(trained.params, name), after));
    bool same = memcmp(before, after, param->count * sizeof *before) == 0;
    free(before);
    free(after);
    bc_params_release(drawn);
    bc_trained_close(&trained);
    return same;
}

START_TEST(test_the_released_code_does_not_train_front_ends) {
    static const char front[] = "front.se.fc2.weight";
    fixture f;
    char paper[400], code[400], supervised[400];
    open_fixture(&f, "still");
    f.config.neuromorphic.steps = f.config.supervised.steps = 2;
    f.config.front_end = BC_FRONT_SE;
    train(&f, "still-paper", BC_NEUROMORPHIC, NULL, paper);
    ck_assert(!as_drawn(&f, paper, front));
    f.config.method = BC_METHOD_CODE;
    bc_config_settle(&f.config);
    train(&f, "still-code", BC_NEUROMORPHIC, NULL, code);
    ck_assert(as_drawn(&f, code, front));
    ck_assert(!as_drawn(&f, code, bc_stem_name));
    bc_dataset_release(f.target);
    f.target = toy(true);
    train(&f, "still-supervised", BC_SUPERVISED, NULL, supervised);
    ck_assert(!as_drawn(&f, supervised, front)); /* of the neuromorphic stage alone */
    close_fixture(&f);
}
END_TEST

START_TEST(test_rgb_networks_keep_the_range_that_they_learned_from) {
    fixture f;
    char normalised[400], plain[400];
    bc_trained trained;
    bc_config other;
    open_fixture(&f, "range");
    f.config.pretrain.steps = 2;
    train(&f, "range-normalised", BC_PRETRAIN, NULL, normalised);
    ck_ok(bc_config_set(&test_error, "data.normalise_rgb=false", &f.config));
    train(&f, "range-plain", BC_PRETRAIN, NULL, plain);
    assert_same_tensors(normalised, plain, false);
    bc_config_defaults(&other);
    ck_ok(bc_trained_open(test_host(), &other, normalised, &trained));
    ck_assert(!trained.model.unit_rgb);
    bc_trained_close(&trained);
    ck_ok(bc_trained_open(test_host(), &other, plain, &trained));
    ck_assert(trained.model.unit_rgb);
    bc_trained_close(&trained);
    close_fixture(&f);
}
END_TEST

static void note_start(void *user, const bc_beginning *beginning) {
    ck_assert_str_eq(beginning->label, "supervised");
    ck_assert_ptr_null(beginning->source);
    ck_assert_int_eq(beginning->steps_per_epoch, SAMPLES / beginning->batch);
    *(bc_start *)user = *beginning->start;
}

/* A sensor of another size than the source's, with pixels of half and double response in dim light. */
static const char *write_sensor(const char *name) {
    static float pattern[5 * 7];
    static char path[400];
    bc_light dim = {0.05f, 0.2f};
    for (int i = 0; i < 5 * 7; i++)
        pattern[i] = i % 2 ? 0.5f : 2;
    snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    ck_ok(bc_sensor_write(&test_error, path, &(bc_sensor){5, 7, pattern, 1, &dim}));
    return path;
}

/* A stage without the sensor, and twice with it: what is learned is another thing, or the same. */
static void check_sensor(fixture *f, const char *name, bc_stage stage, const char *start, bool acts) {
    char folder[64], out[3][400];
    const char *sensor = write_sensor("noise.npz");
    for (int i = 0; i < 3; i++) {
        snprintf(f->config.sensor, sizeof f->config.sensor, "%.255s", i ? sensor : "");
        snprintf(folder, sizeof folder, "sensor-%s-%d", name, i);
        train(f, folder, stage, start, out[i]);
    }
    f->config.sensor[0] = 0;
    assert_same_tensors(out[1], out[2], true);
    assert_same_tensors(out[0], out[1], !acts);
}

/* Source spikes alone get it, wherever they are learned from. */
START_TEST(test_a_sensor_is_put_onto_source_spikes) {
    fixture f;
    char rgb[400], mono[400];
    open_fixture(&f, "sensor");
    f.config.pretrain.steps = f.config.neuromorphic.steps = f.config.crossmodality.steps =
        f.config.crossdomain.steps = f.config.supervised.steps = 2;
    train(&f, "sensor-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "sensor-mono", BC_CROSSMODALITY, rgb, mono);
    check_sensor(&f, "pretrain", BC_PRETRAIN, NULL, false);
    check_sensor(&f, "neuromorphic", BC_NEUROMORPHIC, NULL, true);
    check_sensor(&f, "crossmodality", BC_CROSSMODALITY, rgb, true);
    f.config.warmup = false;
    check_sensor(&f, "source", BC_CROSSDOMAIN, mono, true);
    f.config.source_loss = f.config.sca = false; /* the target's rows and the teacher's are left */
    check_sensor(&f, "target", BC_CROSSDOMAIN, mono, false);
    f.config.warmup = true;
    check_sensor(&f, "warm-up", BC_CROSSDOMAIN, mono, true);
    bc_dataset *unlabelled = f.target;
    f.target = toy(true);
    check_sensor(&f, "supervised", BC_SUPERVISED, NULL, false);
    bc_dataset_release(unlabelled);
    close_fixture(&f);
}
END_TEST

/* A run that was begun with one sensor is not continued with another, nor without. */
START_TEST(test_a_run_keeps_its_sensor) {
    fixture f;
    char out[400], sensor[400];
    uint8_t *bytes;
    size_t size;
    open_fixture(&f, "keeps");
    f.config.neuromorphic.steps = 1;
    snprintf(sensor, sizeof sensor, "%s", write_sensor("kept.npz"));
    snprintf(f.config.sensor, sizeof f.config.sensor, "%.255s", sensor);
    train(&f, "keeps-run", BC_NEUROMORPHIC, NULL, out);
    bc_train_job job = job_of(&f, BC_NEUROMORPHIC);
    job.resume = true;
    ck_ok(bc_train(test_host(), &job));
    ck_ok(bc_file_read(&test_error, sensor, &bytes, &size));
    bytes[size / 2] ^= 1;
    ck_ok(bc_file_write(&test_error, sensor, bytes, size));
    refuse(&job, BC_E_ARGUMENT, "was begun with another sensor", sensor);
    bytes[size / 2] ^= 1;
    ck_ok(bc_file_write(&test_error, sensor, bytes, size));
    ck_ok(bc_train(test_host(), &job));
    f.config.sensor[0] = 0;
    refuse(&job, BC_E_ARGUMENT, "another configuration", "[augment]");
    job.resume = false;
    job.overwrite = true;
    snprintf(f.config.sensor, sizeof f.config.sensor, "no.npz");
    refuse(&job, BC_E_FILE, "no.npz", "No such file");
    free(bytes);
    close_fixture(&f);
}
END_TEST

START_TEST(test_stages_start_from_what_they_are_given) {
    fixture f;
    char rgb[400], spike[400], again[400];
    open_fixture(&f, "starts");
    f.config.pretrain.steps = f.config.neuromorphic.steps = f.config.supervised.steps = 1;
    train(&f, "starts-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "starts-spike", BC_NEUROMORPHIC, NULL, spike);
    /* At a learning rate of zero the start is the result: given with the job, or by the configuration. */
    f.config.pretrain.lr_backbone = f.config.pretrain.lr_scratch = 0;
    train(&f, "starts-job", BC_PRETRAIN, rgb, again);
    assert_same_tensors(rgb, again, true);
    snprintf(f.config.init, sizeof f.config.init, "%.200s", rgb);
    train(&f, "starts-init", BC_PRETRAIN, NULL, again);
    assert_same_tensors(rgb, again, true);
    f.config.init[0] = '\0';

    bc_start start = {0};
    const bc_observer observer = {.user = &start, .started = note_start};
    bc_train_job job = job_of(&f, BC_SUPERVISED);
    job.overwrite = true;
    job.target = f.source;
    job.weights = rgb;
    job.observer = &observer;
    ck_ok(bc_train(test_host(), &job));
    ck_assert_str_eq(start.path, rgb);
    ck_assert_int_eq(start.drawn, 1); /* the stem */

    static const bc_stage stages[] = {BC_PRETRAIN, BC_CROSSMODALITY, BC_CROSSDOMAIN};
    const char *wrong[] = {spike, spike, rgb};
    for (int i = 0; i < 3; i++) {
        job = job_of(&f, stages[i]);
        job.overwrite = true;
        job.weights = wrong[i];
        refuse(&job, BC_E_FORMAT, wrong[i],
               i < 2 ? "reads 128 channels, expected 3" : "reads 3 channels, expected 128");
    }
    close_fixture(&f);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("stages");
    TCase *t = tcase_create("stages");
    tcase_set_timeout(t, 600);
    tcase_add_test(t, test_code_forms_and_single_terms);
    tcase_add_test(t, test_losses_are_chosen);
    tcase_add_test(t, test_distillation_decays);
    tcase_add_test(t, test_gradients_and_masks_are_looked_at);
    tcase_add_test(t, test_spike_runs_with_front_ends);
    tcase_add_test(t, test_the_released_code_does_not_train_front_ends);
    tcase_add_test(t, test_rgb_networks_keep_the_range_that_they_learned_from);
    tcase_add_test(t, test_stages_start_from_what_they_are_given);
    tcase_add_test(t, test_a_sensor_is_put_onto_source_spikes);
    tcase_add_test(t, test_a_run_keeps_its_sensor);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
