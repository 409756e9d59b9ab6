/* The ceilings of a device: cl_kernels/ceiling.cl, best of several runs. */
#include "apps/bench/bench.h"

#include "apps/common/interrupt.h"
#include "host/base/clock.h"

#include <math.h>

enum { CHAINS = 12, REPETITIONS = 7 };
static const double least_seconds = 0.02; /* a run of multiply-adds takes at least this long */
static const double most_seconds = 0.5;   /* all runs of one kind, on a slow device */
static const size_t largest_copy = (size_t)256 << 20;

/* Seconds of the fastest of several runs; of few where they take long. */
static bc_status best_of(bench *b, const bc_launch *launch, double *best) {
    double total = 0;
    *best = INFINITY;
    for (int i = 0; i <= REPETITIONS && total < most_seconds; i++) {
        if (app_interrupted())
            return bc_fail(b->err, BC_E_INTERRUPTED, "interrupted: no file was written");
        double start = bc_seconds_now();
        BC_TRY(bc_run(b->host, launch));
        BC_TRY(bc_host_finish(b->host));
        if (i == 0) /* this one compiles */
            continue;
        double seconds = bc_seconds_now() - start;
        *best = fmin(*best, seconds);
        total += seconds;
    }
    return BC_OK;
}

typedef struct ceiling_setup {
    const char *defines, *fused; /* for the multiply-add of all kernels, and for fma */
    int lanes;
    size_t adders;      /* work-items that multiply and add */
    int vectors_a_read; /* by one work-item */
    bool side_by_side;  /* neighbours read neighbouring vectors */
} ceiling_setup;

static ceiling_setup setup_for(const bc_host *host) {
    static const ceiling_setup cpu = {"-DLANES=16", "-DLANES=16 -DFUSED", 16, 4096, 1024, false};
    static const ceiling_setup gpu = {"-DLANES=4", "-DLANES=4 -DFUSED", 4, 1 << 19, 64, true};
    return bc_host_cpu_kernels(host) ? cpu : gpu;
}

/* Doubles the rounds until a run is long enough. */
static bc_status measure_adds(bench *b, const ceiling_setup *s, const char *defines, bc_buffer out) {
    double seconds = 0;
    for (int rounds = 1; rounds <= 1 << 24 && seconds < least_seconds; rounds *= 2) {
        bc_launch launch = {.source = "ceiling.cl",
                            .kernel = "multiply_adds",
                            .defines = defines,
                            .items = {s->adders},
                            BC_ARGS(BC_BUFFER(out), BC_INT(rounds), BC_FLOAT(0.999f), BC_FLOAT(0.001f))};
        BC_TRY(best_of(b, &launch, &seconds));
        b->ceiling.flops =
            fmax(b->ceiling.flops, 2.0 * CHAINS * s->lanes * rounds * (double)s->adders / seconds);
    }
    return BC_OK;
}

static bc_status measure_memory(bench *b, const ceiling_setup *s, bc_buffer to, bc_buffer from) {
    size_t vectors = from.bytes / sizeof(float) / (size_t)s->lanes,
           readers = vectors / (size_t)s->vectors_a_read;
    double seconds;
    bc_launch copy = {.source = "ceiling.cl",
                      .kernel = "copy_vectors",
                      .defines = s->defines,
                      .items = {vectors},
                      BC_ARGS(BC_BUFFER(to), BC_BUFFER(from))};
    BC_TRY(best_of(b, &copy, &seconds));
    b->ceiling.copied_bytes = 2.0 * (double)from.bytes / seconds;
    bc_launch read = {.source = "ceiling.cl",
                      .kernel = "read_vectors",
                      .defines = s->defines,
                      .items = {readers},
                      BC_ARGS(BC_BUFFER(to), BC_BUFFER(from), BC_INT(s->vectors_a_read),
                              BC_INT(s->side_by_side ? 1 : s->vectors_a_read),
                              BC_INT(s->side_by_side ? readers : 1))};
    BC_TRY(best_of(b, &read, &seconds));
    b->ceiling.read_bytes = (double)from.bytes / seconds;
    return BC_OK;
}

/* A power of two: 256 MiB, more than caches hold, or less on a small device. */
static size_t copy_bytes(const bc_host *host) {
    const bc_device_info *device = bc_host_device(host);
    size_t bytes = largest_copy;
    while (bytes > device->max_allocation || bytes > device->global_bytes / 8)
        bytes /= 2;
    return bytes;
}

static bc_status measure(bench *b, bc_buffer *to, bc_buffer *from) {
    ceiling_setup setup = setup_for(b->host);
    size_t bytes = copy_bytes(b->host);
    BC_TRY(bc_buffer_create(b->host, bytes, "the copy that memory is measured with", to));
    BC_TRY(bc_buffer_create(b->host, bytes, "what memory is measured with", from));
    BC_TRY(bc_buffer_fill(b->host, *from, 0, bytes, 1.0f));
    BC_TRY(measure_adds(b, &setup, setup.defines, *to));
    BC_TRY(measure_adds(b, &setup, setup.fused, *to));
    BC_TRY(measure_memory(b, &setup, *to, *from));
    printf("ceilings: %.1f GFLOP/s of multiply-adds, %.1f GB/s copied (read and written), %.1f GB/s read, "
           "buffers of %zu MiB\n",
           1e-9 * b->ceiling.flops, 1e-9 * b->ceiling.copied_bytes, 1e-9 * b->ceiling.read_bytes,
           bytes >> 20);
    return BC_OK;
}

bc_status bench_ceilings(bench *b) {
    bc_buffer to = {0}, from = {0};
    if (b->list)
        return BC_OK;
    bench_announce(b, "what the device can do at most");
    bc_status status = measure(b, &to, &from);
    bc_buffer_release(&to);
    bc_buffer_release(&from);
    return status;
}
