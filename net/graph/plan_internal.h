/* What the parts of planning share: which nodes run when (schedule.c), how long everything lives
 * (lifetimes.c), and recording (plan.c). */
#ifndef BC_NET_GRAPH_PLAN_INTERNAL_H
#define BC_NET_GRAPH_PLAN_INTERNAL_H

#include "net/graph/internal.h"
#include "net/graph/memory_plan.h"

typedef enum plan_pass {
    PASS_PREPARE, /* what a node keeps from run to run, of inputs that are fixed */
    PASS_FORWARD,
    PASS_HALVE,         /* in forward: an output that backward reads is kept as halves */
    PASS_REMATERIALISE, /* in backward: the outputs of forward a second time */
    PASS_RESTORE,       /* in backward: it becomes floats again */
    PASS_BACKWARD,
} plan_pass;

typedef struct plan_step {
    plan_pass pass;
    bc_node *node;
    double flops; /* of what was recorded for it */
    int end;      /* of its recording, on the tape of backward */
} plan_step;

struct bc_plan {
    bc_graph *graph;
    bc_plan_mode mode;
    bool *needed;     /* nodes: a kept value or a root lies downstream */
    bool *active;     /* nodes whose backward runs: a root lies downstream and a parameter upstream */
    bool *recomputed; /* nodes whose outputs are not kept from forward to backward, which makes them again */
    plan_step *steps; /* in the order in which they run */
    int step_count, step_capacity;
    int run_start;      /* the first step of a run: those before are done once */
    int backward_start; /* the first step of backward */
    bc_memory_plan memory;
    bc_arena *arena;
    bc_tape *once, *forward, *backward;
};

/* Sets needed, active, recomputed and the steps. */
bc_status bc_plan_schedule(bc_plan *plan);
/* Adds steps that halve and restore outputs, where the graph wants that (halve.c). */
bc_status bc_plan_halve(bc_plan *plan);
bc_status bc_plan_record_halve(const bc_plan *plan, const bc_node *node);
bc_status bc_plan_record_restore(const bc_plan *plan, const bc_node *node);
/* Adds a block of memory for each life of a value, a gradient, a saved statistic or a workspace, in the order of the
 * steps. Step i has the moments 2i and 2i+1. */
bc_status bc_plan_lifetimes(bc_plan *plan);

/* Whether the backward of a node reads the data of its input k. */
static inline bool plan_reads_input(const bc_node *node, int k) {
    return node->inputs[k] && (node->op->backward_reads & BC_INPUT(k));
}

#endif
