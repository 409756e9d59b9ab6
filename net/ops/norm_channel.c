#include "net/ops/norm_channel.h"

#include "host/team/steps.h"
#include "net/ops/column_sum.h"
#include "net/ops/vector.h"

#include <float.h>
#include <math.h>

static const char SOURCE[] = "norm_channel.cl";

/* What is normalised: x as (samples, pixels, channels). */
typedef struct norm_channel {
    int samples, pixels, channels, groups;
    float epsilon, momentum;
    bool relu, given, running;
    bc_team *team; /* whose ranks have shares of the one sample; NULL: the statistics are this rank's */
    double whole;  /* the sample's pixels, with those of other ranks */
} norm_channel;

static norm_channel norm_of(const bc_node *node) {
    const bc_norm_attributes *a = node->attributes;
    bc_shape s = node->inputs[0]->shape;
    bool running = node->inputs[3] != NULL; /* of BatchNorm */
    const bc_share *share = bc_graph_share_of(node->graph);
    int pixels = running ? s.n * s.h * s.w : s.h * s.w;
    return (norm_channel){.samples = running ? 1 : s.n,
                          .pixels = pixels,
                          .channels = s.c,
                          .groups = running ? s.c : a->groups,
                          .epsilon = a->epsilon,
                          .momentum = a->momentum,
                          .relu = a->relu,
                          .given = a->given,
                          .running = running,
                          .team = running && !a->given ? share->team : NULL,
                          .whole = running ? bc_share_whole(share, pixels) : pixels};
}

/* Everything that the launches of one pass share. Sizes in floats. */
typedef struct pass {
    norm_channel norm;
    bc_vector vector;
    bc_buffer statistics, workspace;
    bool cpu;
    int span; /* channels of a piece */
    int statistics_offset;
    int chunk, chunks;   /* pixels a chunk; chunks a sample */
    size_t channel_sums; /* samples * channels */
    size_t partial;      /* size of the partial sums, at the start of the workspace */
    double count;        /* elements of x */
    float low;           /* what the output is cut off at */
} pass;

/* A GPU wants about as many chunks as pixels in a chunk, so that neither of the two steps of a sum is long; a CPU few. */
static int chunk_pixels(const bc_host *host, int pixels) {
    enum { SHORTEST = 32, CPU_CHUNKS = 32 };
    int length =
        bc_host_cpu_kernels(host) ? (pixels + CPU_CHUNKS - 1) / CPU_CHUNKS : (int)ceil(sqrt((double)pixels));
    return length > SHORTEST ? length : SHORTEST;
}

static pass pass_of(const bc_node *node) {
    norm_channel norm = norm_of(node);
    const bc_host *host = bc_graph_host(node->graph);
    pass p = {.norm = norm,
              .vector = bc_vector_for(host, norm.channels),
              .cpu = bc_host_cpu_kernels(host),
              .workspace = node->workspace,
              .chunk = chunk_pixels(host, norm.pixels),
              .channel_sums = (size_t)norm.samples * norm.channels,
              .count = (double)norm.samples * norm.pixels * norm.channels,
              .low = norm.relu ? 0.0f : -FLT_MAX};
    p.span = p.cpu ? norm.channels : p.vector.width;
    p.chunks = (norm.pixels + p.chunk - 1) / p.chunk;
    p.partial = 2 * p.channel_sums * (size_t)p.chunks;
    p.statistics = node->saved.mem ? node->saved : node->workspace;
    p.statistics_offset = node->saved.mem ? 0 : (int)p.partial;
    return p;
}

size_t bc_norm_channel_saved(const bc_node *node) {
    return 2 * pass_of(node).channel_sums * sizeof(float);
}

size_t bc_norm_channel_workspace(const bc_node *node, bool backward) {
    pass p = pass_of(node);
    size_t ranks = p.norm.team ? 3 * (size_t)bc_team_size(p.norm.team) : 0;
    size_t sums = (backward ? 4 : 2 + ranks) * p.channel_sums * sizeof(float);
    size_t parameters = backward ? bc_column_sum_workspace(1, p.norm.samples, p.norm.channels) : 0;
    return p.partial * sizeof(float) + sums + parameters;
}

/* The work-items for pieces of `rows` pixels, in work-groups that a GPU reads well. */
static void share_out(const pass *p, int rows, bc_launch *launch) {
    launch->items[0] = (size_t)(p->norm.channels / p->span);
    launch->items[1] = (size_t)(p->norm.pixels + rows - 1) / rows;
    launch->items[2] = (size_t)p->norm.samples;
    launch->group[0] = p->cpu ? 1 : 16;
    launch->group[1] = p->cpu ? 1 : 4;
}

/* Pixels of which a sum over a chunk takes all channels before it goes on. */
static int block_pixels(const pass *p) {
    return p->cpu ? 8 : p->chunk;
}

/* Pixels of a piece where nothing is summed. */
static int piece_rows(const pass *p) {
    return p->cpu ? 16 : 1;
}

