/* Pieces of an HTML page: escaped text and data URLs; svg.h has charts. They write to a stream and leave
 * errors to whoever checks it at the end (ferror). */
#ifndef BC_BICROSS_FORMATS_HTML_H
#define BC_BICROSS_FORMATS_HTML_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Text with < > & " made harmless. */
void bc_html_text(FILE *out, const char *text);
/* Base64 (RFC 4648, with padding). */
void bc_base64(FILE *out, const uint8_t *data, size_t bytes);

#endif
