/* Writing protocol-buffer messages field by field. A message that memory did not suffice for is marked, and what is added to it is
 * passed over, so that only its end need be looked at. */
#ifndef BC_BICROSS_FORMATS_PROTOBUF_H
#define BC_BICROSS_FORMATS_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bc_message {
    uint8_t *data; /* owned; NULL while nothing was added */
    size_t length, capacity;
    bool failed;
} bc_message;

void bc_message_release(bc_message *message);
void bc_put_integer(bc_message *message, int field, uint64_t value);
void bc_put_float(bc_message *message, int field, float value);
void bc_put_double(bc_message *message, int field, double value);
void bc_put_bytes(bc_message *message, int field, const void *data, size_t bytes);
void bc_put_text(bc_message *message, int field, const char *text);
/* Adds `inner` as a field and releases it. */
void bc_put_message(bc_message *message, int field, bc_message *inner);

#endif
