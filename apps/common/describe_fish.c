/* Completion for fish: a line an option. */
#include "apps/common/describe.h"
#include "apps/common/describe_parts.h"

static void text(FILE *out, const char *words) {
    fputc('\'', out);
    app_print_escaped(out, words, "'\\", "\\");
    fputc('\'', out);
}

static void begin(FILE *out, const app_command *const *commands, int count) {
    fputs("# Completion of bicross for fish, made from the program's tables of options.\n"
          "complete -c bicross -f -n __fish_use_subcommand -l help -d 'Show what there is'\n"
          "complete -c bicross -f -n __fish_use_subcommand -l version -d 'Show the version'\n"
          "complete -c bicross -f -n __fish_use_subcommand -a help -d 'Show what there is'\n",
          out);
    for (int i = 0; i < count; i++) {
        fprintf(out, "complete -c bicross -f -n __fish_use_subcommand -a %s -d ", commands[i]->name);
        text(out, commands[i]->summary);
        fputc('\n', out);
    }
}

static void option(FILE *out, const char *command, const app_option *o) {
    fprintf(out, "complete -c bicross -n '__fish_seen_subcommand_from %s' -l %s", command, o->name);
    if (o->kind == APP_CHOICE) {
        fputs(" -x -a '", out);
        app_print_words(out, o, " ");
        fputc('\'', out);
    } else if (o->value) {
        fputs(app_takes_path(o) ? " -r -F" : " -x", out);
    }
    fputs(" -d ", out);
    text(out, o->help);
    fputc('\n', out);
}

static void command(FILE *out, const app_command *command, const app_option *options, int count) {
    for (int i = 0; i < count; i++)
        if (app_is_named(&options[i]))
            option(out, command->name, &options[i]);
    fprintf(out, "complete -c bicross -n '__fish_seen_subcommand_from %s' -l help -d 'Show the options'\n",
            command->name);
}

static void end(FILE *out) {
    (void)out; /* every line is whole */
}

const app_description app_describe_fish = {"fish", begin, command, end};
