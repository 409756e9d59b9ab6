/* Which operations `bicross bench` measures, and at which shapes: the distinct nodes of the networks' graphs, so that
 * the list follows the networks; and a table of the operations that the networks do without. */
#include "apps/bench/cases.h"

#include "bicross/data/spikes.h"
#include "net/ops/ops.h"

#include <stdlib.h>
#include <string.h>

/* --- nodes of networks --- */

static bool same_value(const bc_value *a, const bc_value *b) {
    return a && b ? bc_shape_same(a->shape, b->shape) && a->needs_grad == b->needs_grad : a == b;
}

static bool same_work(const bc_node *a, const bc_node *b) {
    bool same = a->op == b->op && bc_shape_same(a->output->shape, b->output->shape);
    for (int i = 0; same && i < a->op->input_count; i++)
        same = same_value(a->inputs[i], b->inputs[i]);
    return same;
}

static bc_status add_case(bench *b, bench_cases *list, const char *group, const char *label, bc_node *node,
                          const bc_value *spikes) {
    for (int i = 0; i < list->count; i++) {
        bench_case *known = &list->items[i];
        if (strcmp(known->group, group) == 0 && strcmp(known->label, label) == 0 &&
            same_work(known->node, node)) {
            known->uses++;
            return BC_OK;
        }
    }
    bench_case *wider = realloc(list->items, (size_t)(list->count + 1) * sizeof *wider);
    if (!wider)
        return bc_fail(b->err, BC_E_MEMORY, "no memory for the list of operations");
    list->items = wider;
    list->items[list->count++] = (bench_case){group, label, node, spikes, 1};
    return BC_OK;
}

/* Nodes upstream of a value, by their number in the graph. */
static void mark(const bc_value *value, bc_node **nodes) {
    bc_node *node = value ? value->producer : NULL;
    if (!node || nodes[node->id])
        return;
    nodes[node->id] = node;
    for (int i = 0; i < node->op->input_count; i++)
        mark(node->inputs[i], nodes);
}

static bc_status add_network(bench *b, bench_cases *list, const char *group, const bench_described *d) {
    int depth = d->depth->producer->id, uncertainty = d->uncertainty->producer->id;
    int last = depth > uncertainty ? depth : uncertainty; /* a node comes after those it reads */
    bc_node **nodes = calloc((size_t)last + 1, sizeof *nodes);
    if (!nodes)
        return bc_fail(b->err, BC_E_MEMORY, "no memory for the list of operations");
    mark(d->depth, nodes);
    mark(d->uncertainty, nodes);
    bc_status status = BC_OK;
    for (int i = 0; i <= last && status == BC_OK; i++)
        if (nodes[i])
            status = add_case(b, list, group, nodes[i]->op->name, nodes[i], d->input);
    free(nodes);
    return status;
}

/* --- operations that neither network has --- */

static bc_value *spike_unpack(bc_graph *g, bc_value **x) {
    return bc_spike_unpack(g, x[0]);
}
static bc_value *batch_norm(bc_graph *g, bc_value **x) {
    return bc_batch_norm(g, x[0], x[1], x[2], x[3], x[4], 1e-5f, 0.1f, true);
}
static bc_value *sigmoid(bc_graph *g, bc_value **x) {
    return bc_sigmoid(g, x[0]);
}
static bc_value *clamp_min(bc_graph *g, bc_value **x) {
    return bc_clamp_min(g, x[0], 0.5f);
}
static bc_value *gradient_reversal(bc_graph *g, bc_value **x) {
    return bc_gradient_reversal(g, x[0], 1);
}
static bc_value *scale_channels(bc_graph *g, bc_value **x) {
    return bc_scale_channels(g, x[0], x[1]);
}
static bc_value *concat_channels(bc_graph *g, bc_value **x) {
    return bc_concat_channels(g, x[0], x[1]);
}
static bc_value *slice_batch(bc_graph *g, bc_value **x) {
    return bc_slice_batch(g, x[0], 2, 4);
}
static bc_value *average_pool(bc_graph *g, bc_value **x) {
    return bc_average_pool(g, x[0], 2);
}
static bc_value *global_pool(bc_graph *g, bc_value **x) {
    return bc_global_pool(g, x[0], NULL);
}
static bc_value *nearest(bc_graph *g, bc_value **x) {
    return bc_resize(g, x[0], 2 * x[0]->shape.h, 2 * x[0]->shape.w, BC_RESIZE_NEAREST);
}
static bc_value *bilinear(bc_graph *g, bc_value **x) {
    return bc_resize(g, x[0], 2 * x[0]->shape.h, 2 * x[0]->shape.w, BC_RESIZE_BILINEAR);
}
static bc_value *bicubic(bc_graph *g, bc_value **x) {
    return bc_resize(g, x[0], 2 * x[0]->shape.h, 2 * x[0]->shape.w, BC_RESIZE_BICUBIC);
}
static bc_value *log_softmax(bc_graph *g, bc_value **x) {
    return bc_log_softmax(g, x[0]);
}

