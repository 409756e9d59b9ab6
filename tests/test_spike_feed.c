/* Spike streams that are read ahead, recorded and live: windows in order, what is dropped, ends, and nobody who comes. */
#include "bicross/data/spike_feed.h"
#include "bicross/data/spike_pipe.h"
#include "tests/support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROWS = 6, COLUMNS = 13, FRAME = (ROWS * COLUMNS + 7) / 8, WINDOW = BC_SPIKE_FRAMES * FRAME };

static const bc_spike_format format = {.width = COLUMNS, .height = ROWS};

static bool never(void) {
    return false;
}
static bool always(void) {
    return true;
}

/* Frame t fires where a hash of place and time is even. */
static void make_stream(int frames, bc_spike_stream *s) {
    ck_ok(bc_spikes_create(&test_error, frames, ROWS, COLUMNS, s));
    for (size_t i = 0; i < (size_t)ROWS * COLUMNS; i++)
        for (int t = 0; t < frames; t++)
            if ((((unsigned)t * 2654435761u) ^ ((unsigned)i * 40503u)) >> 7 & 1)
                s->words[i * (size_t)s->words_per_pixel + (size_t)(t / 32)] |= 1u << (t % 32);
}

static void expect_window(const bc_spike_stream *all, int first, const bc_feed_window *w) {
    bc_spike_stream wanted;
    ck_ok(bc_spikes_window(&test_error, all, first, BC_SPIKE_FRAMES, &wanted));
    ck_assert(w->spikes.frames == BC_SPIKE_FRAMES && w->spikes.height == ROWS && w->spikes.width == COLUMNS);
    ck_assert_mem_eq(w->spikes.words, wanted.words, (size_t)ROWS * COLUMNS * BC_SPIKE_WORDS * 4);
    bc_spikes_release(&wanted);
}

/* Takes all windows, which are those of `all` from `skip` on. */
static void expect_windows(bc_spike_feed *feed, const bc_spike_stream *all, int skip, int count) {
    bc_feed_window w;
    bool ended = false;
    ck_ok(bc_spike_feed_start(feed, &test_error));
    for (int i = 0; i < count; i++) {
        ck_ok(bc_spike_feed_take(feed, &test_error, true, never, &w, &ended));
        ck_assert(!ended && w.spikes.words && w.number == i);
        expect_window(all, skip + i * BC_SPIKE_FRAMES, &w);
        bc_spikes_release(&w.spikes);
    }
    ck_ok(bc_spike_feed_take(feed, &test_error, true, never, &w, &ended));
    ck_assert(ended && !w.spikes.words);
}

START_TEST(recordings) {
    const char *names[] = {"long.dat", "long.npy", "long.npz"};
    bc_spike_stream all;
    make_stream(5 * BC_SPIKE_FRAMES + 40, &all);
    for (int i = 0; i < 3; i++)
        for (int skip = 0; skip <= 41; skip += 41) {
            bc_spike_feed *feed;
            ck_ok(bc_spikes_write(&test_error, test_path(names[i]), i == 0 ? &format : NULL, &all));
            ck_ok(bc_spike_feed_open(&test_error, test_path_text, NULL, skip, false, &feed));
            ck_assert_int_eq(bc_spike_feed_info(feed).frames, all.frames);
            expect_windows(feed, &all, skip, skip ? 4 : 5);
            ck_assert_int_eq(bc_spike_feed_dropped(feed), 0);
            bc_spike_feed_close(feed);
        }
    bc_spikes_release(&all);
}
END_TEST

/* What is wrong in the third window comes after the first two. */
START_TEST(errors_in_their_place) {
    long shape[] = {4 * BC_SPIKE_FRAMES, ROWS, COLUMNS};
    uint8_t *values = calloc((size_t)shape[0], ROWS * COLUMNS);
    values[2 * BC_SPIKE_FRAMES * ROWS * COLUMNS + 5] = 7;
    ck_ok(bc_npy_write(&test_error, test_path("bad.npy"), "|u1", 3, shape, values));
    bc_spike_feed *feed;
    bc_feed_window w;
    bc_error err = {0};
    bool ended;
    ck_ok(
        bc_spike_feed_open(&test_error, test_path_text, &(bc_spike_format){.axes = "thw"}, 0, false, &feed));
    ck_ok(bc_spike_feed_start(feed, &test_error));
    for (int i = 0; i < 2; i++) {
        ck_ok(bc_spike_feed_take(feed, &test_error, true, never, &w, &ended));
        ck_assert(w.spikes.words && w.number == i);
        bc_spikes_release(&w.spikes);
    }
    test_expect_failure(bc_spike_feed_take(feed, &err, true, never, &w, &ended), BC_E_FORMAT, &err,
                        "found 7 in frame 256", "bad.npy");
    bc_spike_feed_close(feed);
    free(values);
}
END_TEST

/* --- live --- */

/* Writes the stream's frames and `more` bytes to a FIFO, a few at a time. */
typedef struct camera {
    char path[1024];
    const bc_spike_stream *stream;
    size_t bytes, piece;
} camera;

