/* CLBlast's own parameters. */
#ifndef BC_HOST_GEMM_CLBLAST_PARAMETERS_H
#define BC_HOST_GEMM_CLBLAST_PARAMETERS_H

#include "host/device/host.h"

/* Gives CLBlast the parameters that the table has for this device, before its first use. Those that this CLBlast refuses, or is
 * known to compute wrongly with, are skipped. Without a table nothing happens. */
void bc_clblast_apply(bc_host *host);
/* Whether the table has parameters of its kernel for large products. */
bool bc_clblast_tuned(const bc_host *host);

/* gflops 0: the set does not work. False stops the search with BC_E_INTERRUPTED. */
typedef bool bc_clblast_observer(void *user, const char *key, const char *set, double gflops);
/* Tries lists of parameters for CLBlast's kernels, keeps the best in the table, and uses them from now on. Skips what the
 * table has. `observe` (may be NULL) is told each set. */
bc_status bc_clblast_tune(bc_host *host, bc_clblast_observer *observe, void *user);

#endif
