/* Training end to end at a tiny size: equal bits for equal seeds, resuming, and what may go wrong. */
#include "tests/support_train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST(test_all_stages_twice_give_equal_bits) {
    fixture f;
    char rgb[2][400], mono[2][400], cross[2][400];
    for (int run = 0; run < 2; run++) {
        open_fixture(&f, "bits");
        char name[3][32];
        for (int k = 0; k < 3; k++)
            snprintf(name[k], sizeof name[k], "bits-%d-%d", run, k);
        train(&f, name[0], BC_PRETRAIN, NULL, rgb[run]);
        train(&f, name[1], BC_CROSSMODALITY, rgb[run], mono[run]);
        f.config.scp = f.config.sca = f.config.source_loss = f.config.strong_view = true;
        train(&f, name[2], BC_CROSSDOMAIN, mono[run], cross[run]);
        close_fixture(&f);
    }
    assert_same_file(rgb[0], rgb[1], true);
    assert_same_file(mono[0], mono[1], true);
    assert_same_file(cross[0], cross[1], true);
    assert_same_file(mono[0], cross[0], false);
}
END_TEST

static bool stop_after_two(void *user) {
    return ++*(int *)user == 2;
}

static void check_resumed(bc_stage stage, const char *name, const char *weights) {
    fixture f;
    char whole[400], parts[400], folder[64];
    open_fixture(&f, name);
    f.config.scp = f.config.sca = f.config.source_loss = true;
    f.config.scp_ramp = 1; /* a weight that goes on where it was, too */
    snprintf(folder, sizeof folder, "%s-whole", name);
    train(&f, folder, stage, weights, whole);

    snprintf(f.folder, sizeof f.folder, "%s/%s-parts", test_folder(), name);
    int asked = 0;
    bc_observer observer = {.user = &asked, .stop = stop_after_two};
    bc_train_job job = job_of(&f, stage);
    job.weights = weights;
    job.observer = &observer;
    ck_assert_int_eq(bc_train(test_host(), &job), BC_E_INTERRUPTED);
    bc_error_clear(&test_error);
    in_folder(&f, "weights.safetensors", parts);
    ck_assert_msg(!bc_file_exists(parts), "an interrupted run left final weights");
    job.resume = true;
    ck_ok(bc_train(test_host(), &job));
    assert_same_file(whole, parts, true);
    in_folder(&f, "checkpoint-2.student.safetensors", parts);
    ck_assert_msg(!bc_file_exists(parts), "a finished run left its checkpoint");
    close_fixture(&f);
}

START_TEST(test_resuming_continues_bit_for_bit) {
    fixture f;
    char rgb[400], mono[400];
    check_resumed(BC_PRETRAIN, "resume-rgb", NULL);
    open_fixture(&f, "resume");
    train(&f, "resume-0", BC_PRETRAIN, NULL, rgb);
    train(&f, "resume-1", BC_CROSSMODALITY, rgb, mono);
    close_fixture(&f);
    check_resumed(BC_CROSSDOMAIN, "resume-cross", mono);
}
END_TEST

static bool stop_at_once(void *user) {
    (void)user;
    return true;
}

