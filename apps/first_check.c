/* The short form of the selftest, once for each driver and version; the whole one where the short one finds something. */
#include "apps/first_check.h"

#include "apps/check_device.h"
#include "apps/common/app.h"
#include "apps/common/checked.h"
#include "apps/common/interrupt.h"
#include "host/base/clock.h"
#include "host/base/file.h"

#include <stdlib.h>
#include <string.h>

static bool any_wrong(const bc_findings *findings) {
    for (int i = 0; i < findings->count; i++)
        if (findings->items[i].wrong)
            return true;
    return false;
}

/* Everything, in both families where the device can: what may stand in for what failed must be right itself. */
static bc_status check_all(bc_error *err, app_volume volume, const bc_device_info *device,
                           bc_findings *findings) {
    const app_checking job = {.device = device, .whole = true, .seconds = APP_CHECK_SECONDS};
    app_warn(volume, "something is wrong: checking every way to compute, which takes minutes");
    findings->count = 0;
    BC_TRY(app_check_device(err, &job, bc_device_kernels(device), findings));
    if (!bc_device_large_groups(device))
        return BC_OK;
    bool own_cpu = strcmp(bc_device_kernels(device), "cpu") == 0;
    return app_check_device(err, &job, own_cpu ? "gpu" : "cpu", findings);
}

static bc_status check(bc_error *err, app_volume volume, const bc_device_info *device,
                       bc_findings *findings) {
    const app_checking job = {.device = device, .seconds = APP_CHECK_SECONDS};
    double started = bc_seconds_now();
    app_tell(volume, "first run on this driver: checking the main kernels, once (--force leaves it out)");
    BC_TRY(app_check_device(err, &job, bc_device_kernels(device), findings));
    if (any_wrong(findings))
        BC_TRY(check_all(err, volume, device, findings));
    app_tell(volume, "checked in %.0f s: %s", bc_seconds_now() - started,
             any_wrong(findings) ? "not all ways to compute are right" : "all right");
    return BC_OK;
}

/* What is known, or is found out now. False: the device could not be checked, which is said. */
static bc_status find_out(bc_error *err, app_volume volume, const bc_device_info *device, const char *path,
                          bc_findings *findings, bool *found) {
    bc_error fault = {0};
    *found = bc_file_exists(path) && bc_findings_read(&fault, path, device, findings) == BC_OK;
    if (*found)
        return BC_OK;
    if (fault.text[0])
        app_warn(volume, "%s: checked again", fault.text);
    bc_error_clear(&fault);
    findings->count = 0;
    bc_status status = check(&fault, volume, device, findings);
    if (status == BC_E_INTERRUPTED)
        return bc_fail(err, status, "%s", fault.text);
    *found = status == BC_OK;
    if (*found)
        status = bc_findings_write(&fault, path, device, findings);
    if (status != BC_OK)
        app_warn(volume, "what was found of the driver is %s: %s", *found ? "not kept" : "not known",
                 fault.text);
    return BC_OK;
}

static bc_status refuse_what_is_wrong(bc_error *err, const bc_device_info *device,
                                      const bc_findings *findings) {
    bc_left_out left_out = {0};
    const bc_finding *wrong = app_judge(findings, device, &left_out);
    char name[64], why[BC_FINDING_TEXT];
    if (!wrong)
        return BC_OK;
    return bc_fail(
        err, BC_E_OPENCL,
        "%s is wrong on %s (%s), and nothing else computes it: bicross selftest says more, --force "
        "trains all the same",
        bc_finding_name(wrong, name), device->name, bc_finding_why(wrong, why));
}

static bc_status check_own(bc_error *err, const app_common *common, const bc_config *config) {
    char path[APP_PATH];
    bool off, found;
    bc_device_info device;
    bc_error none = {0};
    BC_TRY(app_checks_off(err, common, &off));
    if (off)
        return BC_OK;
    BC_TRY(app_device(err, common, config, &device));
    if (bc_findings_path(&none, &device, path) != BC_OK) {
        app_warn(common->volume, "the driver is not checked: %s", none.text);
        return BC_OK;
    }
    bc_findings *findings = calloc(1, sizeof *findings);
    if (!findings)
        return bc_fail(err, BC_E_MEMORY, "no memory for what selftest finds");
    app_interrupt_install(common->volume, "this check");
    bc_status status = find_out(err, common->volume, &device, path, findings, &found);
    if (status == BC_OK && found)
        status = refuse_what_is_wrong(err, &device, findings);
    free(findings);
    return status;
}

/* The ranks of one machine in turn, so that those with the same driver find what the first has found. */
bc_status app_first_check(bc_error *err, const app_common *common, const bc_config *config) {
    bc_status status = BC_OK;
    for (int turn = 0; turn < bc_team_size(common->team); turn++) {
        if (turn == bc_team_place(common->team))
            status = check_own(err, common, config);
        bool stop = status == BC_E_INTERRUPTED;
        if (status != BC_OK && !stop)
            return status;
        BC_TRY(bc_team_any(common->team, err, &stop));
        if (stop && status == BC_OK)
            return bc_fail(err, BC_E_INTERRUPTED, "interrupted");
        BC_TRY(status);
    }
    return BC_OK;
}
