/* UTF-8, and text that may be shown. */
#include "host/base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

int bc_utf8_decode(const char *text, size_t room, uint32_t *code) {
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (room == 0)
        return 0;
    unsigned char first = (unsigned char)*text;
    int bytes = first < 0x80                    ? 1
                : first >= 0xF0 && first < 0xF8 ? 4
                : first >= 0xE0                 ? 3
                : first >= 0xC0                 ? 2
                                                : 0;
    if (bytes == 0 || first >= 0xF8 || (size_t)bytes > room)
        return 0;
    *code = bytes == 1 ? first : first & (0x7Fu >> bytes);
    for (int i = 1; i < bytes; i++) {
        unsigned char next = (unsigned char)text[i];
        if ((next & 0xC0) != 0x80) /* also the zero byte that ends the text */
            return 0;
        *code = *code << 6 | (next & 0x3F);
    }
    bool surrogate = *code >= 0xD800 && *code < 0xE000;
    return *code < least[bytes] || *code > 0x10FFFF || surrogate ? 0 : bytes;
}

int bc_utf8_encode(uint32_t code, char out[4]) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    int bytes = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (int i = bytes - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)((0xF00u >> bytes & 0xFF) | code);
    return bytes;
}

static bool may_be_shown(uint32_t code) {
    bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return !control && !turns && code != 0x2028 && code != 0x2029; /* line and paragraph ends */
}

int bc_text_step(const char *text, char shown[17]) {
    uint32_t code = 0;
    int bytes = bc_utf8_decode(text, strnlen(text, 4), &code), taken = bytes ? bytes : 1;
    if (bytes && may_be_shown(code))
        snprintf(shown, 17, "%.*s", bytes, text);
    else
        for (int i = 0; i < taken; i++)
            snprintf(shown + 4 * i, 5, "\\x%02x", (unsigned char)text[i]);
    return taken;
}

char *bc_text_shown(char *out, size_t room, const char *text) {
    char shown[17];
    size_t used = 0, length;
    for (; *text; used += length) {
        text += bc_text_step(text, shown);
        length = strlen(shown);
        if (used + length >= room)
            break;
        memcpy(out + used, shown, length);
    }
    out[used] = 0;
    return out;
}

bool bc_text_plain(const char *text, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        if (iscntrl((unsigned char)text[i]) && !memchr("\t\r\n", text[i], 3))
            return false;
    return true;
}

const char *bc_size_text(size_t bytes, char text[32]) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    int unit = 0;
    while (value >= 1024 && unit < 4) {
        value /= 1024;
        unit++;
    }
    snprintf(text, 32, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return text;
}

void bc_json_text(FILE *out, const char *text) {
    fputc('"', out);
    while (*text) {
        uint32_t code = 0;
        int bytes = bc_utf8_decode(text, strnlen(text, 4), &code);
        if (bytes == 0)
            fputs("\\ufffd", out); /* JSON is UTF-8 */
        else if (code == '"' || code == '\\')
            fprintf(out, "\\%c", (int)code);
        else if (code < 0x20 || (code >= 0x7F && code < 0xA0))
            fprintf(out, "\\u%04x", (unsigned)code);
        else
            fprintf(out, "%.*s", bytes, text);
        text += bytes ? bytes : 1;
    }
    fputc('"', out);
}