START_TEST(test_a_folder_belongs_to_one_configuration) {
    fixture f;
    char weights[400], best[400], stray[400];
    open_fixture(&f, "other");
    f.config.pretrain.steps = 2;
    const bc_observer observer = {.stop = stop_at_once};
    bc_train_job job = job_of(&f, BC_PRETRAIN);
    in_folder(&f, "weights.safetensors", weights);
    in_folder(&f, "best.safetensors", best);
    in_folder(&f, "checkpoint-77.student.safetensors", stray);
    for (int finished = 0; finished < 2; finished++) {
        job.resume = finished;
        job.observer = finished ? NULL : &observer;
        ck_assert_int_eq(bc_train(test_host(), &job), finished ? BC_OK : BC_E_INTERRUPTED);
        bc_error_clear(&test_error);
        ck_assert_int_eq(bc_file_exists(weights), finished);
        job.resume = true;
        f.config.flip = !f.config.flip;
        refuse(&job, BC_E_ARGUMENT, "[augment] was 'flip = true'", "now 'flip = false'");
        f.config.flip = !f.config.flip;
    }
    /* What another stage, the folder's name or the device's says does not matter. */
    f.config.crossdomain.steps++;
    snprintf(f.config.out, sizeof f.config.out, "elsewhere");
    ck_ok(bc_train(test_host(), &job));
    /* A fresh start refuses to lose it; when it may, it leaves nothing of the run before, and all of what is not ours. */
    char other[400];
    in_folder(&f, "checkpoint-77.of-somebody-else.safetensors", other);
    ck_ok(bc_file_write(&test_error, best, "", 0));
    ck_ok(bc_file_write(&test_error, stray, "", 0));
    ck_ok(bc_file_write(&test_error, other, "", 0));
    job.resume = false;
    job.observer = &observer;
    refuse(&job, BC_E_ARGUMENT, "--resume", "--overwrite");
    ck_assert(bc_file_exists(weights) && bc_file_exists(best) && bc_file_exists(stray));
    job.overwrite = true;
    refuse(&job, BC_E_INTERRUPTED, "pretrain", "--resume");
    ck_assert(!bc_file_exists(weights) && !bc_file_exists(best) && !bc_file_exists(stray));
    ck_assert(bc_file_exists(other));
    close_fixture(&f);
}
END_TEST

/* A run that stopped after its first update; returns the job that would continue it. */
static bc_train_job interrupted(fixture *f, const char *name, const bc_observer *observer) {
    open_fixture(f, name);
    bc_train_job job = job_of(f, BC_PRETRAIN);
    job.observer = observer;
    refuse(&job, BC_E_INTERRUPTED, "pretrain", "--resume");
    job.observer = NULL;
    job.resume = true;
    return job;
}

static void replace_in(const char *path, const char *old, const char *new) {
    uint8_t *bytes;
    size_t size;
    char text[4096];
    ck_ok(bc_file_read(&test_error, path, &bytes, &size));
    char *at = strstr((char *)bytes, old);
    ck_assert_msg(at != NULL, "%s has no %s: %s", path, old, (char *)bytes);
    int length = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - (char *)bytes), (char *)bytes, new,
                          at + strlen(old));
    ck_ok(bc_file_write(&test_error, path, text, (size_t)length));
    free(bytes);
}

START_TEST(test_a_damaged_checkpoint_is_refused_and_kept) {
    static const struct {
        const char *old, *new, *message;
    } damages[] = {{"step = 1", "step = -1", "step should be"},
                   {"step = 1", "step = 5", "step should be"},
                   {"steps = 4", "steps = 9", "the data are not the same"},
                   {"best = inf", "best = nan", "best should be"},
                   {"plateau_scale = 0x1p+0", "plateau_scale = -1", "plateau_scale should be"},
                   {"stage = pretrain", "stage = supervised", "belongs to the stage"},
                   {"stage = pretrain", "stage = prtrain", "stage should be"},
                   {"student = ", "student = 1", "bytes then"},
                   {"optimiser = ", "optimiser = x", "a size and a hash"},
                   {"device = \"", "device = \"Other ", "--other-device"},
                   {"choices = ", "choices = 1", "choices"}};
    const bc_observer observer = {.stop = stop_at_once};
    fixture f;
    char path[400], part[400];
    bc_train_job job = interrupted(&f, "damaged", &observer);
    in_folder(&f, "checkpoint.ini", path);
    in_folder(&f, "checkpoint-1.student.safetensors", part);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        uint8_t *bytes;
        size_t size;
        ck_ok(bc_file_read(&test_error, path, &bytes, &size));
        replace_in(path, damages[i].old, damages[i].new);
        bc_status status = bc_train(test_host(), &job);
        ck_assert_msg(status == BC_E_FORMAT || status == BC_E_ARGUMENT, "%s: %d", damages[i].new, status);
        ck_assert_msg(strstr(test_error.text, damages[i].message) != NULL, "%s: %s", damages[i].new,
                      test_error.text);
        bc_error_clear(&test_error);
        ck_assert(bc_file_exists(part));
        ck_ok(bc_file_write(&test_error, path, bytes, size));
        free(bytes);
    }
    /* One bit of a tensor. */
    FILE *file = fopen(part, "r+b");
    ck_assert_ptr_nonnull(file);
    fseek(file, -1, SEEK_END);
    int last = fgetc(file);
    fseek(file, -1, SEEK_END);
    fputc(last ^ 1, file);
    fclose(file);
    refuse(&job, BC_E_FORMAT, part, "hash");
    ck_assert(bc_file_exists(part) && bc_file_exists(path));
    close_fixture(&f);
}
END_TEST

