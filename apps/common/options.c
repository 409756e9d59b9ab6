/* The option parser that all sub-commands use. */
#include "apps/common/options.h"

#include "apps/common/describe.h"
#include "apps/common/help.h"
#include "host/base/words.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int app_usage_error(const app_command *command, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    app_error_list(format, arguments);
    fprintf(stderr, "Try 'bicross help %s'.\n", command->name);
    va_end(arguments);
    return 2;
}

/* Arguments without a name (length 0) are taken in the table's order: the first that was not seen, else the last. */
static const app_option *find_option(const app_option *options, int count, const char *name, size_t length,
                                     const bool *seen) {
    const app_option *last = NULL;
    for (int i = 0; i < count; i++) {
        const char *n = options[i].name;
        if (options[i].kind == APP_HEADING)
            continue;
        if (n ? length > 0 && strlen(n) == length && strncmp(n, name, length) == 0 : length == 0)
            last = &options[i];
        if (last && (last->name || !seen[last - options]))
            return last;
    }
    return last;
}

static bool in_range(const app_option *option, double value) {
    return isfinite(value) && value >= option->low && value <= option->high;
}

/* A whole number at the start of `text`; *end: what follows it. */
static bool parse_whole(const char *text, char **end, double low, double high, int *value) {
    errno = 0;
    long number = strtol(text, end, 10);
    bool good = *end != text && !isspace((unsigned char)*text) && !errno && number >= INT_MIN &&
                number <= INT_MAX && (double)number >= low && (double)number <= high;
    *value = good ? (int)number : 0;
    return good;
}

static bool parse_size(const char *text, app_size *size) {
    enum { LARGEST_SIDE = 65536 };
    char *end;
    return parse_whole(text, &end, 1, LARGEST_SIDE, &size->height) && *end == 'x' &&
           parse_whole(end + 1, &end, 1, LARGEST_SIDE, &size->width) && !*end;
}

