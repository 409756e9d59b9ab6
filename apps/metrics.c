/* The seven metrics as text. */
#include "apps/metrics.h"

void app_metrics_table(FILE *out, const bc_metrics *m) {
    fprintf(out, "  AbsRel    SqRel     RMSE  RMSElog   delta1   delta2   delta3   images\n");
    fprintf(out, "%8.4f %8.4f %8.4f %8.4f %8.4f %8.4f %8.4f %8d\n", m->abs_rel, m->sq_rel, m->rmse,
            m->rmse_log, m->delta[0], m->delta[1], m->delta[2], m->images);
}

void app_metrics_json(FILE *out, const bc_metrics *m) {
    fprintf(out,
            "{\"abs_rel\": %.9g, \"sq_rel\": %.9g, \"rmse\": %.9g, \"rmse_log\": %.9g, \"delta1\": %.9g, "
            "\"delta2\": %.9g, "
            "\"delta3\": %.9g, \"images\": %d, \"pixels\": %ld}\n",
            m->abs_rel, m->sq_rel, m->rmse, m->rmse_log, m->delta[0], m->delta[1], m->delta[2], m->images,
            m->pixels);
}
