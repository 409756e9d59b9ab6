/* Several ranks train a stage as one process does with the same batch: under mpirun each rank has its share, and rank 0 then trains alone what it
 * is compared with. Without mpirun there is one rank, which does the same. */
#include "net/store/gradient_sum.h"
#include "tests/support_train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bc_team *team; /* of this process, opened once */

/* The same on all ranks. */
static char shared[256];

static void share_folder(void) {
    if (bc_team_rank(team) == 0)
        snprintf(shared, sizeof shared, "%s", test_folder());
    ck_ok(bc_team_tell(team, &test_error, shared, sizeof shared));
}

static bc_stage_config *stage_of(fixture *f, bc_stage stage) {
    bc_config *c = &f->config;
    bc_stage_config *const stages[BC_STAGE_COUNT] = {
        [BC_PRETRAIN] = &c->pretrain,           [BC_NEUROMORPHIC] = &c->neuromorphic,
        [BC_CROSSMODALITY] = &c->crossmodality, [BC_CROSSDOMAIN] = &c->crossdomain,
        [BC_CONTROL] = &c->crossdomain,         [BC_SUPERVISED] = &c->supervised,
    };
    return stages[stage];
}

static void prepare(fixture *f) {
    open_fixture(f, "ranks");
    for (int i = 0; i < BC_STAGE_COUNT; i++) {
        bc_stage_config *stage = stage_of(f, (bc_stage)i);
        stage->steps = 2;
        stage->batch = 5;                             /* shares of 3 and 2; of 2, 2 and 1 */
        stage->lr_backbone = stage->lr_heads = 1e-5f; /* as published */
        stage->lr_scratch = 1e-4f;
        stage->schedule = BC_SCHEDULE_CONSTANT;
    }
    f->config.ckd_weight = f->config.fkd_weight = 1;
    f->config.beta = 0.1f;
    f->config.warmup = false;
}

/* Trains into a folder that all ranks know; `path` becomes its weights. */
static void train_into(fixture *f, bc_team *ranks, bc_stage stage, const char *name, const char *weights,
                       char path[400]) {
    snprintf(f->folder, sizeof f->folder, "%.200s/%s", shared, name);
    bc_train_job job = job_of(f, stage);
    if (stage == BC_SUPERVISED)
        job.target = f->source;
    job.team = ranks;
    job.weights = weights;
    job.overwrite = true;
    ck_ok(bc_train(test_host(), &job));
    in_folder(f, "weights.safetensors", path);
}

static float *tensors_of(const fixture *f, const char *path, size_t *count) {
    bc_trained network;
    ck_ok(bc_trained_open(test_host(), &f->config, path, &network));
    bc_buffer all = bc_params_vector(network.params);
    float *values = malloc(all.bytes);
    ck_assert(values != NULL);
    ck_ok(bc_buffer_read(test_host(), all, 0, values, all.bytes));
    bc_trained_close(&network);
    *count = all.bytes / sizeof *values;
    return values;
}

static double distance(const float *a, const float *b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
}

static double length_of(const float *a, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)a[i];
    return sqrt(sum);
}

/* What rank 0 finds fails the test on all ranks, which would wait for it otherwise. */
static bool failed;

static void expect(bool right, const char *what, const char *problem, double value) {
    if (!right)
        fprintf(stderr, "%s: %s %g\n", what, problem, value);
    failed |= !right;
}

static bool same_bits(const fixture *f, const char *a, const char *b) {
    size_t count, other;
    float *x = tensors_of(f, a, &count), *y = tensors_of(f, b, &other);
    bool same = count == other && memcmp(x, y, count * sizeof *x) == 0;
    free(x);
    free(y);
    return same;
}

/* How far weights are from those that they should be, relative to `start` (NULL: to nothing). */
static double compare(const fixture *f, const char *path, const char *right, const char *start) {
    size_t count;
    float *a = tensors_of(f, path, &count), *b = tensors_of(f, right, &count);
    float *c = start ? tensors_of(f, start, &count) : NULL;
    double result = distance(a, b, count) / (c ? distance(b, c, count) : length_of(b, count));
    free(a);
    free(b);
    free(c);
    return result;
}

