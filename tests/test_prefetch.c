/* Reading samples ahead: the order, the bounds, failures and ends, with threads that are in nobody's way, and files through a data set.
 * Nothing here needs a device, so that ThreadSanitizer can look at all of it (CONTRIBUTING.md). */
#include "bicross/data/file_set.h"
#include "bicross/data/prefetch.h"
#include "bicross/data/sampler.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "tests/support.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void pause_for(int milliseconds) {
    usleep((useconds_t)milliseconds * 1000);
}

/* --- the queue alone, over samples that are made up --- */

typedef struct shelf {
    int height, width, bad; /* of the samples; the one that cannot be read, or -1 */
    int slowest;            /* milliseconds that reading takes at most */
    _Atomic int reads;
    _Atomic bool others; /* a thread that is not the test's has read */
    pthread_t test;
} shelf;

static shelf make_shelf(int height, int width) {
    return (shelf){.height = height, .width = width, .bad = -1, .test = pthread_self()};
}

static bc_status read_shelf(const void *from, bc_error *err, int index, bc_sample *out) {
    shelf *s = (shelf *)(uintptr_t)from; /* it counts, whoever reads */
    s->reads++;
    if (!pthread_equal(pthread_self(), s->test))
        s->others = true;
    if (s->slowest)
        pause_for((index * 7 + 3) % s->slowest);
    snprintf(out->name, sizeof out->name, "sample %d", index);
    out->height = s->height;
    out->width = s->width;
    out->rgb = calloc((size_t)s->height * (size_t)s->width, 3);
    ck_assert_ptr_nonnull(out->rgb);
    out->rgb[0] = (uint8_t)index;
    return index == s->bad ? bc_fail(err, BC_E_FORMAT, "shelf: sample %d is bad", index) : BC_OK;
}

/* As a data set does: what no thread has is read here. */
static bc_status take(bc_prefetch *p, shelf *s, bc_error *err, int index, bc_sample *out) {
    bool taken;
    *out = (bc_sample){0};
    BC_TRY(bc_prefetch_take(p, err, index, out, &taken));
    return taken ? BC_OK : read_shelf(s, err, index, out);
}

static void expect_sample(bc_prefetch *p, shelf *s, int index) {
    bc_sample sample;
    ck_ok(take(p, s, &test_error, index, &sample));
    ck_assert_int_eq(sample.rgb[0], (uint8_t)index);
    bc_sample_release(&sample);
}

static void wait_for_reads(shelf *s, int reads) {
    for (int i = 0; i < 2000 && s->reads < reads; i++)
        pause_for(1);
    ck_assert_int_ge(s->reads, reads);
}

/* Threads finish in any order; samples come in the one that was said. */
START_TEST(in_order) {
    for (int threads = 1; threads <= 8; threads *= 2) {
        shelf s = make_shelf(3, 4);
        bc_prefetch *p;
        int next = 0;
        s.slowest = 4;
        ck_ok(bc_prefetch_open(&test_error, read_shelf, &s, threads, &p));
        for (int i = 0; i < 200; i++) {
            while (next < 200 && bc_prefetch_has_room(p))
                bc_prefetch_expect(p, next++, false);
            if (i == 0)
                wait_for_reads(&s, 8);
            expect_sample(p, &s, i);
        }
        ck_assert_int_eq(s.reads, 200); /* none twice */
        ck_assert(s.others);
        bc_prefetch_close(p);
    }
}
END_TEST

/* What fails, fails where it stands in the order, once, with its own message; what comes after it is as good as ever. */
START_TEST(failures_in_order) {
    shelf s = make_shelf(3, 4);
    bc_prefetch *p;
    bc_sample sample;
    bc_error err = {0};
    s.bad = 5;
    ck_ok(bc_prefetch_open(&test_error, read_shelf, &s, 3, &p));
    for (int i = 0; i < 10; i++)
        bc_prefetch_expect(p, i, false);
    wait_for_reads(&s, 10);
    for (int i = 0; i < 5; i++)
        expect_sample(p, &s, i);
    test_expect_failure(take(p, &s, &err, 5, &sample), BC_E_FORMAT, &err, "shelf: sample 5", "is bad");
    ck_assert_ptr_null(sample.rgb);
    for (int i = 6; i < 10; i++)
        expect_sample(p, &s, i);
    bc_prefetch_close(p);
}
END_TEST

