/* bicross eval: the seven metrics of a network on the test set. */
#include "apps/common/ranks.h"
#include "apps/metrics.h"
#include "apps/predictor.h"
#include "apps/progress.h"
#include "apps/weights.h"
#include "bicross/data/labels.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "bicross/report/history.h"
#include "bicross/report/picture.h"
#include "bicross/report/report.h"
#include "bicross/report/scored_pictures.h"
#include "bicross/train/scores_text.h"
#include "bicross/train/sources.h"
#include "host/base/clock.h"
#include "net/store/safetensors.h"
#include "net/store/torch_file.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct arguments {
    app_common common;
    const char *config, *weights, *json, *save_dir, *report;
    int word_count; /* of the command line, */
    char **words;   /* for the report's history */
    double began;
} arguments;

/* What an evaluation finds. */
typedef struct findings {
    bc_scores scores;
    float *abs_rel; /* of each image, owned */
    int images;
} findings;

/* What is done with each image while the data set is evaluated. */
typedef struct saver {
    bc_error *err;
    const bc_config *config;
    const char *folder;           /* NULL: nothing is written */
    const char *depth_ending;     /* of depth maps */
    int crop_height, crop_width;  /* of the data set */
    bc_scored_pictures *pictures; /* NULL: there is no report */
    app_progress progress;
    int count;
} saver;

static bc_status file_of(saver *s, const bc_evaluated *image, const char *ending, char path[APP_PATH]) {
    char name[192];
    snprintf(name, sizeof name, "%s%s", image->sample->name, ending);
    return app_path(s->err, path, s->folder, name);
}

static bc_status save_image(void *user, const bc_evaluated *image) {
    saver *s = user;
    app_progress_count(&s->progress, "evaluating", image->index + 1, s->count);
    if (s->pictures)
        BC_TRY(bc_scored_pictures_add(s->pictures, image));
    if (!s->folder)
        return BC_OK;
    char path[APP_PATH];
    int width = image->sample->width, height = image->sample->height;
    char name[32];
    snprintf(name, sizeof name, "_depth%s", s->depth_ending);
    BC_TRY(file_of(s, image, name, path));
    BC_TRY(bc_depth_write(s->err, path, app_depth_scale(s->config), width, height, image->depth));
    BC_TRY(file_of(s, image, "_uncertainty" BC_PFM, path));
    BC_TRY(bc_pfm_write(s->err, path, width, height, image->uncertainty));
    BC_TRY(file_of(s, image, BC_PNG, path));
    bc_picture row;
    bc_window learnt = bc_learnt_window(height, width, s->crop_height, s->crop_width, s->config->whole_image);
    BC_TRY(bc_picture_evaluated(s->err, image, s->config->dmax, learnt, &row));
    bc_status status = bc_png_write_rgb(s->err, path, row.width, row.height, row.rgb);
    bc_picture_release(&row);
    return status;
}

static bc_status write_json(bc_error *err, const char *path, const findings *found) {
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(err, path, &writer));
    bc_scores_images_json(writer.stream, &found->scores, found->abs_rel, found->images);
    fputc('\n', writer.stream);
    return bc_file_writer_commit(err, &writer);
}

/* Depth maps are PNGs, as the data sets have them, unless those cannot hold dmax: a depth beyond it must not end the evaluation. */
static const char *choose_depth_ending(app_volume volume, const bc_config *config) {
    bc_error reason = {0};
    const char *ending = bc_depth_ending_for(&reason, app_depth_scale(config), config->dmax);
    if (reason.status != BC_OK)
        app_tell(volume, "depth maps are written as %s: %s", ending, reason.text);
    return ending;
}

static bc_status evaluate_on(bc_host *host, const arguments *a, const bc_trained *network, bc_dataset *test,
                             findings *found) {
    bc_error *err = bc_host_error(host);
    const bc_config *config = &network->config;
    bool pictured = a->report && bc_team_rank(a->common.team) == 0;
    bc_scored_pictures pictures = {.err = err, .folder = a->report, .config = config, .test = test};
    saver s = {.err = err,
               .config = config,
               .folder = a->save_dir,
               .depth_ending = a->save_dir ? choose_depth_ending(a->common.volume, config) : NULL,
               .crop_height = test->crop_height,
               .crop_width = test->crop_width,
               .pictures = pictured ? &pictures : NULL,
               .progress = app_progress_begin(a->common.volume),
               .count = test->count};
    found->images = test->count;
    found->abs_rel = calloc((size_t)test->count, sizeof *found->abs_rel);
    bc_evaluate_options options = {.rgb = network->rgb,
                                   .input_height = config->input_height,
                                   .input_width = config->input_width,
                                   .dmax = config->dmax,
                                   .whole_image = config->whole_image,
                                   .abs_rel = found->abs_rel,
                                   .team = a->common.team,
                                   .user = &s,
                                   .each = save_image};
    if (!found->abs_rel)
        return bc_fail(err, BC_E_MEMORY, "no host memory for the scores of %d images", test->count);
    app_progress_count(&s.progress, "evaluating", 0, s.count);
    BC_TRY(app_data_print(err, a->common.volume, "test", test));
    if (pictured)
        BC_TRY(bc_scored_pictures_begin(&pictures));
    bc_status status = bc_evaluate(host, network->params, &network->model, test, &options, &found->scores);
    app_progress_end(&s.progress);
    return status;
}

