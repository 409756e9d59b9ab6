/* The one message of a failure. */
#include "host/base/status.h"

#include "host/base/text.h"

#include <stdarg.h>
#include <stdio.h>

bc_status bc_fail(bc_error *err, bc_status status, const char *format, ...) {
    char text[BC_ERROR_TEXT];
    if (err && err->status == BC_OK) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        bc_text_shown(err->text, sizeof err->text, text);
        err->status = status;
    }
    return status;
}

void bc_error_clear(bc_error *err) {
    if (err) {
        err->status = BC_OK;
        err->text[0] = 0;
    }
}