START_TEST(test_another_device_is_taken_when_it_may) {
    const bc_observer observer = {.stop = stop_at_once};
    fixture f;
    char path[400], weights[400];
    bc_train_job job = interrupted(&f, "device", &observer);
    in_folder(&f, "checkpoint.ini", path);
    in_folder(&f, "weights.safetensors", weights);
    replace_in(path, "driver = \"", "driver = \"older ");
    refuse(&job, BC_E_ARGUMENT, "driver older", "--other-device");
    job.other_device = true;
    ck_ok(bc_train(test_host(), &job));
    ck_assert(bc_file_exists(weights));
    close_fixture(&f);
}
END_TEST

START_TEST(test_a_finished_run_is_believed_when_its_weights_open) {
    fixture f;
    char weights[400], spike[400];
    open_fixture(&f, "finished");
    f.config.pretrain.steps = f.config.neuromorphic.steps = 1;
    train(&f, "finished-spike", BC_NEUROMORPHIC, NULL, spike);
    train(&f, "finished", BC_PRETRAIN, NULL, weights);
    bc_train_job job = job_of(&f, BC_PRETRAIN);
    job.resume = true;
    ck_ok(bc_train(test_host(), &job));
    uint8_t *bytes;
    size_t size;
    ck_ok(bc_file_read(&test_error, spike, &bytes, &size));
    ck_ok(bc_file_write(&test_error, weights, bytes, size)); /* a good file, of another network */
    refuse(&job, BC_E_FORMAT, weights, "is not the file that was written");
    char state[400];
    in_folder(&f, "checkpoint.ini", state);
    unlink(state); /* as versions without it left it: the network itself is looked at */
    refuse(&job, BC_E_FORMAT, weights, "reads spikes, the stage pretrain");
    ck_ok(bc_file_write(&test_error, weights, bytes, size / 2));
    ck_assert_int_ne(bc_train(test_host(), &job), BC_OK);
    bc_error_clear(&test_error);
    free(bytes);
    close_fixture(&f);
}
END_TEST

/* The weights that a run began with may go later, but others must not take their place. */
START_TEST(test_a_run_goes_on_from_what_it_began_with) {
    fixture f;
    char rgb[400], mono[400];
    uint8_t *before;
    size_t bytes;
    open_fixture(&f, "successor");
    f.config.pretrain.steps = f.config.crossmodality.steps = 1;
    train(&f, "successor-rgb", BC_PRETRAIN, NULL, rgb);
    train(&f, "successor-mono", BC_CROSSMODALITY, rgb, mono);
    bc_train_job job = job_of(&f, BC_CROSSMODALITY);
    job.weights = rgb;
    job.resume = true;
    ck_ok(bc_train(test_host(), &job));
    ck_ok(bc_file_read(&test_error, rgb, &before, &bytes));
    before[bytes - 1] ^= 1;
    ck_ok(bc_file_write(&test_error, rgb, before, bytes));
    refuse(&job, BC_E_ARGUMENT, "was begun from other weights", rgb);
    before[bytes - 1] ^= 1;
    ck_ok(bc_file_write(&test_error, rgb, before, bytes));
    ck_ok(bc_train(test_host(), &job));
    unlink(rgb);
    ck_ok(bc_train(test_host(), &job));
    free(before);
    close_fixture(&f);
}
END_TEST

