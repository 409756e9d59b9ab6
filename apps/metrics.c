/* The seven metrics as text. */
#include "apps/metrics.h"

#include <math.h>

void app_metrics_table(FILE *out, const bc_metrics *m) {
    fprintf(out, "  AbsRel    SqRel     RMSE  RMSElog   delta1   delta2   delta3   images\n");
    fprintf(out, "%8.4f %8.4f %8.4f %8.4f %8.4f %8.4f %8.4f   %d of %d\n", m->abs_rel, m->sq_rel, m->rmse,
            m->rmse_log, m->delta[0], m->delta[1], m->delta[2], m->images, m->looked_at);
}

/* null where nothing was measured: JSON has no NaN, and 0 would be a perfect score. */
static void write_number(FILE *out, const char *name, double value) {
    if (isfinite(value))
        fprintf(out, "\"%s\": %.9g, ", name, value);
    else
        fprintf(out, "\"%s\": null, ", name);
}

void app_metrics_json(FILE *out, const bc_metrics *m) {
    fputc('{', out);
    write_number(out, "abs_rel", m->abs_rel);
    write_number(out, "sq_rel", m->sq_rel);
    write_number(out, "rmse", m->rmse);
    write_number(out, "rmse_log", m->rmse_log);
    write_number(out, "delta1", m->delta[0]);
    write_number(out, "delta2", m->delta[1]);
    write_number(out, "delta3", m->delta[2]);
    fprintf(out, "\"images\": %d, \"looked_at\": %d, \"pixels\": %ld}\n", m->images, m->looked_at, m->pixels);
}

bc_status app_data_print(bc_error *err, const char *role, bc_dataset *dataset) {
    char text[BC_DATASET_TEXT];
    if (!dataset)
        return BC_OK;
    BC_TRY(bc_dataset_describe(dataset, err, text));
    fprintf(stderr, "%s %s: %s\n", role, dataset->name, text);
    return BC_OK;
}
