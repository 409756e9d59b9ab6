/* bicross convert: weights from one format and one set of names to another. */
#include "apps/common/app.h"
#include "net/models/published.h"
#include "net/store/safetensors.h"
#include "net/store/torch_file.h"
#include "net/store/weight_file.h"

#include <string.h>

typedef struct arguments {
    const char *in, *out, *names;
} arguments;

/* Gives the tensors the names that were asked for. */
static bc_status rename_tensors(bc_error *err, const arguments *a, bc_tensor_file *file) {
    if (strcmp(a->names, "file") == 0)
        return BC_OK;
    BC_TRY(bc_published_names(err, file));
    if (!bc_tensor_file_find(file, bc_stem_name))
        return bc_fail(
            err, BC_E_FORMAT,
            "%s holds no depth network: it has no tensor %s among %d; --names file keeps its names",
            file->path, bc_stem_name, file->count);
    return strcmp(a->names, "timm") == 0 ? bc_timm_names(err, file) : BC_OK;
}

static bc_status convert(bc_error *err, const arguments *a) {
    bc_tensor_file file;
    int written = 0;
    BC_TRY(bc_weight_file_check_ending(err, a->out)); /* before anything is read */
    BC_TRY(bc_weight_file_open(err, a->in, &file));
    int found = file.count;
    bc_status status = rename_tensors(err, a, &file);
    int named = file.count;
    if (status == BC_OK)
        status = bc_weight_file_write(err, a->out, &file, &written);
    bc_tensor_file_close(&file);
    BC_TRY(status);
    printf("%s: %d tensors as F32", a->out, written);
    if (found > named)
        printf("; %d others of the file left out", found - named);
    if (named > written)
        printf("; %d left out that are no floats", named - written);
    putchar('\n');
    return BC_OK;
}

static int run(int argc, char **argv) {
    arguments a = {.names = "published"};
    const app_option options[] = {
        {NULL, APP_TEXT, &a.in, "IN",
         "weights: " BC_SAFETENSORS ", or " BC_PT " and " BC_PTH
         " of torch.save; FILE:KEY takes what lies below KEY",
         true, 0, 0},
        {NULL, APP_TEXT, &a.out, "OUT", "file to write: " BC_SAFETENSORS ", " BC_PT " or " BC_PTH, true, 0,
         0},
        {"names", APP_CHOICE, &a.names, "published|timm|file",
         "BiCross's and DPT's, those of timm's vit_base_resnet50_384 (its part alone), or as they are "
         "(published)",
         false, 0, 0},
    };
    int exit_status;
    if (!APP_PARSE(&app_convert, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&err, convert(&err, &a));
}

const app_command app_convert = {"convert", "Turn PyTorch's weights into safetensors, and back.",
                                 "bicross convert dpt_hybrid.pt dpt_hybrid.safetensors", run};
