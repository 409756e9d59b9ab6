/* The three providers behind bc_tape_gemm. `outer` and `inner` are at least 1 here. */
#ifndef BC_HOST_GEMM_INTERNAL_H
#define BC_HOST_GEMM_INTERNAL_H

#include "cl_kernels/shared.h"
#include "host/gemm/gemm.h"
#include "host/tuning/choices.h"

/* --- what a product is (product.c) --- */
/* With 1 for an outer or inner of 0. */
bc_gemm bc_gemm_with_defaults(const bc_gemm *gemm);
/* What it costs: 2 m n k per batch; every operand read once, C written (and read when beta is not 0).
 */
double bc_gemm_flops(const bc_gemm *g);
double bc_gemm_bytes(const bc_gemm *g);

enum { BC_PANEL_LAUNCHES = 4 };
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

/* True when CLBlast passed its self-test, which is run at the first question. */
bool bc_gemm_clblast_usable(bc_host *host);
/* Whether a product by CLBlast agrees with our own tiles. */
bool bc_gemm_clblast_test(bc_host *host, int m, int n, int k);
size_t bc_gemm_clblast_workspace(bc_host *host, const bc_gemm *g);
bc_status bc_tape_gemm_clblast(bc_tape *tape, const bc_gemm *g, bc_buffer workspace);

/* --- all providers alike (providers.c) --- */
/* Ours, with the kernels that the host takes. */
bc_gemm_provider bc_gemm_own_provider(const bc_host *host);
size_t bc_gemm_provider_workspace(bc_host *host, bc_gemm_provider provider, const bc_gemm *g);
bc_status bc_gemm_provider_record(bc_tape *tape, bc_gemm_provider provider, const bc_gemm *g,
                                  bc_buffer workspace);
/* Our own provider against CLBlast, on products of this size from the beginning of buffers of their own. */
enum { BC_GEMM_OWN, BC_GEMM_LIBRARY };
typedef struct bc_gemm_contest {
    bc_contest contest; /* reads this struct: it stays in place */
    bc_host *host;
    bc_gemm gemm;
    bc_gemm_provider providers[2];
} bc_gemm_contest;
void bc_gemm_contest_of(bc_host *host, const bc_gemm *gemm, bc_gemm_contest *out);

/* --- CLBlast's state (clblast.c) --- */
/* Its cache refers to the context: to be said before anything is called that fills it. False: no memory to remember that. */
bool bc_clblast_use(bc_host *host);
/* What the self-test found holds no longer: CLBlast has other parameters. */
void bc_clblast_forget_test(bc_host *host);

#endif
