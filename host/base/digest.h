/* What a file was when it was written: its size and the hash of its bytes (XXH3, 64 bits). Finds what was cut, damaged or
 * swapped; it does not protect from somebody who means harm. */
#ifndef BC_HOST_BASE_DIGEST_H
#define BC_HOST_BASE_DIGEST_H

#include "host/base/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct bc_digest {
    uint64_t bytes, hash;
} bc_digest;

/* Reads the file once, in little memory. BC_E_FILE names it and the reason. */
bc_status bc_digest_file(bc_error *err, const char *path, bc_digest *out);
/* BC_E_FORMAT when the file is not what `expected` says. */
bc_status bc_digest_check(bc_error *err, const char *path, bc_digest expected);
uint64_t bc_digest_text(const void *text, size_t bytes);

#endif
