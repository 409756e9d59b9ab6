/* The demo's results in its folder: for people (demo_table.c) and, as JSON, for machines. */
#include "bicross/config/table.h"
#include "bicross/report/demo_internal.h"
#include "bicross/train/scores_text.h"
#include "host/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What brings these results again: options, and keys that were given. */
static void command_json(FILE *f, const bc_config *config, const bc_demo_options *o) {
    fprintf(f, "\"command\": \"bicross demo --scenario %s --protocol %s --seed %d --seeds %d%s",
            bc_scenario_words[config->scenario], bc_protocol_words[o->protocol], config->seed, o->seeds,
            o->quick ? " --quick" : "");
    for (int i = 0; i < bc_config_key_count; i++) {
        const bc_key *key = &bc_config_keys[i];
        bool where = strcmp(key->section, "run") == 0 && strcmp(key->name, "method") != 0;
        if (config->given[i] == BC_GIVEN_NOT || key->type == BC_KEY_TEXT || where)
            continue;
        char value[BC_VALUE_TEXT];
        bc_config_value_text(key, config, value);
        fprintf(f, " --set %s.%s=%s", key->section, key->name, value);
    }
    fprintf(f, "\",\n");
}

static void about_json(FILE *f, bc_host *host, const bc_config *config, const bc_demo_options *o) {
    const bc_device_info *d = bc_host_device(host);
    fprintf(f, "{");
    command_json(f, config, o);
    fprintf(f, "\"version\": \"%s\", \"device\": ", BICROSS_VERSION);
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
        bc_scores_json(f, &r->target[seed * BC_ARM_COUNT + arm]);
        fprintf(f, ", \"source\": ");
        bc_scores_json(f, &r->source[seed * BC_ARM_COUNT + arm]);
        fprintf(f, "}");
    }
}

static bc_status write_json(bc_host *host, const bc_config *config, const bc_demo_options *o,
                            const bc_demo_result *r) {
    char path[1300];
    bc_file_writer writer;
    bc_error *err = bc_host_error(host);
    snprintf(path, sizeof path, "%.1200s/results.json", o->folder);
    BC_TRY(bc_file_writer_open(err, path, &writer));
    about_json(writer.stream, host, config, o);
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
    BC_TRY(write_json(host, config, options, result));
    return write_table(bc_host_error(host), config, options->folder, result);
}
