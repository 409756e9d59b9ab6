/* Loading parameters from files of weights. */
#include "net/store/params.h"
#include "net/store/weight_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void shape_text(int rank, const long *shape, char text[128]) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < rank && used < 100; i++)
        used += (size_t)snprintf(text + used, 128 - used, "%s%ld", i ? "x" : "", shape[i]);
}

static bool same_shape(const bc_param *param, const bc_tensor_entry *entry) {
    bool equal = param->spec.rank == entry->rank;
    for (int i = 0; equal && i < entry->rank; i++)
        equal = param->spec.shape[i] == entry->shape[i];
    return equal;
}

static bc_status fail_shape(bc_error *err, const char *path, const bc_param *param,
                            const bc_tensor_entry *entry) {
    char expected[128], found[128];
    long wanted[4];
    for (int i = 0; i < param->spec.rank; i++)
        wanted[i] = param->spec.shape[i];
    shape_text(param->spec.rank, wanted, expected);
    shape_text(entry->rank, entry->shape, found);
    return bc_fail(err, BC_E_FORMAT, "%s: %s should be %s, found %s: the file belongs to another model", path,
                   param->name, expected, found);
}

void bc_load_list_add(bc_load_list *list, const char *name) {
    size_t used = strlen(list->names);
    if (used + strlen(name) + sizeof ", , ..." < sizeof list->names)
        snprintf(list->names + used, sizeof list->names - used, "%s%s", used ? ", " : "", name);
    else if (used < 3 || strcmp(list->names + used - 3, "...") != 0)
        snprintf(list->names + used, sizeof list->names - used, "%s...", used ? ", " : "");
    list->count++;
}

/* One parameter's way from a file. */
typedef struct loader {
    bc_params *params;
    bc_error *err;
    const bc_tensor_file *file;
    const bc_load_rules *rules;
    bc_load_report *report;
    float *staging; /* room for the largest */
} loader;

static bc_status load_entry(loader *l, bc_param *param, const bc_tensor_entry *entry) {
    if (same_shape(param, entry)) {
        BC_TRY(bc_tensor_file_floats(l->err, l->file, entry, l->staging, param->count));
    } else if (l->rules->fits && l->rules->fits(param, entry)) {
        BC_TRY(l->rules->fit(l->err, l->file, entry, param, l->staging));
        bc_load_list_add(&l->report->resized, param->name);
    } else {
        return fail_shape(l->err, l->file->path, param, entry);
    }
    l->report->loaded++;
    return bc_param_write(l->params, param, l->staging);
}

static bc_status load_param(loader *l, bc_param *param) {
    bc_load_rule rule = l->rules->rule ? l->rules->rule(l->rules->context, param->name) : BC_LOAD_REQUIRED;
    const bc_tensor_entry *entry = bc_tensor_file_find(l->file, param->name);
    if (rule == BC_LOAD_KEEP)
        return BC_OK;
    if (!entry) {
        bc_load_list_add(&l->report->missing, param->name);
        return rule != BC_LOAD_REQUIRED
                   ? BC_OK
                   : bc_fail(l->err, BC_E_FORMAT, "%s has no tensor %s, which the network needs",
                             l->file->path, param->name);
    }
    if (rule == BC_LOAD_UNUSED && !same_shape(param, entry)) {
        bc_load_list_add(&l->report->skipped, param->name);
        return BC_OK;
    }
    return load_entry(l, param, entry);
}

static void list_skipped(loader *l) {
    for (int i = 0; i < l->file->count; i++)
        if (!bc_params_find(l->params, l->file->entries[i].name))
            bc_load_list_add(&l->report->skipped, l->file->entries[i].name);
}

bc_status bc_params_load_by(bc_params *params, const bc_tensor_file *file, const bc_load_rules *rules,
                            bc_load_report *report) {
    size_t most = 1;
    *report = (bc_load_report){0};
    for (int i = 0; i < bc_params_count(params); i++)
        if (bc_params_at(params, i)->count > most)
            most = bc_params_at(params, i)->count;
    loader l = {.params = params,
                .err = bc_host_error(bc_params_host(params)),
                .file = file,
                .rules = rules,
                .report = report,
                .staging = malloc(most * sizeof *l.staging)};
    if (!l.staging)
        return bc_fail(l.err, BC_E_MEMORY, "no host memory to load %s", file->path);
    bc_status status = BC_OK;
    for (int i = 0; status == BC_OK && i < bc_params_count(params); i++)
        status = load_param(&l, bc_params_at(params, i));
    free(l.staging);
    list_skipped(&l);
    return status;
}

bc_status bc_params_load(bc_params *params, const char *path) {
    bc_tensor_file file;
    bc_load_report report;
    BC_TRY(bc_weight_file_open(bc_host_error(bc_params_host(params)), path, &file));
    bc_status status = bc_params_load_by(params, &file, &(bc_load_rules){0}, &report);
    bc_tensor_file_close(&file);
    return status;
}
