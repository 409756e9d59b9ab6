/* The demo's results as a table for people. */
#include "bicross/report/demo_internal.h"
#include "bicross/train/scores_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands in a column: a metric of a region, or one of the uncertainty. */
typedef enum kind { METRIC, SPARSIFICATION, CALIBRATION } kind;
typedef struct column {
    const char *title;
    kind kind;
    bc_region region;
    int metric;
} column;
static const column whole[] = {
    {"AbsRel", METRIC, BC_REGION_ALL, 0}, {"SqRel", METRIC, BC_REGION_ALL, 1},
    {"RMSE", METRIC, BC_REGION_ALL, 2},   {"RMSElog", METRIC, BC_REGION_ALL, 3},
    {"d1", METRIC, BC_REGION_ALL, 4},     {"d2", METRIC, BC_REGION_ALL, 5},
    {"d3", METRIC, BC_REGION_ALL, 6},
};
static const column parts[] = {
    {"objects", METRIC, BC_REGION_OBJECTS, 0},
    {"far", METRIC, BC_REGION_FAR, 0},
    {"sparsif.", SPARSIFICATION, BC_REGION_ALL, 0},
    {"calibr.", CALIBRATION, BC_REGION_ALL, 0},
};
enum { WHOLE = sizeof whole / sizeof *whole, PARTS = sizeof parts / sizeof *parts };

static double value_of(const bc_scores *scores, const column *c) {
    if (c->kind == SPARSIFICATION)
        return scores->uncertainty.sparsification_error;
    return c->kind == CALIBRATION ? scores->uncertainty.calibration_error
                                  : bc_metric_value(&scores->regions[c->region], c->metric);
}

typedef struct statistic {
    double mean, deviation; /* sample standard deviation; 0 for one value */
    int count;
} statistic;

/* Over seeds: of `arm`, minus that of `other` when other >= 0. */
static statistic over_seeds(const bc_scores *all, int seeds, int arm, int other, const column *c) {
    statistic s = {.count = seeds};
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < seeds; i++) {
            double x = value_of(&all[i * BC_ARM_COUNT + arm], c);
            x -= other >= 0 ? value_of(&all[i * BC_ARM_COUNT + other], c) : 0;
            if (pass == 0)
                s.mean += x / seeds;
            else
                s.deviation += (x - s.mean) * (x - s.mean);
        }
    s.deviation = seeds > 1 ? sqrt(s.deviation / (seeds - 1)) : 0;
    return s;
}

static void print_rows(FILE *f, const bc_scores *all, int seeds, const column *columns, int count) {
    fprintf(f, "%-15s", "");
    for (int k = 0; k < count; k++)
        fprintf(f, seeds > 1 ? " %13s" : " %8s", columns[k].title);
    fputc('\n', f);
    for (int arm = 0; arm < BC_ARM_COUNT; arm++) {
        fprintf(f, "%-15s", bc_arm_name(arm));
        for (int k = 0; k < count; k++) {
            statistic s = over_seeds(all, seeds, arm, -1, &columns[k]);
            if (seeds > 1)
                fprintf(f, " %6.3f+-%5.3f", s.mean, s.deviation);
            else
                fprintf(f, " %8.3f", s.mean);
        }
        fputc('\n', f);
    }
}

/* The comparisons that the method stands or falls with. */
static void print_differences(FILE *f, const bc_demo_result *r) {
    static const int pairs[][2] = {
        {BC_ARM_BICROSS, BC_ARM_PRE_SRC},           {BC_ARM_BICROSS, BC_ARM_CONTROL},
        {BC_ARM_BICROSS_PLUS, BC_ARM_PRE_SRC},      {BC_ARM_BICROSS_PLUS, BC_ARM_CONTROL},
        {BC_ARM_BICROSS_PLUS, BC_ARM_CONTROL_PLUS}, {BC_ARM_BICROSS_PLUS, BC_ARM_BICROSS},
        {BC_ARM_SUPERVISED, BC_ARM_PRE_SRC}};
    fprintf(f, "\nDifferences of AbsRel on the target");
    fprintf(f,
            r->seeds > 1 ? " (mean and standard error of the pairs of %d seeds)\n"
                         : " (one seed: below about 0.01 they mean nothing)\n",
            r->seeds);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        int arm = pairs[i][0], other = pairs[i][1];
        statistic s = over_seeds(r->target, r->seeds, arm, other, &whole[0]);
        double base = over_seeds(r->target, r->seeds, other, -1, &whole[0]).mean;
        fprintf(f, "%-10s - %-8s %+.4f", bc_arm_name(arm), bc_arm_name(other), s.mean);
        if (r->seeds > 1)
            fprintf(f, "  %.4f", s.deviation / sqrt((double)s.count));
        fprintf(f, "  (%+.0f %%)\n", 100 * s.mean / base);
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
    print_rows(f, r->target, r->seeds, whole, WHOLE);
    fprintf(f, "\nTarget domain, AbsRel on objects and beyond %.0f m; errors of the uncertainty\n",
            (double)config->dmax / 4);
    print_rows(f, r->target, r->seeds, parts, PARTS);
    fprintf(f, "\nSource domain (unseen scenes)\n");
    print_rows(f, r->source, r->seeds, whole, WHOLE);
    print_differences(f, r);
    return finish_text(err, f, text);
}
