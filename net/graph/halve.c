/* Outputs that wait for backward do so as halves (bc_graph_halve): after the last step of forward that touches one it is halved, and
 * before the first step of backward that reads it, it becomes floats again. So a network computes what it always does, forward to
 * the same bits; what is rounded is what gradients are formed from, once and by at most 1/2048. Gradients themselves are floats: small
 * ones are not lost, and no loss has to be scaled. */
#include "host/base/grow.h"
#include "net/graph/plan_internal.h"

#include <stdlib.h>

/* An output's last step of forward, and the first of backward that reads it; -1: there is none. */
typedef struct stay {
    int last, again;
} stay;

/* --- who waits how long --- */

static void touch(stay *stays, const bc_plan *plan, const bc_value *value, int step) {
    if (!value || !value->producer)
        return;
    stay *s = &stays[value->producer->id];
    if (step < plan->backward_start)
        s->last = step;
    else if (s->again < 0)
        s->again = step;
}

static void look_at(stay *stays, const bc_plan *plan, int step) {
    const bc_node *node = plan->steps[step].node;
    bool backward = plan->steps[step].pass == PASS_BACKWARD;
    for (int k = 0; k < node->op->input_count; k++)
        if (!backward || plan_reads_input(node, k))
            touch(stays, plan, node->inputs[k], step);
    if (!backward || (node->op->backward_reads & BC_OUTPUT))
        touch(stays, plan, node->output, step);
}

/* What is recomputed does not wait; what is kept must stay as it is. */
static bool is_worth_it(const bc_plan *plan, const bc_node *node, const stay *s) {
    enum { SMALLEST = 1 << 14, SHORTEST = 4 }; /* bytes; steps: launches cost more than they save */
    return !plan->recomputed[node->id] && !node->output->keep && s->last >= 0 &&
           s->again - s->last >= SHORTEST && bc_shape_count(node->output->shape) * sizeof(float) >= SMALLEST;
}

/* --- the new steps --- */

static bc_status append(bc_plan *plan, plan_step step) {
    if (!bc_grow((void **)&plan->steps, plan->step_count, &plan->step_capacity, sizeof *plan->steps))
        return bc_fail(bc_host_error(plan->graph->host), BC_E_MEMORY, "no host memory to plan a graph");
    plan->steps[plan->step_count++] = step;
    return BC_OK;
}

static bc_status append_all(bc_plan *plan, plan_pass pass, const stay *stays, int step) {
    for (int i = 0; i < plan->graph->node_count; i++)
        if ((pass == PASS_HALVE ? stays[i].last : stays[i].again) == step)
            BC_TRY(append(plan, (plan_step){.pass = pass, .node = plan->graph->nodes[i]}));
    return BC_OK;
}

/* The steps that were, with those of halving between them. */
static bc_status insert(bc_plan *plan, const stay *stays, const plan_step *before, int count, int backward) {
    for (int i = 0; i < count; i++) {
        if (i == backward)
            plan->backward_start = plan->step_count;
        else if (i < backward)
            plan->backward_start = plan->step_count + 1;
        BC_TRY(append_all(plan, PASS_RESTORE, stays, i));
        BC_TRY(append(plan, before[i]));
        BC_TRY(append_all(plan, PASS_HALVE, stays, i));
    }
    return BC_OK;
}

bc_status bc_plan_halve(bc_plan *plan) {
    int nodes = plan->graph->node_count, count = plan->step_count, backward = plan->backward_start;
    if (!plan->graph->halve || plan->mode != BC_TRAIN)
        return BC_OK;
    stay *stays = malloc(((size_t)nodes + 1) * sizeof *stays);
    if (!stays)
        return bc_fail(bc_host_error(plan->graph->host), BC_E_MEMORY, "no host memory to plan a graph");
    for (int i = 0; i < nodes; i++)
        stays[i] = (stay){-1, -1};
    for (int i = 0; i < count; i++)
        look_at(stays, plan, i);
    for (int i = 0; i < nodes; i++)
        if (!is_worth_it(plan, plan->graph->nodes[i], &stays[i]))
            stays[i] = (stay){-1, -1};
    plan_step *before = plan->steps;
    plan->steps = NULL;
    plan->step_count = plan->step_capacity = 0;
    bc_status status = insert(plan, stays, before, count, backward);
    free(before);
    free(stays);
    return status;
}

/* --- recording --- */

static bc_status convert(bc_tape *tape, const char *kernel, bc_buffer to, bc_buffer from, size_t count) {
    enum { AT_ONCE = 8 };
    bc_launch launch = {.source = "half.cl",
                        .kernel = kernel,
                        .items = {(count + AT_ONCE - 1) / AT_ONCE},
                        .bytes = 6.0 * (double)count,
                        BC_ARGS(BC_BUFFER(to), BC_BUFFER(from), BC_INT(count))};
    return bc_tape_launch(tape, &launch);
}

bc_status bc_plan_record_halve(const bc_plan *plan, const bc_node *node) {
    return convert(plan->forward, "to_halves", node->halved, node->output->data,
                   bc_shape_count(node->output->shape));
}

bc_status bc_plan_record_restore(const bc_plan *plan, const bc_node *node) {
    return convert(plan->backward, "from_halves", node->output->data, node->halved,
                   bc_shape_count(node->output->shape));
}
