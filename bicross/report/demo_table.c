/* The demo's results as a table for people and as JSON for machines. */
#include "bicross/report/demo_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *bc_arm_name(int arm) {
    static const char *const names[BC_ARM_COUNT] = {"Pre_src", "MonoCross", "Control", "BiCross",
                                                    "Supervised"};
    return names[arm];
}

enum { METRICS = 7 };
static const char *const metric_names[METRICS] = {"AbsRel", "SqRel",  "RMSE",  "RMSElog",
                                                  "delta1", "delta2", "delta3"};
static const char *const metric_keys[METRICS] = {"abs_rel", "sq_rel", "rmse",  "rmse_log",
                                                 "delta1",  "delta2", "delta3"};

static double metric(const bc_metrics *m, int which) {
    const double all[METRICS] = {m->abs_rel,  m->sq_rel,   m->rmse,    m->rmse_log,
                                 m->delta[0], m->delta[1], m->delta[2]};
    return all[which];
}

typedef struct statistic {
    double mean, deviation; /* sample standard deviation; 0 for one value */
    int count;
} statistic;

/* Over seeds: of metric `which` of `arm`, minus that of `other` when other >= 0. */
static statistic over_seeds(const bc_metrics *all, int seeds, int arm, int other, int which) {
    statistic s = {.count = seeds};
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < seeds; i++) {
            double x = metric(&all[i * BC_ARM_COUNT + arm], which);
            x -= other >= 0 ? metric(&all[i * BC_ARM_COUNT + other], which) : 0;
            if (pass == 0)
                s.mean += x / seeds;
            else
                s.deviation += (x - s.mean) * (x - s.mean);
        }
    s.deviation = seeds > 1 ? sqrt(s.deviation / (seeds - 1)) : 0;
    return s;
}

static void print_rows(FILE *f, const bc_metrics *all, int seeds) {
    fprintf(f, "%-11s", "");
    for (int k = 0; k < METRICS; k++)
        fprintf(f, seeds > 1 ? " %13s" : " %8s", metric_names[k]);
    fputc('\n', f);
    for (int arm = 0; arm < BC_ARM_COUNT; arm++) {
        fprintf(f, "%-11s", bc_arm_name(arm));
        for (int k = 0; k < METRICS; k++) {
            statistic s = over_seeds(all, seeds, arm, -1, k);
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
        statistic s = over_seeds(r->target, r->seeds, arm, BC_ARM_BICROSS, 0);
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
            bc_scenario_words[config->scenario], bc_preset_words[config->preset], r->target[0].images,
            r->target[0].looked_at);
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

static void print_metrics(FILE *f, const bc_metrics *m) {
    fprintf(f, "{\"images\": %d, \"looked_at\": %d, \"pixels\": %ld", m->images, m->looked_at, m->pixels);
    for (int k = 0; k < METRICS; k++) {
        double value = metric(m, k);
        if (isfinite(value))
            fprintf(f, ", \"%s\": %.6f", metric_keys[k], value);
        else
            fprintf(f, ", \"%s\": null", metric_keys[k]);
    }
    fprintf(f, "}");
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
            print_metrics(f, &r->target[s * BC_ARM_COUNT + arm]);
            fprintf(f, ", \"source\": ");
            print_metrics(f, &r->source[s * BC_ARM_COUNT + arm]);
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
