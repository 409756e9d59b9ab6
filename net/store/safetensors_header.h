/* Parses the JSON header of a safetensors file. */
#ifndef BC_NET_STORE_SAFETENSORS_HEADER_H
#define BC_NET_STORE_SAFETENSORS_HEADER_H

#include "net/store/safetensors.h"

/* Fills entries, sizes and metadata of `file` from the header text, in which strings are decoded in place. What was allocated is
 * in `file` also on failure. Offsets are parsed, not checked. */
bc_status bc_safetensors_parse(bc_error *err, char *text, size_t bytes, bc_tensor_file *file);

#endif
