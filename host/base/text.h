/* Text that came from outside: which bytes are UTF-8, and what may be shown on a terminal. */
#ifndef BC_HOST_BASE_TEXT_H
#define BC_HOST_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes (1 to 4) of the UTF-8 character that begins at `text`, which ends with a zero byte or at text + room; 0 when there is
 * none (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing beyond U+10FFFF). *code: the character. */
int bc_utf8_decode(const char *text, size_t room, uint32_t *code);
/* Writes a character (not a surrogate, at most U+10FFFF) and returns its bytes, 1 to 4. */
int bc_utf8_encode(uint32_t code, char out[4]);

/* The first character of `text`, which is not empty, as a terminal may be given it: control characters, those that turn the
 * direction of writing and bytes that are no UTF-8 become \xNN. Returns the bytes of `text` that it stands for. */
int bc_text_step(const char *text, char shown[17]);
/* The whole text likewise, at most room-1 bytes, whole characters only. Returns out. */
char *bc_text_shown(char *out, size_t room, const char *text);

/* There are no control characters in it but tabs and ends of lines: they have no business in a text file, least of all on the
 * terminal where messages show its lines. */
bool bc_text_plain(const char *text, size_t bytes);

/* A JSON string with its quotation marks; bytes that are no UTF-8 become U+FFFD. */
void bc_json_text(FILE *out, const char *text);

/* "1.5 GiB", for messages. Returns text. */
const char *bc_size_text(size_t bytes, char text[32]);

#endif
