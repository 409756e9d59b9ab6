/* The operations that `bicross bench` measures. */
#ifndef BC_APPS_BENCH_CASES_H
#define BC_APPS_BENCH_CASES_H

#include "apps/bench/bench.h"

enum { BENCH_NETWORKS = 2 };

typedef struct bench_case {
    const char *group, *label; /* "hybrid", "tiny", "other"; the operation's name */
    bc_node *node;             /* only described: nothing lies behind its values */
    const bc_value *spikes;    /* where the node has this input, it is packed spikes and not numbers */
    int uses;                  /* nodes of the network that do the same */
} bench_case;

typedef struct bench_cases {
    bench_case *items;
    int count;
    bench_described networks[BENCH_NETWORKS]; /* the nodes belong to these, */
    bc_graph *others;                         /* or to this */
} bench_cases;

/* Release also after a failure. */
bc_status bench_cases_collect(bench *b, bench_cases *out);
void bench_cases_release(bench_cases *cases);

#endif
