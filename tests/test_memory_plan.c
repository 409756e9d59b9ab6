/* Placing blocks of memory: blocks that live at the same time never overlap, others share, limits are kept. */
#include "host/base/random.h"
#include "net/graph/memory_plan.h"
#include "tests/support.h"

#include <string.h>

static bc_memory_plan plan;

static void setup(void) {
    bc_error_clear(&test_error);
    plan = (bc_memory_plan){0};
}

static void teardown(void) {
    bc_memory_plan_release(&plan);
}

static void add(size_t bytes, int first, int last) {
    ck_ok(bc_memory_plan_add(&test_error, &plan, bytes, first, last, NULL));
}

START_TEST(lifetimes_decide) {
    add(100, 0, 2);
    add(60, 3, 5); /* after the first: the same place */
    add(60, 2, 3); /* beside both */
    ck_ok(bc_memory_plan_place(&test_error, &plan, 16, 1000));
    ck_assert_int_eq(plan.slab_count, 1);
    ck_assert_uint_eq(plan.blocks[0].bytes, 112);
    ck_assert_uint_eq(plan.blocks[0].offset, 0);
    ck_assert_uint_eq(plan.blocks[1].offset, 0);
    ck_assert_uint_eq(plan.blocks[2].offset, 112);
    ck_assert_uint_eq(plan.slab_bytes[0], 176);
}
END_TEST

static bool collide(const bc_memory_block *a, const bc_memory_block *b) {
    return a->slab == b->slab && a->first <= b->last && b->first <= a->last &&
           a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

START_TEST(many_blocks) {
    enum { BLOCKS = 300, LIMIT = 4000 };
    bc_random random = {.seed = 4};
    for (int i = 0; i < BLOCKS; i++) {
        size_t bytes = 1 + (size_t)bc_random_below(&random, 1000);
        int first = bc_random_below(&random, 100);
        add(bytes, first, first + bc_random_below(&random, 20));
    }
    ck_ok(bc_memory_plan_place(&test_error, &plan, 64, LIMIT));
    ck_assert_int_gt(plan.slab_count, 1);
    for (int i = 0; i < BLOCKS; i++) {
        const bc_memory_block *block = &plan.blocks[i];
        ck_assert(block->slab >= 0 && block->slab < plan.slab_count);
        ck_assert_uint_eq(block->offset % 64, 0);
        ck_assert_uint_le(block->offset + block->bytes, plan.slab_bytes[block->slab]);
        ck_assert_uint_le(plan.slab_bytes[block->slab], LIMIT);
        for (int j = 0; j < i; j++)
            ck_assert(!collide(block, &plan.blocks[j]));
    }
}
END_TEST

static void expect_refusal(size_t limit, const char *message) {
    ck_assert_int_eq(bc_memory_plan_place(&test_error, &plan, 64, limit), BC_E_MEMORY);
    ck_assert_msg(strstr(test_error.text, message) != NULL, "\"%s\" lacks \"%s\"", test_error.text, message);
}

START_TEST(one_block_too_large) {
    add(1 << 20, 0, 0);
    add((3 << 20) + 1, 0, 0);
    expect_refusal(3 << 20, "a single tensor of 3.0 MiB exceeds the device's largest allocation of 3.0 MiB");
}
END_TEST

/* As many blocks as there are slabs, each more than half of one: one more has no place, though none is too
 * large. */
START_TEST(too_many_slabs) {
    for (int i = 0; i < BC_MAX_SLABS; i++)
        add(600 << 10, 0, 0);
    ck_ok(bc_memory_plan_place(&test_error, &plan, 64, 1 << 20));
    ck_assert_int_eq(plan.slab_count, BC_MAX_SLABS);
    add(600 << 10, 0, 0);
    plan.slab_count = 0;
    expect_refusal(1 << 20, "more than 64 allocations of 1.0 MiB");
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("memory_plan");
    TCase *t = tcase_create("memory_plan");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, lifetimes_decide);
    tcase_add_test(t, many_blocks);
    tcase_add_test(t, one_block_too_large);
    tcase_add_test(t, too_many_slabs);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
