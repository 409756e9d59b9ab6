/* The man page, in man(7)'s macros. */
#include "apps/common/describe.h"
#include "apps/common/describe_parts.h"

/* A line that begins with a dot or an apostrophe would be a macro; '-' is a hyphen unless escaped. */
static void text(FILE *out, const char *line) {
    if (*line == '.' || *line == '\'')
        fputs("\\&", out);
    app_print_escaped(out, line, "\\-", "\\");
}

static void begin(FILE *out, const app_command *const *commands, int count) {
    fprintf(out, ".TH BICROSS 1 \"\" \"bicross %s\" \"User Commands\"\n", BICROSS_VERSION);
    fputs(".SH NAME\nbicross \\- depth from spike cameras, on any OpenCL device\n"
          ".SH SYNOPSIS\n.B bicross\n.I COMMAND\n[options]\n.br\n.B bicross \\-\\-help\n.br\n.B bicross "
          "\\-\\-version\n"
          ".SH DESCRIPTION\nTrains and runs networks that give depth and its uncertainty from the stream of "
          "a spike camera, without "
          "depth labels of the domain where it is used (BiCross). The commands:\n",
          out);
    for (int i = 0; i < count; i++) {
        fprintf(out, ".TP\n.B %s\n", commands[i]->name);
        text(out, commands[i]->summary);
        fputc('\n', out);
    }
    fputs(".P\nEach has\n.B \\-\\-help\nwith an example.\n.SH COMMANDS\n", out);
}

static void option(FILE *out, const app_option *o) {
    fputs(".TP\n", out);
    if (o->name) {
        fputs("\\fB\\-\\-", out);
        text(out, o->name);
        fputs("\\fR", out);
    }
    if (o->value) {
        fprintf(out, "%s\\fI", o->name ? " " : "");
        text(out, o->value);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    text(out, o->help);
    fputs(o->required ? "; required\n" : "\n", out);
}

static void command(FILE *out, const app_command *command, const app_option *options, int count) {
    fprintf(out, ".SS bicross %s\n", command->name);
    text(out, command->summary);
    fputc('\n', out);
    for (int i = 0; i < count; i++)
        if (app_is_named(&options[i]) || app_is_argument(&options[i]))
            option(out, &options[i]);
    fputs(".P\nExample:\n.P\n.RS\n", out);
    text(out, command->example);
    fputs("\n.RE\n", out);
}

static void end(FILE *out) {
    fputs(
        ".SH ENVIRONMENT\n"
        ".TP\n.B BICROSS_DEVICE\nThe OpenCL device, where no option says one.\n"
        ".TP\n.B BICROSS_KERNELS\ncpu or gpu: kernels of that family, whatever the device is.\n"
        ".TP\n.B BICROSS_SELFTEST\noff: a new driver is not checked, and nothing is left out.\n"
        ".TP\n.B XDG_CACHE_HOME\nWhere compiled kernels, measured choices and findings are kept (~/.cache).\n"
        ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 130 interrupted.\n"
        ".SH FILES\n.I /usr/share/bicross/configs\nhas commented configurations.\n",
        out);
}

const app_description app_describe_man = {"man", begin, command, end};
