/* The three providers behind bc_tape_gemm. `outer` and `inner` are at least 1 here. */
#ifndef BC_HOST_GEMM_INTERNAL_H
#define BC_HOST_GEMM_INTERNAL_H

#include "host/gemm.h"

/* What a product costs: 2 m n k per batch; every operand read once, C written (and read when beta is not 0).
 */
double bc_gemm_flops(const bc_gemm *g);
double bc_gemm_bytes(const bc_gemm *g);

enum { BC_PANEL_LAUNCHES = 4, BC_PANEL_COLUMNS = 32 /* as in gemm.cl */ };
size_t bc_gemm_panel_workspace(const bc_gemm *g);
/* The launches of one product, in order; returns how many. */
int bc_gemm_panel_launches(const bc_gemm *g, bc_buffer workspace, bc_launch out[BC_PANEL_LAUNCHES]);
bc_status bc_tape_gemm_panel(bc_tape *tape, const bc_gemm *g, bc_buffer workspace);

enum { BC_LOCAL_LAUNCHES = 2 };
size_t bc_gemm_local_workspace(const bc_host *host, const bc_gemm *g);
/* The launches of one product, in order; returns how many. */
int bc_gemm_local_launches(const bc_host *host, const bc_gemm *g, bc_buffer workspace,
                           bc_launch out[BC_LOCAL_LAUNCHES]);
bc_status bc_tape_gemm_local(bc_tape *tape, const bc_gemm *g, bc_buffer workspace);

/* True when the host's provider is CLBlast and its self-test passed (run at the first question; a failure
 * switches the host to tiles in local memory for good). */
bool bc_gemm_clblast_usable(bc_host *host);
size_t bc_gemm_clblast_workspace(bc_host *host, const bc_gemm *g);
bc_status bc_tape_gemm_clblast(bc_tape *tape, const bc_gemm *g, bc_buffer workspace);

#endif
