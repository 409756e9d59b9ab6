/* bicross selftest: every case of every operation, in every way to compute it, on the chosen device, against plain references; for a
 * driver that nobody has tried yet. What fails is left out from then on. */
#include "apps/check_device.h"
#include "apps/common/app.h"
#include "apps/common/checked.h"
#include "apps/common/interrupt.h"

#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    app_common common;
    const char *kernels;
    int seconds, from;
    bool few;
    app_list skip;
} arguments;

static void print_operation(void *user, const bc_findings *findings, int first) {
    (void)user;
    for (int i = first; i < findings->count; i++) {
        const bc_finding *f = &findings->items[i];
        char name[64];
        printf("%-5s %s  %-28s %3d checks  differences %.1e", f->wrong ? "WRONG" : "ok", f->kernels,
               bc_finding_name(f, name), f->checks, f->output);
        if (f->gradient_allowed > 0)
            printf(", of gradients %.1e", f->gradient);
        printf("  %.2f s\n", f->seconds);
        if (f->wrong)
            printf("      %d of %d wrong: %s\n", f->wrong, f->checks, f->fault);
    }
    fflush(stdout);
}

/* The family that the device takes, then the other one where it can. */
static bc_status check_families(bc_error *err, const arguments *a, const app_checking *job,
                                bc_findings *findings) {
    const char *own = bc_device_kernels(job->device), *other = strcmp(own, "cpu") == 0 ? "gpu" : "cpu";
    if (a->kernels)
        return app_check_device(err, job, a->kernels, findings);
    BC_TRY(app_check_device(err, job, own, findings));
    bool both = job->whole && bc_device_large_groups(job->device);
    return both ? app_check_device(err, job, other, findings) : BC_OK;
}

/* What is kept is what the commands would find out: checks of one family by request say less. */
static bc_status keep(bc_error *err, const arguments *a, const bc_device_info *device,
                      const bc_findings *findings) {
    char path[APP_PATH];
    bc_error none = {0};
    if (a->kernels)
        return BC_OK;
    if (bc_findings_path(&none, device, path) != BC_OK) {
        app_warn(a->common.volume, "what was found is not kept: %s", none.text);
        return BC_OK;
    }
    BC_TRY(bc_findings_write(err, path, device, findings));
    printf("kept for this driver in %s\n", path);
    return BC_OK;
}

static bc_status conclude(bc_error *err, const bc_device_info *device, const bc_findings *findings) {
    bc_left_out left_out = {0};
    const bc_finding *wrong = app_judge(findings, device, &left_out);
    char name[64], why[BC_FINDING_TEXT];
    int failed = 0;
    for (int i = 0; i < findings->count; i++)
        failed += findings->items[i].wrong > 0;
    for (int i = 0; i < left_out.count; i++)
        printf("left out from now on: %s %s\n", left_out.items[i].kind, left_out.items[i].way);
    if (wrong)
        return bc_fail(
            err, BC_E_OPENCL,
            "%s is wrong on this device, and nothing else computes it: do not trust its results (%s)",
            bc_finding_name(wrong, name), bc_finding_why(wrong, why));
    if (failed)
        printf("%d of %d ways to compute are wrong; those taken are right\n", failed, findings->count);
    else
        printf("all %d ways to compute are right\n", findings->count);
    return BC_OK;
}

static bc_status check(bc_error *err, const arguments *a, const bc_device_info *device,
                       bc_findings *findings) {
    app_checking job = {.device = device, .whole = !a->few, .seconds = a->seconds, .done = print_operation};
    printf("%s, %s\n", device->name, device->platform_name);
    fflush(stdout);
    BC_TRY(check_families(err, a, &job, findings));
    BC_TRY(keep(err, a, device, findings));
    return conclude(err, device, findings);
}

static bc_status selftest(bc_error *err, const arguments *a) {
    bc_device_info device;
    BC_TRY(app_device(err, &a->common, NULL, &device));
    bc_findings *findings = calloc(1, sizeof *findings);
    if (!findings)
        return bc_fail(err, BC_E_MEMORY, "no memory for what selftest finds");
    bc_status status = check(err, a, &device, findings);
    free(findings);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS, .seconds = APP_CHECK_SECONDS, .from = -1};
    const app_option options[] = {
        APP_GROUP("What is checked"),
        {"short", APP_FLAG, &a.few, NULL, "only what `train` checks on a new driver", false, 0, 0},
        {"kernels", APP_CHOICE, &a.kernels, "cpu|gpu", "only these; what is found is not kept", false, 0, 0},
        {"seconds", APP_INT, &a.seconds, "N",
         "a check that takes longer, compiling included, has failed (default: 300)", false, 1, 86400},
        APP_GROUP("Its own child processes"),
        {"from", APP_INT, &a.from, "N", "tell of the checks from number N on", false, 0, 1000000},
        {"skip", APP_LIST, &a.skip, "OPERATION/WAY", "but not of these", false, 0, 0},
        APP_GROUP("General"),
        APP_DEVICE_OPTION(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_selftest, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    app_interrupt_install(a.common.volume, "this check");
    if (a.from < 0)
        return app_exit(&err, selftest(&err, &a));
    if (a.kernels)
        setenv("BICROSS_KERNELS", a.kernels, 1);
    return app_exit(&err,
                    app_check_as_child(&err, a.common.device, !a.few, a.from, a.skip.items, a.skip.count));
}

const app_command app_selftest = {
    "selftest", "Check every operation against plain references on a device, and leave out what fails.",
    "bicross selftest --device 0", run};
