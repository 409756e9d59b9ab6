/* One case of an operation on a device, against its reference. */
#ifndef BC_NET_REFERENCE_CHECK_H
#define BC_NET_REFERENCE_CHECK_H

#include "net/graph/graph.h"
#include "net/reference/operations.h"

/* The largest differences, over the largest magnitude of what was expected, and those that are allowed. */
typedef struct bc_check {
    double output, output_allowed;
    double gradient, gradient_allowed; /* of all inputs' gradients; 0 where there are none */
    char fault[200];                   /* what is wrong; empty: nothing */
} bc_check;

/* Builds the operation twice in one graph on the case's random inputs, and checks
 *   forward    against the reference, in double precision;
 *   backward   against central differences of the reference (exact to about 1e-8), for every input that is not frozen, and so that the
 *              gradients of the two add up;
 *   bits       that a second run of both passes gives the same bits, whatever lay in the gradients before.
 * variant: one of the operation's; NULL: what the plan chooses. What is wrong is a result; a status says that there is none. */
bc_status bc_check_case(bc_host *host, const bc_operation *operation, const bc_op_case *test,
                        const char *variant, bc_check *out);

/* The ways to compute the case: NULL first, for what the plan chooses, then the operation's variants that it can have. */
enum { BC_CASE_VARIANTS = 8 };
bc_status bc_case_variants(bc_host *host, const bc_op *op, const bc_op_case *test,
                           const char *variants[BC_CASE_VARIANTS], int *count);

/* The case's node in a graph, on inputs without memory behind them: for asking what it costs, and which variants it can have. */
bc_value *bc_case_node(bc_graph *graph, const bc_op *op, const bc_op_case *test);

#endif
