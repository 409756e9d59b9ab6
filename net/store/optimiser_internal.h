/* What optimiser.c (updates) and optimiser_state.c (files) share. */
#ifndef BC_NET_STORE_OPTIMISER_INTERNAL_H
#define BC_NET_STORE_OPTIMISER_INTERNAL_H

#include "net/store/optimiser.h"

/* One state over one group. With double_backbone the backbone has two, the "second." one stepping first. */
typedef struct bc_slot {
    bc_group group, rate; /* what is updated, and whose learning rate it uses */
    const char *prefix;   /* of its names in a state file */
    size_t first, count;  /* floats in the parameter vectors */
    bc_buffer moments[2]; /* Adam: m and v; SGD: the momentum */
} bc_slot;

struct bc_optimiser {
    bc_params *params;
    bc_optimiser_options options;
    bc_slot slots[BC_GROUP_COUNT];
    int slot_count;
    long step;               /* updates so far */
    bc_buffer scale;         /* {factor of the gradients, first step where their norm was not finite or 0} */
    bc_buffer partial, sums; /* of the norm */
};

#endif
