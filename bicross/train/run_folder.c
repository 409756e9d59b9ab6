/* Paths in it, and what may not be lost (bc_train_check_folder). */
#include "bicross/train/run_folder.h"

#include "host/base/file.h"

#include <stdio.h>

bc_status bc_run_folder_path(bc_error *err, const bc_train_job *job, const char *name,
                             char path[BC_RUN_PATH]) {
    int length = snprintf(path, BC_RUN_PATH, "%s/%s", job->folder, name);
    return length < BC_RUN_PATH ? BC_OK : bc_fail(err, BC_E_ARGUMENT, "the path %s is too long", job->folder);
}

/* What the folder holds of an earlier run that would be a loss. */
static bc_status find_earlier(bc_error *err, const char *folder, const char **what) {
    static const struct {
        const char *file, *what;
    } valuable[] = {{BC_RUN_WEIGHTS, "finished weights"}, {"checkpoint.ini", "a checkpoint"}};
    *what = NULL;
    for (int i = 0; i < 2 && !*what; i++) {
        char path[BC_RUN_PATH];
        bool there;
        if (snprintf(path, sizeof path, "%s/%s", folder, valuable[i].file) >= BC_RUN_PATH)
            return bc_fail(err, BC_E_ARGUMENT, "the path %.200s... is too long", folder);
        BC_TRY(bc_file_present(err, path, &there));
        *what = there ? valuable[i].what : NULL;
    }
    return BC_OK;
}

bc_status bc_train_check_folder(bc_error *err, const char *folder, bool overwrite) {
    const char *what;
    BC_TRY(find_earlier(err, folder, &what));
    if (!what || overwrite)
        return BC_OK;
    return bc_fail(
        err, BC_E_ARGUMENT,
        "%s holds %s of an earlier run: --resume continues it, --overwrite removes it and starts afresh",
        folder, what);
}
