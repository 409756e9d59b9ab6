/* Completion for bash: a function that looks at the command and at the word before. What options take comes first, then their names. */
#include "apps/common/describe.h"
#include "apps/common/describe_parts.h"

static void begin(FILE *out, const app_command *const *commands, int count) {
    fputs("# Completion of bicross for bash, made from the program's tables of options.\n"
          "_bicross() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    COMPREPLY=()\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W '",
          out);
    for (int i = 0; i < count; i++)
        fprintf(out, "%s ", commands[i]->name);
    fputs("help --help --version' -- \"$word\")\n"
          "        return\n"
          "    fi\n"
          "    case \"${COMP_WORDS[1]} $before\" in\n",
          out);
}

static void command(FILE *out, const app_command *command, const app_option *options, int count) {
    for (int i = 0; i < count; i++) {
        const app_option *o = &options[i];
        if (!app_is_named(o) || !o->value)
            continue;
        fprintf(out, "    '%s --%s') ", command->name, o->name);
        if (o->kind == APP_CHOICE) {
            fputs("mapfile -t COMPREPLY < <(compgen -W '", out);
            app_print_words(out, o, " ");
            fputs("' -- \"$word\")", out);
        } else {
            fputs(app_takes_path(o) ? "mapfile -t COMPREPLY < <(compgen -f -- \"$word\")" : ":", out);
        }
        fputs(" ;;\n", out);
    }
    fprintf(out, "    '%s '*) ", command->name);
    fputs("case $word in -*) mapfile -t COMPREPLY < <(compgen -W '", out);
    for (int i = 0; i < count; i++)
        if (app_is_named(&options[i]))
            fprintf(out, "--%s ", options[i].name);
    fputs("--help' -- \"$word\") ;; *) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;; esac ;;\n", out);
}

static void end(FILE *out) {
    fputs("    esac\n"
          "}\n"
          "complete -o filenames -F _bicross bicross\n",
          out);
}

const app_description app_describe_bash = {"bash", begin, command, end};
