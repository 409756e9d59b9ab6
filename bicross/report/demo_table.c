/* The demo's results as a table for people and as JSON for machines. */
#include "bicross/report/demo_internal.h"
#include "bicross/train/scores_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *bc_arm_name(int arm) {
    static const char *const names[BC_ARM_COUNT] = {"Pre_src", "MonoCross", "Control", "BiCross",
                                                    "Supervised"};
    return names[arm];
}

typedef struct statistic {
    double mean, deviation; /* sample standard deviation; 0 for one value */
    int count;
} statistic;

/* Over seeds: of metric `which` of `arm`, minus that of `other` when other >= 0. */
static statistic over_seeds(const bc_scores *all, int seeds, int arm, int other, bc_region region,
                            int which) {
    statistic s = {.count = seeds};
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < seeds; i++) {
            double x = bc_metric_value(&all[i * BC_ARM_COUNT + arm].regions[region], which);
            x -= other >= 0 ? bc_metric_value(&all[i * BC_ARM_COUNT + other].regions[region], which) : 0;
            if (pass == 0)
                s.mean += x / seeds;
            else
                s.deviation += (x - s.mean) * (x - s.mean);
        }
    s.deviation = seeds > 1 ? sqrt(s.deviation / (seeds - 1)) : 0;
    return s;
}

static void print_rows(FILE *f, const bc_scores *all, int seeds) {
    fprintf(f, "%-11s", "");
    for (int k = 0; k < BC_METRICS; k++)
        fprintf(f, seeds > 1 ? " %13s" : " %8s", bc_metric_names[k]);
    fputc('\n', f);
    for (int arm = 0; arm < BC_ARM_COUNT; arm++) {
        fprintf(f, "%-11s", bc_arm_name(arm));
        for (int k = 0; k < BC_METRICS; k++) {
            statistic s = over_seeds(all, seeds, arm, -1, BC_REGION_ALL, k);
            if (seeds > 1)
                fprintf(f, " %6.3f+-%5.3f", s.mean, s.deviation);
            else
                fprintf(f, " %8.3f", s.mean);
        }
        fputc('\n', f);
    }
}

static void print_differences(FILE *f, const bc_demo_result *r) {
    fprintf(
        f, "\nPaired differences of target AbsRel, arm minus BiCross (mean, standard error over %d seeds):\n",
        r->seeds);
    for (int arm = 0; arm < BC_ARM_COUNT; arm++) {
        if (arm == BC_ARM_BICROSS)
            continue;
        statistic s = over_seeds(r->target, r->seeds, arm, BC_ARM_BICROSS, BC_REGION_ALL, 0);
        fprintf(f, "%-11s %+.4f  %.4f\n", bc_arm_name(arm), s.mean, s.deviation / sqrt((double)s.count));
    }
}

static bc_status finish_text(bc_error *err, FILE *f, char **text) {
    bool bad = ferror(f) != 0;
    if (fclose(f) == 0 && !bad)
        return BC_OK;
    free(*text);
    *text = NULL;
    return bc_fail(err, BC_E_MEMORY, "no host memory for the table");
}

bc_status bc_demo_table(bc_error *err, const bc_config *config, const bc_demo_result *r, char **text) {
    size_t size;
    FILE *f = open_memstream(text, &size);
    if (!f)
        return bc_fail(err, BC_E_MEMORY, "no host memory for the table");
    fprintf(f, "Scenario %s, %s model, %d of %d target test images a seed",
            bc_scenario_words[config->scenario], bc_preset_words[config->preset],
            r->target[0].regions[BC_REGION_ALL].images, r->target[0].regions[BC_REGION_ALL].looked_at);
    fprintf(f, r->seeds > 1 ? ", seeds %d-%d: mean+-standard deviation\n" : ", seed %d\n", r->first_seed,
            r->first_seed + r->seeds - 1);
    fprintf(f, "\nTarget domain (spikes never labelled in training, except for Supervised)\n");
    print_rows(f, r->target, r->seeds);
    fprintf(f, "\nSource domain (unseen scenes)\n");
    print_rows(f, r->source, r->seeds);
    if (r->seeds > 1)
        print_differences(f, r);
    return finish_text(err, f, text);
}

static bc_status results_json(bc_error *err, const bc_config *config, const bc_demo_result *r, char **text) {
    size_t size;
    FILE *f = open_memstream(text, &size);
    if (!f)
        return bc_fail(err, BC_E_MEMORY, "no host memory for the results");
    fprintf(
        f,
        "{\"scenario\": \"%s\", \"model\": \"%s\", \"method\": \"%s\", \"stem_init\": \"%s\", \"seeds\": [",
        bc_scenario_words[config->scenario], bc_preset_words[config->preset], bc_method_words[config->method],
        bc_stem_init_words[config->stem_init]);
    for (int s = 0; s < r->seeds; s++) {
        fprintf(f, "%s\n{\"seed\": %d, \"arms\": {", s ? "," : "", r->first_seed + s);
        for (int arm = 0; arm < BC_ARM_COUNT; arm++) {
            fprintf(f, "%s\n  \"%s\": {\"target\": ", arm ? "," : "", bc_arm_name(arm));
            bc_scores_json(f, &r->target[s * BC_ARM_COUNT + arm]);
            fprintf(f, ", \"source\": ");
            bc_scores_json(f, &r->source[s * BC_ARM_COUNT + arm]);
            fprintf(f, "}");
        }
        fprintf(f, "}}");
    }
    fprintf(f, "]}\n");
    return finish_text(err, f, text);
}

static bc_status write_text(bc_error *err, const char *folder, const char *name, char *text) {
    char path[1300];
    snprintf(path, sizeof path, "%.1200s/%s", folder, name);
    bc_status status = bc_file_write(err, path, text, strlen(text));
    free(text);
    return status;
}

bc_status bc_demo_write_results(bc_error *err, const bc_config *config, const char *folder,
                                const bc_demo_result *result) {
    char *text;
    BC_TRY(results_json(err, config, result, &text));
    BC_TRY(write_text(err, folder, "results.json", text));
    BC_TRY(bc_demo_table(err, config, result, &text));
    return write_text(err, folder, "table.txt", text);
}
