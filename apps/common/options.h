/* Command lines: each sub-command describes its options in a table, from which parsing, checking and --help
 * follow. */
#ifndef BC_APPS_COMMON_OPTIONS_H
#define BC_APPS_COMMON_OPTIONS_H

#include "apps/common/say.h"
#include "host/team/team.h"

#include <stdbool.h>

typedef struct app_size {
    int height, width;
} app_size;

enum { APP_LIST_LENGTH = 64 };
typedef struct app_list {
    const char *items[APP_LIST_LENGTH];
    int count;
} app_list;

/* Words of the command line that follow each other. */
typedef struct app_paths {
    const char *const *items;
    int count;
    const char *only; /* what --option=WORD gives */
} app_paths;

typedef enum app_kind {
    APP_HEADING, /* no option: `help` is the title of those that follow, in --help */
    APP_FLAG,    /* bool, takes no value */
    APP_LEVEL,   /* app_volume, takes no value: becomes `low`; of several the last one counts */
    APP_TEXT,    /* const char * */
    APP_CHOICE,  /* const char *, one of value's words ("tfp|tfi") */
    APP_INT,     /* int in low..high */
    APP_FLOAT,   /* float in low..high */
    APP_SIZE,    /* app_size, written HxW */
    APP_PICTURE, /* const char *, a file with an ending of bc_image_kind, or a device or pipe */
    APP_DEPTH,   /* const char *, a file with an ending of bc_depth_kind */
    APP_SPIKES,  /* const char *, a file with an ending of bc_spike_kind */
    APP_SENSOR,  /* const char *, a file with an ending of bc_sensor_kind */
    APP_LIST,    /* app_list; may be given several times */
    APP_PATHS,   /* app_paths: all words up to the next option */
} app_kind;

typedef struct app_option {
    const char *name; /* "json" for --json; NULL: an argument without a name, in this order */
    app_kind kind;
    void *target;      /* holds the default; changed when given */
    const char *value; /* what help calls the value: "FILE" */
    const char *help;  /* a file's endings are added */
    bool required;
    double low, high;
} app_option;
#define APP_GROUP(title)                                                                                     \
    { NULL, APP_HEADING, NULL, NULL, title, false, 0, 0 }

typedef struct app_command {
    const char *name, *summary, *example;
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit status */
} app_command;

/* Options that several commands share. */
typedef struct app_common {
    const char *device;
    app_list set;
    int seed;   /* -1: not given */
    bool force; /* use the device unchecked, and all of it */
    app_volume volume;
    bc_team *team; /* of the processes that run this command together (ranks.h); NULL: one */
} app_common;
#define APP_COMMON_DEFAULTS                                                                                  \
    { .seed = -1 }
#define APP_DEVICE_OPTION(common)                                                                            \
    {                                                                                                        \
        "device", APP_TEXT, &(common).device, "N|NAME",                                                      \
            "OpenCL device: number or part of a name (bicross devices)", false, 0, 0                         \
    }
#define APP_SEED_OPTION(common)                                                                              \
    { "seed", APP_INT, &(common).seed, "N", "everything random follows from it", false, 0, 2147483647 }
#define APP_FORCE_OPTION(common)                                                                             \
    {                                                                                                        \
        "force", APP_FLAG, &(common).force, NULL,                                                            \
            "do not check a new driver first, and take what failed, too (bicross selftest)", false, 0, 0     \
    }
#define APP_SET_OPTION(common)                                                                               \
    {                                                                                                        \
        "set", APP_LIST, &(common).set, "SECTION.KEY=VALUE",                                                 \
            "override one key of the configuration; may be repeated", false, 0, 0                            \
    }

#define APP_VOLUME_OPTIONS(common)                                                                           \
    {"quiet", APP_LEVEL, &(common).volume, NULL, "results and errors only", false, APP_QUIET, 0}, {          \
        "verbose", APP_LEVEL, &(common).volume, NULL, "also tell device, memory, compiling and time", false, \
            APP_VERBOSE, 0                                                                                   \
    }

/* Fills the options' targets. False: nothing more to do, and *exit_status is 0 after --help or 2 after a
 * mistake, which was reported on stderr in one sentence. */
bool app_parse(const app_command *command, const app_option *options, int count, int argc, char **argv,
               int *exit_status);
#define APP_PARSE(command, options, argc, argv, exit_status)                                                 \
    app_parse(command, options, (int)(sizeof(options) / sizeof((options)[0])), argc, argv, exit_status)

/* The place of what an APP_CHOICE let through among its words. */
int app_choice(const char *word, const char *const *words);

/* Reports a mistake that the table cannot express ("give --spikes or --rgb") and returns 2. */
int app_usage_error(const app_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
