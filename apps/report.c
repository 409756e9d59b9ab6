/* bicross report: the page of a run folder. */
#include "bicross/report/report.h"
#include "apps/common/app.h"

static int run(int argc, char **argv) {
    app_list folders = {.count = 0};
    const char *out = NULL;
    char path[APP_PATH];
    const app_option options[] = {
        {NULL, APP_LIST, &folders, "RUN_DIR...",
         "folders that demo, train or eval wrote: other seeds, scenarios or networks", true, 0, 0},
        {"out", APP_TEXT, &out, "FILE", "the page (RUN_DIR/report.html)", false, 0, 0},
    };
    int exit_status;
    if (!APP_PARSE(&app_report, options, argc, argv, &exit_status))
        return exit_status;
    if (folders.count > 1 && !out)
        return app_usage_error(&app_report,
                               "a page of several folders lies in none of them: give it --out FILE");
    bc_error err = {0};
    bc_status status = BC_OK;
    if (!out)
        status = app_path(&err, path, folders.items[0], "report.html");
    if (status == BC_OK)
        status = bc_report_write_of(&err, folders.count, folders.items, out ? out : path);
    if (status == BC_OK)
        printf("wrote %s\n", out ? out : path);
    return app_exit(&err, status);
}

const app_command app_report = {
    "report", "Write one self-contained HTML page: verdict, tables, pictures, curves, configuration.",
    "bicross report runs/seed-0 runs/seed-1 --out both.html", run};
