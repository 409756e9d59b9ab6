/* Backward of a graph whose batch is a rank's share (bc_graph_share): the gradients of all ranks are added up, in buckets, while backward still
 * makes those that come later. */
#ifndef BC_NET_STORE_GRADIENT_SUM_H
#define BC_NET_STORE_GRADIENT_SUM_H

#include "net/store/params.h"

typedef struct bc_gradient_sum bc_gradient_sum;
/* Of `plan`, for the gradients of these stores (NULL entries are passed over), which with the plan must outlive it. With `halves` they
 * travel in 16 bits (sums.h). Without a team *out is NULL. It takes host memory for twice the gradients, with halves for 2.5 times. */
bc_status bc_gradient_sum_create(bc_team *team, bc_plan *plan, bc_params *const *stores, int count,
                                 bool halves, bc_gradient_sum **out);
void bc_gradient_sum_release(bc_gradient_sum *sum);
/* bc_plan_backward, after which every rank has the sums. Waits. All ranks call it. */
bc_status bc_gradient_sum_backward(bc_gradient_sum *sum);

/* --- to measure what it costs --- */

/* Adds up the gradients that are there, without backward. */
bc_status bc_gradient_sum_alone(bc_gradient_sum *sum);
/* A bucket, in the order in which backward makes them: when the last sum had its values on the host, and when all ranks' were added up
 * (bc_seconds_now). */
typedef struct bc_gradient_bucket {
    size_t bytes;
    double there, summed;
} bc_gradient_bucket;
int bc_gradient_sum_buckets(const bc_gradient_sum *sum);
bc_gradient_bucket bc_gradient_sum_bucket(const bc_gradient_sum *sum, int i);

#endif
