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

/* The ways in which a case can be computed: NULL, the plan's choice, then the operation's variants that it can have. */
bc_status bc_case_variants(bc_host *host, const bc_op *op, const bc_op_case *test,
                           const char *variants[BC_CHECKS], int *count);

/* A case's inputs, and what is expected of them, for all its variants. */
typedef struct bc_checker bc_checker;
bc_status bc_checker_create(bc_host *host, const bc_operation *operation, const bc_op_case *test,
                            bc_checker **out);
void bc_checker_release(bc_checker *checker); /* NULL is allowed */
/* Computes the case in one variant. The operation stands twice in a graph, on the case's random inputs, and is checked:
 *   forward    against the reference, in double precision;
 *   backward   against central differences of the reference (exact to about 1e-8), for every input that is not frozen, and so that the
 *              gradients of the two add up;
 *   bits       that a second run of both passes gives the same bits, whatever lay in the gradients before.
 * What is wrong or fails on the device is a result. */
void bc_check_variant(bc_checker *checker, const char *variant, bc_check *out);
/* The first `most` variants of a case at once. A status says that nothing could be checked. */
bc_status bc_check_case(bc_host *host, const bc_operation *operation, const bc_op_case *test, int most,
                        bc_check checks[BC_CHECKS], int *count);

/* The case's node in a graph, on inputs without memory behind them: for asking what it costs, and which variants it can have. */
bc_value *bc_case_node(bc_graph *graph, const bc_op *op, const bc_op_case *test);

#endif
