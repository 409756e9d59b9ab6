/* What convolutions share, and the algorithms behind bc_conv2d: only for conv.c, spike_conv.c and conv_*.c. */
#ifndef BC_NET_OPS_CONV_H
#define BC_NET_OPS_CONV_H

#include "net/ops/attributes.h"

/* The shape of an operation's output from x and a weight (kh,kw,in,co). False, and the graph has failed, where stride, padding,
 * kernel or bias (may be NULL) do not fit. */
bool bc_conv_output(bc_graph *g, const char *operation, bc_shape x, const bc_value *weight,
                    const bc_value *bias, bc_conv geometry, bc_shape *y);

/* conv_cases.c */
extern const bc_op_case bc_conv_cases[], bc_conv_relu_cases[], bc_spike_conv_cases[];

/* One convolution: x (n,h,w,ci), weight (kh,kw,ci,co), y (n,oh,ow,co). Forward makes every number of y not below 0 with
 * relu, and then adds the residual, which is like y and not y, or empty. */
typedef struct bc_conv_job {
    bc_host *host;
    bc_shape x, y;
    int kh, kw;
    bc_conv geometry;
    bool relu;
    bc_buffer residual;
    const char *variant;         /* asked for; NULL: any */
    int tile;                    /* of the plain algorithms, one of theirs or BC_TILE_OF_RULE */
    const bc_gemm_way *products; /* of an algorithm that computes by them (Winograd's) */
    bool is_prepared;            /* forward finds the weights as `prepare` left them: */
    bc_buffer prepared;
} bc_conv_job;

typedef enum bc_conv_pass { BC_CONV_FORWARD, BC_CONV_DATA, BC_CONV_WEIGHT, BC_CONV_PASSES } bc_conv_pass;

/* One way to compute all three passes. `accumulate` adds to what is there. `workspace` has at least the bytes that
 * workspace_bytes asks for. The same inputs give the same bits each time. */
enum { BC_CONV_TILES = 3 };
typedef struct bc_conv_algorithm {
    const char *name;                 /* in files of choices: the tile of the rule, or all there is */
    const char *tiles[BC_CONV_TILES]; /* names of its tiles; NULL: it has no such choice */
    int (*tile_rule)(const bc_conv_job *job, bc_conv_pass pass);
    bool (*can)(const bc_conv_job *job); /* NULL: everything */
    bool (*pays)(const bc_conv_job *job,
                 bc_conv_pass pass); /* is it faster than the plain one; NULL: that is it */
    /* How its products are computed (bc_gemm_choose); NULL: it has none. */
    const bc_gemm_way *(*choose)(const bc_conv_job *job, bc_conv_pass pass);
    size_t (*workspace_bytes)(const bc_conv_job *job, bc_conv_pass pass);
    /* What forward makes of the weights, in a buffer of its own. NULL: it takes them as they are. */
    size_t (*prepared_bytes)(const bc_conv_job *job);
    bc_status (*prepare)(const bc_conv_job *job, bc_tape *tape, bc_buffer weight, bc_buffer prepared);
    /* y = conv(x, weight) + bias (empty: none), then relu and residual of the job */
    bc_status (*forward)(const bc_conv_job *job, bc_tape *tape, bc_buffer x, bc_buffer weight, bc_buffer bias,
                         bc_buffer y, bc_buffer workspace);
    bc_status (*data)(const bc_conv_job *job, bc_tape *tape, bc_buffer dy, bc_buffer weight, bc_buffer dx,
                      int accumulate, bc_buffer workspace);
    bc_status (*weight)(const bc_conv_job *job, bc_tape *tape, bc_buffer x, bc_buffer dy, bc_buffer dw,
                        int accumulate, bc_buffer workspace);
} bc_conv_algorithm;

extern const bc_conv_algorithm bc_direct_convolution;   /* plain, for CPUs */
extern const bc_conv_algorithm bc_tile_convolution;     /* plain, for GPUs */
extern const bc_conv_algorithm bc_winograd_convolution; /* 3x3 without stride */

/* How one pass is computed. */
typedef struct bc_conv_choice {
    const bc_conv_algorithm *algorithm;
    int tile;
    const bc_gemm_way *products;
} bc_conv_choice;
/* The choice of this word (bc_tuning_conv_words); false: the job cannot be done so here. The plain algorithm of CPUs and that of GPUs are both
 * "direct". Pure: products are not chosen. */
bool bc_conv_named(const bc_conv_job *job, const char *word, bc_conv_choice *out);
/* The algorithm asked for, what was measured for convolutions of this class, or what the rule says. Asked when a plan is made: a host that
 * measures may do so here. The answer stays the same while the host is open. */
bc_conv_choice bc_conv_choose(const bc_conv_job *job, bc_conv_pass pass);

#endif
