/* The kinds of descriptions that there are, and writing one whole. */
#include "apps/common/describe.h"

#include "apps/common/app.h"

#include <string.h>

static const app_description *const descriptions[] = {&app_describe_man, &app_describe_bash,
                                                      &app_describe_zsh, &app_describe_fish};
enum { DESCRIPTIONS = sizeof descriptions / sizeof descriptions[0] };

static const app_description *find(const char *kind) {
    for (int i = 0; i < DESCRIPTIONS; i++)
        if (kind && strcmp(kind, descriptions[i]->name) == 0)
            return descriptions[i];
    return NULL;
}

int app_describe_all(const char *kind, const app_command *const *commands, int count) {
    const app_description *description = find(kind);
    char name[] = APP_DESCRIBE, text[16], *words[] = {name, name, text, NULL};
    if (!description) {
        app_error(APP_DESCRIBE " needs one of man, bash, zsh, fish");
        return 2;
    }
    snprintf(text, sizeof text, "%s", kind);
    description->begin(stdout, commands, count);
    for (int i = 0; i < count; i++)
        commands[i]->run(3, words);
    description->end(stdout);
    return 0;
}

bool app_describe(const app_command *command, const app_option *options, int count, int argc, char **argv) {
    const app_description *description =
        argc == 3 && strcmp(argv[1], APP_DESCRIBE) == 0 ? find(argv[2]) : NULL;
    if (description)
        description->command(stdout, command, options, count);
    return description;
}
