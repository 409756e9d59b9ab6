/* What the parts of `bicross bench` share: a list of measured cases, and the one way in which a case is measured.
 *
 * A part goes through its cases; for each it asks bench_wants, prepares the work, and hands it to bench_measure. */
#ifndef BC_APPS_BENCH_BENCH_H
#define BC_APPS_BENCH_BENCH_H

#include "apps/common/options.h"
#include "bicross/config/config.h"
#include "net/graph/graph.h"
#include "net/store/gradient_sum.h"
#include "net/store/optimiser.h"
#include "net/store/params.h"

#include <stdio.h>

enum { BENCH_NAME = 200, BENCH_SHAPES = BC_NODE_INPUTS, BENCH_MOST_RANKS = 1024 };

/* Passes of a network whose gradients several ranks add up; ranks is 0 of all else. */
typedef struct bench_shared {
    int ranks;
    double bytes;                     /* of the gradients of one rank */
    double pass_seconds, sum_seconds; /* each alone */
    double hidden;                    /* share of the sums that does not show when both go on together */
    bc_gradient_bucket *buckets;      /* of the last pass, from its beginning on; the row's to free */
    int bucket_count;
} bench_shared;

/* One case and what was measured. What is not known of it is 0 or NULL. */
typedef struct bench_row {
    char name[BENCH_NAME];
    const char *kind; /* "operation", "network", "growth", "start-up" */
    const char *operation, *pass;
    bc_shape inputs[BENCH_SHAPES], output; /* an input that is absent is all zero */
    int input_count;
    int uses;            /* operations like this one in the network */
    double flops, bytes; /* of one run; each byte that must be read or written is counted once */
    int repetitions;
    double seconds;       /* of one run: the median of the repetitions */
    int images;           /* in one run */
    double bound_seconds; /* bc_plan_least_seconds, with the optimiser's memory, at the ceilings */
    double plan_bytes, process_bytes; /* the plan's arena; the process's resident memory at its highest */
    const char *axis, *series;        /* growth: what grows, and the line in the chart; */
    int at;                           /* how far it has grown */
    bool again;                       /* to be measured once more; the faster result counts */
    bench_shared shared; /* ranks: what `seconds`, an update's passes and sums together, are made of */
} bench_row;

/* What the device was measured to do at most, in one second. */
typedef struct bench_ceiling {
    double flops, copied_bytes, read_bytes; /* a copied byte is read and written: it counts twice */
} bench_ceiling;

typedef struct bench {
    bc_host *host; /* NULL before it is opened, and for the start-up times */
    bc_error *err;
    const bc_config *config; /* its [device] and [model] count, but not the preset */
    const char *only;        /* NULL: everything */
    bool list;               /* names only */
    bool again;              /* only the rows that are marked so */
    int columns; /* of the terminal that is shown what is being measured; 0: there is none, or nobody asks */
    bench_ceiling ceiling;
    bench_row *rows;
    int row_count, row_capacity;
} bench;

/* --- measure.c --- */
/* True when this case is to be measured. With --list prints the name, and is false. */
bool bench_wants(const bench *b, const char *name);
/* Shows what is being done, on a terminal. */
void bench_announce(const bench *b, const char *name);
/* Runs once to warm up, then repeatedly; fills seconds and repetitions, prints the row and keeps it. `run` only enqueues.
 * BC_E_INTERRUPTED after Ctrl-C. */
bc_status bench_measure(bench *b, bench_row *row, bc_status (*run)(void *state), void *state);
/* Prints and keeps a row that has been measured already; of one that was to be measured again, the faster result. */
bc_status bench_add(bench *b, const bench_row *row);
/* Says that a case was left out when `status` is BC_E_MEMORY, and goes on; any other status is returned. */
bc_status bench_left_out(const bench *b, const char *name, bc_status status);
/* Bytes that memory moves in a second at most; 0: not measured. */
double bench_bytes_per_second(const bench *b);
/* The least time that the ceilings allow for one run, in seconds; *memory says which one it is. */
double bench_least_seconds(const bench *b, const bench_row *row, bool *memory);
/* Fills a buffer with numbers in (0,1], or with spikes that fire in every fourth frame. */
bc_status bench_fill(bc_host *host, bc_buffer buffer, bool spikes);
/* Frees the memory that the rows take. */
void bench_release(bench *b);

/* --- memory.c --- */
void bench_peak_restart(bc_host *host);
double bench_peak_bytes(
    void); /* resident memory at its highest since the restart, where the system can restart it */

/* --- the parts --- */
bc_status bench_ceilings(bench *b); /* ceiling.c; fills b->ceiling */
bc_status bench_operations(bench *b);
bc_status bench_products(bench *b);
bc_status bench_optimisers(bench *b);
bc_status bench_networks(bench *b);
bc_status bench_start_up(bench *b,
                         const app_common *common); /* opens the device itself, in processes of its own */
bc_status bench_growth(bench *b);
bc_status bench_ranks(bench *b, bc_team *team);

/* --- describe.c: the graphs that operations are taken from --- */
/* A network and what it is fed: packed spikes, 32 frames a word. */
typedef struct bench_network_case {
    bc_preset model;
    int batch, height, width, frames;
    bool training;
    int widening; /* factor of all channels within the network and of the heads' number */
} bench_network_case;
typedef struct bench_described {
    bc_params *params;
    bc_graph *graph;
    bc_value *input, *depth, *uncertainty;
} bench_described;
/* Describes the network without allocating anything on the device. Release also after a failure. */
bc_status bench_describe(bc_host *host, const bc_config *config, const bench_network_case *c,
                         bench_described *out);
void bench_describe_release(bench_described *d);

/* --- network.c --- */
typedef struct bench_network_run {
    bench_described described;
    bc_plan *plan;
    bc_optimiser *optimiser; /* for training */
} bench_network_run;
/* Ready to run; to be closed also after a failure, `out` having been zero before. */
bc_status bench_network_open(bench *b, const bench_network_case *c, bench_network_run *out);
void bench_network_close(bench_network_run *n);
/* Forward, and gradients of both maps for a backward pass: they are given instead of computed by a loss. */
bc_status bench_network_forward(bench_network_run *n);
/* Builds and measures one network; the row has its name already. BC_E_MEMORY, before anything runs, when it does not fit. */
bc_status bench_network(bench *b, const bench_network_case *c, bench_row *row);

/* --- write.c --- */
bc_status bench_write_json(const bench *b, const char *path);
bc_status bench_write_svg(const bench *b, const char *path); /* the rows of bench_growth */

#endif
