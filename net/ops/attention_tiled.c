/* Attention tile by tile (FlashAttention-2, Dao 2023): the scores never leave the registers, backward recomputes them
 * from what is saved, the logarithm of each query's sum of exponentials. On CPUs one pass over the keys makes all
 * three gradients (five products), that of q in parts, one for each slice of the keys, which are summed in order; on
 * GPUs one kernel owns keys and one owns queries (seven products). */
#include "cl_kernels/shared.h"
#include "host/base/divide.h"
#include "net/ops/attention.h"

#include <stdio.h>

enum {
    BLOCK = BC_ATTENTION_BLOCK,
    CPU_LARGEST = 256, /* head: its tiles are private arrays, 40 KiB at 64 channels */
    GPU_LARGEST = 64,  /* its tiles are local arrays, 31 KiB */
    GPU_ITEMS = BC_ATTENTION_SIDE * BC_ATTENTION_SIDE, /* of a group */
    DEFINES = 24,
};

int bc_attention_tiled_limit(const bc_host *host) {
    return bc_host_cpu_kernels(host) ? CPU_LARGEST : GPU_LARGEST;
}

typedef struct tiling {
    bool cpu;
    const char *source;
    char defines[DEFINES];
    size_t blocks, batches, group; /* a block of queries is a group's */
    int slices, slice_keys;        /* of the keys, in a CPU's backward */
    double scores;
} tiling;

/* Slices so that each core has two items when there are few heads. */
static void cut_keys(tiling *t, const bc_host *host, int tiles) {
    int items = 2 * bc_host_device(host)->compute_units, wanted = bc_divide_up(items, (int)t->batches);
    int slice_tiles = bc_divide_up(tiles, wanted < tiles ? wanted : tiles);
    t->slices = bc_divide_up(tiles, slice_tiles);
    t->slice_keys = slice_tiles * BLOCK;
}

static tiling tiling_of(const bc_node *node) {
    bc_attention_size s = bc_attention_size_of(node);
    const bc_host *host = bc_graph_host(node->graph);
    tiling t = {.cpu = bc_host_cpu_kernels(host),
                .blocks = (size_t)bc_divide_up(s.t, BLOCK),
                .batches = (size_t)s.n * (size_t)s.heads,
                .scores = (double)s.n * s.heads * s.t * s.t};
    t.source = t.cpu ? "attention.cl" : "attention_gpu.cl";
    t.group = t.cpu ? 1 : GPU_ITEMS;
    snprintf(t.defines, sizeof t.defines, "-DHEAD=%d", s.head);
    cut_keys(&t, host, (int)t.blocks);
    return t;
}

static size_t attention_tiled_saved_bytes(const bc_node *node) {
    bc_attention_size s = bc_attention_size_of(node);
    return (size_t)s.n * s.heads * s.t * sizeof(float);
}

/* CPUs: each block's operands in both orders with two statistics, and the parts of the gradient of q; GPUs: the
 * products of out and its gradient. */
static size_t attention_tiled_workspace_bytes(const bc_node *node, bool backward) {
    tiling t = tiling_of(node);
    if (!backward || !t.cpu)
        return backward ? attention_tiled_saved_bytes(node) : 0;
    size_t tile = (size_t)bc_divide_up(bc_attention_size_of(node).head, 32) * 32 * BLOCK;
    return t.batches * t.blocks * (4 * tile + 2 * BLOCK + (size_t)t.slices * tile) * sizeof(float);
}

/* Bytes of `tensors` arrays like the output. */
static double bytes_of(bc_attention_size s, int tensors) {
    return 4.0 * tensors * s.n * s.t * s.d;
}

