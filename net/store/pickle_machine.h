/* The machine that reads pickles: its stack, and what lies on it (net/store/pickle.c has the opcodes). */
#ifndef BC_NET_STORE_PICKLE_MACHINE_H
#define BC_NET_STORE_PICKLE_MACHINE_H

#include "net/store/pickle.h"

typedef struct bc_pickle_machine {
    bc_error *err;
    const char *label;
    const uint8_t *start, *at, *end; /* of the pickle */
    const bc_pickle_global *allowed;
    int allowed_count;
    bc_pickle *out;
    int value_room, cell_room;
    int *stack, depth, stack_room; /* indices of values; BC_PICKLE_MARK */
    int *memo, memo_count, memo_room;
} bc_pickle_machine;

enum { BC_PICKLE_MARK = -1 };

/* BC_E_FORMAT with the place. */
bc_status bc_pickle_damaged(bc_pickle_machine *m, const char *what);

bc_status bc_pickle_push(bc_pickle_machine *m, bc_pickle_value value);
/* A value that there is already, or a mark. */
bc_status bc_pickle_push_index(bc_pickle_machine *m, int index);
bc_status bc_pickle_push_container(bc_pickle_machine *m, bc_pickle_kind kind);
/* BC_E_FORMAT where no value lies on top. */
bc_status bc_pickle_pop(bc_pickle_machine *m, int *index);
/* The place above the topmost mark. */
bc_status bc_pickle_find_mark(bc_pickle_machine *m, int *above);
/* BC_E_FORMAT unless the topmost `count` are values. */
bc_status bc_pickle_need(bc_pickle_machine *m, int count);
/* Moves what lies from `bottom` on into the container, behind what it holds. */
bc_status bc_pickle_move(bc_pickle_machine *m, int container, int bottom);

/* The value on top, kept under a number. */
bc_status bc_pickle_remember(bc_pickle_machine *m, uint64_t slot);
bc_status bc_pickle_recall(bc_pickle_machine *m, uint64_t slot);

/* The pickle's next bytes; BC_E_FORMAT where it ends before. Numbers are little-endian, without sign. */
bc_status bc_pickle_take(bc_pickle_machine *m, uint64_t bytes, const uint8_t **out);
bc_status bc_pickle_take_number(bc_pickle_machine *m, int width, uint64_t *out);

/* Values that stand in the bytes; width: of a number, or of a text's length. */
bc_status bc_pickle_push_none(bc_pickle_machine *m);
bc_status bc_pickle_push_bool(bc_pickle_machine *m, int value);
bc_status bc_pickle_push_whole(bc_pickle_machine *m, int width);
bc_status bc_pickle_push_signed(bc_pickle_machine *m);
bc_status bc_pickle_push_long(bc_pickle_machine *m, int width);
bc_status bc_pickle_push_real(bc_pickle_machine *m);
bc_status bc_pickle_push_text(bc_pickle_machine *m, bc_pickle_kind kind, int width);

#endif
