/* bicross eval: the seven metrics of a network on the test set. */
#include "apps/common/ranks.h"
#include "apps/metrics.h"
#include "apps/predictor.h"
#include "apps/progress.h"
#include "apps/weights.h"
#include "bicross/data/labels.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "bicross/report/picture.h"
#include "bicross/train/scores_text.h"
#include "bicross/train/sources.h"
#include "net/store/safetensors.h"
#include "net/store/torch_file.h"

#include <unistd.h>

typedef struct arguments {
    app_common common;
    const char *config, *weights, *json, *save_dir;
} arguments;

/* What is done with each image while the data set is evaluated. */
typedef struct saver {
    bc_error *err;
    const bc_config *config;
    const char *folder;          /* NULL: nothing is written */
    const char *depth_ending;    /* of depth maps */
    int crop_height, crop_width; /* of the data set */
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

static bc_status write_json(bc_error *err, const char *path, const bc_scores *scores) {
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(err, path, &writer));
    bc_scores_json(writer.stream, scores);
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

static bc_status evaluate(bc_host *host, const arguments *a, const bc_trained *network, bc_scores *scores) {
    const bc_config *config = &network->config;
    bc_dataset *test;
    if (a->save_dir)
        BC_TRY(bc_make_folder(bc_host_error(host), a->save_dir));
    BC_TRY(bc_source_open(host, config, BC_ROLE_TEST, &test));
    saver s = {.err = bc_host_error(host),
               .config = config,
               .folder = a->save_dir,
               .depth_ending = a->save_dir ? choose_depth_ending(a->common.volume, config) : NULL,
               .crop_height = test->crop_height,
               .crop_width = test->crop_width,
               .progress = app_progress_begin(a->common.volume),
               .count = test->count};
    bc_evaluate_options options = {.rgb = network->rgb,
                                   .input_height = config->input_height,
                                   .input_width = config->input_width,
                                   .dmax = config->dmax,
                                   .whole_image = config->whole_image,
                                   .team = a->common.team,
                                   .user = &s,
                                   .each = save_image};
    app_progress_count(&s.progress, "evaluating", 0, s.count);
    bc_status status = app_data_print(bc_host_error(host), a->common.volume, "test", test);
    if (status == BC_OK)
        status = bc_evaluate(host, network->params, &network->model, test, &options, scores);
    app_progress_end(&s.progress);
    bc_dataset_release(test);
    return status;
}

static bc_status eval(bc_error *err, const arguments *a) {
    bc_config config;
    bc_host *host;
    bc_trained network;
    bc_scores scores;
    BC_TRY(app_config(err, &a->common, a->config, false, &config));
    BC_TRY(app_host(err, &a->common, &config, false, &host));
    bc_status status = bc_trained_open(host, &config, a->weights, &network);
    if (status == BC_OK) {
        app_weights_print(a->common.volume, a->weights, &network);
        status = evaluate(host, a, &network, &scores);
        bc_trained_close(&network);
    }
    app_host_close(&a->common, host);
    BC_TRY(status);
    app_scores_table(stdout, &scores);
    return a->json && bc_team_rank(a->common.team) == 0 ? write_json(err, a->json, &scores) : BC_OK;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS};
    const app_option options[] = {
        APP_GROUP("What is scored"),
        {"config", APP_TEXT, &a.config, "FILE", "INI file that names the data", true, 0, 0},
        {"weights", APP_TEXT, &a.weights, "FILE",
         "weights: " BC_SAFETENSORS ", or " BC_PT " and " BC_PTH " of PyTorch", true, 0, 0},
        APP_GROUP("Results"),
        {"json", APP_TEXT, &a.json, "FILE", "write the metrics as JSON", false, 0, 0},
        {"save-dir", APP_TEXT, &a.save_dir, "DIR", "write depth, uncertainty and a picture of each sample",
         false, 0, 0},
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
