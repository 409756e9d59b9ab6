/* The demo's results in its folder: for people (demo_table.c) and, as JSON, for machines. */
#include "bicross/config/table.h"
#include "bicross/report/demo_internal.h"
#include "bicross/train/scores_text.h"
#include "host/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What brings these results again: options, and keys that were given. Folder, seed and device are said elsewhere. */
static void print_command(FILE *f, const bc_config *config, const bc_demo_options *o) {
    fprintf(f, "bicross demo --scenario %s --protocol %s --seed %d --seeds %d%s",
            bc_scenario_words[config->scenario], bc_protocol_words[o->protocol], config->seed, o->seeds,
            o->quick ? " --quick" : "");
    for (int i = 0; i < bc_config_key_count; i++) {
        const bc_key *key = &bc_config_keys[i];
        bool said =
            strcmp(key->name, "out") == 0 || strcmp(key->name, "seed") == 0 || strcmp(key->name, "name") == 0;
        if (config->given[i] == BC_GIVEN_NOT || said)
            continue;
        char value[BC_VALUE_TEXT];
        bc_config_value_text(key, config, value);
        fprintf(f, " --set %s.%s=%s", key->section, key->name, value);
    }
}

static bc_status command_text(bc_error *err, const bc_config *config, const bc_demo_options *o, char **text) {
    size_t size;
    *text = NULL;
    FILE *f = open_memstream(text, &size);
    if (f)
        print_command(f, config, o);
    if (f && fclose(f) == 0)
        return BC_OK;
    free(*text);
    return bc_fail(err, BC_E_MEMORY, "no host memory for the demo's results");
}

static void about_json(FILE *f, bc_host *host, const bc_config *config, const bc_demo_options *o,
                       const char *command) {
    const bc_device_info *d = bc_host_device(host);
    fprintf(f, "{\"command\": ");
    bc_json_text(f, command);
    fprintf(f, ",\n\"version\": \"%s\", \"device\": ", BICROSS_VERSION);
    bc_json_text(f, d->name);
    fprintf(f, ", \"driver\": ");
    bc_json_text(f, d->driver_version);
    fprintf(f,
            ",\n\"scenario\": \"%s\", \"protocol\": \"%s\", \"quick\": %s, \"model\": \"%s\", \"method\": "
            "\"%s\",\n",
            bc_scenario_words[config->scenario], bc_protocol_words[o->protocol], o->quick ? "true" : "false",
            bc_preset_words[config->preset], bc_method_words[config->method]);
}

static void arms_json(FILE *f, const bc_demo_result *r, int seed) {
    for (int arm = 0; arm < BC_ARM_COUNT; arm++) {
        fprintf(f, "%s\n  \"%s\": {\"target\": ", arm ? "," : "", bc_arm_name(arm));
        int place = seed * BC_ARM_COUNT + arm;
        bc_scores_images_json(f, &r->target[place], r->abs_rel + (size_t)place * (size_t)r->images,
                              r->images);
        fprintf(f, ", \"source\": ");
        bc_scores_json(f, &r->source[place]);
        fprintf(f, "}");
    }
}

static bc_status write_json(bc_host *host, const bc_config *config, const bc_demo_options *o,
                            const bc_demo_result *r, const char *command) {
    char path[1300];
    bc_file_writer writer;
    bc_error *err = bc_host_error(host);
    snprintf(path, sizeof path, "%.1200s/results.json", o->folder);
    BC_TRY(bc_file_writer_open(err, path, &writer));
    about_json(writer.stream, host, config, o, command);
    fprintf(writer.stream, "\"seeds\": [");
    for (int s = 0; s < r->seeds; s++) {
        fprintf(writer.stream, "%s\n{\"seed\": %d, \"arms\": {", s ? "," : "", r->first_seed + s);
        arms_json(writer.stream, r, s);
        fprintf(writer.stream, "}}");
    }
    fprintf(writer.stream, "]}\n");
    return bc_file_writer_commit(err, &writer);
}

static bc_status write_table(bc_error *err, const bc_config *config, const char *folder,
                             const bc_demo_result *result) {
    char path[1300], *text;
    snprintf(path, sizeof path, "%.1200s/table.txt", folder);
    BC_TRY(bc_demo_table(err, config, result, &text));
    bc_status status = bc_file_write(err, path, text, strlen(text));
    free(text);
    return status;
}

bc_status bc_demo_write_results(bc_host *host, const bc_config *config, const bc_demo_options *options,
                                const bc_demo_result *result) {
    bc_error *err = bc_host_error(host);
    char *command;
    BC_TRY(command_text(err, config, options, &command));
    bc_status status = write_json(host, config, options, result, command);
    free(command);
    return status == BC_OK ? write_table(err, config, options->folder, result) : status;
}
