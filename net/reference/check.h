/* One case of an operation on a device, against its reference. */
#ifndef BC_NET_REFERENCE_CHECK_H
#define BC_NET_REFERENCE_CHECK_H

#include "net/graph/graph.h"
#include "net/reference/operations.h"

/* One way to compute a case. The largest differences, over the largest magnitude of what was expected, and those that are allowed. */
typedef struct bc_check {
    const char *variant; /* one of the operation's; NULL: what the plan chooses */
    double output, output_allowed;
    double gradient, gradient_allowed; /* of all inputs' gradients; 0 where there are none */
    char fault[300];                   /* what is wrong, or why there is no result; empty: nothing */
} bc_check;
enum { BC_CHECKS = 8 };

/* Computes the case by the plan's choice, then in each of the operation's variants that it can have. Each time the operation stands twice
 * in a graph, on the case's random inputs, and is checked:
 *   forward    against the reference, in double precision;
 *   backward   against central differences of the reference (exact to about 1e-8), for every input that is not frozen, and so that the
 *              gradients of the two add up;
 *   bits       that a second run of both passes gives the same bits, whatever lay in the gradients before.
 * At most `most` of these are made. What is wrong or fails on the device is a result; a status says that nothing could be checked. */
bc_status bc_check_case(bc_host *host, const bc_operation *operation, const bc_op_case *test, int most,
                        bc_check checks[BC_CHECKS], int *count);

/* The case's node in a graph, on inputs without memory behind them: for asking what it costs, and which variants it can have. */
bc_value *bc_case_node(bc_graph *graph, const bc_op *op, const bc_op_case *test);

#endif
