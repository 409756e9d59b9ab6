/* Completion for zsh, by _arguments. */
#include "apps/common/describe.h"
#include "apps/common/describe_parts.h"

/* Inside '...' of the shell and [...] or :...: of _arguments. */
static void text(FILE *out, const char *words) {
    for (; *words; words++)
        switch (*words) {
        case '\'':
            fputs("'\\''", out);
            break;
        case '[':
        case ']':
        case ':':
        case '\\':
            fprintf(out, "\\%c", *words);
            break;
        default:
            fputc(*words, out);
        }
}

static void begin(FILE *out, const app_command *const *commands, int count) {
    fputs("#compdef bicross\n"
          "# Completion of bicross for zsh, made from the program's tables of options.\n"
          "if (( CURRENT == 2 )); then\n"
          "    local -a commands=(\n",
          out);
    for (int i = 0; i < count; i++) {
        fprintf(out, "        '%s:", commands[i]->name);
        text(out, commands[i]->summary);
        fputs("'\n", out);
    }
    fputs("        'help:Show what there is'\n"
          "    )\n"
          "    _describe command commands\n"
          "    _arguments '--help[show what there is]' '--version[show the version]'\n"
          "    return\n"
          "fi\n"
          "local command=$words[2]\n"
          "shift words\n"
          "(( CURRENT-- ))\n"
          "case $command in\n",
          out);
}

/* ":what it is called:what completes it" */
static void value(FILE *out, const app_option *o) {
    fputc(':', out);
    text(out, o->value);
    fputc(':', out);
    if (o->kind == APP_CHOICE) {
        fputc('(', out);
        app_print_words(out, o, " ");
        fputc(')', out);
    } else if (app_takes_path(o)) {
        fputs("_files", out);
    }
}

static void command(FILE *out, const app_command *command, const app_option *options, int count) {
    fprintf(out, "%s)\n    _arguments \\\n", command->name);
    for (int i = 0; i < count; i++) {
        const app_option *o = &options[i];
        if (!app_is_named(o))
            continue;
        fprintf(out, "        '%s--%s[", o->kind == APP_LIST ? "*" : "", o->name);
        text(out, o->help);
        fputc(']', out);
        if (o->value)
            value(out, o);
        fputs("' \\\n", out);
    }
    fputs("        '--help[show the options]' '*:file:_files'\n    ;;\n", out);
}

static void end(FILE *out) {
    fputs("esac\n", out);
}

const app_description app_describe_zsh = {"zsh", begin, command, end};
