/* bicross report: the page of a run folder. */
#include "bicross/report/report.h"
#include "apps/common/app.h"

static int run(int argc, char **argv) {
    const char *folder = NULL;
    const app_option options[] = {
        {NULL, APP_TEXT, &folder, "RUN_DIR", "folder that demo or train wrote", true, 0, 0},
    };
    int exit_status;
    if (!APP_PARSE(&app_report, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    bc_status status = bc_report_write(&err, folder);
    if (status == BC_OK)
        printf("wrote %s/report.html\n", folder);
    return app_exit(&err, status);
}

const app_command app_report = {"report",
                                "Write one self-contained HTML page: table, pictures, curves, configuration.",
                                "bicross report runs/demo", run};
