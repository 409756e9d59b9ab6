/* What ranks tell each other: alone, and under mpirun as many as there are, each with the same checks. */
#include "host/team/share.h"
#include "host/team/steps.h"
#include "host/team/sums.h"
#include "tests/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bc_team *team; /* of this process, opened once */

/* What rank r has: numbers whose sum depends on the order in which they are added. */
static float number_of(int rank, size_t i) {
    static const float magnitudes[] = {1e8f, 1, -1e8f, 3e-3f, 1e4f};
    return magnitudes[((size_t)rank + i) % 5] * (1 + 0.37f * (float)(i % 13) + 0.011f * (float)rank);
}

static float sum_of(size_t i) {
    float sum = number_of(0, i);
    for (int r = 1; r < bc_team_size(team); r++)
        sum += number_of(r, i);
    return sum;
}

START_TEST(test_a_rank_knows_its_place) {
    int rank = bc_team_rank(team), size = bc_team_size(team);
    int all[64] = {0};
    ck_assert(size >= 1 && size <= 64 && rank >= 0 && rank < size);
    ck_assert(bc_team_place(team) < bc_team_places(team) && bc_team_places(team) <= size);
    ck_ok(bc_team_gather(team, &test_error, &rank, sizeof rank, all));
    for (int r = 0; r < size; r++)
        ck_assert_int_eq(all[r], r);
}
END_TEST

START_TEST(test_gathering_and_telling) {
    int rank = bc_team_rank(team), size = bc_team_size(team);
    size_t bytes[64], at = 0;
    char mine[64], all[64 * 64], told[300];
    for (int r = 0; r < size; r++)
        bytes[r] = (size_t)(3 * r % 7);
    memset(mine, 'a' + rank, sizeof mine);
    ck_ok(bc_team_gather_parts(team, &test_error, mine, bytes, all));
    for (int r = 0; r < size; r++)
        for (size_t i = 0; i < bytes[r]; i++)
            ck_assert_int_eq(all[at++], 'a' + r);
    memset(told, rank + 1, sizeof told);
    ck_ok(bc_team_tell(team, &test_error, told, sizeof told));
    ck_assert(told[0] == 1 && told[299] == 1);
    ck_ok(bc_team_wait(team, &test_error));
}
END_TEST

START_TEST(test_flags_and_comparisons) {
    int rank = bc_team_rank(team), size = bc_team_size(team);
    bool flag = false, same;
    ck_ok(bc_team_any(team, &test_error, &flag));
    ck_assert(!flag);
    flag = rank == size - 1;
    ck_ok(bc_team_any(team, &test_error, &flag));
    ck_assert(flag);
    ck_ok(bc_team_same(team, &test_error, "abc", 3, &same));
    ck_assert(same);
    ck_ok(bc_team_same(team, &test_error, &rank, sizeof rank, &same));
    ck_assert(same == (size == 1));
}
END_TEST

START_TEST(test_sums_are_in_the_order_of_the_ranks) {
    float values[37];
    double doubles[3] = {0.1, bc_team_rank(team), 1};
    uint32_t words[2] = {1, UINT32_C(0x40000000)};
    for (size_t i = 0; i < 37; i++)
        values[i] = number_of(bc_team_rank(team), i);
    ck_ok(bc_team_sum(team, &test_error, BC_NUMBER_FLOAT, values, 37));
    for (size_t i = 0; i < 37; i++)
        ck_assert_msg(values[i] == sum_of(i), "number %zu: %.9g, expected %.9g", i, values[i], sum_of(i));
    ck_ok(bc_team_sum(team, &test_error, BC_NUMBER_DOUBLE, doubles, 3));
    ck_assert(doubles[2] == bc_team_size(team));
    ck_ok(bc_team_sum(team, &test_error, BC_NUMBER_WORD, words, 2));
    ck_assert_uint_eq(words[0], (unsigned)bc_team_size(team));
}
END_TEST

/* Halves: each number and the sum are rounded once, by the last place of what they are, or of the smallest that there is beside the largest of all,
 * which is near 5e8. */
static void expect_sum(float sum, size_t i, bool halves) {
    double size = 0;
    for (int r = 0; r < bc_team_size(team); r++)
        size += fabs((double)number_of(r, i));
    double off = fabs((double)sum - (double)sum_of(i));
    ck_assert_msg(halves ? off <= 2 * 0x1p-11 * size + (bc_team_size(team) + 1) * 0x1p-39 * 6e8 : off == 0,
                  "number %zu: %.9g, expected %.9g", i, sum, sum_of(i));
}

