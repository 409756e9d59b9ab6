/* bicross: depth from spike streams. Finds the sub-command and hands over. */
#include "apps/common/app.h"
#include "apps/common/describe.h"
#include "apps/common/streams.h"
#include "apps/common/version.h"

#include <string.h>

static const app_command *const commands[] = {
    &app_demo,        &app_train,     &app_eval,     &app_predict, &app_synth,   &app_simulate,
    &app_reconstruct, &app_calibrate, &app_data,     &app_report,  &app_convert, &app_export,
    &app_inspect,     &app_devices,   &app_selftest, &app_bench,   &app_tune,
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void print_help(FILE *out) {
    fprintf(out, "Usage: bicross COMMAND [options]\n\n"
                 "Depth from spike-camera streams without depth labels of the target domain (BiCross), on "
                 "OpenCL.\n\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\nbicross COMMAND --help shows the options of a command, bicross --version the version.\n"
                 "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n");
}

static int run(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0) {
        app_version_print();
        return 0;
    }
    if (strcmp(name, APP_DESCRIBE) == 0) /* for the installation: not in the help */
        return app_describe_all(argc == 3 ? argv[2] : NULL, commands, COMMAND_COUNT);
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    if (*name)
        fprintf(stderr, "bicross: there is no command '%s'\nTry 'bicross --help'.\n", name);
    else
        print_help(stderr);
    return 2;
}

int main(int argc, char **argv) {
    app_streams_prepare();
    return app_streams_finish(run(argc, argv));
}
