/* What was measured against a table of shares. */
#include "apps/bench/shares.h"

#include <stdlib.h>
#include <string.h>

static const double least_part = 0.85;       /* of the share before; what is below fell */
static const double steady_seconds = 0.1e-3; /* shorter runs are not measured steadily */

bool bench_scope_has(const bench_scope *scope, const char *name) {
    static const char network[] = "network ";
    bool is_network = strncmp(name, network, strlen(network)) == 0;
    return (is_network ? scope->networks : scope->ops) && (!scope->only || strcasestr(name, scope->only));
}

static bool is_short(const bench_share *now) {
    return now->seconds < steady_seconds;
}

bool bench_share_fell(const bench_share *before, const bench_share *now) {
    return !is_short(now) && now->share < least_part * before->share &&
           before->seconds < least_part * now->seconds;
}

/* A case's least time is its share of the time that it takes; it is the longer, the lower the ceiling. */
bool bench_ceiling_fell(const bench_share *before, const bench_share *now) {
    return before->share * before->seconds < least_part * now->share * now->seconds;
}

static bench_change change_of(const bench_share *before, const bench_share *now) {
    if (!before)
        return BENCH_NEW;
    if (is_short(now))
        return BENCH_SHORT;
    return bench_share_fell(before, now) ? BENCH_FELL : BENCH_HELD;
}

static int in_order(const void *left, const void *right) {
    const bench_compared *a = left, *b = right;
    if (a->change != b->change)
        return a->change < b->change ? -1 : 1;
    if (a->change == BENCH_FELL) {
        double here = a->now->share / a->before->share, there = b->now->share / b->before->share;
        if (here != there)
            return here < there ? -1 : 1;
    }
    return strcmp(a->now ? a->now->name : a->before->name, b->now ? b->now->name : b->before->name);
}

bc_status bench_compare(bc_error *err, const bench_shares *before, const bench_shares *now,
                        const bench_scope *scope, bench_compared **out, int *count) {
    *count = 0;
    *out = calloc((size_t)before->count + (size_t)now->count + 1, sizeof **out);
    if (!*out)
        return bc_fail(err, BC_E_MEMORY, "no memory to compare %d cases", now->count);
    for (int i = 0; i < now->count; i++) {
        const bench_share *n = &now->items[i], *b = bench_shares_find(before, n->name);
        (*out)[(*count)++] = (bench_compared){change_of(b, n), b, n};
    }
    for (int i = 0; i < before->count; i++) {
        const bench_share *b = &before->items[i];
        if (bench_scope_has(scope, b->name) && !bench_shares_find(now, b->name))
            (*out)[(*count)++] = (bench_compared){BENCH_MISSING, b, NULL};
    }
    if (*count)
        qsort(*out, (size_t)*count, sizeof **out, in_order);
    return BC_OK;
}
