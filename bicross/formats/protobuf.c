#include "bicross/formats/protobuf.h"

#include <stdlib.h>
#include <string.h>

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 }; /* wire types */

void bc_message_release(bc_message *m) {
    free(m->data);
    *m = (bc_message){0};
}

static void put_raw(bc_message *m, const void *data, size_t bytes) {
    if (m->failed || bytes == 0)
        return;
    if (bytes > m->capacity - m->length) {
        size_t capacity = 2 * m->capacity + bytes + 64;
        uint8_t *grown = realloc(m->data, capacity);
        m->failed = !grown;
        if (!grown)
            return;
        m->data = grown;
        m->capacity = capacity;
    }
    memcpy(m->data + m->length, data, bytes);
    m->length += bytes;
}

static void put_little_endian(bc_message *m, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        put_raw(m, &(uint8_t){(uint8_t)(value >> (8 * i))}, 1);
}

static void put_varint(bc_message *m, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        put_raw(m, &(uint8_t){(uint8_t)(value | 0x80)}, 1);
    put_raw(m, &(uint8_t){(uint8_t)value}, 1);
}

static void put_key(bc_message *m, int field, int wire_type) {
    put_varint(m, (uint64_t)(field << 3 | wire_type));
}

void bc_put_integer(bc_message *m, int field, uint64_t value) {
    put_key(m, field, VARINT);
    put_varint(m, value);
}

void bc_put_float(bc_message *m, int field, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(m, field, FIXED32);
    put_little_endian(m, bits, 4);
}

void bc_put_double(bc_message *m, int field, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(m, field, FIXED64);
    put_little_endian(m, bits, 8);
}

void bc_put_bytes(bc_message *m, int field, const void *data, size_t bytes) {
    put_key(m, field, BYTES);
    put_varint(m, bytes);
    put_raw(m, data, bytes);
}

void bc_put_text(bc_message *m, int field, const char *text) {
    bc_put_bytes(m, field, text, strlen(text));
}

void bc_put_message(bc_message *m, int field, bc_message *inner) {
    m->failed |= inner->failed;
    bc_put_bytes(m, field, inner->data, inner->length);
    bc_message_release(inner);
}