static void train_named(fixture *f, bc_team *ranks, bc_stage stage, const char *what, const char *how,
                        const char *weights, char path[400]) {
    char name[64];
    snprintf(name, sizeof name, "%s-%s", what, how);
    train_into(f, ranks, stage, name, weights, path);
}

/* Two updates as they are made: weights, losses, and the same bits each time. */
static void check_two_updates(fixture *f, const char *what, bc_stage stage, const char *weights,
                              char path[400]) {
    char again[400], alone[400];
    train_named(f, team, stage, what, "again", weights, again);
    train_named(f, team, stage, what, "together", weights, path);
    if (bc_team_rank(team) > 0)
        return;
    float total = logged(f, "total", 2);
    expect(same_bits(f, path, again), what, "a second time there were other bits, ranks", bc_team_size(team));
    train_named(f, NULL, stage, what, "alone", weights, alone);
    double difference = compare(f, path, alone, NULL);
    printf("%s: weights of %d ranks differ by %.2g, ", what, bc_team_size(team), difference);
    /* What the last bit of a float decides may round to another half, which is 1e-3 away. */
    bool halves = f->config.storage == BC_STORAGE_HALF || f->config.gradients == BC_STORAGE_HALF;
    double limit = halves ? 1e-4 : 1e-5;
    expect(difference < limit, what, "weights differ by", difference);
    expect(fabsf(total / logged(f, "total", 2) - 1) < 1e-4f, what, "the total is", total);
}

/* One step of plain descent, which is as long as the gradient is: a wrong factor is seen, which Adam would hide. */
static void check_gradient(fixture *f, const char *what, bc_stage stage, const char *weights) {
    char together[400], alone[400], still[400];
    bc_stage_config *settings = stage_of(f, stage), kept = *settings;
    settings->steps = 1;
    settings->optimiser = BC_SGD;
    settings->clip_norm = 0;
    settings->lr_backbone = settings->lr_scratch = settings->lr_heads = 1e-3f;
    train_named(f, team, stage, what, "descent", weights, together);
    if (bc_team_rank(team) == 0) {
        train_named(f, NULL, stage, what, "descent-alone", weights, alone);
        settings->lr_backbone = settings->lr_scratch = settings->lr_heads = 0;
        train_named(f, NULL, stage, what, "still", weights, still);
        double difference = compare(f, together, alone, still);
        printf("gradients by %.2g\n", difference);
        expect(difference < 1e-3, what, "gradients differ by", difference);
    }
    *settings = kept;
}

static void check_stage(fixture *f, const char *what, bc_stage stage, const char *weights, char path[400]) {
    failed = false;
    check_two_updates(f, what, stage, weights, path);
    check_gradient(f, what, stage, weights);
    ck_ok(bc_team_any(team, &test_error, &failed));
    ck_assert_msg(!failed, "%s: see above", what);
}

START_TEST(test_stages) {
    fixture f;
    char rgb[400], mono[400], out[400];
    prepare(&f);
    check_stage(&f, "pretrain", BC_PRETRAIN, NULL, rgb);
    check_stage(&f, "supervised", BC_SUPERVISED, NULL, out);
    check_stage(&f, "crossmodality", BC_CROSSMODALITY, rgb, mono);
    check_stage(&f, "crossdomain", BC_CROSSDOMAIN, mono, out);
    check_stage(&f, "control", BC_CONTROL, mono, out);
    close_fixture(&f);
}
END_TEST

