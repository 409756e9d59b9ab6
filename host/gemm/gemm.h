/* One GEMM interface with three providers: our own panel kernel (default with the kernels for CPUs, where it reaches OpenBLAS'
 * speed and untuned CLBlast does not), CLBlast (default on GPUs), and our own tiles in local memory, which check CLBlast
 * and stand in for it. Row-major, float32. */
#ifndef BC_HOST_GEMM_GEMM_H
#define BC_HOST_GEMM_GEMM_H

#include "cl_kernels/shared.h"
#include "host/device/launch.h"
#include "host/tuning/choices.h"

/* What follows a sum before it is stored. */
typedef enum bc_activation {
    BC_ACTIVATION_NONE = BC_NO_ACTIVATION,
    BC_ACTIVATION_RELU = BC_RELU,
    BC_ACTIVATION_GELU = BC_GELU, /* exact: x/2 (1 + erf(x/sqrt 2)) */
} bc_activation;

/* A way to compute a product: by whom, and in which of their tiles. */
typedef struct bc_gemm_way {
    bc_gemm_provider provider;
    int tile; /* one of the provider's; BC_TILE_OF_RULE: the one that its rule takes */
} bc_gemm_way;

/* C = activation(alpha * op(A) op(B) + beta * C + bias) + residual. The bias, one number a column, and the residual, which
 * lies as C does and is not C, may be empty.
 * op(A) is m x k: A stored m x k with row length lda, or k x m when transpose_a. op(B) is k x n likewise.
 * Offsets, strides and row lengths count floats. A batch of outer*inner products: product (i,j) uses
 * a_offset + i*a_stride[0] + j*a_stride[1], and so on. outer and inner of 0 count as 1. */
typedef struct bc_gemm {
    int m, n, k;
    bool transpose_a, transpose_b;
    bool b_panels; /* op(B) lies in panels of bc_gemm_panel_columns: (panel, k, columns); ldb is not used */
    bc_buffer a, b, c, bias, residual;
    bc_activation activation;
    int a_offset, b_offset, c_offset;
    int lda, ldb, ldc;
    int outer, inner;
    int a_stride[2], b_stride[2], c_stride[2];
    float alpha, beta;      /* beta 0 never reads C */
    const bc_gemm_way *way; /* how it is computed, as bc_gemm_choose said; NULL: by the host's rule */
} bc_gemm;

/* Columns of the panels that an operand B may be given in to save the packing, where the host's provider reads panels;
 * 0 where it does not. The last panel is filled up with any finite numbers. */
int bc_gemm_panel_columns(const bc_host *host);
/* The way of products of this size, to be asked once, before the product's memory is laid out: a host that measures may do so
 * here. The answer stays the same while the host is open. */
const bc_gemm_way *bc_gemm_choose(bc_host *host, const bc_gemm *gemm);
/* The way of this word (bc_tuning_gemm_words), and whether it is one for this host. */
const bc_gemm_way *bc_gemm_way_named(const char *word);
bool bc_gemm_has_way(const bc_host *host, const bc_gemm_way *way);
/* Scratch bytes that bc_tape_gemm needs for this product on this host (0: none). */
size_t bc_gemm_workspace(bc_host *host, const bc_gemm *gemm);
/* Records the product. `workspace` has at least bc_gemm_workspace bytes. Same inputs give the same bits each run. CLBlast has to pass a
 * self-test before its first product, else our own tiles stand in for it. */
bc_status bc_tape_gemm(bc_tape *tape, const bc_gemm *gemm, bc_buffer workspace);
/* Records what follows the sum alone: C = activation(C + bias) + residual, for a sum that lies in C. */
bc_status bc_tape_epilogue(bc_tape *tape, const bc_gemm *gemm);

#endif
