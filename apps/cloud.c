#include "apps/cloud.h"

#include "bicross/data/labels.h"
#include "bicross/formats/ply.h"
#include "bicross/report/picture.h"

#include <math.h>
#include <stdlib.h>

static bool positive(float value) {
    return isfinite(value) && value > 0;
}

static bc_status parse_focal(bc_error *err, const char *text, app_camera *out) {
    char *end;
    out->focal_x = out->focal_y = strtof(text, &end);
    if (end != text && *end == ',')
        out->focal_y = strtof(end + 1, &end);
    if (end != text && !*end && positive(out->focal_x) && positive(out->focal_y))
        return BC_OK;
    return bc_fail(err, BC_E_ARGUMENT, "--focal must be FX or FX,FY in pixels (721.5), not '%s'", text);
}

static bc_status parse_centre(bc_error *err, const char *text, app_camera *out) {
    char *end;
    out->centre_x = strtof(text, &end);
    if (end != text && *end == ',') {
        const char *second = end + 1;
        out->centre_y = strtof(second, &end);
        if (end != second && !*end && isfinite(out->centre_x) && isfinite(out->centre_y))
            return BC_OK;
    }
    return bc_fail(err, BC_E_ARGUMENT, "--centre must be CX,CY in pixels (609.6,172.9), not '%s'", text);
}

bc_status app_camera_parse(bc_error *err, app_volume volume, const char *focal, const char *centre,
                           app_camera *out) {
    *out = (app_camera){.centre_x = NAN, .centre_y = NAN};
    if (focal)
        BC_TRY(parse_focal(err, focal, out));
    if (centre)
        BC_TRY(parse_centre(err, centre, out));
    if (!focal)
        app_tell(volume,
                 "the cloud's focal length is not known: a field of view of %d degrees across the image is "
                 "assumed; --focal FX says it",
                 APP_FIELD_OF_VIEW);
    return BC_OK;
}

/* For an image of this size. */
static app_camera camera_for(const app_camera *given, int height, int width) {
    app_camera c = *given;
    if (c.focal_x <= 0)
        c.focal_x = c.focal_y = 0.5f * (float)width / tanf(0.5f * APP_FIELD_OF_VIEW * (float)M_PI / 180);
    if (isnan(c.centre_x)) {
        c.centre_x = 0.5f * (float)(width - 1);
        c.centre_y = 0.5f * (float)(height - 1);
    }
    return c;
}

/* Returns how many there are. */
static int make_points(const app_predictor *p, const app_camera *c, const bc_picture *colours,
                       bc_point *points) {
    const bc_predictor *maps = &p->maps;
    const bc_config *config = &p->network.config;
    bc_window w =
        bc_learnt_window(maps->height, maps->width, maps->crop.height, maps->crop.width, config->whole_image);
    int count = 0;
    for (int y = w.top; y < w.bottom; y++)
        for (int x = w.left; x < w.right; x++) {
            size_t i = (size_t)y * (size_t)maps->width + (size_t)x;
            float z = maps->depth[i];
            if (!(z > 0) || z >= config->dmax)
                continue;
            const uint8_t *rgb = colours->rgb + 3 * i;
            points[count++] = (bc_point){.x = ((float)x - c->centre_x) * z / c->focal_x,
                                         .y = ((float)y - c->centre_y) * z / c->focal_y,
                                         .z = z,
                                         .uncertainty = maps->uncertainty ? maps->uncertainty[i] : 0,
                                         .rgb = {rgb[0], rgb[1], rgb[2]}};
        }
    return count;
}

bc_status app_cloud_write(const app_predictor *p, const bc_sample *sample, const app_camera *camera,
                          const char *path) {
    int height = p->maps.height, width = p->maps.width;
    app_camera c = camera_for(camera, height, width);
    bc_picture colours;
    char comment[200];
    BC_TRY(sample->rgb ? bc_picture_copy(p->err, sample->rgb, height, width, &colours)
                       : bc_picture_spikes(p->err, sample->spikes, height, width, &colours));
    bc_point *points = malloc((size_t)height * (size_t)width * sizeof *points);
    bc_status status = points ? BC_OK
                              : bc_fail(p->err, BC_E_MEMORY,
                                        "no host memory for the points of %d x %d pixels", width, height);
    snprintf(comment, sizeof comment,
             "x to the right, y down, z ahead, in metres; focal length %g, %g, centre %g, %g pixels%s",
             (double)c.focal_x, (double)c.focal_y, (double)c.centre_x, (double)c.centre_y,
             camera->focal_x > 0 ? "" : " (assumed)");
    if (status == BC_OK)
        status = bc_ply_write(p->err, path, comment, p->maps.uncertainty != NULL,
                              make_points(p, &c, &colours, points), points);
    free(points);
    bc_picture_release(&colours);
    return status;
}
