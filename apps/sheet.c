#include "apps/sheet.h"

#include "bicross/formats/image.h"
#include "bicross/report/shrink.h"

#include <stdio.h>

enum { PANELS = 6, WIDEST = 2400, SCALE_WIDTH = 118 };

typedef struct panels {
    bc_picture pictures[PANELS];
    const char *captions[PANELS];
    bc_scale scales[PANELS];
    int count;
} panels;

static bc_picture *next(panels *p, const char *caption, bc_scale scale) {
    p->captions[p->count] = caption;
    p->scales[p->count] = scale;
    return &p->pictures[p->count++];
}

static bc_status draw_depth(bc_error *err, const app_sheet_row *row, const float *depth, int step,
                            bc_picture *out) {
    bc_seen_labels small;
    BC_TRY(bc_labels_shrink(err, depth, NULL, row->sample->height, row->sample->width, step, &small));
    bc_status status = bc_picture_depth(err, small.label, small.height, small.width, row->range, out);
    bc_seen_labels_release(&small);
    return status;
}

/* The inputs. */
static bc_status draw_seen(bc_error *err, const bc_sample *s, panels *p) {
    if (s->rgb)
        BC_TRY(bc_picture_copy(err, s->rgb, s->height, s->width, next(p, "rgb", (bc_scale){0})));
    if (s->spikes)
        BC_TRY(bc_picture_spikes(err, s->spikes, s->height, s->width, next(p, "spikes", (bc_scale){0})));
    return BC_OK;
}

/* What was made of them, as large as they are. */
static bc_status draw_shares(bc_error *err, const app_sheet_row *row, panels *p) {
    const bc_sample *s = row->sample;
    const bc_scale scale = bc_scale_of_share(BC_ERROR_SHOWN);
    if (row->before)
        BC_TRY(bc_picture_error(err, row->depth, row->before, s->height, s->width, BC_ERROR_SHOWN,
                                next(p, "change", scale)));
    if (row->uncertainty)
        BC_TRY(bc_picture_values(err, row->uncertainty, s->height, s->width, 0, BC_ERROR_SHOWN,
                                 next(p, "predicted error", scale)));
    return BC_OK;
}

static bc_status draw_depths(bc_error *err, const app_sheet_row *row, int step, panels *p) {
    const bc_scale scale = bc_scale_of_depth(row->range);
    if (row->before)
        BC_TRY(draw_depth(err, row, row->before, step, next(p, "depth, before", scale)));
    return row->depth ? draw_depth(err, row, row->depth, step,
                                   next(p, row->before ? "depth, after" : "depth", scale))
                      : BC_OK;
}

static void shrink_from(int first, int step, panels *p) {
    for (int i = first; i < p->count; i++)
        bc_picture_shrink(step, &p->pictures[i]);
}

static void grey(const app_sheet_row *row, int step, int first, panels *p) {
    bc_window w = {row->learnt.top / step, row->learnt.bottom / step, row->learnt.left / step,
                   row->learnt.right / step};
    for (int i = first; i < p->count && row->learnt.bottom > 0; i++)
        bc_picture_grey_outside(&p->pictures[i], w);
}

static bc_status draw_panels(bc_error *err, const app_sheet_row *row, panels *p) {
    const bc_sample *s = row->sample;
    int count = (s->rgb != NULL) + (s->spikes != NULL) + (row->uncertainty != NULL) + (row->depth != NULL) +
                2 * (row->before != NULL);
    int step = bc_shrink_step(s->width, WIDEST / (count ? count : 1) - SCALE_WIDTH);
    BC_TRY(draw_seen(err, s, p));
    int inputs = p->count;
    shrink_from(0, step, p);
    BC_TRY(draw_depths(err, row, step, p));
    int shares = p->count;
    BC_TRY(draw_shares(err, row, p));
    shrink_from(shares, step, p);
    grey(row, step, inputs, p);
    return BC_OK;
}

bc_status app_sheet_add(app_sheet *sheet, bc_error *err, const app_sheet_row *row) {
    panels p = {0};
    char first[APP_CAPTION + 32];
    if (sheet->count == APP_SHEET_ROWS)
        return BC_OK;
    bc_status status = draw_panels(err, row, &p);
    if (status == BC_OK && p.count > 0) {
        snprintf(first, sizeof first, "%s%s%s", row->caption, *row->caption ? ": " : "", p.captions[0]);
        p.captions[0] = first;
        status = bc_picture_row(err, p.count, p.pictures, p.captions, p.scales, &sheet->rows[sheet->count]);
        sheet->count += status == BC_OK;
    }
    for (int i = 0; i < p.count; i++)
        bc_picture_release(&p.pictures[i]);
    return status;
}

bc_status app_sheet_write(app_sheet *sheet, bc_error *err, const char *path) {
    bc_picture all;
    if (sheet->count == 0)
        return bc_fail(err, BC_E_ARGUMENT, "%s: there is no sample to draw", path);
    BC_TRY(bc_picture_stack(err, sheet->count, sheet->rows, &all));
    bc_status status = bc_png_write_rgb(err, path, all.width, all.height, all.rgb);
    bc_picture_release(&all);
    return status;
}

void app_sheet_release(app_sheet *sheet) {
    for (int i = 0; i < sheet->count; i++)
        bc_picture_release(&sheet->rows[i]);
}
