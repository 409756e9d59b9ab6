/* Scores and data sets in words. */
#include "apps/metrics.h"

#include "bicross/train/scores_text.h"

void app_scores_table(FILE *out, const bc_scores *scores) {
    fprintf(out, "        ");
    for (int k = 0; k < BC_METRICS; k++)
        fprintf(out, " %8s", bc_metric_names[k]);
    fprintf(out, "   images\n");
    for (int region = 0; region < BC_REGION_COUNT; region++) {
        const bc_metrics *m = &scores->regions[region];
        if (m->images == 0)
            continue;
        fprintf(out, "%-8s", bc_region_words[region]);
        for (int k = 0; k < BC_METRICS; k++)
            fprintf(out, " %8.4f", bc_metric_value(m, k));
        fprintf(out, "   %d of %d\n", m->images, m->looked_at);
    }
    fprintf(out, "uncertainty: sparsification error %.4f, calibration error %.4f\n",
            scores->uncertainty.sparsification_error, scores->uncertainty.calibration_error);
}

bc_status app_data_print(bc_error *err, app_volume volume, const char *role, bc_dataset *dataset) {
    char text[BC_DATASET_TEXT];
    if (!dataset)
        return BC_OK;
    BC_TRY(bc_dataset_describe(dataset, err, text));
    app_tell(volume, "%s %s: %s", role, dataset->name, text);
    return BC_OK;
}