static bc_status attention_tiled_forward(bc_node *node, bc_tape *tape) {
    bc_attention_size s = bc_attention_size_of(node);
    tiling t = tiling_of(node);
    bc_launch launch = {
        .source = t.source,
        .kernel = "attention",
        .defines = t.defines,
        .items = {t.blocks * t.group, t.batches},
        .group = {t.group, 1, 1},
        .flops = (4 * s.head + 15) * t.scores,
        .bytes = bytes_of(s, 4) + (double)attention_tiled_saved_bytes(node),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->saved), BC_BUFFER(node->inputs[0]->data),
                BC_INT(s.t), BC_INT(s.heads), BC_FLOAT(s.scale)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status backward_on_cpu(bc_node *node, bc_tape *tape, int accumulate) {
    bc_attention_size s = bc_attention_size_of(node);
    tiling t = tiling_of(node);
    bc_value *qkv = node->inputs[0], *out = node->output;
    double workspace = (double)attention_tiled_workspace_bytes(node, true), parts = bytes_of(s, t.slices);
    bc_launch launches[] = {
        {
            .source = t.source,
            .kernel = "attention_blocks",
            .defines = t.defines,
            .items = {t.blocks, t.batches},
            .group = {1, 1, 1},
            .flops = bytes_of(s, 1),
            .bytes = bytes_of(s, 3) + workspace - parts,
            BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(qkv->data), BC_BUFFER(out->data),
                    BC_BUFFER(out->grad), BC_BUFFER(node->saved), BC_INT(s.t), BC_INT(s.heads),
                    BC_FLOAT(s.scale)),
        },
        {
            .source = t.source,
            .kernel = "attention_gradient",
            .defines = t.defines,
            .items = {(size_t)t.slices, t.batches},
            .group = {1, 1, 1},
            .flops = (10 * s.head + 17) * t.scores,
            .bytes = bytes_of(s, accumulate ? 6 : 4) + workspace,
            BC_ARGS(BC_BUFFER(qkv->grad), BC_BUFFER(node->workspace), BC_BUFFER(qkv->data), BC_INT(s.t),
                    BC_INT(s.heads), BC_INT(t.slice_keys), BC_INT(accumulate)),
        },
        {
            .source = t.source,
            .kernel = "attention_query_gradient",
            .defines = t.defines,
            .items = {t.blocks, t.batches},
            .group = {1, 1, 1},
            .flops = parts / 4,
            .bytes = bytes_of(s, accumulate ? 2 : 1) + parts,
            BC_ARGS(BC_BUFFER(qkv->grad), BC_BUFFER(node->workspace), BC_INT(s.t), BC_INT(s.heads),
                    BC_INT(t.slices), BC_FLOAT(s.scale), BC_INT(accumulate)),
        },
    };
    for (int i = 0; i < 3; i++)
        BC_TRY(bc_tape_launch(tape, &launches[i]));
    return BC_OK;
}

static bc_status backward_on_gpu(bc_node *node, bc_tape *tape, int accumulate) {
    bc_attention_size s = bc_attention_size_of(node);
    tiling t = tiling_of(node);
    bc_value *qkv = node->inputs[0], *out = node->output;
    bc_launch products = {
        .source = t.source,
        .kernel = "attention_products",
        .defines = t.defines,
        .items = {(size_t)s.t, t.batches},
        .flops = bytes_of(s, 1) / 2,
        .bytes = bytes_of(s, 2) + (double)attention_tiled_saved_bytes(node),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(out->data), BC_BUFFER(out->grad), BC_INT(s.t),
                BC_INT(s.heads)),
    };
    BC_TRY(bc_tape_launch(tape, &products));
    static const char *const kernels[] = {"attention_key_gradient", "attention_query_gradient"};
    for (int i = 0; i < 2; i++) {
        int written = i == 0 ? 2 : 1, multiplied = i == 0 ? 4 : 3;
        bc_launch gradient = {
            .source = t.source,
            .kernel = kernels[i],
            .defines = t.defines,
            .items = {t.blocks * t.group, t.batches},
            .group = {t.group, 1, 1},
            .flops = (2 * multiplied * s.head + 5) * t.scores,
            .bytes = bytes_of(s, 4 + (accumulate ? 2 : 1) * written) +
                     2 * (double)attention_tiled_saved_bytes(node),
            BC_ARGS(BC_BUFFER(qkv->grad), BC_BUFFER(qkv->data), BC_BUFFER(out->grad), BC_BUFFER(node->saved),
                    BC_BUFFER(node->workspace), BC_INT(s.t), BC_INT(s.heads), BC_FLOAT(s.scale),
                    BC_INT(accumulate)),
        };
        BC_TRY(bc_tape_launch(tape, &gradient));
    }
    return BC_OK;
}

static bc_status attention_tiled_backward(bc_node *node, bc_tape *tape) {
    int accumulate = bc_grad_accumulate(node->inputs[0]);
    return bc_host_cpu_kernels(bc_tape_host(tape)) ? backward_on_cpu(node, tape, accumulate)
                                                   : backward_on_gpu(node, tape, accumulate);
}

static const bc_op_case attention_tiled_cases[] = {
    BC_ATTENTION_CASES,
    /* Scores far apart choose one value exactly, without overflow. Rows (q, k, v) of one channel. */
    BC_ATTENTION_CASE("large scores", BC_CASE_TINY, 1, 1, 3, 1, 0,
                      .values = (const float[]){100, 100, 1, 100, -100, 2, 100, 50, 3}, .value_count = 9),
    BC_ATTENTION_CASE("scores of some 70", BC_CASE_CHECK, 2, 1, 17, 32, 8),
    {0},
};

const bc_op bc_attention_tiled_op = {
    .name = "attention",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_attention_attributes),
    .shape = bc_attention_shape,
    .flops = bc_attention_flops,
    .backward_reads = BC_INPUT(0) | BC_OUTPUT,
    .ways = "attention",
    .way = "tiled",
    .saved_bytes = attention_tiled_saved_bytes,
    .workspace_bytes = attention_tiled_workspace_bytes,
    .forward = attention_tiled_forward,
    .backward = attention_tiled_backward,
    .cases = attention_tiled_cases,
};
