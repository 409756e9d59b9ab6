/* bicross: depth from spike streams. Finds the sub-command and hands over. */
#include "apps/common/app.h"
#include "apps/common/describe.h"
#include "apps/common/help.h"
#include "apps/common/streams.h"
#include "apps/common/version.h"
#include "host/base/words.h"

#include <string.h>
#include <unistd.h>

/* In the order in which a newcomer needs them. */
static const struct {
    const char *title;
    const app_command *commands[8]; /* the rest is NULL */
} groups[] = {
    {"First steps", {&app_demo, &app_devices, &app_selftest}},
    {"Networks", {&app_train, &app_eval, &app_predict, &app_report, &app_convert, &app_export}},
    {"Spikes and data",
     {&app_data, &app_inspect, &app_simulate, &app_reconstruct, &app_calibrate, &app_synth}},
    {"Speed", {&app_bench, &app_tune}},
};
enum { GROUPS = sizeof groups / sizeof groups[0] };

static void print_overview(FILE *out, int file) {
    enum { INDENT = 16 };
    int width = app_help_width(file);
    fprintf(out, "Usage: bicross COMMAND [options]\n\n");
    app_wrap(
        out,
        "Depth from spike-camera streams without depth labels of the target domain (BiCross), on OpenCL.", 0,
        0, width);
    fputc('\n', out);
    for (int g = 0; g < GROUPS; g++) {
        fprintf(out, "\n%s\n", groups[g].title);
        for (const app_command *const *c = groups[g].commands; *c; c++)
            app_wrap_pair(out, (*c)->name, (*c)->summary, INDENT, width);
    }
    fprintf(out, "\nAbout the program\n");
    app_wrap_pair(out, "help COMMAND", "Show the options of a command, with an example.", INDENT, width);
    app_wrap_pair(out, "version", "Show the version, and what is built in.", INDENT, width);
    fputc('\n', out);
    app_wrap(out, "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.", 0, 0, width);
    fputc('\n', out);
}

static int describe(const char *kind) {
    const app_command *all[GROUPS * 8];
    int count = 0;
    for (int g = 0; g < GROUPS; g++)
        for (const app_command *const *c = groups[g].commands; *c; c++)
            all[count++] = *c;
    return app_describe_all(kind, all, count);
}

/* NULL: there is none, which is said. */
static const app_command *find_command(const char *name) {
    bc_nearest nearest = {.wanted = name};
    for (int g = 0; g < GROUPS; g++)
        for (const app_command *const *c = groups[g].commands; *c; c++)
            if (bc_nearest_offer(&nearest, (*c)->name) && nearest.distance == 0)
                return *c;
    bc_nearest_offer(&nearest, "help");
    bc_nearest_offer(&nearest, "version");
    app_error("there is no command '%s'; the nearest is '%s'", name, nearest.word);
    fprintf(stderr, "Try 'bicross help'.\n");
    return NULL;
}

/* Of a command, or of all. */
static int help(const char *name) {
    if (!name) {
        print_overview(stdout, STDOUT_FILENO);
        return 0;
    }
    const app_command *command = find_command(name);
    char asking[] = "--help", *words[] = {asking, asking, NULL};
    return command ? command->run(2, words) : 2;
}

static bool is(const char *word, const char *name) {
    return strcmp(word, name) == 0 || (strncmp(word, "--", 2) == 0 && strcmp(word + 2, name) == 0);
}

static int run(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    if (is(name, "help") || strcmp(name, "-h") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    if (is(name, "version")) {
        app_version_print();
        return 0;
    }
    if (strcmp(name, APP_DESCRIBE) == 0) /* for the installation: not in the help */
        return describe(argc == 3 ? argv[2] : NULL);
    if (!*name) {
        print_overview(stderr, STDERR_FILENO);
        return 2;
    }
    const app_command *command = find_command(name);
    return command ? command->run(argc - 1, argv + 1) : 2;
}

int main(int argc, char **argv) {
    app_streams_prepare();
    return app_streams_finish(run(argc, argv));
}
