/* From opening the device to the first result of a small network, with empty caches of compiled kernels and with
 * those that the first time left. Drivers read where their caches are when they are loaded: each time is taken in a
 * process of its own, forked before this one has called OpenCL. */
#include "apps/bench/bench.h"
#include "apps/common/app.h"

#include "apps/common/interrupt.h"
#include "bicross/data/spikes.h"
#include "host/base/clock.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char name[] = "start-up to the first depth map of tiny 64x128";

typedef struct first_result {
    bc_status status;
    double seconds;
    char text[BC_ERROR_TEXT];
} first_result;

/* Our cache and those of Mesa, AMD and Intel; PoCL's; NVIDIA's. */
static const char *const cache_variables[] = {"XDG_CACHE_HOME", "POCL_CACHE_DIR", "CUDA_CACHE_PATH"};

static bc_status predict_once(bc_host *host, const bc_config *config) {
    bench_network_case c = {BC_TINY, 1, 64, 128, BC_SPIKE_FRAMES, false, 1};
    bench_described d;
    bc_plan *plan = NULL;
    bc_status status = bench_describe(host, config, &c, &d);
    size_t pixels = (size_t)c.height * (size_t)c.width;
    float *depth = malloc(pixels * sizeof *depth);
    if (status == BC_OK && !depth)
        status = bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory for a depth map");
    if (status == BC_OK)
        status = bc_params_allocate(d.params);
    if (status == BC_OK)
        status = bc_params_initialise(d.params, 1);
    if (status == BC_OK)
        status = bc_plan_create(d.graph, BC_INFER, &plan);
    if (status == BC_OK)
        status = bench_fill(host, d.input->data, true);
    if (status == BC_OK)
        status = bc_plan_forward(plan);
    if (status == BC_OK)
        status = bc_value_read(d.graph, d.depth, depth);
    free(depth);
    bc_plan_release(plan);
    bench_describe_release(&d);
    return status;
}

/* What the forked process does: the result goes into the pipe. */
static void child(const bc_config *config, const app_common *common, const char *cache, int pipe_end) {
    first_result result = {0};
    bc_error err = {0};
    bc_host *host;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    for (size_t i = 0; i < sizeof cache_variables / sizeof cache_variables[0]; i++)
        setenv(cache_variables[i], cache, 1);
    double start = bc_seconds_now();
    result.status = app_host(&err, common, config, false, &host);
    if (result.status == BC_OK)
        result.status = predict_once(host, config);
    result.seconds = bc_seconds_now() - start;
    memcpy(result.text, err.text, sizeof result.text);
    _exit(write(pipe_end, &result, sizeof result) == (ssize_t)sizeof result ? 0 : 1);
}

static bc_status measure_once(bench *b, const app_common *common, const char *cache, double *seconds) {
    int ends[2];
    first_result result;
    if (pipe(ends) != 0)
        return bc_fail(b->err, BC_E_FILE, "cannot open a pipe: %s", strerror(errno));
    fflush(NULL); /* what is buffered would be written by both processes */
    pid_t pid = fork();
    if (pid == 0)
        child(b->config, common, cache, ends[1]);
    close(ends[1]);
    ssize_t got = pid > 0 ? read(ends[0], &result, sizeof result) : -1;
    close(ends[0]);
    if (pid < 0)
        return bc_fail(b->err, BC_E_MEMORY, "cannot start a process: %s", strerror(errno));
    waitpid(pid, NULL, 0);
    if (app_interrupted())
        return bc_fail(b->err, BC_E_INTERRUPTED, "interrupted: no file was written");
    if (got != (ssize_t)sizeof result)
        return bc_fail(b->err, BC_E_OPENCL, "the process that measures the start ended without a result");
    *seconds = result.seconds;
    return result.status == BC_OK ? BC_OK : bc_fail(b->err, result.status, "%s", result.text);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place) {
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

static bc_status measure_both(bench *b, const app_common *common, const char *cache) {
    static const char *const passes[] = {"cold", "warm"}; /* in this order: the first fills the cache */
    for (int i = 0; i < 2; i++) {
        bench_row row = {.kind = "start-up", .operation = "tiny", .pass = passes[i], .repetitions = 1};
        snprintf(row.name, sizeof row.name, "%s, %s cache", name, passes[i]);
        bench_announce(b, row.name);
        BC_TRY(measure_once(b, common, cache, &row.seconds));
        BC_TRY(bench_add(b, &row));
    }
    return BC_OK;
}

bc_status bench_start_up(bench *b, const app_common *common) {
    if (!bench_wants(b, name))
        return BC_OK;
    const char *base = getenv("TMPDIR");
    char cache[512];
    snprintf(cache, sizeof cache, "%.400s/bicross-start-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(cache))
        return bc_fail(b->err, BC_E_FILE, "cannot make the folder %s: %s", cache, strerror(errno));
    bc_status status = measure_both(b, common, cache);
    nftw(cache, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return status;
}
