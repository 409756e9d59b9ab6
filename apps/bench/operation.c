/* Measuring single operations: a node of a described graph is repeated in a graph of its own, on inputs of the same
 * shapes. Forward is measured as inference runs it. */
#include "apps/bench/cases.h"

typedef struct single {
    bc_graph *graph;
    bc_plan *plan;
    bc_buffer data[BC_NODE_INPUTS], grad[BC_NODE_INPUTS];
    bool backward;
} single;

static bc_status make_inputs(bench *b, single *s, const bench_case *c, bc_value *inputs[BC_NODE_INPUTS]) {
    const bc_node *node = c->node;
    for (int i = 0; i < node->op->input_count; i++) {
        const bc_value *like = node->inputs[i];
        if (!like)
            continue;
        size_t bytes = bc_shape_count(like->shape) * sizeof(float);
        bool grad = s->backward && like->needs_grad;
        BC_TRY(bc_buffer_create(b->host, bytes, "an input to measure with", &s->data[i]));
        BC_TRY(bench_fill(b->host, s->data[i], like == c->spikes));
        if (grad)
            BC_TRY(bc_buffer_create(b->host, bytes, "its gradient", &s->grad[i]));
        inputs[i] = bc_graph_external(s->graph, "input", like->shape, &s->data[i], grad ? &s->grad[i] : NULL);
    }
    return bc_graph_status(s->graph);
}

/* The same operation on fresh inputs; its output is a root of backward. */
static bc_status open_single(bench *b, single *s, const bench_case *c) {
    const bc_node *node = c->node;
    bc_value *inputs[BC_NODE_INPUTS] = {0};
    BC_TRY(bc_graph_create(b->host, &s->graph));
    BC_TRY(make_inputs(b, s, c, inputs));
    bc_value *y = bc_graph_node(s->graph, node->op, inputs, node->attributes);
    if (s->backward)
        bc_graph_root(s->graph, y);
    else
        bc_graph_keep(s->graph, y); /* nobody would need it, and it would not be run */
    BC_TRY(bc_plan_create(s->graph, s->backward ? BC_TRAIN : BC_INFER, &s->plan));
    if (!s->backward)
        return BC_OK;
    BC_TRY(bc_plan_forward(s->plan));
    return bench_fill(b->host, y->grad, false);
}

static void close_single(single *s) {
    bc_plan_release(s->plan);
    bc_graph_release(s->graph);
    for (int i = 0; i < BC_NODE_INPUTS; i++) {
        bc_buffer_release(&s->data[i]);
        bc_buffer_release(&s->grad[i]);
    }
}

static bc_status run_single(void *state) {
    single *s = state;
    return s->backward ? bc_plan_backward(s->plan) : bc_plan_forward(s->plan);
}

/* --- names --- */

/* 96x96x256, without the sides of 1 before. */
static void print_shape(FILE *out, bc_shape s) {
    int sides[4] = {s.n, s.h, s.w, s.c}, first = 0;
    while (first < 3 && sides[first] == 1)
        first++;
    for (int i = first; i < 4; i++)
        fprintf(out, "%s%d", i > first ? "x" : "", sides[i]);
}

/* "hybrid conv2d(96x96x256, 3x3x256x256) backward"; the output's shape where it is not the first input's. */
static bc_status name_row(bench *b, const bench_case *c, bench_row *row) {
    FILE *out = fmemopen(row->name, sizeof row->name - 1, "w");
    if (!out)
        return bc_fail(b->err, BC_E_MEMORY, "no memory for the name of a case");
    fprintf(out, "%s %s(", c->group, c->label);
    for (int i = 0; i < row->input_count; i++) {
        fputs(i ? ", " : "", out);
        if (row->inputs[i].n)
            print_shape(out, row->inputs[i]);
        else
            fputs("none", out);
    }
    fputc(')', out);
    if (!bc_shape_same(row->inputs[0], row->output)) {
        fputs(" to ", out);
        print_shape(out, row->output);
    }
    fprintf(out, " %s", row->pass);
    return fclose(out) == 0 ? BC_OK : bc_fail(b->err, BC_E_MEMORY, "the name of a case is too long");
}

static bc_status measure_pass(bench *b, const bench_case *c, bool backward) {
    const bc_node *node = c->node;
    bench_row row = {.kind = "operation",
                     .operation = c->label,
                     .pass = backward ? "backward" : "forward",
                     .input_count = node->op->input_count,
                     .output = node->output->shape,
                     .uses = c->uses,
                     .flops = bc_node_cost(node, backward).flops,
                     .bytes = bc_node_cost(node, backward).bytes};
    for (int i = 0; i < node->op->input_count; i++)
        row.inputs[i] = node->inputs[i] ? node->inputs[i]->shape : (bc_shape){0};
    BC_TRY(name_row(b, c, &row));
    if (!bench_wants(b, row.name))
        return BC_OK;
    single s = {.backward = backward};
    bc_status status = open_single(b, &s, c);
    if (status == BC_OK)
        status = bench_measure(b, &row, run_single, &s);
    close_single(&s);
    return bench_left_out(b, row.name, status);
}

bc_status bench_operations(bench *b) {
    bench_cases cases;
    bc_status status = bench_cases_collect(b, &cases);
    for (int i = 0; i < cases.count && status == BC_OK; i++) {
        const bench_case *c = &cases.items[i];
        status = measure_pass(b, c, false);
        if (status == BC_OK && c->node->output->needs_grad)
            status = measure_pass(b, c, true);
    }
    bench_cases_release(&cases);
    return status;
}