START_TEST(bounded_in_samples) {
    shelf s = make_shelf(3, 4);
    bc_prefetch *p;
    int count = 0;
    ck_ok(bc_prefetch_open(&test_error, read_shelf, &s, 2, &p));
    for (; bc_prefetch_has_room(p); count++)
        bc_prefetch_expect(p, count, false);
    ck_assert_int_eq(count, BC_PREFETCH_SAMPLES);
    bc_prefetch_expect(p, 100, false); /* beyond: forgotten */
    for (int i = 0; i < count; i++)
        expect_sample(p, &s, i);
    bc_sample sample;
    bool taken;
    ck_ok(bc_prefetch_take(p, &test_error, 100, &sample, &taken));
    ck_assert(!taken);
    bc_prefetch_close(p);
}
END_TEST

/* Four samples of 60 MiB are within 256 MiB; a fifth is begun only when one was taken. (Nothing touches these pages.) */
START_TEST(bounded_in_bytes) {
    shelf s = make_shelf(5 << 10, 4 << 10);
    bc_prefetch *p;
    ck_ok(bc_prefetch_open(&test_error, read_shelf, &s, 1, &p));
    for (int i = 0; i < 10; i++)
        bc_prefetch_expect(p, i, false);
    wait_for_reads(&s, 4);
    pause_for(50);
    ck_assert_int_eq(s.reads, 4);
    expect_sample(p, &s, 0);
    wait_for_reads(&s, 5);
    pause_for(50);
    ck_assert_int_eq(s.reads, 5);
    bc_prefetch_close(p);
}
END_TEST

/* One sample always may be read, however large. */
START_TEST(larger_than_the_bound) {
    shelf s = make_shelf(10 << 10, 10 << 10);
    bc_prefetch *p;
    ck_ok(bc_prefetch_open(&test_error, read_shelf, &s, 2, &p));
    for (int i = 0; i < 6; i++) {
        bc_prefetch_expect(p, i, false);
        expect_sample(p, &s, i);
    }
    bc_prefetch_close(p);
}
END_TEST

/* Who skips samples, asks for one that nobody expected, or has one already, gets what he asks for. */
START_TEST(plans_that_are_not_kept) {
    shelf s = make_shelf(3, 4);
    bc_prefetch *p;
    s.slowest = 3;
    ck_ok(bc_prefetch_open(&test_error, read_shelf, &s, 3, &p));
    for (int i = 0; i < 20; i++)
        bc_prefetch_expect(p, i, i % 3 == 0);
    expect_sample(p, &s, 4);   /* without 0 to 3, which may be in the middle of being read */
    expect_sample(p, &s, 100); /* not expected */
    expect_sample(p, &s, 2);   /* not any more */
    bc_prefetch_pass(p, 7);    /* not the first: stays */
    bc_prefetch_pass(p, 5);
    expect_sample(p, &s, 6); /* said to be kept, and is not */
    for (int i = 7; i < 20; i++)
        expect_sample(p, &s, i);
    bc_prefetch_close(p);
}
END_TEST

/* At any moment, with samples read, being read and waiting; without threads, too. */
START_TEST(early_ends) {
    for (int i = 0; i < 40; i++) {
        shelf s = make_shelf(3, 4);
        bc_prefetch *p;
        s.slowest = 5;
        ck_ok(bc_prefetch_open(&test_error, read_shelf, &s, i % 5, &p));
        for (int k = 0; k < i % 7 * 4; k++)
            bc_prefetch_expect(p, k, false);
        if (i % 2)
            pause_for(i % 4);
        if (i % 7)
            expect_sample(p, &s, 0);
        bc_prefetch_close(p);
        int reads = s.reads;
        pause_for(1);
        ck_assert_int_eq(s.reads, reads); /* nobody is left */
    }
    bc_prefetch_close(NULL);
}
END_TEST

static _Atomic bool handled_elsewhere;
static pthread_t main_thread;

static void handle(int signal) {
    (void)signal;
    if (!pthread_equal(pthread_self(), main_thread))
        handled_elsewhere = true;
}

