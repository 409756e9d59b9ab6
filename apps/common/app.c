/* What the sub-commands share. */
#include "apps/common/app.h"

#include "host/base/path.h"

#include "apps/common/checked.h"
#include "apps/common/interrupt.h"
#include "apps/common/rank_device.h"
#include "host/base/clock.h"
#include "host/base/file.h"
#include "host/base/text.h"
#include "host/open.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

int app_exit(const bc_error *err, bc_status status) {
    if (status == BC_OK)
        return 0;
    /* Compilers that live in this process remove their files at Ctrl-C, too (LLVM's, and so PoCL), and then fail. */
    bool broken = status == BC_E_OPENCL && app_interrupted();
    if (status == BC_E_INTERRUPTED)
        app_tell(APP_NORMAL, "%s", err->text);
    else
        app_error("%s%s", broken ? "interrupted: " : "",
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

void app_warn_of_skipped(app_volume volume, const bc_tuning *tuning) {
    char text[BC_TUNING_TEXT];
    if (bc_tuning_skipped(tuning, text))
        app_warn(volume, "%s", text);
}

/* The answer may be in `text`; NULL: the best device. */
static bc_status choose_selector(bc_error *err, const app_common *common, const bc_config *config,
                                 const char **selector, char text[APP_SELECTOR]) {
    *selector = common->device ? common->device : config && config->device[0] ? config->device : NULL;
    if (!*selector)
        *selector = getenv("BICROSS_DEVICE");
    return app_ranks_device(err, common->team, selector, text);
}

bc_status app_device(bc_error *err, const app_common *common, const bc_config *config, bc_device_info *out) {
    const char *selector;
    char text[APP_SELECTOR];
    BC_TRY(choose_selector(err, common, config, &selector, text));
    return bc_device_choose(err, selector, out, NULL);
}

/* --- a device that is open --- */

static void tell_compiling(const void *user, const bc_device_info *device) {
    const app_common *common = user;
    app_tell(common->volume, "compiling kernels for %s, once", device->name);
}

static void tell_device(app_volume volume, const bc_host *host) {
    const bc_device_info *d = bc_host_device(host);
    char size[32];
    app_detail(volume, "device %d: %s, %s, driver %s, %d compute units, %s, kernels for %s", d->index,
               d->name, d->platform_name, d->driver_version, d->compute_units,
               bc_size_text(d->global_bytes, size), bc_host_cpu_kernels(host) ? "CPUs" : "GPUs");
}

bc_status app_host(bc_error *err, const app_common *common, const bc_config *config, bool profile,
                   bc_host **out) {
    bc_host_options options = {.profile = profile, .compiling = tell_compiling, .user = common};
    char path[APP_PATH], own[APP_SELECTOR];
    bc_device_info device;
    bc_left_out left_out = {0};
    if (config) {
        BC_TRY(choose_tuning(err, config->tuning, path, &options));
        options.gemm = config->gemm;
    }
    BC_TRY(choose_selector(err, common, config, &options.device, own));
    BC_TRY(bc_device_choose(err, options.device, &device, NULL));
    BC_TRY(app_left_out(err, common, &device, &left_out));
    options.left_out = &left_out;
    BC_TRY(bc_host_open(&options, err, out));
    tell_device(common->volume, *out);
    BC_TRY(app_ranks_print(common->volume, common->team, *out));
    if (options.tuning) {
        char text[BC_TUNING_TEXT];
        bc_host_tuning_text(*out, text);
        app_tell(common->volume, "tuning: %s", text);
        app_warn_of_skipped(common->volume, bc_host_tuning(*out));
    }
    return BC_OK;
}

void app_host_close(const app_common *common, bc_host *host) {
    struct rusage usage;
    if (!host)
        return;
    bc_host_account a = bc_host_accounts(host);
    bc_host_close(host);
    app_detail(common->volume, "kernels: %d programs from source and %d from the cache, in %.1f s",
               a.compiled, a.loaded, a.program_seconds);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        app_detail(common->volume, "memory: %.0f MiB of the process at most", (double)usage.ru_maxrss / 1024);
    app_detail(common->volume, "done in %.1f s", bc_seconds_now() - a.opened);
}

/* --- files --- */

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

bc_status app_numbered_path(bc_error *err, const char *path, const char *name, long number,
                            char out[APP_PATH]) {
    const char *ending = bc_path_ending(path);
    char window[24] = "";
    if (number >= 0)
        snprintf(window, sizeof window, "-%04ld", number);
    int length = snprintf(out, APP_PATH, "%.*s%s%s%s%s", (int)(ending - path), path, name ? "-" : "",
                          name ? name : "", window, ending);
    return length < APP_PATH ? BC_OK
                             : bc_fail(err, BC_E_ARGUMENT, "the file name %.100s... is too long", out);
}
