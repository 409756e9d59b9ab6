/* What graph.c (description) and plan*.c (memory and recording) share. */
#ifndef BC_NET_GRAPH_INTERNAL_H
#define BC_NET_GRAPH_INTERNAL_H

#include "net/graph/graph.h"

typedef enum value_kind { VALUE_INPUT, VALUE_EXTERNAL, VALUE_NODE } value_kind;

/* A value and what only the graph needs to know of it. The bc_value comes first: a bc_value pointer is a record pointer. */
typedef struct value_record {
    bc_value value;
    value_kind kind;
    const bc_buffer *data_source, *grad_source; /* VALUE_EXTERNAL */
    bool root;                                  /* its gradient is given from outside */
    bool loss;                                  /* a root whose gradient is `weight` */
    float weight;
} value_record;

struct bc_graph {
    bc_host *host;
    bc_share share;
    bc_status status; /* of the first failing builder */
    value_record **values;
    int value_count, value_capacity;
    bc_node **nodes;
    int node_count, node_capacity;
    bool halve;             /* see bc_graph_halve */
    const char *variant;    /* see bc_graph_prefer */
    int block, block_count; /* the block that is open (0: none); how many there were */
};

static inline value_record *record_of(bc_value *value) {
    return (value_record *)value;
}

#endif