/* The statistics of this rank's share become those of the whole batch. */
static bc_status record_join_of_ranks(const bc_node *node, bc_tape *tape, const pass *p) {
    const norm_channel *norm = &p->norm;
    size_t channels = (size_t)norm->channels, place = p->partial + 2 * channels;
    int ranks = bc_team_size(norm->team);
    bc_launch share = {
        .source = SOURCE,
        .kernel = "norm_join_share",
        .defines = p->vector.define,
        .items = {channels},
        .group = {p->cpu ? 4 : 64, 1, 1},
        .flops = 4 * (double)p->partial,
        .bytes = 4 * (double)p->partial,
        BC_ARGS(BC_BUFFER(p->workspace), BC_INT(place), BC_INT(norm->pixels), BC_INT(norm->channels),
                BC_INT(p->chunk), BC_INT(p->chunks)),
    };
    bc_launch join = {
        .source = SOURCE,
        .kernel = "norm_join_ranks",
        .defines = p->vector.define,
        .items = {channels},
        .group = {p->cpu ? 4 : 64, 1, 1},
        .flops = 12.0 * ranks * norm->channels,
        .bytes = 12.0 * ranks * norm->channels,
        BC_ARGS(BC_BUFFER(p->statistics), BC_BUFFER(node->inputs[3]->data), BC_BUFFER(node->inputs[4]->data),
                BC_BUFFER(p->workspace), BC_INT(p->statistics_offset), BC_INT(place), BC_INT(norm->channels),
                BC_INT(ranks), BC_FLOAT(norm->epsilon), BC_FLOAT(norm->momentum)),
    };
    BC_TRY(bc_tape_launch(tape, &share));
    BC_TRY(
        bc_tape_gather(tape, norm->team, p->workspace, place * sizeof(float), 3, channels * sizeof(float)));
    return bc_tape_launch(tape, &join);
}

static bc_status record_statistics(const bc_node *node, bc_tape *tape, const pass *p) {
    const norm_channel *norm = &p->norm;
    bc_launch partial = {
        .source = SOURCE,
        .kernel = "norm_partial",
        .defines = p->vector.define,
        .flops = 4 * p->count,
        .bytes = 4 * (p->count + (double)p->partial),
        BC_ARGS(BC_BUFFER(p->workspace), BC_BUFFER(node->inputs[0]->data), BC_INT(norm->pixels),
                BC_INT(norm->channels), BC_INT(p->span), BC_INT(p->chunk), BC_INT(p->chunks),
                BC_INT(block_pixels(p))),
    };
    share_out(p, p->chunk, &partial);
    BC_TRY(bc_tape_launch(tape, &partial));
    if (norm->team)
        return record_join_of_ranks(node, tape, p);
    bc_launch join = {
        .source = SOURCE,
        .kernel = "norm_join",
        .defines = p->vector.define,
        .items = {(size_t)norm->samples * norm->groups},
        .group = {p->cpu ? 4 : 64, 1, 1},
        .flops = 4 * (double)p->partial,
        .bytes = 4 * (double)p->partial,
        BC_ARGS(BC_BUFFER(p->statistics), BC_BUFFER(norm->running ? node->inputs[3]->data : (bc_buffer){0}),
                BC_BUFFER(norm->running ? node->inputs[4]->data : (bc_buffer){0}), BC_BUFFER(p->workspace),
                BC_INT(p->statistics_offset), BC_INT(norm->samples), BC_INT(norm->pixels),
                BC_INT(norm->channels), BC_INT(norm->groups), BC_INT(p->chunk), BC_INT(p->chunks),
                BC_FLOAT(norm->epsilon), BC_FLOAT(norm->momentum)),
    };
    return bc_tape_launch(tape, &join);
}

static bc_status record_given(const bc_node *node, bc_tape *tape, const pass *p) {
    bc_launch given = {
        .source = SOURCE,
        .kernel = "norm_given",
        .defines = p->vector.define,
        .items = {(size_t)p->norm.channels},
        .flops = 3.0 * p->norm.channels,
        .bytes = 16.0 * p->norm.channels,
        BC_ARGS(BC_BUFFER(p->statistics), BC_BUFFER(node->inputs[3]->data), BC_BUFFER(node->inputs[4]->data),
                BC_INT(p->statistics_offset), BC_INT(p->norm.channels), BC_FLOAT(p->norm.epsilon)),
    };
    return bc_tape_launch(tape, &given);
}

static bc_status record_apply(const bc_node *node, bc_tape *tape, const pass *p) {
    bc_launch apply = {
        .source = SOURCE,
        .kernel = "norm_apply",
        .defines = p->vector.define,
        .flops = 4 * p->count,
        .bytes = 8 * p->count,
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data), BC_BUFFER(p->statistics),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data),
                BC_INT(p->statistics_offset), BC_INT(p->norm.samples), BC_INT(p->norm.pixels),
                BC_INT(p->norm.channels), BC_INT(p->span), BC_INT(piece_rows(p)), BC_FLOAT(p->low)),
    };
    share_out(p, piece_rows(p), &apply);
    return bc_tape_launch(tape, &apply);
}

