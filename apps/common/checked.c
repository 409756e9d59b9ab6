/* Findings, taken from their file and told. */
#include "apps/common/checked.h"

#include "host/base/file.h"

#include <stdlib.h>
#include <string.h>

bc_status app_checks_off(bc_error *err, const app_common *common, bool *off) {
    const char *wanted = getenv("BICROSS_SELFTEST");
    bool said = wanted && *wanted;
    *off = common->force || said;
    return !said || strcmp(wanted, "off") == 0
               ? BC_OK
               : bc_fail(err, BC_E_ARGUMENT, "BICROSS_SELFTEST is \"%s\", expected off", wanted);
}

const bc_finding *app_judge(const bc_findings *findings, const bc_device_info *device,
                            bc_left_out *left_out) {
    const char *asked = getenv("BICROSS_KERNELS");
    bool fixed = asked && *asked;
    return bc_findings_judge(findings, fixed ? asked : bc_device_kernels(device), fixed, left_out);
}

static void tell(app_volume volume, const bc_findings *findings, const bc_left_out *left_out,
                 const bc_finding *wrong) {
    char name[64], why[BC_FINDING_TEXT];
    for (int i = 0; i < left_out->count; i++) {
        const char *kind = left_out->items[i].kind, *way = left_out->items[i].way;
        const bc_finding *reason = bc_findings_reason(findings, kind, way);
        bool family = strcmp(kind, BC_KERNELS_KIND) == 0;
        app_warn(volume, "left out on this device: %s %s (%s%s%s): see bicross selftest", kind, way,
                 family && reason ? bc_finding_name(reason, name) : "", family ? ": " : "",
                 reason ? bc_finding_why(reason, why) : "");
    }
    if (wrong)
        app_warn(volume, "wrong on this device, and nothing else computes it: %s (%s): see bicross selftest",
                 bc_finding_name(wrong, name), bc_finding_why(wrong, why));
}

static bc_status read_known(bc_error *err, app_volume volume, const char *path, const bc_device_info *device,
                            bc_left_out *out) {
    bc_error damaged = {0};
    bc_findings *findings = calloc(1, sizeof *findings);
    if (!findings)
        return bc_fail(err, BC_E_MEMORY, "no memory for what selftest found");
    if (bc_findings_read(&damaged, path, device, findings) == BC_OK)
        tell(volume, findings, out, app_judge(findings, device, out));
    else
        app_warn(volume, "%s: nothing is left out", damaged.text);
    free(findings);
    return BC_OK;
}

bc_status app_left_out(bc_error *err, const app_common *common, const bc_device_info *device,
                       bc_left_out *out) {
    char path[1024];
    bool off;
    bc_error none = {0}; /* without a cache folder nothing is known */
    BC_TRY(app_checks_off(err, common, &off));
    if (off || bc_findings_path(&none, device, path) != BC_OK || !bc_file_exists(path))
        return BC_OK;
    return read_known(err, common->volume, path, device, out);
}
