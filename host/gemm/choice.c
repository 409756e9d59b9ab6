/* Which provider computes a product: the host's, or what was measured for products of this class. */
#include "host/gemm/clblast_parameters.h"
#include "host/gemm/internal.h"

/* Where panels are the rule, CLBlast has a chance only with parameters that were found for the device. */
static bool may_choose(const bc_host *host, const bc_gemm *g) {
    return bc_host_tuning(host) && !bc_host_gemm_given(host) && !g->b_panels &&
           (bc_host_gemm(host) != BC_GEMM_PANEL || bc_clblast_tuned(host));
}

bc_gemm_provider bc_gemm_choose(bc_host *host, const bc_gemm *gemm) {
    bc_gemm g = bc_gemm_with_defaults(gemm);
    if (!may_choose(host, &g))
        return bc_host_gemm(host);
    bc_gemm_contest c;
    bc_gemm_contest_of(host, &g, &c);
    return c.providers[bc_contest_choose(host, &c.contest)];
}
