/* What an evaluation shows of one image. */
#include "bicross/report/shrink.h"

enum { PANELS = 6, WIDEST = 1600, SCALE_WIDTH = 160, GAPS = 8 };

typedef struct panels {
    int count, columns, step; /* panels of a row; pixels a side that become one */
    bc_picture picture[PANELS];
    const char *caption[PANELS];
    bool depth[PANELS]; /* in metres: its row has the scale */
} panels;

/* Where the next panel goes; it counts once it has been made. */
static bc_picture *next_panel(panels *p, const char *caption) {
    p->caption[p->count] = caption;
    return &p->picture[p->count++];
}

static bc_picture *next_depth(panels *p, const char *caption) {
    p->depth[p->count] = true;
    return next_panel(p, caption);
}

/* Wide pictures get fewer columns, so that as little as possible of them is lost. */
static void lay_out(int height, int width, panels *p) {
    int zoomed = width * bc_picture_zoom(height, width);
    p->columns = PANELS * (zoomed + GAPS) + SCALE_WIDTH <= WIDEST ? PANELS : width > 2 * height ? 2 : 3;
    p->step = bc_shrink_step(width, (WIDEST - SCALE_WIDTH) / p->columns - GAPS);
}

static bc_window shrunk(bc_window w, int step) {
    return (bc_window){w.top / step, w.bottom / step, w.left / step, w.right / step};
}

/* A label and the error at it, small enough, and large enough to be seen. */
static bc_status add_labels(bc_error *err, const bc_evaluated *image, bc_depth_range range, panels *p) {
    const bc_sample *s = image->sample;
    bc_seen_labels seen;
    BC_TRY(bc_labels_shrink(err, s->depth, image->depth, s->height, s->width, p->step, &seen));
    bc_status status =
        bc_picture_depth(err, seen.label, seen.height, seen.width, range, next_depth(p, "ground truth"));
    if (status == BC_OK)
        status = bc_picture_error(err, seen.beside, seen.label, seen.height, seen.width, 0.5f,
                                  next_panel(p, "error 0-50 %"));
    bc_seen_labels_release(&seen);
    return status;
}

static bc_status make_panels(bc_error *err, const bc_evaluated *image, bc_depth_range range, bc_window learnt,
                             panels *p) {
    const bc_sample *s = image->sample;
    int h = s->height, w = s->width;
    lay_out(h, w, p);
    if (s->rgb)
        BC_TRY(bc_picture_copy(err, s->rgb, h, w, next_panel(p, "RGB")));
    if (s->spikes)
        BC_TRY(bc_picture_spikes(err, s->spikes, h, w, next_panel(p, "spikes")));
    int first = p->count;
    BC_TRY(bc_picture_depth(err, image->depth, h, w, range, next_depth(p, "prediction")));
    if (image->uncertainty)
        BC_TRY(bc_picture_values(err, image->uncertainty, h, w, 0, 1, next_panel(p, "uncertainty 0-1")));
    for (int i = 0; i < p->count; i++)
        bc_picture_shrink(p->step, &p->picture[i]);
    if (s->depth)
        BC_TRY(add_labels(err, image, range, p));
    for (int i = first; i < p->count; i++)
        bc_picture_grey_outside(&p->picture[i], shrunk(learnt, p->step));
    return BC_OK;
}

static bc_status make_rows(bc_error *err, const panels *p, bc_depth_range range, bc_picture *out) {
    bc_picture rows[PANELS] = {{0}};
    int count = 0;
    bc_status status = BC_OK;
    for (int first = 0; first < p->count && status == BC_OK; first += p->columns) {
        int columns = p->count - first < p->columns ? p->count - first : p->columns;
        bool scale = false;
        for (int i = first; i < first + columns; i++)
            scale |= p->depth[i];
        status = bc_picture_row(err, columns, p->picture + first, p->caption + first, scale ? &range : NULL,
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
        status = make_rows(err, &p, range, out);
    for (int i = 0; i < p.count; i++)
        bc_picture_release(&p.picture[i]);
    return status;
}
