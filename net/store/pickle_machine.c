/* The stack and the memo of a machine that reads pickles. */
#include "net/store/pickle_machine.h"

#include <stdlib.h>
#include <string.h>

bc_status bc_pickle_damaged(bc_pickle_machine *m, const char *what) {
    return bc_fail(m->err, BC_E_FORMAT, "%s: the pickle is damaged at byte %zu: %s", m->label,
                   (size_t)(m->at - m->start), what);
}

/* Makes room for element `count` of an array. */
static bc_status grow(bc_pickle_machine *m, void *array, int count, int *room, size_t element_bytes) {
    void *old;
    if (count < *room)
        return BC_OK;
    if (count >= BC_PICKLE_VALUES)
        return bc_fail(m->err, BC_E_FORMAT, "%s: the pickle has more than %d values", m->label,
                       BC_PICKLE_VALUES);
    int wanted = *room ? 2 * *room : 256;
    memcpy(&old, array, sizeof old);
    void *wider = realloc(old, (size_t)wanted * element_bytes);
    if (!wider)
        return bc_fail(m->err, BC_E_MEMORY, "%s: no host memory for its pickle", m->label);
    memcpy(array, &wider, sizeof wider);
    *room = wanted;
    return BC_OK;
}

bc_status bc_pickle_push_index(bc_pickle_machine *m, int index) {
    BC_TRY(grow(m, &m->stack, m->depth, &m->stack_room, sizeof *m->stack));
    m->stack[m->depth++] = index;
    return BC_OK;
}

bc_status bc_pickle_push(bc_pickle_machine *m, bc_pickle_value value) {
    BC_TRY(grow(m, &m->out->values, m->out->value_count, &m->value_room, sizeof value));
    m->out->values[m->out->value_count] = value;
    return bc_pickle_push_index(m, m->out->value_count++);
}

bc_status bc_pickle_push_container(bc_pickle_machine *m, bc_pickle_kind kind) {
    return bc_pickle_push(m, (bc_pickle_value){.kind = kind, .items = {-1, -1, 0, -1, -1}});
}

bc_status bc_pickle_pop(bc_pickle_machine *m, int *index) {
    if (m->depth == 0 || m->stack[m->depth - 1] == BC_PICKLE_MARK)
        return bc_pickle_damaged(m, "a value is missing on the stack");
    *index = m->stack[--m->depth];
    return BC_OK;
}

/* Puts a value behind the items of a container. */
static bc_status append(bc_pickle_machine *m, int container, int item) {
    bc_pickle *p = m->out;
    BC_TRY(grow(m, &p->cells, p->cell_count, &m->cell_room, sizeof *p->cells));
    bc_pickle_value *v = &p->values[container];
    p->cells[p->cell_count] = (bc_pickle_cell){item, -1};
    if (v->items.last >= 0)
        p->cells[v->items.last].next = p->cell_count;
    else
        v->items.first = p->cell_count;
    v->items.last = p->cell_count++;
    v->items.count++;
    return BC_OK;
}

bc_status bc_pickle_move(bc_pickle_machine *m, int container, int bottom) {
    for (int i = bottom; i < m->depth; i++)
        BC_TRY(append(m, container, m->stack[i]));
    m->depth = bottom;
    return BC_OK;
}

bc_status bc_pickle_find_mark(bc_pickle_machine *m, int *above) {
    int i = m->depth;
    while (i > 0 && m->stack[i - 1] != BC_PICKLE_MARK)
        i--;
    *above = i;
    return i > 0 ? BC_OK : bc_pickle_damaged(m, "a mark is missing on the stack");
}

bc_status bc_pickle_need(bc_pickle_machine *m, int count) {
    for (int i = m->depth - count; i < m->depth; i++)
        if (i < 0 || m->stack[i] == BC_PICKLE_MARK)
            return bc_pickle_damaged(m, "a value is missing on the stack");
    return BC_OK;
}

bc_status bc_pickle_remember(bc_pickle_machine *m, uint64_t slot) {
    BC_TRY(bc_pickle_need(m, 1));
    if (slot >= BC_PICKLE_VALUES)
        return bc_pickle_damaged(m, "a place in the memo that is too far");
    while ((uint64_t)m->memo_count <= slot) {
        BC_TRY(grow(m, &m->memo, m->memo_count, &m->memo_room, sizeof *m->memo));
        m->memo[m->memo_count++] = BC_PICKLE_MARK;
    }
    m->memo[slot] = m->stack[m->depth - 1];
    return BC_OK;
}

bc_status bc_pickle_recall(bc_pickle_machine *m, uint64_t slot) {
    if (slot >= (uint64_t)m->memo_count || m->memo[slot] == BC_PICKLE_MARK)
        return bc_pickle_damaged(m, "a place in the memo that is empty");
    return bc_pickle_push_index(m, m->memo[slot]);
}
