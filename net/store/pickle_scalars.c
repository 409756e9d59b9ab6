/* What a pickle says in its own bytes: numbers and texts. */
#include "net/store/pickle_machine.h"

#include <string.h>

bc_status bc_pickle_take(bc_pickle_machine *m, uint64_t bytes, const uint8_t **out) {
    *out = m->at;
    if (bytes > (uint64_t)(m->end - m->at))
        return bc_pickle_damaged(m, "it ends too early");
    m->at += bytes;
    return BC_OK;
}

/* Little-endian, without sign. */
bc_status bc_pickle_take_number(bc_pickle_machine *m, int width, uint64_t *out) {
    const uint8_t *bytes;
    BC_TRY(bc_pickle_take(m, (uint64_t)width, &bytes));
    *out = 0;
    for (int i = 0; i < width; i++)
        *out |= (uint64_t)bytes[i] << 8 * i;
    return BC_OK;
}

bc_status bc_pickle_push_text(bc_pickle_machine *m, bc_pickle_kind kind, int width) {
    uint64_t length;
    const uint8_t *bytes;
    BC_TRY(bc_pickle_take_number(m, width, &length));
    BC_TRY(bc_pickle_take(m, length, &bytes));
    return bc_pickle_push(m, (bc_pickle_value){.kind = kind, .text = {(const char *)bytes, length}});
}

static bc_status push_int(bc_pickle_machine *m, long value) {
    return bc_pickle_push(m, (bc_pickle_value){.kind = BC_PICKLE_INT, .integer = value});
}

bc_status bc_pickle_push_whole(bc_pickle_machine *m, int width) {
    uint64_t value;
    BC_TRY(bc_pickle_take_number(m, width, &value));
    return push_int(m, (long)value);
}

bc_status bc_pickle_push_signed(bc_pickle_machine *m) {
    uint64_t value;
    BC_TRY(bc_pickle_take_number(m, 4, &value));
    return push_int(m, (long)(int32_t)(uint32_t)value);
}

bc_status bc_pickle_push_none(bc_pickle_machine *m) {
    return bc_pickle_push(m, (bc_pickle_value){.kind = BC_PICKLE_NONE});
}

bc_status bc_pickle_push_bool(bc_pickle_machine *m, int value) {
    return bc_pickle_push(m, (bc_pickle_value){.kind = BC_PICKLE_BOOL, .integer = value});
}

/* Two's complement of any length; what does not fit is data that nobody asks for. */
bc_status bc_pickle_push_long(bc_pickle_machine *m, int width) {
    uint64_t length, value = 0;
    const uint8_t *bytes;
    BC_TRY(bc_pickle_take_number(m, width, &length));
    BC_TRY(bc_pickle_take(m, length, &bytes));
    if (length > sizeof value)
        return bc_pickle_push(
            m, (bc_pickle_value){.kind = BC_PICKLE_BYTES, .text = {(const char *)bytes, length}});
    for (uint64_t i = 0; i < sizeof value; i++)
        value |= (uint64_t)(i < length ? bytes[i] : length && bytes[length - 1] & 0x80 ? 0xff : 0) << 8 * i;
    return push_int(m, (long)value);
}

bc_status bc_pickle_push_real(bc_pickle_machine *m) {
    uint64_t bits = 0;
    const uint8_t *bytes;
    double value;
    BC_TRY(bc_pickle_take(m, sizeof bits, &bytes));
    for (size_t i = 0; i < sizeof bits; i++) /* big-endian, in this one place */
        bits = bits << 8 | bytes[i];
    memcpy(&value, &bits, sizeof value);
    return bc_pickle_push(m, (bc_pickle_value){.kind = BC_PICKLE_FLOAT, .real = value});
}
