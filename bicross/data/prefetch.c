/* A queue of samples that threads fill. Each expected sample has a number, its place in the order; a thread keeps the number of the one
 * that it reads and not its entry, as the entry may be another sample's by the time it is done. */
#include "bicross/data/prefetch.h"

#include "host/base/thread.h"

#include <sched.h>
#include <stdlib.h>

enum { MOST_THREADS = 64, USUAL_THREADS = 4 };

typedef enum state { KEPT, WAITING, READING, READ } state;

typedef struct entry {
    int index;
    state state;
    bc_sample sample; /* when it was read */
    bc_error err;     /* likewise: why it could not be */
} entry;

struct bc_prefetch {
    bc_prefetch_read *read;
    const void *from;
    pthread_t threads[MOST_THREADS];
    int thread_count;
    pthread_mutex_t mutex; /* guards all that follows */
    pthread_cond_t work;   /* there may be something to read, or an end */
    pthread_cond_t done;   /* something was read */
    bool closing;
    uint64_t first, end; /* numbers in the queue */
    entry entries[BC_PREFETCH_SAMPLES];
    size_t bytes, largest; /* of samples that were read and not taken; of the largest ever */
    int reading;           /* threads at work */
};

static entry *entry_of(bc_prefetch *p, uint64_t number) {
    return &p->entries[number % BC_PREFETCH_SAMPLES];
}

int bc_prefetch_threads(void) {
    cpu_set_t ours;
    int cores = sched_getaffinity(0, sizeof ours, &ours) == 0 ? CPU_COUNT(&ours) : 1;
    return cores < USUAL_THREADS ? cores : USUAL_THREADS;
}

/* --- what threads do, with the mutex but while they read --- */

static bool is_full(const bc_prefetch *p) {
    bool idle = p->bytes == 0 && p->reading == 0; /* one sample always may */
    return !idle && p->bytes + (size_t)(p->reading + 1) * p->largest > BC_PREFETCH_BYTES;
}

/* The first sample that waits; false: none does. */
static bool find_work(bc_prefetch *p, uint64_t *number) {
    for (*number = p->first; *number < p->end; ++*number)
        if (entry_of(p, *number)->state == WAITING)
            return true;
    return false;
}

/* Unless nobody wants it any more. */
static void hand_in(bc_prefetch *p, uint64_t number, bc_sample *sample, const bc_error *err) {
    size_t bytes = bc_sample_bytes(sample);
    p->largest = bytes > p->largest ? bytes : p->largest;
    if (number < p->first) {
        bc_sample_release(sample);
        return;
    }
    entry *e = entry_of(p, number);
    e->state = READ;
    e->sample = *sample;
    e->err = *err;
    p->bytes += bytes;
    pthread_cond_broadcast(&p->done);
}

static void read_one(bc_prefetch *p, uint64_t number) {
    bc_sample sample = {0};
    bc_error err = {0};
    entry *e = entry_of(p, number);
    int index = e->index;
    e->state = READING;
    p->reading++;
    pthread_mutex_unlock(&p->mutex);
    if (p->read(p->from, &err, index, &sample) != BC_OK)
        bc_sample_release(&sample);
    pthread_mutex_lock(&p->mutex);
    p->reading--;
    hand_in(p, number, &sample, &err);
}

static void *work(void *user) {
    bc_prefetch *p = user;
    uint64_t number;
    pthread_mutex_lock(&p->mutex);
    while (!p->closing)
        if (!is_full(p) && find_work(p, &number))
            read_one(p, number);
        else
            pthread_cond_wait(&p->work, &p->mutex);
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

/* --- the queue, with the mutex --- */

static void drop_first(bc_prefetch *p) {
    entry *e = entry_of(p, p->first++);
    p->bytes -= bc_sample_bytes(&e->sample);
    bc_sample_release(&e->sample);
    pthread_cond_broadcast(&p->work);
}

/* Drops all before the sample, which then is the first; false: it is not there. */
static bool advance_to(bc_prefetch *p, int index) {
    uint64_t number = p->first;
    while (number < p->end && entry_of(p, number)->index != index)
        number++;
    if (number == p->end)
        return false;
    while (p->first < number)
        drop_first(p);
    return true;
}

static bc_status take_first(bc_prefetch *p, bc_error *err, bc_sample *out, bool *taken) {
    entry *e = entry_of(p, p->first);
    while (e->state == READING)
        pthread_cond_wait(&p->done, &p->mutex);
    bc_status status = BC_OK;
    *taken = e->state == READ;
    if (*taken) {
        p->bytes -= bc_sample_bytes(&e->sample);
        *out = e->sample;
        e->sample = (bc_sample){0};
        status = e->err.status;
    }
    if (status != BC_OK)
        bc_fail(err, status, "%s", e->err.text);
    drop_first(p);
    return status;
}

/* --- for the owner --- */

bool bc_prefetch_has_room(bc_prefetch *p) {
    pthread_mutex_lock(&p->mutex);
    bool room = p->end - p->first < BC_PREFETCH_SAMPLES;
    pthread_mutex_unlock(&p->mutex);
    return room;
}

void bc_prefetch_expect(bc_prefetch *p, int index, bool kept) {
    pthread_mutex_lock(&p->mutex);
    if (p->end - p->first < BC_PREFETCH_SAMPLES) {
        *entry_of(p, p->end++) = (entry){.index = index, .state = kept ? KEPT : WAITING};
        pthread_cond_signal(&p->work);
    }
    pthread_mutex_unlock(&p->mutex);
}

bc_status bc_prefetch_take(bc_prefetch *p, bc_error *err, int index, bc_sample *out, bool *taken) {
    bc_status status = BC_OK;
    *taken = false;
    pthread_mutex_lock(&p->mutex);
    if (advance_to(p, index))
        status = take_first(p, err, out, taken);
    pthread_mutex_unlock(&p->mutex);
    return status;
}

void bc_prefetch_pass(bc_prefetch *p, int index) {
    pthread_mutex_lock(&p->mutex);
    if (p->first < p->end && entry_of(p, p->first)->index == index)
        drop_first(p);
    pthread_mutex_unlock(&p->mutex);
}

/* --- opening --- */

static void start_threads(bc_prefetch *p, int threads) {
    while (p->thread_count < threads && p->thread_count < MOST_THREADS &&
           bc_thread_start(&p->threads[p->thread_count], work, p))
        p->thread_count++;
}

bc_status bc_prefetch_open(bc_error *err, bc_prefetch_read *read, const void *from, int threads,
                           bc_prefetch **out) {
    bc_prefetch *p = calloc(1, sizeof *p);
    *out = p;
    if (!p)
        return bc_fail(err, BC_E_MEMORY, "no memory to read samples ahead");
    p->read = read;
    p->from = from;
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->done, NULL);
    start_threads(p, threads);
    return BC_OK;
}

void bc_prefetch_close(bc_prefetch *p) {
    if (!p)
        return;
    pthread_mutex_lock(&p->mutex);
    p->closing = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->mutex);
    for (int i = 0; i < p->thread_count; i++)
        pthread_join(p->threads[i], NULL);
    while (p->first < p->end)
        drop_first(p);
    pthread_mutex_destroy(&p->mutex);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->done);
    free(p);
}