/* Of sizes that leave some ranks without a part, that divide and that do not. */
static void check_buckets(bool halves) {
    static const size_t sizes[] = {1, 2, 1000, 70001, 0, 6};
    enum { BUCKETS = sizeof sizes / sizeof *sizes, ROUNDS = 3 };
    bc_bucket buckets[BUCKETS];
    bc_sums *sums;
    int done = 0;
    if (!team)
        return;
    for (int b = 0; b < BUCKETS; b++)
        buckets[b] = (bc_bucket){malloc((sizes[b] + 1) * sizeof(float)), sizes[b]};
    ck_ok(bc_sums_create(team, &test_error, buckets, BUCKETS, halves, &sums));
    for (int round = 0; round < ROUNDS; round++) {
        bc_sums_begin(sums);
        for (int b = 0; b < BUCKETS; b++) {
            for (size_t i = 0; i < sizes[b]; i++)
                buckets[b].values[i] = number_of(bc_team_rank(team), i + (size_t)(b + round));
            ck_ok(bc_sums_ready(sums, &test_error));
            if (bc_team_rank(team) % 2 == round % 2) /* the ranks are differently far */
                ck_ok(bc_sums_step(sums, &test_error, &done));
        }
        while (done < BUCKETS)
            ck_ok(bc_sums_step(sums, &test_error, &done));
        for (int b = 0; b < BUCKETS; b++)
            for (size_t i = 0; i < sizes[b]; i++)
                expect_sum(buckets[b].values[i], i + (size_t)(b + round), halves);
        done = 0;
    }
    bc_sums_release(sums);
    for (int b = 0; b < BUCKETS; b++)
        free(buckets[b].values);
}

START_TEST(test_buckets) {
    check_buckets(false);
    check_buckets(true);
}
END_TEST

START_TEST(test_steps_of_a_tape) {
    enum { ROWS = 3, WIDTH = 5 };
    int size = bc_team_size(team), rank = bc_team_rank(team);
    float values[ROWS * WIDTH], *all = malloc((size_t)size * sizeof values);
    uint32_t words[4] = {7, 1, 2, 9};
    bc_buffer buffer, counts;
    bc_tape *tape;
    ck_ok(bc_buffer_create(test_host(), (size_t)size * sizeof values, "a test", &buffer));
    ck_ok(bc_buffer_create(test_host(), sizeof words, "a test", &counts));
    ck_ok(bc_tape_create(test_host(), &tape));
    ck_ok(bc_tape_gather(tape, team, buffer, 0, ROWS, WIDTH * sizeof(float)));
    ck_ok(bc_tape_sum(tape, team, counts, 1, 2, BC_NUMBER_WORD));
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < ROWS * WIDTH; i++)
            values[i] = number_of(rank, i);
        ck_ok(bc_buffer_write(test_host(), buffer, 0, values, sizeof values));
        ck_ok(bc_buffer_write(test_host(), counts, 0, words, sizeof words));
        ck_ok(bc_tape_run(tape));
        ck_ok(bc_buffer_read(test_host(), buffer, 0, all, (size_t)size * sizeof values));
        for (int row = 0; row < ROWS; row++)
            for (int r = 0; r < size; r++)
                for (int i = 0; i < WIDTH; i++)
                    ck_assert(all[(row * size + r) * WIDTH + i] == number_of(r, (size_t)(row * WIDTH + i)));
        uint32_t read[4];
        ck_ok(bc_buffer_read(test_host(), counts, 0, read, sizeof read));
        ck_assert(read[0] == 7 && read[3] == 9);
        ck_assert(read[1] == (unsigned)size && read[2] == 2 * (unsigned)size);
    }
    bc_tape_release(tape);
    bc_buffer_release(&buffer);
    bc_buffer_release(&counts);
    free(all);
}
END_TEST

static void expect_shares(int whole, int ranks, const double *speeds, const int *expected) {
    int counts[8], sum = 0;
    ck_ok(bc_share_divide(&test_error, whole, ranks, speeds, counts));
    for (int r = 0; r < ranks; r++) {
        ck_assert_msg(counts[r] == expected[r], "rank %d has %d of %d, expected %d", r, counts[r], whole,
                      expected[r]);
        sum += counts[r];
    }
    ck_assert_int_eq(sum, whole);
}

START_TEST(test_shares) {
    expect_shares(8, 2, (const double[]){1, 1}, (const int[]){4, 4});
    expect_shares(7, 3, (const double[]){1, 1, 1}, (const int[]){3, 2, 2});
    expect_shares(8, 2, (const double[]){3, 1}, (const int[]){6, 2});
    expect_shares(8, 3, (const double[]){1e9, 1, 1}, (const int[]){6, 1, 1});
    expect_shares(3, 3, (const double[]){5, 1, 90}, (const int[]){1, 1, 1});
    expect_shares(10, 3, (const double[]){1, 2, 4}, (const int[]){1, 3, 6});
    int counts[4];
    test_expect_failure(bc_share_divide(&test_error, 3, 4, (const double[]){1, 1, 1, 1}, counts),
                        BC_E_ARGUMENT, &test_error, "batch of 3", "4 ranks");
    int one[] = {5};
    bc_share alone = bc_share_of(NULL, one), none = {0};
    ck_assert(alone.first == 0 && alone.count == 5 && alone.whole == 5);
    ck_assert(bc_share_whole(&none, 12) == 12);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("team");
    TCase *cases = tcase_create("team");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, test_a_rank_knows_its_place);
    tcase_add_test(cases, test_gathering_and_telling);
    tcase_add_test(cases, test_flags_and_comparisons);
    tcase_add_test(cases, test_sums_are_in_the_order_of_the_ranks);
    tcase_add_test(cases, test_buckets);
    tcase_add_test(cases, test_steps_of_a_tape);
    tcase_add_test(cases, test_shares);
    suite_add_tcase(suite, cases);
    if (bc_team_open(&test_error, &team) != BC_OK) {
        fprintf(stderr, "%s\n", test_error.text);
        return 1;
    }
    int status = test_run(suite);
    if (status)
        bc_team_abort(team, status);
    bc_team_close(team);
    return status;
}