/* Ctrl-C is the main thread's. */
START_TEST(signals_are_the_owners) {
    shelf s = make_shelf(3, 4);
    bc_prefetch *p;
    main_thread = pthread_self();
    s.slowest = 4;
    void (*before)(int) = signal(SIGUSR1, handle);
    ck_ok(bc_prefetch_open(&test_error, read_shelf, &s, 4, &p));
    for (int i = 0; i < 100; i++) {
        bc_prefetch_expect(p, i, false);
        kill(getpid(), SIGUSR1);
        expect_sample(p, &s, i);
    }
    bc_prefetch_close(p);
    signal(SIGUSR1, before);
    ck_assert(!handled_elsewhere);
}
END_TEST

/* --- files through a data set --- */

enum { H = 6, W = 16, COUNT = 60 };

static const char *file(char path[1024], int sample, const char *ending) {
    snprintf(path, 1024, "%s/%03d%s", test_folder(), sample, ending);
    return path;
}

static void write_sample(int i) {
    char path[1024];
    uint8_t pixels[H * W * 3];
    float metres[H * W];
    bc_spike_stream s;
    for (int p = 0; p < H * W; p++) {
        pixels[3 * p] = pixels[3 * p + 1] = pixels[3 * p + 2] = (uint8_t)(i + p);
        metres[p] = 1 + (float)(i + p) / 4;
    }
    ck_ok(bc_spikes_create(&test_error, BC_SPIKE_FRAMES, H, W, &s));
    s.words[0] = (uint32_t)i;
    ck_ok(bc_png_write_rgb(&test_error, file(path, i, ".png"), W, H, pixels));
    ck_ok(bc_spikes_write(&test_error, file(path, i, ".dat"), NULL, &s)); /* with FILE.dat.ini */
    ck_ok(bc_depth_write(&test_error, file(path, i, "_depth.png"), 256, W, H, metres));
    bc_spikes_release(&s);
}

static void write_files(void) {
    for (int i = 0; i < COUNT; i++)
        write_sample(i);
}

static bc_dataset *open_files(int threads) {
    bc_sample_list list = {0};
    bc_dataset *set;
    for (int i = 0; i < COUNT; i++) {
        char name[16], rgb[1024], spikes[1024], depth[1024];
        snprintf(name, sizeof name, "%03d", i);
        file(rgb, i, ".png");
        file(spikes, i, ".dat");
        file(depth, i, "_depth.png");
        ck_ok(bc_sample_list_add(
            &test_error, &list,
            &(bc_sample_files){.name = name, .rgb = rgb, .spikes = spikes, .depth = depth, .place = i}));
    }
    ck_ok(bc_file_set_open(NULL, &test_error, "files", &list,
                           &(bc_file_set_options){.labels = true, .depth_scale = 256, .threads = threads}, "",
                           &set));
    return set;
}

static void check_sample(bc_dataset *set, int index) {
    const bc_sample *sample;
    ck_ok(bc_dataset_get(set, &test_error, index, &sample));
    ck_assert_int_eq(sample->rgb[3 * 5], index + 5);
    ck_assert_float_eq_tol(sample->depth[9], 1 + (float)(index + 9) / 4, 0.01f);
    ck_assert_uint_eq(sample->spikes[0], (uint32_t)index);
}

/* Two epochs as a sampler has them, each batch asked for three times as the second phase does; with room for all samples, for few
 * and for one. */
START_TEST(epochs_of_files) {
    enum { BATCH = 4, SAMPLE = H * W * (3 + 4 + 16) };
    static const size_t budgets[] = {0, 10 * SAMPLE, 1};
    write_files();
    for (int threads = 0; threads <= 4; threads++)
        for (size_t b = 0; b < sizeof budgets / sizeof *budgets; b++) {
            bc_dataset *set = open_files(threads);
            bc_sampler order;
            bc_sampler_walk walk;
            set->budget = budgets[b];
            ck_ok(bc_sampler_open(&test_error, 3, 1, COUNT, BATCH, "files", &order));
            ck_ok(bc_sampler_walk_open(&test_error, &order, 2, 0, order.batch, &walk));
            ck_ok(bc_dataset_read_ahead(set, &test_error, (bc_read_plan){bc_sampler_walk_next, &walk}));
            ck_assert((set->ahead != NULL) == (threads > 0));
            for (long step = 2; step < 2 * COUNT / BATCH; step++)
                for (int pass = 0; pass < 3; pass++)
                    for (int i = 0; i < BATCH; i++)
                        check_sample(set, bc_sampler_batch(&order, step)[i]);
            bc_dataset_end_plan(set);
            check_sample(set, 7); /* without a plan */
            bc_sampler_walk_close(&walk);
            bc_sampler_close(&order);
            bc_dataset_release(set);
        }
}
END_TEST