static void *run_camera(void *user) {
    const camera *c = user;
    bc_spike_format raw = {.width = COLUMNS, .height = ROWS};
    uint8_t *bytes;
    size_t have;
    char file[1100];
    snprintf(file, sizeof file, "%s.dat", c->path);
    ck_ok(bc_spikes_write(&test_error, file, &raw, c->stream));
    ck_ok(bc_file_read(&test_error, file, &bytes, &have));
    int fd = open(c->path, O_WRONLY);
    for (size_t at = 0; at < c->bytes; at += c->piece) {
        size_t count = c->bytes - at < c->piece ? c->bytes - at : c->piece;
        ck_assert_int_eq(write(fd, bytes + at, count), (long)count);
    }
    close(fd);
    free(bytes);
    return NULL;
}

static void start_camera(camera *c, const char *name, pthread_t *thread) {
    snprintf(c->path, sizeof c->path, "%s", test_path(name));
    ck_assert_int_eq(mkfifo(c->path, 0600), 0);
    ck_assert_int_eq(pthread_create(thread, NULL, run_camera, c), 0);
}

/* Pieces that are neither frames nor windows; a part of a window at the end is passed over. */
START_TEST(live) {
    for (int skip = 0; skip <= 150; skip += 150) {
        bc_spike_stream all;
        bc_spike_feed *feed;
        pthread_t thread;
        make_stream(4 * BC_SPIKE_FRAMES, &all);
        camera c = {.stream = &all, .bytes = 3 * WINDOW + 3 * FRAME + 2, .piece = 701};
        start_camera(&c, skip ? "skipped" : "live", &thread);
        ck_assert(bc_spike_is_pipe(c.path));
        ck_ok(bc_spike_feed_open(&test_error, c.path, &format, skip, false, &feed));
        ck_assert_int_eq(bc_spike_feed_info(feed).frames, 0);
        expect_windows(feed, &all, skip, skip ? 1 : 3);
        bc_spike_feed_close(feed);
        pthread_join(thread, NULL);
        bc_spikes_release(&all);
    }
}
END_TEST

/* Nobody takes: what waits in the end is the newest, and the camera was never kept waiting. */
START_TEST(dropping) {
    enum { COUNT = 20 };
    bc_spike_stream all;
    bc_spike_feed *feed;
    bc_feed_window w;
    pthread_t thread;
    bool ended;
    make_stream(COUNT * BC_SPIKE_FRAMES, &all);
    camera c = {.stream = &all, .bytes = COUNT * WINDOW, .piece = 4 * WINDOW};
    start_camera(&c, "dropping", &thread);
    ck_ok(bc_spike_feed_open(&test_error, c.path, &format, 0, true, &feed));
    ck_ok(bc_spike_feed_start(feed, &test_error));
    pthread_join(thread, NULL);
    while (bc_spike_feed_dropped(feed) < COUNT - 1)
        usleep(1000);
    ck_ok(bc_spike_feed_take(feed, &test_error, true, never, &w, &ended));
    ck_assert(!ended && w.number == COUNT - 1);
    expect_window(&all, (COUNT - 1) * BC_SPIKE_FRAMES, &w);
    bc_spikes_release(&w.spikes);
    ck_ok(bc_spike_feed_take(feed, &test_error, true, never, &w, &ended));
    ck_assert(ended && !w.spikes.words && bc_spike_feed_dropped(feed) == COUNT - 1);
    bc_spike_feed_close(feed);
    bc_spikes_release(&all);
}
END_TEST

/* A FIFO that nobody writes to keeps nobody: neither who does not wait, nor who is told to stop, nor closing. */
START_TEST(nobody_comes) {
    bc_spike_feed *feed;
    bc_feed_window w;
    bool ended;
    const char *path = test_path("silent");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_ok(bc_spike_feed_open(&test_error, path, &format, 0, false, &feed));
    ck_ok(bc_spike_feed_start(feed, &test_error));
    ck_ok(bc_spike_feed_take(feed, &test_error, false, never, &w, &ended));
    ck_assert(!ended && !w.spikes.words);
    ck_ok(bc_spike_feed_take(feed, &test_error, true, always, &w, &ended));
    ck_assert(!ended && !w.spikes.words);
    bc_spike_feed_close(feed);
}
END_TEST

START_TEST(misuse) {
    bc_spike_feed *feed;
    bc_error err = {0};
    bc_spike_stream s;
    ck_assert(bc_spike_is_pipe("-") && !bc_spike_is_pipe(test_folder()) &&
              !bc_spike_is_pipe("there is none"));
    const char *path = test_path("pcie");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    test_expect_failure(
        bc_spike_feed_open(&err, path, &(bc_spike_format){.layout = BC_DAT_PCIE}, 0, false, &feed),
        BC_E_ARGUMENT, &err, "layout pcie", "pipe");
    test_expect_failure(bc_spike_feed_open(&err, "none.dat", NULL, 0, false, &feed), BC_E_FILE, &err,
                        "none.dat", "No such file");
    make_stream(140, &s);
    ck_ok(bc_spikes_write(&test_error, test_path("short.dat"), &format, &s));
    test_expect_failure(bc_spike_feed_open(&err, test_path_text, NULL, 13, false, &feed), BC_E_FORMAT, &err,
                        "has 140 frames", "from frame 13 on");
    bc_spikes_release(&s);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("spike_feed");
    TCase *t = tcase_create("spike_feed");
    tcase_add_test(t, recordings);
    tcase_add_test(t, errors_in_their_place);
    tcase_add_test(t, live);
    tcase_add_test(t, dropping);
    tcase_add_test(t, nobody_comes);
    tcase_add_test(t, misuse);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
