#include "apps/outputs.h"

#include "apps/common/app.h"
#include "apps/weights.h"
#include "bicross/data/labels.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "host/base/path.h"
#include "host/base/sort.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- before anything is computed --- */

static bc_status parse_range(bc_error *err, const char *text, bc_depth_range *range) {
    char *end;
    if (!text)
        return BC_OK;
    range->near = strtof(text, &end);
    if (end != text && *end == ':') {
        const char *far = end + 1;
        range->far = strtof(far, &end);
        if (end != far && !*end && range->near > 0 && range->far > range->near && isfinite(range->far))
            return BC_OK;
    }
    return bc_fail(err, BC_E_ARGUMENT,
                   "--range must be NEAR:FAR in metres, both positive and the nearer first (2:80), not '%s'",
                   text);
}

/* What is printed goes to standard error, so that standard output has frames and nothing else. */
static bc_status open_frames(bc_error *err, app_outputs *o) {
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    o->frames = kept >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 ? fdopen(kept, "wb") : NULL;
    if (o->frames)
        return BC_OK;
    if (kept >= 0)
        close(kept);
    return bc_fail(err, BC_E_FILE, "cannot write frames to standard output: %s", strerror(errno));
}

bc_status app_outputs_open(bc_error *err, const app_output_options *options, const bc_config *config,
                           app_outputs *out) {
    *out = (app_outputs){.options = options,
                         .range.map = (bc_colour_map)app_choice(options->map, bc_colour_map_words)};
    BC_TRY(parse_range(err, options->range, &out->range));
    if (options->cloud)
        BC_TRY(app_camera_parse(err, options->volume, options->focal, options->centre, &out->camera));
    if (options->depth)
        BC_TRY(bc_depth_check_range(err, options->depth, app_depth_scale(config), config->dmax));
    return options->raw ? open_frames(err, out) : BC_OK;
}

void app_outputs_close(app_outputs *o) {
    if (o->frames)
        fclose(o->frames);
    app_sheet_release(&o->sheet);
}

/* --- colours --- */

static float at_share(const double *sorted, int count, double share) {
    return (float)sorted[(int)(share * (count - 1))];
}

/* To two digits, away from the middle. */
static float round_outwards(float metres, bool up) {
    float unit = powf(10, floorf(log10f(metres)) - 1);
    return (up ? ceilf(metres / unit) : floorf(metres / unit)) * unit;
}

/* Nearly all of the first map's depths, so that a few pixels do not use up the colours; the same for all maps after it, whose colours
 * can be compared. */
static bc_status choose_range(app_outputs *o, const app_predictor *p) {
    const bc_crop *crop = &p->maps.crop;
    int count = 0;
    double *depths = malloc((size_t)crop->height * (size_t)crop->width * sizeof *depths);
    if (!depths)
        return bc_fail(p->err, BC_E_MEMORY, "no memory to choose colours for %d x %d depths", crop->width,
                       crop->height);
    for (int y = crop->top; y < crop->top + crop->height; y++)
        for (int x = crop->left; x < crop->left + crop->width; x++)
            depths[count++] = (double)p->maps.depth[(size_t)y * (size_t)p->maps.width + (size_t)x];
    bc_sort_ascending(depths, count);
    o->range.near = round_outwards(at_share(depths, count, 0.01), false);
    o->range.far = fmaxf(round_outwards(at_share(depths, count, 0.99), true), 1.1f * o->range.near);
    free(depths);
    app_tell(o->options->volume, "colours from %.3g m to %.3g m, as in the first depth map",
             (double)o->range.near, (double)o->range.far);
    return BC_OK;
}

static bc_window learnt_window(const app_predictor *p) {
    const bc_predictor *maps = &p->maps;
    return bc_learnt_window(maps->height, maps->width, maps->crop.height, maps->crop.width,
                            p->network.config.whole_image);
}

/* The map alone, as large as the input; what lies outside the learnt window is grey. */
static bc_status colour(const app_outputs *o, const app_predictor *p, bc_picture *out) {
    const bc_predictor *maps = &p->maps;
    BC_TRY(bc_picture_depth(p->err, maps->depth, maps->height, maps->width, o->range, out));
    bc_picture_grey_outside(out, learnt_window(p));
    return BC_OK;
}

static bc_status write_colour(const app_outputs *o, const app_predictor *p, const bc_picture *map,
                              const char *path) {
    bc_picture barred = {0};
    const bc_picture *written = map;
    if (!o->options->no_bar) {
        bc_scale scale = bc_scale_of_depth(o->range);
        BC_TRY(bc_picture_row(p->err, 1, map, NULL, &scale, &barred));
        written = &barred;
    }
    bc_status status = bc_png_write_rgb(p->err, path, written->width, written->height, written->rgb);
    bc_picture_release(&barred);
    return status;
}

