#include "apps/run_score.h"

#include "apps/common/app.h"
#include "apps/metrics.h"
#include "bicross/report/scored_pictures.h"
#include "bicross/train/scores_text.h"
#include "bicross/train/weights.h"

#include <stdlib.h>

static bool writes(const app_run *run) {
    return bc_team_rank(run->team) == 0;
}

static bc_status write_table(bc_error *err, const app_run *run, const bc_scores *scores) {
    char path[APP_PATH];
    bc_file_writer writer;
    BC_TRY(app_path(err, path, run->config->out, "table.txt"));
    BC_TRY(bc_file_writer_open(err, path, &writer));
    fprintf(writer.stream, "Target test set\n");
    app_scores_table(writer.stream, scores);
    return bc_file_writer_commit(err, &writer);
}

static bc_status write_results(bc_error *err, const app_run *run, const bc_scores *scores,
                               const float *abs_rel) {
    char path[APP_PATH];
    bc_file_writer writer;
    BC_TRY(app_path(err, path, run->config->out, "results.json"));
    BC_TRY(bc_file_writer_open(err, path, &writer));
    bc_scores_images_json(writer.stream, scores, abs_rel, run->test->count);
    fputc('\n', writer.stream);
    return bc_file_writer_commit(err, &writer);
}

static bc_status evaluate(const app_run *run, bc_scores *scores, float *abs_rel) {
    const bc_config *c = run->config;
    bc_trained network;
    bc_scored_pictures pictures = {
        .err = bc_host_error(run->host), .folder = c->out, .config = c, .test = run->test};
    bc_evaluate_options options = {.input_height = c->input_height,
                                   .input_width = c->input_width,
                                   .dmax = c->dmax,
                                   .whole_image = c->whole_image,
                                   .abs_rel = abs_rel,
                                   .team = run->team,
                                   .user = &pictures,
                                   .each = writes(run) ? bc_scored_pictures_add : NULL};
    if (writes(run))
        BC_TRY(bc_scored_pictures_begin(&pictures));
    BC_TRY(bc_trained_open(run->host, c, run->weights, &network));
    bc_status status = bc_evaluate(run->host, network.params, &network.model, run->test, &options, scores);
    bc_trained_close(&network);
    return status;
}

static bc_status score(const app_run *run, float *abs_rel) {
    bc_error *err = bc_host_error(run->host);
    bc_scores scores;
    BC_TRY(evaluate(run, &scores, abs_rel));
    if (!writes(run))
        return BC_OK;
    printf("\nTarget test set:\n");
    app_scores_table(stdout, &scores);
    BC_TRY(write_table(err, run, &scores));
    return write_results(err, run, &scores, abs_rel);
}

bc_status app_run_score(const app_run *run) {
    int count = run->test->count;
    float *abs_rel = calloc((size_t)count, sizeof *abs_rel);
    bc_status status = abs_rel ? score(run, abs_rel)
                               : bc_fail(bc_host_error(run->host), BC_E_MEMORY,
                                         "no host memory for the scores of %d images", count);
    free(abs_rel);
    return status;
}