static bc_status evaluate(bc_host *host, const arguments *a, const bc_trained *network, findings *found) {
    bc_dataset *test;
    if (a->save_dir)
        BC_TRY(bc_make_folder(bc_host_error(host), a->save_dir));
    BC_TRY(bc_source_open(host, &network->config, BC_ROLE_TEST, &test));
    bc_status status = evaluate_on(host, a, network, test, found);
    bc_dataset_release(test);
    return status;
}

/* A folder of its own: scores, pictures, device, and the page that shows them. */
static bc_status write_report(bc_host *host, const arguments *a, const findings *found) {
    char path[APP_PATH];
    bc_error *err = bc_host_error(host);
    BC_TRY(app_path(err, path, a->report, "results.json"));
    BC_TRY(write_json(err, path, found));
    BC_TRY(bc_report_device(host, a->report));
    BC_TRY(bc_history_add(err, a->report, bc_seconds_now() - a->began, a->word_count, a->words));
    BC_TRY(bc_report_write(err, a->report));
    printf("wrote %s/report.html\n", a->report);
    return BC_OK;
}

static bc_status eval_on(bc_host *host, const bc_config *config, const arguments *a, findings *found) {
    bc_error *err = bc_host_error(host);
    bc_trained network;
    BC_TRY(bc_trained_open(host, config, a->weights, &network));
    app_weights_print(a->common.volume, a->weights, &network);
    bc_status status = evaluate(host, a, &network, found);
    bc_trained_close(&network);
    BC_TRY(status);
    app_scores_table(stdout, &found->scores);
    if (bc_team_rank(a->common.team) > 0)
        return BC_OK;
    if (a->json)
        BC_TRY(write_json(err, a->json, found));
    return a->report ? write_report(host, a, found) : BC_OK;
}

static bc_status eval(bc_error *err, const arguments *a) {
    bc_config config;
    bc_host *host;
    findings found = {.images = 0};
    BC_TRY(app_config(err, &a->common, a->config, false, &config));
    BC_TRY(app_host(err, &a->common, &config, false, &host));
    bc_status status = eval_on(host, &config, a, &found);
    free(found.abs_rel);
    app_host_close(&a->common, host);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {
        .common = APP_COMMON_DEFAULTS, .word_count = argc, .words = argv, .began = bc_seconds_now()};
    const app_option options[] = {
        APP_GROUP("What is scored"),
        {"config", APP_TEXT, &a.config, "FILE", "INI file that names the data", true, 0, 0},
        {"weights", APP_TEXT, &a.weights, "FILE",
         "weights: " BC_SAFETENSORS ", or " BC_PT " and " BC_PTH " of PyTorch", true, 0, 0},
        APP_GROUP("Results"),
        {"json", APP_TEXT, &a.json, "FILE", "write the metrics as JSON", false, 0, 0},
        {"save-dir", APP_TEXT, &a.save_dir, "DIR", "write depth, uncertainty and a picture of each sample",
         false, 0, 0},
        {"report", APP_TEXT, &a.report, "DIR",
         "write DIR/report.html: scores, pictures (bicross report shows several of them on one page)", false,
         0, 0},
        APP_GROUP("General"),
        APP_SET_OPTION(a.common),
        APP_SEED_OPTION(a.common),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_eval, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    app_ranks ranks = APP_RANKS_ALONE;
    bc_status status = app_ranks_open(&err, &ranks);
    a.common.team = ranks.team;
    if (status == BC_OK)
        status = eval(&err, &a);
    return app_ranks_exit(&ranks, &err, status);
}

const app_command app_eval = {
    "eval", "Score a network on the test set: AbsRel, SqRel, RMSE, RMSElog, delta1 to delta3.",
    "bicross eval --config apps/configs/published.ini --weights weights.safetensors --save-dir out", run};