/* A device or a pipe. */
static bool is_stream(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

/* A device or a pipe needs no ending where there is but one format. */
static bool is_of_kind(const bc_kind *kind, const char *path, char expected[128]) {
    char endings[BC_KIND_TEXT];
    snprintf(expected, 128, "a file name that ends in %s", bc_kind_endings(kind, endings));
    return bc_kind_find(kind, path) || (kind->count == 1 && is_stream(path));
}

/* Whether `value` is one of the words of "paper|code". */
static bool is_choice(const char *choices, const char *value) {
    size_t length = strcspn(value, "|");
    if (value[length])
        return false;
    for (const char *p = choices; p; p = strchr(p, '|')) {
        p += *p == '|';
        if (length > 0 && strncmp(p, value, length) == 0 && (p[length] == '|' || p[length] == 0))
            return true;
    }
    return false;
}

/* Stores the value; on failure returns false and says in `expected` what it should have been. */
static bool store(const app_option *option, const char *text, char expected[128]) {
    char *end;
    switch (option->kind) {
    case APP_FLAG:
        *(bool *)option->target = true;
        return true;
    case APP_LEVEL:
        *(app_volume *)option->target = (app_volume)option->low;
        return true;
    case APP_TEXT:
        *(const char **)option->target = text;
        snprintf(expected, 128, "a value that is not empty");
        return *text != 0;
    case APP_CHOICE:
        *(const char **)option->target = text;
        snprintf(expected, 128, "one of %s", option->value);
        return is_choice(option->value, text);
    case APP_INT:
        snprintf(expected, 128, "a whole number from %.0f to %.0f", option->low, option->high);
        return parse_whole(text, &end, option->low, option->high, option->target) && !*end;
    case APP_FLOAT:
        snprintf(expected, 128, "a number from %g to %g", option->low, option->high);
        errno = 0;
        *(float *)option->target = strtof(text, &end);
        return end != text && !*end && !errno && in_range(option, *(float *)option->target);
    case APP_PICTURE:
    case APP_DEPTH:
    case APP_SPIKES:
    case APP_SENSOR:
        *(const char **)option->target = text;
        return is_of_kind(app_file_kind(option->kind), text, expected);
    case APP_PATHS: {
        app_paths *paths = option->target;
        paths->only = text;
        paths->items = &paths->only;
        paths->count = 1;
        snprintf(expected, 128, "a value that is not empty");
        return *text != 0;
    }
    case APP_SIZE:
        snprintf(expected, 128, "HEIGHTxWIDTH, for example 250x400");
        return parse_size(text, option->target);
    default: {
        app_list *list = option->target;
        snprintf(expected, 128, "at most %d of them", APP_LIST_LENGTH);
        if (list->count == APP_LIST_LENGTH)
            return false;
        list->items[list->count++] = text;
        return true;
    }
    }
}

/* Says that there is no such option, and which one is nearest; a single letter is near to none. */
static int fail_unknown(const app_command *command, const app_option *options, int count, const char *word,
                        int length) {
    char name[64];
    const char *bare = word + strspn(word, "-");
    bc_nearest nearest = {.wanted = name};
    snprintf(name, sizeof name, "%.*s", length - (int)(bare - word), bare);
    for (int i = 0; i < count; i++)
        if (options[i].name)
            bc_nearest_offer(&nearest, options[i].name);
    bc_nearest_offer(&nearest, "help");
    if (strlen(name) < 2)
        return app_usage_error(command, "there is no option '%.*s'", length, word);
    return app_usage_error(command, "there is no option '%.*s'; the nearest is '--%s'", length, word,
                           nearest.word);
}

static bool takes_value(app_kind kind) {
    return kind != APP_FLAG && kind != APP_LEVEL;
}

/* The words from argv[first] on that are no options. "-" is one: standard input. */
static void take_words(app_paths *paths, int argc, char **argv, int first) {
    paths->items = (const char *const *)argv + first;
    while (first + paths->count < argc && strncmp(argv[first + paths->count], "--", 2) != 0)
        paths->count++;
}

/* Takes argv[*index] (and its value, or values); returns 0, or 2 after reporting a mistake. */
static int take(const app_command *command, const app_option *options, int count, int argc, char **argv,
                int *index, bool *seen) {
    const char *word = argv[*index];
    bool named = strncmp(word, "--", 2) == 0 && word[2];
    const char *name = named ? word + 2 : "", *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const app_option *option = find_option(options, count, name, length, seen);
    if (!option || (!named && *word == '-' && word[1]))
        return *word == '-' ? fail_unknown(command, options, count, word, (int)(name + length - word))
                            : app_usage_error(command, "unexpected argument '%s'", word);
    const char *shown = option->name ? option->name : option->value, *dashes = option->name ? "--" : "";
    bool *was_seen = &seen[option - options];
    if (*was_seen && option->kind != APP_LIST)
        return app_usage_error(command, "%s%s is given twice", dashes, shown);
    *was_seen = true;
    const char *value = named ? equals ? equals + 1 : NULL : word;
    if (!takes_value(option->kind) && value)
        return app_usage_error(command, "--%s takes no value", shown);
    if (option->kind == APP_PATHS && !value) {
        app_paths *paths = option->target;
        take_words(paths, argc, argv, *index + 1);
        *index += paths->count;
        return paths->count > 0 ? 0
                                : app_usage_error(command, "--%s needs a value: %s", shown, option->value);
    }
    if (takes_value(option->kind) && !value) {
        if (*index + 1 >= argc)
            return app_usage_error(command, "--%s needs a value: %s", shown, option->value);
        value = argv[++*index];
    }
    char expected[128];
    if (!store(option, value, expected))
        return app_usage_error(command, "%s%s must be %s, not '%s'", dashes, shown, expected, value);
    return 0;
}

bool app_parse(const app_command *command, const app_option *options, int count, int argc, char **argv,
               int *exit_status) {
    bool seen[64] = {false};
    if (app_describe(command, options, count, argc, argv)) {
        *exit_status = 0;
        return false;
    }
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            app_print_help(command, options, count);
            *exit_status = 0;
            return false;
        }
    for (int i = 1; i < argc; i++)
        if ((*exit_status = take(command, options, count, argc, argv, &i, seen)) != 0)
            return false;
    for (int i = 0; i < count; i++)
        if (options[i].required && !seen[i]) {
            *exit_status = options[i].name ? app_usage_error(command, "--%s %s is missing", options[i].name,
                                                             options[i].value)
                                           : app_usage_error(command, "%s is missing", options[i].value);
            return false;
        }
    return true;
}

int app_choice(const char *word, const char *const *words) {
    int place = 0;
    while (strcmp(word, words[place]) != 0)
        place++;
    return place;
}
