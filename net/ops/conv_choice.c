/* Which algorithm a pass of a convolution takes, and in which tile: the one asked for, what was measured for convolutions of this class, or
 * what the rule of Winograd's method says. */
#include "net/ops/conv.h"

#include "host/tuning/choices.h"

#include <stdio.h>
#include <string.h>

static const bc_conv_algorithm *plain(const bc_conv_job *job) {
    return bc_host_cpu_kernels(job->host) ? &bc_direct_convolution : &bc_tile_convolution;
}

/* What a contest is about. The choices' products are not chosen yet: that may measure, and is for those that are tried. */
typedef struct pass_work {
    const bc_conv_job *job;
    bc_conv_pass pass;
    bc_conv_choice choices[BC_VARIANTS];
} pass_work;

static bc_conv_choice with_products(const bc_conv_job *job, bc_conv_pass pass, bc_conv_choice choice) {
    choice.products = choice.algorithm->choose ? choice.algorithm->choose(job, pass) : NULL;
    return choice;
}

/* The job as a choice computes it. */
static bc_conv_job job_of(const pass_work *w, int variant) {
    bc_conv_choice choice = with_products(w->job, w->pass, w->choices[variant]);
    bc_conv_job job = *w->job;
    job.tile = choice.tile;
    job.products = choice.products;
    return job;
}

static size_t pass_workspace_bytes(const void *work, int variant) {
    const pass_work *w = work;
    bc_conv_job job = job_of(w, variant);
    return w->choices[variant].algorithm->workspace_bytes(&job, w->pass);
}

static bc_status record(const void *work, int variant, bc_tape *tape, const bc_trial *t) {
    const pass_work *w = work;
    const bc_conv_algorithm *algorithm = w->choices[variant].algorithm;
    bc_conv_job job = job_of(w, variant);
    if (w->pass == BC_CONV_FORWARD)
        return algorithm->forward(&job, tape, t->inputs[0], t->inputs[1], (bc_buffer){0}, t->output,
                                  t->workspace);
    return (w->pass == BC_CONV_DATA ? algorithm->data : algorithm->weight)(
        &job, tape, t->inputs[0], t->inputs[1], t->output, 0, t->workspace);
}

static const char *word_of(const bc_conv_algorithm *algorithm, int tile) {
    return tile == BC_TILE_OF_RULE ? algorithm->name : algorithm->tiles[tile];
}

static void enter(pass_work *w, bc_contest *c, const bc_conv_algorithm *algorithm, int tile) {
    c->choices[c->count] = word_of(algorithm, tile);
    w->choices[c->count++] = (bc_conv_choice){.algorithm = algorithm, .tile = tile};
}

static bool is_taken(const bc_conv_job *job, const bc_conv_algorithm *algorithm, int tile) {
    return !bc_host_leaves_out(job->host, "conv", word_of(algorithm, tile));
}

/* The plain algorithm by its rule, which is the reference, Winograd's method, and the plain one in its other tiles. */
static void enter_all(pass_work *w, bc_contest *c) {
    const bc_conv_algorithm *algorithm = plain(w->job);
    enter(w, c, algorithm, BC_TILE_OF_RULE);
    if (bc_winograd_convolution.can(w->job) && is_taken(w->job, &bc_winograd_convolution, BC_TILE_OF_RULE)) {
        c->usual = bc_winograd_convolution.pays(w->job, w->pass) ? c->count : 0;
        enter(w, c, &bc_winograd_convolution, BC_TILE_OF_RULE);
    }
    int rule = algorithm->tile_rule(w->job, w->pass);
    for (int i = 0; i < BC_CONV_TILES; i++)
        if (i != rule && is_taken(w->job, algorithm, i))
            enter(w, c, algorithm, i);
}

/* "conv3x3 forward 256->256 at 8192 pixels": exact channels, rounded pixels of the output. */
static bc_contest contest_of(pass_work *work) {
    static const char *const names[BC_CONV_PASSES] = {"forward", "data", "weight"};
    const bc_conv_job *job = work->job;
    size_t x = 4 * bc_shape_count(job->x), y = 4 * bc_shape_count(job->y);
    size_t weight = 4 * (size_t)job->kh * (size_t)job->kw * (size_t)job->x.c * (size_t)job->y.c;
    size_t sizes[BC_CONV_PASSES][3] = {{x, weight, y}, {y, weight, x}, {x, y, weight}};
    bc_contest c = {.tolerance = 1e-3,
                    .input_bytes = {sizes[work->pass][0], sizes[work->pass][1]},
                    .output_bytes = sizes[work->pass][2],
                    .workspace_bytes = pass_workspace_bytes,
                    .record = record,
                    .work = work};
    int length =
        snprintf(c.key, sizeof c.key, "conv%dx%d %s %d->%d at %d pixels", job->kh, job->kw, names[work->pass],
                 job->x.c, job->y.c, bc_tuning_size(job->y.n * job->y.h * job->y.w));
    if (job->geometry.stride > 1)
        snprintf(c.key + length, sizeof c.key - (size_t)length, ", stride %d", job->geometry.stride);
    enter_all(work, &c);
    return c;
}

bool bc_conv_named(const bc_conv_job *job, const char *word, bc_conv_choice *out) {
    const bc_conv_algorithm *algorithm = plain(job);
    int tile = BC_TILE_OF_RULE;
    if (strcmp(word, bc_winograd_convolution.name) == 0) {
        algorithm = &bc_winograd_convolution;
        if (!algorithm->can(job))
            return false;
    } else if (strcmp(word, bc_direct_convolution.name) != 0) {
        for (tile = 0; tile < BC_CONV_TILES && strcmp(word, algorithm->tiles[tile]) != 0;)
            tile++;
        if (tile == BC_CONV_TILES)
            return false;
    }
    *out = (bc_conv_choice){.algorithm = algorithm, .tile = tile};
    return true;
}

bc_conv_choice bc_conv_choose(const bc_conv_job *job, bc_conv_pass pass) {
    bc_conv_choice choice;
    if (job->variant && bc_conv_named(job, job->variant, &choice))
        return with_products(job, pass, choice);
    pass_work work = {.job = job, .pass = pass};
    bc_contest contest = contest_of(&work);
    return with_products(job, pass, work.choices[bc_contest_choose(job->host, &contest)]);
}
