#include "apps/common/help.h"

#include "apps/common/terminal.h"
#include "bicross/data/sensor.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"

#include <string.h>
#include <unistd.h>

const bc_kind *app_file_kind(app_kind kind) {
    return kind == APP_PICTURE  ? &bc_image_kind
           : kind == APP_DEPTH  ? &bc_depth_kind
           : kind == APP_SPIKES ? &bc_spike_kind
           : kind == APP_SENSOR ? &bc_sensor_kind
                                : NULL;
}

/* --- lines --- */

int app_help_width(int file) {
    enum { LEAST = 40, MOST = 100 };
    int width = app_terminal_width(file);
    return width < LEAST ? LEAST : width > MOST ? MOST : width;
}

/* What of a word goes into a line of `room` columns: all of it, or up to the last '|' that fits. */
static int piece_of(const char *word, int room) {
    int length = (int)strcspn(word, " "), cut = length;
    for (int i = room - 1; length > room && i > 0 && cut == length; i--)
        if (word[i] == '|')
            cut = i + 1;
    return cut;
}

int app_wrap(FILE *out, const char *text, int column, int indent, int width) {
    int blank = 0; /* one stands before all words but the first of a line */
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        int length = (int)strcspn(text, " "), room = width - column - blank, piece = piece_of(text, room);
        bool whole_below = indent + length <= width;
        if (column > indent && (piece > room || (piece < length && whole_below))) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
            blank = 0;
            piece = piece_of(text, width - indent);
        }
        fprintf(out, "%*s%.*s", blank, "", piece, text);
        column += blank + piece;
        text += piece;
        blank = piece == length; /* else the rest of the word follows, on the next line */
    }
    return column;
}

void app_wrap_pair(FILE *out, const char *left, const char *right, int indent, int width) {
    enum { MARGIN = 2, GAP = 2, HANGING = 6 };
    fprintf(out, "%*s", MARGIN, "");
    int column = app_wrap(out, left, MARGIN, HANGING, width);
    if (column > indent - GAP) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", indent - column, "");
    app_wrap(out, right, indent, indent, width);
    fputc('\n', out);
}

/* --- a command --- */

static void print_usage(const app_command *command, const app_option *options, int count, int width) {
    enum { HANGING = 7 };
    char words[512];
    int n = snprintf(words, sizeof words, "Usage: bicross %s", command->name);
    bool optional = false;
    for (int i = 0; i < count; i++) {
        const app_option *o = &options[i];
        if (o->name && o->required)
            n += snprintf(words + n, sizeof words - (size_t)n, " --%s %s", o->name, o->value);
        optional = optional || (o->name && !o->required);
    }
    if (optional)
        n += snprintf(words + n, sizeof words - (size_t)n, " [options]");
    for (int i = 0; i < count; i++)
        if (!options[i].name && options[i].kind != APP_HEADING)
            n += snprintf(words + n, sizeof words - (size_t)n, options[i].required ? " %s" : " [%s]",
                          options[i].value);
    app_wrap(stdout, words, 0, HANGING, width);
    printf("\n\n");
    app_wrap(stdout, command->summary, 0, 0, width);
    printf("\n\n");
}

static void left_of(const app_option *o, char left[160]) {
    snprintf(left, 160, "%s%s%s%s", o->name ? "--" : "", o->name ? o->name : "",
             o->name && o->value ? " " : "", o->value ? o->value : "");
}

/* Where the right column begins: behind the longest of the left one that is not out of proportion. */
static int find_indent(const app_option *options, int count, int width) {
    enum { AROUND = 4 };
    int widest = (int)strlen("--help"), most = width / 3;
    for (int i = 0; i < count; i++) {
        char left[160];
        left_of(&options[i], left);
        int length = (int)strlen(left);
        if (length > widest && length + AROUND <= most)
            widest = length;
    }
    return widest + AROUND;
}

static void print_option(const app_option *o, int indent, int width) {
    char left[160], help[512], endings[BC_KIND_TEXT];
    const bc_kind *kind = app_file_kind(o->kind);
    left_of(o, left);
    snprintf(help, sizeof help, "%s%s%s", o->help, kind ? ": " : "",
             kind ? bc_kind_endings(kind, endings) : "");
    app_wrap_pair(stdout, left, help, indent, width);
}

/* For a shell to take as it is: lines end with a backslash, before options alone. */
static void print_example(const char *example, int width) {
    enum { MARGIN = 2, HANGING = 6, CONTINUED = 2 };
    int column = MARGIN;
    printf("\nExample:\n%*s", MARGIN, "");
    while (*example) {
        const char *next = strstr(example + 1, " --");
        int length = next ? (int)(next - example) : (int)strlen(example);
        if (*example == ' ' && column + length + CONTINUED > width) {
            printf(" \\\n%*s", HANGING, "");
            column = HANGING;
            example++;
            length--;
        }
        printf("%.*s", length, example);
        column += length;
        example += length;
    }
    putchar('\n');
}

void app_print_help(const app_command *command, const app_option *options, int count) {
    int width = app_help_width(STDOUT_FILENO), indent = find_indent(options, count, width);
    print_usage(command, options, count, width);
    for (int i = 0; i < count; i++)
        if (options[i].kind == APP_HEADING)
            printf("%s%s\n", i ? "\n" : "", options[i].help);
        else
            print_option(&options[i], indent, width);
    app_wrap_pair(stdout, "--help", "show this", indent, width);
    print_example(command->example, width);
}
