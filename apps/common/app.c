/* What the sub-commands share. */
#include "apps/common/app.h"

#include "apps/common/interrupt.h"
#include "apps/common/rank_device.h"
#include "host/base/file.h"
#include "host/base/text.h"
#include "host/open.h"

#include <string.h>

int app_exit(const app_command *command, const bc_error *err, bc_status status) {
    if (status == BC_OK)
        return 0;
    /* Compilers that live in this process remove their files at Ctrl-C, too (LLVM's, and so PoCL), and then fail. */
    bool broken = status == BC_E_OPENCL && app_interrupted();
    fprintf(stderr, "bicross %s: %s%s\n", command->name, broken ? "interrupted: " : "",
            err->text[0] ? err->text : "failed without a message");
    return status == BC_E_ARGUMENT ? 2 : status == BC_E_INTERRUPTED || broken ? 130 : 1;
}

bc_status app_config(bc_error *err, const app_common *common, const char *path, bool keep,
                     bc_config *config) {
    if (!keep)
        bc_config_defaults(config);
    if (path)
        BC_TRY(bc_config_read(err, path, config));
    for (int i = 0; i < common->set.count; i++)
        BC_TRY(bc_config_set(err, common->set.items[i], config));
    if (common->seed >= 0)
        config->seed = common->seed;
    bc_config_settle(config);
    return bc_config_check(err, config);
}

/* The file of measured choices that `wanted` (device.tuning) means; *options->tuning stays NULL where there is none. */
static bc_status choose_tuning(bc_error *err, const char *wanted, char path[APP_PATH],
                               bc_host_options *options) {
    options->measure = strcmp(wanted, "lazy") == 0;
    if (strcmp(wanted, "off") == 0)
        return BC_OK;
    if (strcmp(wanted, "auto") != 0 && !options->measure) {
        options->tuning = wanted;
        return BC_OK;
    }
    bc_error none = {0};
    bc_status status = bc_tuning_default_path(options->measure ? err : &none, path);
    if (options->measure)
        BC_TRY(status);
    if (status == BC_OK && (options->measure || bc_file_exists(path)))
        options->tuning = path;
    return BC_OK;
}

void app_warn_of_skipped(const bc_tuning *tuning) {
    char text[BC_TUNING_TEXT];
    if (bc_tuning_skipped(tuning, text))
        fprintf(stderr, "tuning: %s\n", text);
}

bc_status app_host(bc_error *err, const app_common *common, const bc_config *config, bool profile,
                   bc_host **out) {
    bc_host_options options = {.device = common->device, .profile = profile};
    char path[APP_PATH], own[APP_SELECTOR];
    if (config) {
        BC_TRY(choose_tuning(err, config->tuning, path, &options));
        if (!options.device && config->device[0])
            options.device = config->device;
        options.gemm = config->gemm;
    }
    BC_TRY(app_ranks_device(err, common->team, &options.device, own));
    BC_TRY(bc_host_open(&options, err, out));
    BC_TRY(app_ranks_print(common->team, *out));
    if (options.tuning) {
        char text[BC_TUNING_TEXT];
        bc_host_tuning_text(*out, text);
        fprintf(stderr, "tuning: %s\n", text);
        app_warn_of_skipped(bc_host_tuning(*out));
    }
    return BC_OK;
}

bc_status app_path(bc_error *err, char path[APP_PATH], const char *folder, const char *name) {
    if (snprintf(path, APP_PATH, "%s/%s", folder, name) >= APP_PATH)
        return bc_fail(err, BC_E_ARGUMENT, "the path %.100s.../%s is longer than %d characters", folder, name,
                       APP_PATH - 1);
    return BC_OK;
}

void app_shown(FILE *out, const char *text, int width) {
    int used = 0;
    for (char shown[17]; *text; used += (int)strlen(shown)) {
        text += bc_text_step(text, shown);
        fputs(shown, out);
    }
    fprintf(out, "%*s", used < width ? width - used : 0, "");
}