/* --- frames --- */

static bc_status write_frame(const app_outputs *o, const app_predictor *p, const bc_picture *map) {
    size_t pixels = (size_t)p->maps.height * (size_t)p->maps.width;
    bool colours = strcmp(o->options->raw, "rgb24") == 0;
    const void *data = colours ? (const void *)map->rgb : p->maps.depth;
    size_t bytes = pixels * (colours ? 3 : sizeof(float));
    if (fwrite(data, 1, bytes, o->frames) == bytes && fflush(o->frames) == 0)
        return BC_OK;
    return bc_fail(p->err, BC_E_FILE, "cannot write frames to standard output: %s", strerror(errno));
}

/* --- all of it --- */

static void print_depths(const app_predictor *p) {
    size_t pixels = (size_t)p->maps.height * (size_t)p->maps.width;
    double low = INFINITY, high = 0, sum = 0, seen = (double)p->maps.crop.height * p->maps.crop.width;
    for (size_t i = 0; i < pixels; i++) {
        low = p->maps.depth[i] > 0 ? fmin(low, p->maps.depth[i]) : low;
        high = fmax(high, p->maps.depth[i]);
        sum += p->maps.depth[i];
    }
    printf("depth %.2f to %.2f m, mean %.2f m\n", low, high, sum / seen);
}

/* A 16-bit PNG holds an uncertainty of up to 65.5; more than that says nothing more. */
static bc_status write_uncertainty(const app_predictor *p, const char *path) {
    size_t pixels = (size_t)p->maps.height * (size_t)p->maps.width;
    bool png = bc_path_ends(path, BC_PNG);
    const float most = 65535.0f / BC_UNITS_UNCERTAINTY;
    for (size_t i = 0; png && i < pixels; i++)
        p->maps.uncertainty[i] = fminf(p->maps.uncertainty[i], most);
    return bc_depth_write(p->err, path, BC_UNITS_UNCERTAINTY, p->maps.width, p->maps.height,
                          p->maps.uncertainty);
}

static bc_status write_colours(app_outputs *o, app_predictor *p, const char *name, long number) {
    const app_output_options *options = o->options;
    bc_picture map;
    char path[APP_PATH];
    BC_TRY(colour(o, p, &map));
    bc_status status = BC_OK;
    if (options->color) {
        status = app_numbered_path(p->err, options->color, name, number, path);
        if (status == BC_OK)
            status = write_colour(o, p, &map, path);
    }
    if (status == BC_OK && o->frames)
        status = write_frame(o, p, &map);
    bc_picture_release(&map);
    return status;
}

static bc_status add_to_sheet(app_outputs *o, app_predictor *p, const bc_sample *sample, const char *name,
                              long number) {
    char caption[APP_CAPTION], window[32] = "";
    if (number >= 0)
        snprintf(window, sizeof window, "%swindow %ld", name ? ", " : "", number);
    snprintf(caption, sizeof caption, "%.120s%s", name ? name : "", window);
    if (o->before)
        BC_TRY(app_predictor_run(o->before, sample));
    app_sheet_row row = {.caption = caption,
                         .sample = sample,
                         .depth = p->maps.depth,
                         .before = o->before ? o->before->maps.depth : NULL,
                         .learnt = learnt_window(p),
                         .uncertainty = p->maps.uncertainty,
                         .range = o->range};
    return app_sheet_add(&o->sheet, p->err, &row);
}

bc_status app_outputs_write(app_outputs *o, app_predictor *p, const bc_sample *sample, const char *name,
                            long number) {
    const app_output_options *options = o->options;
    char path[APP_PATH];
    print_depths(p);
    if (o->range.near == 0 && (options->color || options->raw || options->sheet))
        BC_TRY(choose_range(o, p));
    if (options->sheet)
        BC_TRY(add_to_sheet(o, p, sample, name, number));
    if (options->depth) {
        BC_TRY(app_numbered_path(p->err, options->depth, name, number, path));
        BC_TRY(bc_depth_write(p->err, path, app_depth_scale(&p->network.config), p->maps.width,
                              p->maps.height, p->maps.depth));
    }
    if (options->uncertainty) {
        BC_TRY(app_numbered_path(p->err, options->uncertainty, name, number, path));
        BC_TRY(write_uncertainty(p, path));
    }
    if (options->cloud) {
        BC_TRY(app_numbered_path(p->err, options->cloud, name, number, path));
        BC_TRY(app_cloud_write(p, sample, &o->camera, path));
    }
    return options->color || options->raw ? write_colours(o, p, name, number) : BC_OK;
}

bc_status app_outputs_finish(app_outputs *o, bc_error *err) {
    return o->options->sheet ? app_sheet_write(&o->sheet, err, o->options->sheet) : BC_OK;
}