/* The walk says what the batches do. */
START_TEST(walks_are_orders) {
    bc_sampler order;
    bc_sampler_walk walk;
    ck_ok(bc_sampler_open(&test_error, 3, 1, 11, 3, "files",
                          &order)); /* two samples of an epoch are left out */
    ck_ok(bc_sampler_walk_open(&test_error, &order, 2, 0, order.batch, &walk));
    for (long step = 2; step < 20; step++)
        for (int i = 0; i < 3; i++)
            ck_assert_int_eq(bc_sampler_walk_next(&walk), bc_sampler_batch(&order, step)[i]);
    bc_sampler_walk_close(&walk);
    ck_ok(bc_sampler_walk_open(&test_error, &order, 2, 1, 2, &walk)); /* a share of each batch */
    for (long step = 2; step < 20; step++)
        for (int i = 1; i < 3; i++)
            ck_assert_int_eq(bc_sampler_walk_next(&walk), bc_sampler_batch(&order, step)[i]);
    bc_sampler_walk_close(&walk);
    bc_sampler_close(&order);
}
END_TEST

/* A damaged file in the middle of an epoch: the message is that of a data set that reads nothing ahead, at the same sample. */
START_TEST(a_damaged_file) {
    char path[1024], expected[BC_ERROR_TEXT] = "";
    write_files();
    ck_ok(bc_file_write(&test_error, file(path, 30, "_depth.png"), "\x89PNG\r\n\x1a\nrubbish", 15));
    for (int threads = 0; threads <= 3; threads++) {
        bc_dataset *set = open_files(threads);
        const bc_sample *sample;
        bc_read_steps ahead = {0, 1};
        bc_error err = {0};
        ck_ok(bc_dataset_read_ahead(set, &test_error, bc_read_in_steps(&ahead)));
        for (int i = 0; i < 30; i++)
            check_sample(set, i);
        ck_assert_int_eq(bc_dataset_get(set, &err, 30, &sample), BC_E_FORMAT);
        ck_assert_msg(strstr(err.text, path) != NULL, "%s", err.text);
        if (threads == 0)
            snprintf(expected, sizeof expected, "%s", err.text);
        ck_assert_str_eq(err.text, expected);
        ck_assert_ptr_null(sample);
        for (int i = 31; i < COUNT; i++)
            check_sample(set, i);
        bc_dataset_release(set); /* with its plan */
    }
}
END_TEST

START_TEST(what_is_kept_is_not_read_again) {
    write_files();
    bc_dataset *set = open_files(2);
    bc_read_steps ahead = {0, 1};
    for (int i = 0; i < COUNT; i++)
        check_sample(set, i);
    for (int i = 0; i < COUNT; i++) {
        char path[1024];
        ck_assert_int_eq(remove(file(path, i, ".png")), 0);
    }
    ck_ok(bc_dataset_read_ahead(set, &test_error, bc_read_in_steps(&ahead)));
    for (int i = 0; i < COUNT; i++)
        check_sample(set, i);
    bc_dataset_forget(set);
    const bc_sample *sample;
    bc_error err = {0};
    ck_assert_int_eq(bc_dataset_get(set, &err, 3, &sample), BC_E_FILE);
    bc_dataset_release(set);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("prefetch");
    TCase *queue = tcase_create("queue"), *files = tcase_create("files");
    tcase_set_timeout(queue, 60);
    tcase_add_test(queue, in_order);
    tcase_add_test(queue, failures_in_order);
    tcase_add_test(queue, bounded_in_samples);
    tcase_add_test(queue, bounded_in_bytes);
    tcase_add_test(queue, larger_than_the_bound);
    tcase_add_test(queue, plans_that_are_not_kept);
    tcase_add_test(queue, early_ends);
    tcase_add_test(queue, signals_are_the_owners);
    suite_add_tcase(s, queue);
    tcase_set_timeout(files, 120);
    tcase_add_test(files, walks_are_orders);
    tcase_add_test(files, epochs_of_files);
    tcase_add_test(files, a_damaged_file);
    tcase_add_test(files, what_is_kept_is_not_read_again);
    suite_add_tcase(s, files);
    return s;
}

int main(void) {
    return test_run(suite());
}
