/* Which operations `bicross bench` measures, and at which shapes: the distinct nodes of the networks' graphs, so that
 * the list follows the networks; and the cases that operations name themselves because no network has them. */
#include "apps/bench/cases.h"

#include "bicross/data/spikes.h"
#include "bicross/reference/operations.h"
#include "net/reference/check.h"

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

static const bc_value *spikes_of(const bc_op_case *test, const bc_node *node) {
    return test->inputs[0].bits ? node->inputs[0] : NULL;
}

static bc_status add_others(bench *b, bench_cases *list) {
    BC_TRY(bc_graph_create(b->host, &list->others));
    const bc_operation *o;
    for (int i = 0; (o = bc_operation_at(i)) != NULL; i++)
        for (const bc_op_case *c = o->op->cases; c->label; c++) {
            if (c->use != BC_CASE_MEASURE)
                continue;
            const bc_value *y = bc_case_node(list->others, o->op, c);
            if (!y)
                return bc_graph_status(list->others);
            BC_TRY(add_case(b, list, "other", c->label, y->producer, spikes_of(c, y->producer)));
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
