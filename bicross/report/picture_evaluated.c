/* What an evaluation shows of one image. */
#include "bicross/report/shrink.h"

enum { PANELS = 6, COLUMNS = 2, WIDEST = 1600, SCALE_WIDTH = 110, GAPS = 12 };

typedef struct panels {
    int count, step; /* pixels a side that become one */
    bc_picture picture[PANELS];
    const char *caption[PANELS];
    bc_scale scale[PANELS];
} panels;

/* Where the next panel goes; it counts once it has been made. */
static bc_picture *next_panel(panels *p, const char *caption, bc_scale scale) {
    p->caption[p->count] = caption;
    p->scale[p->count] = scale;
    return &p->picture[p->count++];
}

/* So that as little as possible of them is lost. */
static void lay_out(int width, panels *p) {
    p->step = bc_shrink_step(width, WIDEST / COLUMNS - SCALE_WIDTH - GAPS);
}

static bc_window shrunk(bc_window w, int step) {
    return (bc_window){w.top / step, w.bottom / step, w.left / step, w.right / step};
}

/* A label and the error at it, small enough, and large enough to be seen. */
static bc_status add_labels(bc_error *err, const bc_evaluated *image, bc_depth_range range, panels *p) {
    const bc_sample *s = image->sample;
    bc_seen_labels seen;
    BC_TRY(bc_labels_shrink(err, s->depth, image->depth, s->height, s->width, p->step, &seen));
    bc_status status = bc_picture_depth(err, seen.label, seen.height, seen.width, range,
                                        next_panel(p, "ground truth", bc_scale_of_depth(range)));
    if (status == BC_OK)
        status = bc_picture_error(err, seen.beside, seen.label, seen.height, seen.width, BC_ERROR_SHOWN,
                                  next_panel(p, "relative error", bc_scale_of_share(BC_ERROR_SHOWN)));
    bc_seen_labels_release(&seen);
    return status;
}

static bc_status add_uncertainty(bc_error *err, const bc_evaluated *image, panels *p) {
    const bc_sample *s = image->sample;
    bc_picture *out = next_panel(p, "predicted error", bc_scale_of_share(BC_ERROR_SHOWN));
    BC_TRY(bc_picture_values(err, image->uncertainty, s->height, s->width, 0, BC_ERROR_SHOWN, out));
    bc_picture_shrink(p->step, out);
    return BC_OK;
}

/* What goes in, prediction beside ground truth, error beside predicted error. */
static bc_status make_panels(bc_error *err, const bc_evaluated *image, bc_depth_range range, bc_window learnt,
                             panels *p) {
    const bc_sample *s = image->sample;
    int h = s->height, w = s->width;
    lay_out(w, p);
    if (s->rgb)
        BC_TRY(bc_picture_copy(err, s->rgb, h, w, next_panel(p, "RGB", (bc_scale){0})));
    if (s->spikes)
        BC_TRY(bc_picture_spikes(err, s->spikes, h, w, next_panel(p, "spikes", (bc_scale){0})));
    int first = p->count;
    BC_TRY(bc_picture_depth(err, image->depth, h, w, range,
                            next_panel(p, "prediction", bc_scale_of_depth(range))));
    for (int i = 0; i < p->count; i++)
        bc_picture_shrink(p->step, &p->picture[i]);
    if (s->depth)
        BC_TRY(add_labels(err, image, range, p));
    if (image->uncertainty)
        BC_TRY(add_uncertainty(err, image, p));
    for (int i = first; i < p->count; i++)
        bc_picture_grey_outside(&p->picture[i], shrunk(learnt, p->step));
    return BC_OK;
}

static bc_status make_rows(bc_error *err, const panels *p, bc_picture *out) {
    bc_picture rows[PANELS] = {{0}};
    int count = 0;
    bc_status status = BC_OK;
    for (int first = 0; first < p->count && status == BC_OK; first += COLUMNS) {
        int columns = p->count - first < COLUMNS ? p->count - first : COLUMNS;
        status = bc_picture_row(err, columns, p->picture + first, p->caption + first, p->scale + first,
                                &rows[count++]);
    }
    if (status == BC_OK)
        status = bc_picture_stack(err, count, rows, out);
    for (int i = 0; i < count; i++)
        bc_picture_release(&rows[i]);
    return status;
}

bc_status bc_picture_evaluated(bc_error *err, const bc_evaluated *image, float dmax, bc_window learnt,
                               bc_picture *out) {
    panels p = {0};
    bc_depth_range range = bc_depth_range_for(dmax);
    *out = (bc_picture){0};
    bc_status status = make_panels(err, image, range, learnt, &p);
    if (status == BC_OK)
        status = make_rows(err, &p, out);
    for (int i = 0; i < p.count; i++)
        bc_picture_release(&p.picture[i]);
    return status;
}

bc_status bc_picture_draw(bc_error *err, const bc_evaluated *image, float dmax, bc_window learnt, int *width,
                          int *height, uint8_t **rgb) {
    bc_picture picture;
    BC_TRY(bc_picture_evaluated(err, image, dmax, learnt, &picture));
    *width = picture.width;
    *height = picture.height;
    *rgb = picture.rgb;
    return BC_OK;
}
