/* bicross devices: what is there, which one is taken and why. */
#include "apps/common/app.h"
#include "host/base/file.h"
#include "host/base/text.h"

#include <stdlib.h>

static void print_field(const char *name, const char *text) {
    printf(", \"%s\": ", name);
    bc_json_text(stdout, text);
}

static void print_text(const bc_device_info *list, int count, const bc_device_info *taken, const char *reason,
                       const char *tuning) {
    static const double gib = 1024.0 * 1024 * 1024;
    for (int i = 0; i < count; i++) {
        const bc_device_info *d = &list[i];
        printf("%s[%d] %s\n", d->id == taken->id ? "* " : "  ", i, d->name);
        printf("      %s%s, %d compute units, %.1f GiB (largest buffer %.1f GiB), work-group %zu, local %zu "
               "KiB\n",
               d->kind == BC_CLASS_GPU ? "GPU" : "CPU", d->integrated ? " (shares the host's memory)" : "",
               d->compute_units, (double)d->global_bytes / gib, (double)d->max_allocation / gib,
               d->max_work_group, d->local_bytes / 1024);
        printf("      %s: %s, driver %s\n", d->platform_name, d->platform_version, d->driver_version);
    }
    printf("Taken: [%d], %s.\n", taken->index, reason);
    printf("Tuning: %s.\n", *tuning ? tuning : "none, the rules built in decide (bicross tune measures)");
}

static void print_json(const bc_device_info *list, int count, const bc_device_info *taken, const char *reason,
                       const char *tuning) {
    printf("{\"taken\": %d, \"reason\": ", taken->index);
    bc_json_text(stdout, reason);
    print_field("tuning", tuning);
    printf(", \"devices\": [");
    for (int i = 0; i < count; i++) {
        const bc_device_info *d = &list[i];
        printf("%s\n  {\"index\": %d, \"kind\": \"%s\"", i ? "," : "", i,
               d->kind == BC_CLASS_GPU ? "gpu" : "cpu");
        print_field("name", d->name);
        print_field("vendor", d->vendor);
        print_field("platform", d->platform_name);
        print_field("platform_version", d->platform_version);
        print_field("driver", d->driver_version);
        printf(
            ", \"compute_units\": %d, \"global_bytes\": %zu, \"max_allocation\": %zu, \"local_bytes\": %zu, "
            "\"max_work_group\": %zu}",
            d->compute_units, d->global_bytes, d->max_allocation, d->local_bytes, d->max_work_group);
    }
    printf("\n]}\n");
}

/* What of the file of `bicross tune` the device would take; empty: there is no such file. One that cannot be read is no reason
 * not to list the devices. */
static void look_for_tuning(const bc_device_info *taken, char text[BC_TUNING_TEXT]) {
    char path[APP_PATH];
    bc_error err = {0};
    bc_tuning *tuning;
    text[0] = 0;
    if (bc_tuning_default_path(&err, path) != BC_OK || !bc_file_exists(path))
        return;
    if (bc_tuning_read(&err, path, taken, &tuning) != BC_OK) {
        snprintf(text, BC_TUNING_TEXT, "cannot be used: %s", err.text);
        app_warn(APP_NORMAL, "tuning %s", text);
        return;
    }
    bc_tuning_describe(tuning, text);
    app_warn_of_skipped(APP_NORMAL, tuning);
    bc_tuning_release(tuning);
}

static bc_status list_devices(bc_error *err, const char *selector, bool json) {
    bc_device_info *list = calloc(BC_MAX_DEVICES, sizeof *list);
    if (!list)
        return bc_fail(err, BC_E_MEMORY, "no memory for the list of devices");
    int count;
    bc_device_info taken;
    char reason[128], tuning[BC_TUNING_TEXT];
    bc_status status = bc_devices_list(err, list, &count);
    if (status == BC_OK)
        status = bc_device_choose(err, selector ? selector : getenv("BICROSS_DEVICE"), &taken, reason);
    if (status == BC_OK) {
        look_for_tuning(&taken, tuning);
        (json ? print_json : print_text)(list, count, &taken, reason, tuning);
    }
    free(list);
    return status;
}

static int run(int argc, char **argv) {
    bool json = false;
    app_common common = APP_COMMON_DEFAULTS;
    const app_option options[] = {
        {"json", APP_FLAG, &json, NULL, "print JSON", false, 0, 0},
        APP_DEVICE_OPTION(common),
    };
    int exit_status;
    if (!APP_PARSE(&app_devices, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&err, list_devices(&err, common.device, json));
}

const app_command app_devices = {"devices", "List the OpenCL devices, and which one is taken and why.",
                                 "bicross devices --json", run};