START_TEST(test_other_losses) {
    fixture f;
    char rgb[400], mono[400], out[400];
    prepare(&f);
    f.config.depth_loss = BC_DEPTH_SSI;
    f.config.uncertainty_loss = BC_UNCERTAINTY_L1LOG;
    f.config.distillation = BC_DISTIL_KLD;
    f.config.gradients_every = 1;
    check_stage(&f, "ssi-pretrain", BC_PRETRAIN, NULL, rgb);
    check_stage(&f, "ssi-crossmodality", BC_CROSSMODALITY, rgb, mono);
    f.config.storage = BC_STORAGE_HALF;
    check_stage(&f, "half-crossmodality", BC_CROSSMODALITY, rgb, out);
    f.config.storage = BC_STORAGE_FLOAT;
    f.config.gradients = BC_STORAGE_HALF;
    check_stage(&f, "packed-crossmodality", BC_CROSSMODALITY, rgb, out);
    f.config.gradients = BC_STORAGE_FLOAT;
    f.config.depth_loss = BC_DEPTH_MSE;
    f.config.uncertainty_loss = BC_UNCERTAINTY_L2;
    f.config.scp_keep = BC_KEEP_BY_DEPTH;
    f.config.scp_views = 2;
    f.config.shared_head = false;
    check_stage(&f, "mse-crossdomain", BC_CROSSDOMAIN, mono, out);
    close_fixture(&f);
}
END_TEST

/* --- BatchNorm, of front ends and heads --- */

enum { ROWS = 5, SIDE = 3, CHANNELS = 7, PIXELS = SIDE * SIDE * CHANNELS };

typedef struct norm_result {
    float y[ROWS * PIXELS], mean[CHANNELS], variance[CHANNELS], gamma[CHANNELS];
} norm_result;

static float element(int i, int turn) {
    return sinf((float)(i * (turn + 3))) * 2 + (float)(i % CHANNELS);
}

static bc_value *channel_values(bc_graph *g, bc_params *store, const char *name, bc_group group,
                                float value) {
    bc_param_spec spec = {
        .rank = 1, .shape = {CHANNELS}, .init = BC_INIT_CONSTANT, .init_value = value, .group = group};
    return bc_param_value(g, store, name, &spec);
}

/* Samples [share->first, share->first + share->count) through BatchNorm, forward and back. */
static void run_norm(const bc_share *share, norm_result *out) {
    static float x[ROWS * PIXELS], dy[ROWS * PIXELS];
    bc_graph *g;
    bc_plan *plan;
    bc_params *store;
    bc_gradient_sum *sum;
    size_t first = (size_t)share->first * PIXELS;
    for (int i = 0; i < ROWS * PIXELS; i++) {
        x[i] = element(i, 0);
        dy[i] = element(i, 1);
    }
    ck_ok(bc_graph_create(test_host(), &g));
    ck_ok(bc_params_create(test_host(), true, &store));
    bc_graph_share(g, share);
    bc_value *input = bc_graph_input(g, "x", (bc_shape){share->count, SIDE, SIDE, CHANNELS});
    bc_value *one = channel_values(g, store, "one", BC_GROUP_HEADS, 1);
    bc_value *mean = channel_values(g, store, "mean", BC_GROUP_BUFFERS, 0);
    bc_value *variance = channel_values(g, store, "variance", BC_GROUP_BUFFERS, 1);
    bc_value *scaled = bc_batch_norm(g, input, one, channel_values(g, store, "zero", BC_GROUP_HEADS, 0.5f),
                                     mean, variance, 1e-5f, 0.1f, true);
    bc_value *y =
        bc_batch_norm(g, bc_gelu(g, scaled), channel_values(g, store, "gamma", BC_GROUP_HEADS, 1.5f),
                      channel_values(g, store, "beta", BC_GROUP_HEADS, 0.5f),
                      channel_values(g, store, "mean2", BC_GROUP_BUFFERS, 0),
                      channel_values(g, store, "variance2", BC_GROUP_BUFFERS, 1), 1e-5f, 0.1f, true);
    bc_graph_keep(g, y);
    bc_graph_root(g, y);
    ck_ok(bc_params_allocate(store));
    ck_ok(bc_params_initialise(store, 1));
    ck_ok(bc_plan_create(g, BC_TRAIN, &plan));
    ck_ok(bc_gradient_sum_create(share->team, plan, &store, 1, false, &sum));
    ck_ok(bc_value_write(g, input, x + first));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_write_grad(g, y, dy + first));
    ck_ok(sum ? bc_gradient_sum_backward(sum) : bc_plan_backward(plan));
    ck_ok(bc_value_read(g, y, out->y + first));
    ck_ok(bc_param_read(store, bc_params_find(store, "mean"), out->mean));
    ck_ok(bc_param_read(store, bc_params_find(store, "variance"), out->variance));
    ck_ok(bc_value_read_grad(g, one, out->gamma));
    bc_gradient_sum_release(sum);
    bc_plan_release(plan);
    bc_graph_release(g);
    bc_params_release(store);
}