#define MAP                                                                                                  \
    { 1, 96, 96, 256 }
#define VECTOR                                                                                               \
    { 1, 1, 1, 256 }
static const struct {
    const char *label;
    bc_value *(*build)(bc_graph *g, bc_value **x);
    bc_shape inputs[5];
    int frozen;  /* of the inputs, the last ones have no gradient */
    bool spikes; /* the first input */
} others[] = {
    {"spike_unpack", spike_unpack, {{1, 384, 384, BC_SPIKE_WORDS}}, 1, true},
    {"batch_norm", batch_norm, {MAP, VECTOR, VECTOR, VECTOR, VECTOR}, 2, false},
    {"sigmoid", sigmoid, {MAP}, 0, false},
    {"clamp_min", clamp_min, {MAP}, 0, false},
    {"gradient_reversal", gradient_reversal, {MAP}, 0, false},
    {"scale_channels", scale_channels, {MAP, VECTOR}, 0, false},
    {"concat_channels", concat_channels, {MAP, MAP}, 0, false},
    {"slice_batch", slice_batch, {{8, 32, 64, 64}}, 0, false},
    {"average_pool", average_pool, {MAP}, 0, false},
    {"global_pool", global_pool, {MAP}, 0, false},
    {"resize nearest", nearest, {MAP}, 0, false},
    {"resize bilinear", bilinear, {MAP}, 0, false},
    {"resize bicubic", bicubic, {{1, 192, 192, 1}}, 0, false},
    {"log_softmax", log_softmax, {{1, 1, 577, 577}}, 0, false},
};
enum { OTHER_COUNT = sizeof others / sizeof others[0], OTHER_INPUTS = 5 };

/* No memory lies behind these buffers: they say which inputs have data and gradients. */
static const bc_buffer nothing;

static bc_status add_others(bench *b, bench_cases *list) {
    BC_TRY(bc_graph_create(b->host, &list->others));
    for (int i = 0; i < OTHER_COUNT; i++) {
        bc_value *x[OTHER_INPUTS] = {0};
        int count = 0;
        while (count < OTHER_INPUTS && others[i].inputs[count].n)
            count++;
        for (int k = 0; k < count; k++)
            x[k] = bc_graph_external(list->others, others[i].label, others[i].inputs[k], &nothing,
                                     k < count - others[i].frozen ? &nothing : NULL);
        bc_value *y = others[i].build(list->others, x);
        if (!y)
            return bc_graph_status(list->others);
        BC_TRY(add_case(b, list, "other", others[i].label, y->producer, others[i].spikes ? x[0] : NULL));
    }
    return BC_OK;
}

bc_status bench_cases_collect(bench *b, bench_cases *out) {
    static const bench_network_case networks[BENCH_NETWORKS] = {
        {BC_HYBRID, 1, 384, 384, BC_SPIKE_FRAMES, true, 1},
        {BC_TINY, 8, 64, 128, BC_SPIKE_FRAMES, true, 1},
    };
    *out = (bench_cases){0};
    for (int i = 0; i < BENCH_NETWORKS; i++) {
        BC_TRY(bench_describe(b->host, b->config, &networks[i], &out->networks[i]));
        BC_TRY(add_network(b, out, bc_preset_words[networks[i].model], &out->networks[i]));
    }
    return add_others(b, out);
}

void bench_cases_release(bench_cases *cases) {
    free(cases->items);
    for (int i = 0; i < BENCH_NETWORKS; i++)
        bench_describe_release(&cases->networks[i]);
    bc_graph_release(cases->others);
}