START_TEST(test_data_without_valid_labels_are_refused) {
    fixture f;
    open_fixture(&f, "labels");
    bc_train_job job = job_of(&f, BC_PRETRAIN);
    f.source->load = far_load;
    f.source->depth_scale = 256;
    refuse(&job, BC_E_FORMAT, "toy data: none of the 6 samples has a valid label", "dmax = 80");
    refuse(&job, BC_E_FORMAT, "between 2000", "depth scale of 256");
    bc_dataset *good = toy(true);
    job.source = good;
    job.validation = f.source;
    refuse(&job, BC_E_FORMAT, "toy data", "valid label");
    bc_dataset_release(good);
    close_fixture(&f);
}
END_TEST

START_TEST(test_a_loss_that_is_no_number_stops_the_run) {
    fixture f;
    char path[400];
    open_fixture(&f, "nan");
    f.config.pretrain.lr_backbone = f.config.pretrain.lr_scratch = 1e30f;
    f.config.pretrain.clip_norm = 0;
    bc_train_job job = job_of(&f, BC_PRETRAIN);
    ck_assert_int_eq(bc_train(test_host(), &job), BC_E_NUMERIC);
    ck_assert_msg(strstr(test_error.text, "pretrain") && strstr(test_error.text, "not finite at update 2"),
                  "%s", test_error.text);
    bc_error_clear(&test_error);
    in_folder(&f, "weights.safetensors", path);
    ck_assert(!bc_file_exists(path));
    close_fixture(&f);
}
END_TEST

START_TEST(test_what_is_missing_is_named) {
    fixture f;
    open_fixture(&f, "missing");
    bc_train_job job = job_of(&f, BC_CROSSMODALITY);
    ck_assert_int_eq(bc_train(test_host(), &job), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "pretrain"));
    bc_error_clear(&test_error);
    job = job_of(&f, BC_CROSSDOMAIN);
    ck_assert_int_eq(bc_train(test_host(), &job), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "crossmodality"));
    bc_error_clear(&test_error);
    f.config.pretrain.batch = SAMPLES + 1;
    job = job_of(&f, BC_PRETRAIN);
    ck_assert_int_eq(bc_train(test_host(), &job), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "batch"));
    bc_error_clear(&test_error);
    /* The target has no labels: a supervised run on it must say so. */
    job = job_of(&f, BC_SUPERVISED);
    ck_assert_int_ne(bc_train(test_host(), &job), BC_OK);
    ck_assert_msg(test_error.text[0] != '\0', "no message");
    bc_error_clear(&test_error);
    close_fixture(&f);
}
END_TEST

START_TEST(test_training_lowers_the_loss) {
    fixture f;
    char weights[400];
    open_fixture(&f, "learns");
    f.config.neuromorphic.steps = 40;
    train(&f, "learns", BC_NEUROMORPHIC, NULL, weights);
    uint8_t *csv;
    size_t bytes;
    char path[400];
    in_folder(&f, "log.csv", path);
    ck_ok(bc_file_read(&test_error, path, &csv, &bytes));
    float first = 0, last = 0, value;
    for (char *line = strtok((char *)csv, "\n"); line; line = strtok(NULL, "\n"))
        if (sscanf(line, "%*d,sig,%f", &value) == 1) {
            first = first > 0 ? first : value;
            last = value;
        }
    free(csv);
    ck_assert_msg(last > 0 && last < 0.7f * first, "SigLoss went from %g to %g in 40 updates", (double)first,
                  (double)last);
    close_fixture(&f);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("train");
    TCase *t = tcase_create("train");
    tcase_set_timeout(t, 600);
    tcase_add_test(t, test_all_stages_twice_give_equal_bits);
    tcase_add_test(t, test_resuming_continues_bit_for_bit);
    tcase_add_test(t, test_a_folder_belongs_to_one_configuration);
    tcase_add_test(t, test_a_damaged_checkpoint_is_refused_and_kept);
    tcase_add_test(t, test_another_device_is_taken_when_it_may);
    tcase_add_test(t, test_a_finished_run_is_believed_when_its_weights_open);
    tcase_add_test(t, test_a_run_goes_on_from_what_it_began_with);
    tcase_add_test(t, test_data_without_valid_labels_are_refused);
    tcase_add_test(t, test_a_loss_that_is_no_number_stops_the_run);
    tcase_add_test(t, test_what_is_missing_is_named);
    tcase_add_test(t, test_training_lowers_the_loss);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
