/* TensorBoard event files. The messages, with their field numbers:
 *   Event   { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
 *   SessionLog { SessionStatus status = 1; }    START is 1
 *   Summary { repeated Value value = 1; }    Value { string tag = 1; float simple_value = 2; } */
#include "bicross/formats/tfevents.h"

#include <stdlib.h>
#include <string.h>

/* "123456789" gives 0xE3069283. */
static uint32_t crc32c(const void *data, size_t bytes) {
    const uint8_t *p = data;
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < bytes; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    return ~crc;
}

uint32_t bc_crc32c_masked(const void *data, size_t bytes) {
    uint32_t crc = crc32c(data, bytes);
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

/* A message being written; its owner makes `data` large enough beforehand. */
typedef struct message {
    uint8_t *data;
    size_t length;
} message;

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 }; /* protocol-buffer wire types */

static void put_little_endian(message *m, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        m->data[m->length++] = (uint8_t)(value >> (8 * i));
}

static void put_varint(message *m, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        m->data[m->length++] = (uint8_t)(value | 0x80);
    m->data[m->length++] = (uint8_t)value;
}

static void put_key(message *m, int field, int wire_type) {
    put_varint(m, (uint64_t)(field << 3 | wire_type));
}

static void put_double(message *m, int field, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(m, field, FIXED64);
    put_little_endian(m, bits, 8);
}

static void put_float(message *m, int field, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(m, field, FIXED32);
    put_little_endian(m, bits, 4);
}

static void put_bytes(message *m, int field, const void *data, size_t bytes) {
    put_key(m, field, BYTES);
    put_varint(m, bytes);
    memcpy(m->data + m->length, data, bytes);
    m->length += bytes;
}

static bc_status write_record(bc_error *err, FILE *stream, const message *event) {
    uint8_t header[12], footer[4];
    message h = {header, 0}, f = {footer, 0};
    put_little_endian(&h, event->length, 8);
    put_little_endian(&h, bc_crc32c_masked(header, 8), 4);
    put_little_endian(&f, bc_crc32c_masked(event->data, event->length), 4);
    if (fwrite(header, sizeof header, 1, stream) != 1 || fwrite(event->data, event->length, 1, stream) != 1 ||
        fwrite(footer, sizeof footer, 1, stream) != 1 || fflush(stream) != 0)
        return bc_fail(err, BC_E_FILE, "cannot write the TensorBoard event file (is the disk full?)");
    return BC_OK;
}

static bc_status write_version(bc_error *err, FILE *stream, double time) {
    static const char version[] = "brain.Event:2";
    uint8_t data[64];
    message event = {data, 0};
    put_double(&event, 1, time);
    put_bytes(&event, 3, version, strlen(version));
    return write_record(err, stream, &event);
}

/* TensorBoard drops what it has from the session's step on. */
static bc_status write_session_start(bc_error *err, FILE *stream, double time, uint64_t step) {
    enum { START = 1 };
    uint8_t data[64], status[8];
    message event = {data, 0}, session = {status, 0};
    put_key(&session, 1, VARINT);
    put_varint(&session, START);
    put_double(&event, 1, time);
    put_key(&event, 2, VARINT);
    put_varint(&event, (uint64_t)step);
    put_bytes(&event, 7, session.data, session.length);
    return write_record(err, stream, &event);
}

bc_status bc_tfevents_begin(bc_error *err, FILE *stream, double time, long resume_step) {
    BC_TRY(write_version(err, stream, time));
    return resume_step > 0 ? write_session_start(err, stream, time, (uint64_t)resume_step + 1) : BC_OK;
}

bc_status bc_tfevents_scalars(bc_error *err, FILE *stream, double time, long step, int count,
                              const char *const *names, const float *values) {
    enum { OVERHEAD = 64 }; /* more than all keys and lengths around one name, or around the summary */
    size_t longest = 0, total = OVERHEAD;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(names[i]);
        longest = length > longest ? length : longest;
        total += length + OVERHEAD;
    }
    uint8_t *memory = malloc(2 * total + longest + OVERHEAD);
    if (!memory)
        return bc_fail(err, BC_E_MEMORY, "no memory for an event of %d values", count);
    message event = {memory, 0}, summary = {memory + total, 0}, value = {memory + 2 * total, 0};
    for (int i = 0; i < count; i++) {
        value.length = 0;
        put_bytes(&value, 1, names[i], strlen(names[i]));
        put_float(&value, 2, values[i]);
        put_bytes(&summary, 1, value.data, value.length);
    }
    put_double(&event, 1, time);
    put_key(&event, 2, VARINT);
    put_varint(&event, (uint64_t)step);
    put_bytes(&event, 5, summary.data, summary.length);
    bc_status status = write_record(err, stream, &event);
    free(memory);
    return status;
}
