/* The three providers behind bc_tape_gemm. `outer` and `inner` are at least 1 here, and the way is given. */
#ifndef BC_HOST_GEMM_INTERNAL_H
#define BC_HOST_GEMM_INTERNAL_H

#include "cl_kernels/shared.h"
#include "host/gemm/gemm.h"
#include "host/tuning/choices.h"

/* --- what a product is (product.c) --- */
/* With 1 for an outer or inner of 0, and the rule's way for none. */
bc_gemm bc_gemm_with_defaults(const bc_host *host, const bc_gemm *gemm);
/* What it costs: 2 m n k per batch; every operand read once, C written (and read when beta is not 0).
 */
double bc_gemm_flops(const bc_gemm *g);
double bc_gemm_bytes(const bc_gemm *g);

/* Columns of a tile of ours, and so of the panels that it reads; those packed elsewhere are the first tile's. */
int bc_panel_columns(int tile);
/* Whether it takes an operand in such panels. */
bool bc_gemm_reads_panels(const bc_gemm_way *way);
/* Products whose C is one column without gaps (vector.c): A as it lies times a vector, without scratch, by the kernel in these defines' program... */
bool bc_gemm_is_vector(const bc_gemm *g);
bc_status bc_tape_gemm_vector(bc_tape *tape, const bc_gemm *g, const char *defines);
/* ...and a transposed A times a vector as another product that is less work in panels. All others are returned as they are. */
bc_gemm bc_gemm_turned(const bc_gemm *g);
size_t bc_gemm_panel_workspace(const bc_gemm *g);
bc_status bc_tape_gemm_panel(bc_tape *tape, const bc_gemm *g, bc_buffer workspace);

enum { BC_LOCAL_LAUNCHES = 2 };
size_t bc_gemm_local_workspace(const bc_host *host, const bc_gemm *g);
/* The launches of one product, in order; returns how many. */
int bc_gemm_local_launches(const bc_host *host, const bc_gemm *g, bc_buffer workspace,
                           bc_launch out[BC_LOCAL_LAUNCHES]);
bc_status bc_tape_gemm_local(bc_tape *tape, const bc_gemm *g, bc_buffer workspace);

/* True when CLBlast passed its self-test, which is run at the first question. */
bool bc_gemm_clblast_usable(bc_host *host);
size_t bc_gemm_clblast_workspace(bc_host *host, const bc_gemm *g);
bc_status bc_tape_gemm_clblast(bc_tape *tape, const bc_gemm *g, bc_buffer workspace);

/* --- ways (ways.c), and what takes them (choice.c) --- */
/* The provider's way by its rule. */
const bc_gemm_way *bc_gemm_rule(bc_gemm_provider provider);
size_t bc_gemm_way_workspace(bc_host *host, const bc_gemm *g);
bc_status bc_gemm_way_record(bc_tape *tape, const bc_gemm *g, bc_buffer workspace);

#endif
