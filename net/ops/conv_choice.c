/* Which algorithm a pass of a convolution takes: the one asked for, what was measured for convolutions of this class, or what
 * the rule of Winograd's method says. */
#include "net/ops/conv.h"

#include "host/tuning/choices.h"

#include <stdio.h>
#include <string.h>

enum { PLAIN, WINOGRAD, ALGORITHMS };

static const bc_conv_algorithm *plain(const bc_conv_job *job) {
    return bc_host_cpu_kernels(job->host) ? &bc_direct_convolution : &bc_tile_convolution;
}

/* What a contest is about. */
typedef struct pass_work {
    const bc_conv_job *job;
    bc_conv_pass pass;
    const bc_conv_algorithm *algorithms[ALGORITHMS];
} pass_work;

static bc_conv_choice with_products(const bc_conv_job *job, bc_conv_pass pass,
                                    const bc_conv_algorithm *algorithm) {
    return (bc_conv_choice){algorithm, algorithm->choose ? algorithm->choose(job, pass) : BC_GEMM_AUTO};
}

/* The job as a variant computes it. */
static bc_conv_job job_of(const pass_work *w, int variant) {
    bc_conv_job job = *w->job;
    job.products = with_products(w->job, w->pass, w->algorithms[variant]).products;
    return job;
}

static size_t conv_choice_workspace_bytes(const void *work, int variant) {
    const pass_work *w = work;
    bc_conv_job job = job_of(w, variant);
    return w->algorithms[variant]->workspace_bytes(&job, w->pass);
}

static bc_status record(const void *work, int variant, bc_tape *tape, const bc_trial *t) {
    const pass_work *w = work;
    const bc_conv_algorithm *algorithm = w->algorithms[variant];
    bc_conv_job job = job_of(w, variant);
    if (w->pass == BC_CONV_FORWARD)
        return algorithm->forward(&job, tape, t->inputs[0], t->inputs[1], (bc_buffer){0}, t->output,
                                  t->workspace);
    return (w->pass == BC_CONV_DATA ? algorithm->data : algorithm->weight)(
        &job, tape, t->inputs[0], t->inputs[1], t->output, 0, t->workspace);
}

/* "conv3x3 forward 256->256 at 8192 pixels": exact channels, rounded pixels of the output. */
static bc_contest contest_of(const pass_work *work) {
    static const char *const names[BC_CONV_PASSES] = {"forward", "data", "weight"};
    const bc_conv_job *job = work->job;
    size_t x = 4 * bc_shape_count(job->x), y = 4 * bc_shape_count(job->y);
    size_t weight = 4 * (size_t)job->kh * (size_t)job->kw * (size_t)job->x.c * (size_t)job->y.c;
    size_t sizes[BC_CONV_PASSES][3] = {{x, weight, y}, {y, weight, x}, {x, y, weight}};
    bc_contest c = {.count = ALGORITHMS,
                    .usual = work->algorithms[WINOGRAD]->pays(job, work->pass) ? WINOGRAD : PLAIN,
                    .choices = {bc_host_cpu_kernels(job->host) ? "direct" : "tile", "winograd"},
                    .tolerance = 1e-3,
                    .input_bytes = {sizes[work->pass][0], sizes[work->pass][1]},
                    .output_bytes = sizes[work->pass][2],
                    .workspace_bytes = conv_choice_workspace_bytes,
                    .record = record,
                    .work = work};
    snprintf(c.key, sizeof c.key, "conv%dx%d %s %d->%d at %d pixels", job->kh, job->kw, names[work->pass],
             job->x.c, job->y.c, bc_tuning_size(job->y.n * job->y.h * job->y.w));
    return c;
}

static const bc_conv_algorithm *choose(const bc_conv_job *job, bc_conv_pass pass) {
    if (!bc_winograd_convolution.can(job))
        return plain(job);
    if (job->variant)
        return strcmp(job->variant, BC_CONV_WINOGRAD) == 0 ? &bc_winograd_convolution : plain(job);
    pass_work work = {job, pass, {plain(job), &bc_winograd_convolution}};
    bc_contest contest = contest_of(&work);
    return work.algorithms[bc_contest_choose(job->host, &contest)];
}

bc_conv_choice bc_conv_choose(const bc_conv_job *job, bc_conv_pass pass) {
    return with_products(job, pass, choose(job, pass));
}
