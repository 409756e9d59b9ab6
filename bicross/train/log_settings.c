#include "bicross/train/log_settings.h"

#include "bicross/config/table.h"

#include <stdlib.h>
#include <string.h>

/* Four blanks before each line: Markdown shows it as it is. */
static bc_status log_text(bc_trainer *t, bc_runlog *log) {
    char *text, *shown = NULL;
    size_t bytes;
    BC_TRY(bc_config_text(t->err, t->config, &text));
    FILE *f = open_memstream(&shown, &bytes);
    char *rest = text, *line;
    while (f && (line = strsep(&rest, "\n")) != NULL)
        fprintf(f, "    %s\n", line);
    bool good = f && fclose(f) == 0;
    bc_status status = good ? bc_runlog_text(log, t->err, "configuration", shown)
                            : bc_fail(t->err, BC_E_MEMORY, "no host memory to log the configuration");
    free(shown);
    free(text);
    return status;
}

/* Whether only another stage reads it. */
static bool of_another_stage(const bc_trainer *t, const bc_key *key) {
    const char *own = bc_stage_section(t->job->stage);
    for (int stage = 0; stage < BC_STAGE_COUNT; stage++)
        if (strcmp(key->section, bc_stage_section((bc_stage)stage)) == 0)
            return strcmp(key->section, own) != 0;
    return false;
}

static bool tells_something(const bc_trainer *t, const bc_key *key) {
    bool own = strcmp(key->section, bc_stage_section(t->job->stage)) == 0;
    return key->type != BC_KEY_TEXT && !of_another_stage(t, key) &&
           (own || !bc_config_is_default(key, t->config));
}

static bc_tfevents_setting setting_of(const bc_key *key, const bc_config *config, char text[BC_VALUE_TEXT]) {
    bc_tfevents_setting s = {.kind = BC_SETTING_TEXT, .text = text};
    snprintf(s.name, sizeof s.name, "%s.%s", key->section, key->name);
    bc_config_value_text(key, config, text);
    if (key->type == BC_KEY_BOOL)
        s = (bc_tfevents_setting){.kind = BC_SETTING_SWITCH, .number = strcmp(text, "true") == 0};
    else if (key->type == BC_KEY_INT || key->type == BC_KEY_FLOAT)
        s = (bc_tfevents_setting){.kind = BC_SETTING_NUMBER, .number = strtod(text, NULL)};
    snprintf(s.name, sizeof s.name, "%s.%s", key->section, key->name);
    return s;
}

static int collect(const bc_trainer *t, bc_tfevents_setting *settings, char (*texts)[BC_VALUE_TEXT]) {
    int count = 0;
    settings[count++] = (bc_tfevents_setting){"stage", BC_SETTING_TEXT, 0, bc_stage_name(t->job->stage)};
    for (int i = 0; i < bc_config_key_count; i++)
        if (tells_something(t, &bc_config_keys[i])) {
            settings[count] = setting_of(&bc_config_keys[i], t->config, texts[count]);
            count++;
        }
    return count;
}

bc_status bc_trainer_log_settings(bc_trainer *t, bc_runlog *log) {
    size_t room = (size_t)bc_config_key_count + 1;
    if (!log)
        return BC_OK;
    BC_TRY(log_text(t, log));
    bc_tfevents_setting *settings = calloc(room, sizeof *settings);
    char(*texts)[BC_VALUE_TEXT] = calloc(room, sizeof *texts);
    bc_status status = settings && texts
                           ? bc_runlog_settings(log, t->err, collect(t, settings, texts), settings)
                           : bc_fail(t->err, BC_E_MEMORY, "no host memory to log the configuration");
    free(settings);
    free(texts);
    return status;
}
