/* Opening a device as the program does: with what `bicross selftest` found on it left out. */
#include "library/internal.h"

#include "bicross/reference/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)BC_E_NUMERIC == (int)BICROSS_E_NUMERIC && (int)BC_E_DEVICE == (int)BICROSS_E_DEVICE,
               "statuses are the same inside and outside");

const char *bicross_version(void) {
    return BICROSS_VERSION;
}

bicross_status bicross_finish(const bc_error *err, bc_status status, bicross_error *out) {
    if (out) {
        out->status = (bicross_status)status;
        snprintf(out->text, sizeof out->text, "%s", status == BC_OK ? "" : err->text);
    }
    return (bicross_status)status;
}

/* Findings that cannot be read are none. */
static bc_status leave_out(bc_error *err, const bc_device_info *device, bc_left_out *out) {
    const char *off = getenv("BICROSS_SELFTEST"), *asked = getenv("BICROSS_KERNELS");
    bool fixed = asked && *asked;
    char path[1024];
    bc_error none = {0};
    if ((off && strcmp(off, "off") == 0) || bc_findings_path(&none, device, path) != BC_OK)
        return BC_OK;
    bc_findings *findings = calloc(1, sizeof *findings);
    if (!findings)
        return bc_fail(err, BC_E_MEMORY, "no memory for what selftest found");
    if (bc_findings_read(&none, path, device, findings) == BC_OK)
        bc_findings_judge(findings, fixed ? asked : bc_device_kernels(device), fixed, out);
    free(findings);
    return BC_OK;
}

static bc_status open_host(bicross_device *device, const char *selector) {
    bc_device_info info;
    bc_left_out left_out = {0};
    selector = selector ? selector : getenv("BICROSS_DEVICE");
    BC_TRY(bc_device_choose(&device->err, selector, &info, NULL));
    BC_TRY(leave_out(&device->err, &info, &left_out));
    return bc_host_open(&(bc_host_options){.device = selector, .left_out = &left_out}, &device->err,
                        &device->host);
}

bicross_status bicross_device_open(const char *selector, bicross_device **out, bicross_error *error) {
    bicross_device *device = calloc(1, sizeof *device);
    *out = NULL;
    if (!device) {
        bc_error err = {0};
        return bicross_finish(&err, bc_fail(&err, BC_E_MEMORY, "no memory for a device"), error);
    }
    bc_status status = open_host(device, selector);
    bicross_finish(&device->err, status, error);
    if (status == BC_OK)
        *out = device;
    else
        free(device);
    return (bicross_status)status;
}

void bicross_device_close(bicross_device *device) {
    if (!device)
        return;
    bc_host_close(device->host);
    free(device);
}

const char *bicross_device_name(const bicross_device *device) {
    return bc_host_device(device->host)->name;
}
