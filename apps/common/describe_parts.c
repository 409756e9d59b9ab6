/* What the kinds of descriptions share. */
#include "apps/common/describe_parts.h"

#include <string.h>

bool app_is_named(const app_option *option) {
    return option->name != NULL;
}

bool app_is_argument(const app_option *option) {
    return !option->name && option->value;
}

bool app_takes_path(const app_option *option) {
    static const char *const words[] = {"FILE", "DIR", "FOLDER", "PATH", "WEIGHTS", "IN", "OUT", "CONFIG"};
    if (!option->value || option->kind == APP_CHOICE)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(option->value, words[i]))
            return true;
    return false;
}

void app_print_words(FILE *out, const app_option *option, const char *between) {
    for (const char *c = option->kind == APP_CHOICE ? option->value : ""; *c; c++)
        if (*c == '|')
            fputs(between, out);
        else
            fputc(*c, out);
}

void app_print_escaped(FILE *out, const char *text, const char *characters, const char *escape) {
    for (; *text; text++)
        fprintf(out, "%s%c", strchr(characters, *text) ? escape : "", *text);
}