static double largest_difference(const float *a, const float *b, int count) {
    double largest = 0, size = 0;
    for (int i = 0; i < count; i++) {
        largest = fmax(largest, fabs((double)a[i] - (double)b[i]));
        size = fmax(size, fabs((double)b[i]));
    }
    return largest / size;
}

/* The gradient of the first of two shows what the second one passes on; between them is what keeps a factor from cancelling. */
START_TEST(test_batch_norm) {
    static norm_result whole, part;
    int counts[64], ranks = bc_team_size(team);
    double speeds[64];
    if (ranks > ROWS)
        return;
    for (int r = 0; r < ranks; r++)
        speeds[r] = 1;
    ck_ok(bc_share_divide(&test_error, ROWS, ranks, speeds, counts));
    bc_share share = bc_share_of(team, counts), alone = {.count = ROWS, .whole = ROWS};
    run_norm(&alone, &whole);
    run_norm(&share, &part);
    int first = share.first * PIXELS, count = share.count * PIXELS;
    ck_assert_double_lt(largest_difference(part.y + first, whole.y + first, count), 1e-5);
    ck_assert_double_lt(largest_difference(part.mean, whole.mean, CHANNELS), 1e-6);
    ck_assert_double_lt(largest_difference(part.variance, whole.variance, CHANNELS), 1e-6);
    ck_assert_double_lt(largest_difference(part.gamma, whole.gamma, CHANNELS), 1e-3);
}
END_TEST

/* By several ranks; one does not mind. */
static void expect_refused(fixture *f, const char *name, const char *why, const char *more) {
    snprintf(f->folder, sizeof f->folder, "%.200s/%s", shared, name);
    bc_train_job job = job_of(f, BC_PRETRAIN);
    job.team = team;
    if (team)
        refuse(&job, BC_E_ARGUMENT, why, more);
}

START_TEST(test_shares_are_given) {
    fixture f;
    char out[400], path[400];
    int ranks = bc_team_size(team);
    prepare(&f);
    if (ranks == 2) {
        snprintf(f.config.shares, sizeof f.config.shares, "4,1");
        check_stage(&f, "four-one", BC_PRETRAIN, NULL, out);
    }
    snprintf(f.config.shares, sizeof f.config.shares, "measured");
    train_into(&f, team, BC_PRETRAIN, "measured", NULL, path);
    snprintf(f.config.shares, sizeof f.config.shares, "1,2,3,4,5,6,7");
    expect_refused(&f, "wrong", "device.shares", "one a rank");
    close_fixture(&f);
}
END_TEST

START_TEST(test_too_small_a_batch) {
    fixture f;
    prepare(&f);
    f.config.pretrain.batch = 1;
    expect_refused(&f, "small", "batch of 1", "ranks");
    close_fixture(&f);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("ranks");
    TCase *cases = tcase_create("ranks");
    tcase_set_timeout(cases, 600);
    if (bc_team_open(&test_error, &team) != BC_OK) {
        fprintf(stderr, "%s\n", test_error.text);
        return 1;
    }
    tcase_add_unchecked_fixture(cases, share_folder, NULL);
    tcase_add_test(cases, test_stages);
    tcase_add_test(cases, test_other_losses);
    tcase_add_test(cases, test_batch_norm);
    tcase_add_test(cases, test_shares_are_given);
    tcase_add_test(cases, test_too_small_a_batch);
    suite_add_tcase(suite, cases);
    int status = test_run(suite);
    if (status)
        bc_team_abort(team, status);
    bc_team_close(team);
    return status;
}
