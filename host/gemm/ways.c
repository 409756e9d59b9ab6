/* The ways to compute a product. The first of a provider is its rule. */
#include "host/gemm/internal.h"

#include <string.h>

/* As bc_tuning_gemm_words has them; panels of 8x32, 12x32, 14x32 and 6x64. CLBlast's tile is that of ours, when they stand in. */
static const bc_gemm_way ways[] = {
    {BC_GEMM_PANEL, 0},
    {BC_GEMM_PANEL, 1},
    {BC_GEMM_PANEL, 2},
    {BC_GEMM_PANEL, 3},
    {BC_GEMM_LOCAL, BC_TILE_OF_RULE},
    {BC_GEMM_LOCAL, 1},
    {BC_GEMM_LOCAL, 2},
    {BC_GEMM_CLBLAST, BC_TILE_OF_RULE},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

const bc_gemm_way *bc_gemm_way_named(const char *word) {
    int i = 0;
    while (i < WAYS && strcmp(word, bc_tuning_gemm_words[i]) != 0)
        i++;
    return i < WAYS ? &ways[i] : NULL;
}

static bc_gemm_provider own_provider(const bc_host *host) {
    return bc_host_cpu_kernels(host) ? BC_GEMM_PANEL : BC_GEMM_LOCAL;
}

bool bc_gemm_has_way(const bc_host *host, const bc_gemm_way *way) {
    return way->provider == own_provider(host) || way->provider == bc_host_gemm(host);
}

const bc_gemm_way *bc_gemm_rule(bc_gemm_provider provider) {
    int i = 0;
    while (ways[i].provider != provider)
        i++;
    return &ways[i];
}