bc_status bc_norm_channel_forward(bc_node *node, bc_tape *tape) {
    pass p = pass_of(node);
    BC_TRY(p.norm.given ? record_given(node, tape, &p) : record_statistics(node, tape, &p));
    return record_apply(node, tape, &p);
}

bc_status bc_norm_channel_apply(bc_node *node, bc_tape *tape) {
    pass p = pass_of(node);
    return record_apply(node, tape, &p);
}

static bc_status record_gradient_sums(const bc_node *node, bc_tape *tape, const pass *p) {
    const norm_channel *norm = &p->norm;
    bc_launch partial = {
        .source = SOURCE,
        .kernel = "norm_gradient_partial",
        .defines = p->vector.define,
        .flops = 8 * p->count,
        .bytes = 4 * (2 * p->count + (double)p->partial),
        BC_ARGS(BC_BUFFER(p->workspace), BC_BUFFER(node->output->grad), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->saved), BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data),
                BC_INT(norm->samples), BC_INT(norm->pixels), BC_INT(norm->channels), BC_INT(p->span),
                BC_INT(p->chunk), BC_INT(p->chunks), BC_INT(block_pixels(p)), BC_FLOAT(p->low)),
    };
    share_out(p, p->chunk, &partial);
    BC_TRY(bc_tape_launch(tape, &partial));
    int group_channels = norm->channels / norm->groups;
    float group_count = (float)norm->whole * (float)group_channels;
    bc_launch join = {
        .source = SOURCE,
        .kernel = "norm_gradient_join",
        .defines = p->vector.define,
        .items = {(size_t)norm->samples * norm->groups},
        .group = {p->cpu ? 4 : 64, 1, 1},
        .flops = (double)p->partial,
        .bytes = 4 * (double)p->partial,
        BC_ARGS(BC_BUFFER(p->workspace), BC_BUFFER(p->workspace), BC_BUFFER(node->inputs[1]->data),
                BC_INT(p->partial), BC_INT(norm->samples), BC_INT(norm->channels), BC_INT(norm->groups),
                BC_INT(p->chunks), BC_FLOAT(norm->given ? 0.0f : 1.0f / group_count)),
    };
    BC_TRY(bc_tape_launch(tape, &join));
    return bc_tape_sum(tape, norm->team, p->workspace, p->partial + 2 * p->channel_sums, 2 * p->channel_sums,
                       BC_NUMBER_FLOAT);
}

/* Sums one of the arrays (samples, channels) after the partial sums into a parameter's gradient. */
static bc_status record_parameter(bc_value *parameter, bc_tape *tape, const pass *p, int array) {
    if (!parameter->needs_grad)
        return BC_OK;
    bc_column_sum sum = {.out = parameter->grad,
                         .x = p->workspace,
                         .x_offset = (int)(p->partial + (size_t)array * p->channel_sums),
                         .batch = 1,
                         .rows = p->norm.samples,
                         .columns = p->norm.channels,
                         .accumulate = bc_grad_accumulate(parameter)};
    return bc_tape_column_sum(tape, &sum, p->workspace, (int)(p->partial + 4 * p->channel_sums));
}

static bc_status record_input_gradient(bc_node *node, bc_tape *tape, const pass *p) {
    bc_value *x = node->inputs[0];
    int accumulate = bc_grad_accumulate(x);
    bc_launch apply = {
        .source = SOURCE,
        .kernel = "norm_gradient_apply",
        .defines = p->vector.define,
        .flops = 11 * p->count,
        .bytes = (accumulate ? 16 : 12) * p->count,
        BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(node->output->grad), BC_BUFFER(x->data), BC_BUFFER(node->saved),
                BC_BUFFER(p->workspace), BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data),
                BC_INT(p->partial), BC_INT(p->norm.samples), BC_INT(p->norm.pixels), BC_INT(p->norm.channels),
                BC_INT(p->span), BC_INT(piece_rows(p)), BC_FLOAT(p->low), BC_INT(accumulate)),
    };
    share_out(p, piece_rows(p), &apply);
    return bc_tape_launch(tape, &apply);
}

bc_status bc_norm_channel_backward(bc_node *node, bc_tape *tape) {
    pass p = pass_of(node);
    BC_TRY(record_gradient_sums(node, tape, &p));
    BC_TRY(record_parameter(node->inputs[2], tape, &p, 0));
    BC_TRY(record_parameter(node->inputs[1], tape, &p, 1));
    return node->inputs[0]->needs_grad ? record_input_gradient(node, tape, &p) : BC_OK;
}

bool bc_norm_affine_fits(bc_graph *graph, const char *operation, const bc_value *x, const bc_value *gamma,
                         const bc_value *beta) {
    bc_shape vector = {1, 1, 1, x->shape.c};
    if (bc_shape_same(gamma->shape, vector) && bc_shape_same(beta->shape, vector))
        return true;
    bc_graph_fail(graph, "%s of %d channels needs gamma and beta of as many, found %d and %d", operation,
                  x->shape.c, gamma->shape.c, beta->shape.c);
    return false;
}
