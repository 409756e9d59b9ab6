/* The demo's pictures: see demo_internal.h. */
#include "bicross/data/labels.h"
#include "bicross/report/demo_internal.h"
#include "bicross/report/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PANELS = 8, FIRST_MAP = 2, COLUMNS = 2, ROWS = PANELS / COLUMNS };

static bc_status copy_map(bc_error *err, const float *from, size_t count, float **to) {
    *to = malloc(count * sizeof(float));
    if (!*to)
        return bc_fail(err, BC_E_MEMORY, "no host memory for a picture");
    memcpy(*to, from, count * sizeof(float));
    return BC_OK;
}

bc_status bc_demo_pictures_collect(void *user, const bc_evaluated *image) {
    bc_demo_pictures *p = user;
    int step = p->config->test_count / BC_DEMO_PICTURES,
        place = step > 0 ? image->index / step : image->index;
    if ((step > 0 && image->index % step != 0) || place >= BC_DEMO_PICTURES)
        return BC_OK;
    size_t count = (size_t)image->sample->height * (size_t)image->sample->width;
    if (p->samples[place].height == 0) /* the first arm */
        BC_TRY(bc_sample_copy(p->err, image->sample, &p->samples[place]));
    BC_TRY(copy_map(p->err, image->depth, count, &p->depth[place][p->arm]));
    return copy_map(p->err, image->uncertainty, count, &p->uncertainty[place][p->arm]);
}

void bc_demo_pictures_close(bc_demo_pictures *p) {
    for (int i = 0; i < BC_DEMO_PICTURES; i++) {
        bc_sample_release(&p->samples[i]);
        for (int arm = 0; arm < BC_ARM_COUNT; arm++) {
            free(p->depth[i][arm]);
            free(p->uncertainty[i][arm]);
        }
    }
}

/* RGB for orientation only, the network's input, predictions without and with the target, and how good the latter is. */
static bc_status draw_panels(bc_demo_pictures *p, int i, bc_depth_range range, bc_picture panels[PANELS]) {
    const bc_sample *s = &p->samples[i];
    const float *best = p->depth[i][BC_ARM_BICROSS];
    BC_TRY(bc_picture_copy(p->err, s->rgb, s->height, s->width, &panels[0]));
    BC_TRY(bc_picture_spikes(p->err, s->spikes, s->height, s->width, &panels[1]));
    BC_TRY(bc_picture_depth(p->err, p->depth[i][BC_ARM_PRE_SRC], s->height, s->width, range, &panels[2]));
    BC_TRY(bc_picture_depth(p->err, p->depth[i][BC_ARM_CONTROL], s->height, s->width, range, &panels[3]));
    BC_TRY(bc_picture_depth(p->err, best, s->height, s->width, range, &panels[4]));
    BC_TRY(bc_picture_depth(p->err, s->depth, s->height, s->width, range, &panels[5]));
    BC_TRY(bc_picture_error(p->err, best, s->depth, s->height, s->width, BC_ERROR_SHOWN, &panels[6]));
    return bc_picture_values(p->err, p->uncertainty[i][BC_ARM_BICROSS], s->height, s->width, 0.0f,
                             BC_ERROR_SHOWN, &panels[7]);
}

/* COLUMNS panels a row. */
static bc_status draw_rows(bc_demo_pictures *p, const bc_picture panels[PANELS], bc_depth_range range,
                           bc_picture rows[ROWS]) {
    static const char *const captions[PANELS] = {"scene",
                                                 "spikes",
                                                 "Pre_src",
                                                 "Control",
                                                 "BiCross",
                                                 "ground truth",
                                                 "BiCross, relative error",
                                                 "BiCross, predicted error"};
    bc_scale depth = bc_scale_of_depth(range), share = bc_scale_of_share(BC_ERROR_SHOWN);
    const bc_scale scales[PANELS] = {{0}, {0}, depth, depth, depth, depth, share, share};
    for (int row = 0; row < ROWS; row++) {
        int first = row * COLUMNS;
        BC_TRY(bc_picture_row(p->err, COLUMNS, panels + first, captions + first, scales + first, &rows[row]));
    }
    return BC_OK;
}

static bc_status draw(bc_demo_pictures *p, int i, bc_picture *out) {
    bc_picture panels[PANELS] = {{0}}, rows[ROWS] = {{0}};
    bc_depth_range range = bc_depth_range_for(p->config->dmax);
    bc_status status = draw_panels(p, i, range, panels);
    bc_window learnt =
        bc_learnt_window(p->samples[i].height, p->samples[i].width, 0, 0, p->config->whole_image);
    for (int k = FIRST_MAP; status == BC_OK && k < PANELS; k++)
        bc_picture_grey_outside(&panels[k], learnt);
    if (status == BC_OK)
        status = draw_rows(p, panels, range, rows);
    if (status == BC_OK)
        status = bc_picture_stack(p->err, ROWS, rows, out);
    for (int k = 0; k < PANELS; k++)
        bc_picture_release(&panels[k]);
    for (int k = 0; k < ROWS; k++)
        bc_picture_release(&rows[k]);
    return status;
}

bc_status bc_demo_pictures_write(bc_demo_pictures *p) {
    char path[1200];
    snprintf(path, sizeof path, "%.1000s/" BC_DEMO_PICTURES_FOLDER, p->folder);
    BC_TRY(bc_make_folder(p->err, path));
    for (int i = 0; i < BC_DEMO_PICTURES && p->samples[i].height; i++) {
        bc_picture picture = {0};
        bc_demo_picture_path(p->folder, i, path);
        bc_status status = draw(p, i, &picture);
        if (status == BC_OK)
            status = bc_png_write_rgb(p->err, path, picture.width, picture.height, picture.rgb);
        bc_picture_release(&picture);
        BC_TRY(status);
    }
    return BC_OK;
}

void bc_demo_picture_path(const char *folder, int i, char path[1200]) {
    snprintf(path, 1200, "%.1000s/" BC_DEMO_PICTURES_FOLDER "/target-%d" BC_PNG, folder, i + 1);
}
