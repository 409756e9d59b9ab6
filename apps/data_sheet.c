/* A row: pictures, spikes and depth of a sample, where there are any. */
#include "apps/data_sheet.h"

#include "bicross/formats/image.h"

#include <stdio.h>
#include <stdlib.h>

enum { PANELS = 3, WIDEST = 640 };

/* Blocks of step x step pixels become one: small enough for a screen. */
static void shrink_picture(int step, bc_picture *p) {
    int width = p->width / step, height = p->height / step;
    uint8_t *to = p->rgb; /* never ahead of what is read */
    for (int y = 0; y < height; y++)
        for (int i = 0; i < 3 * width; i++) {
            int sum = 0;
            for (int k = 0; k < step * step; k++)
                sum += p->rgb[((size_t)(y * step + k / step) * (size_t)p->width +
                               (size_t)(i / 3 * step + k % step)) *
                                  3 +
                              (size_t)(i % 3)];
            *to++ = (uint8_t)(sum / (step * step));
        }
    p->width = width;
    p->height = height;
}

/* Of depth the nearest in each block, so that sparse labels are seen. malloc'ed; NULL where memory is short. */
static float *shrink_depth(const bc_sample *s, int step) {
    int width = s->width / step, height = s->height / step;
    float *small = calloc((size_t)width * (size_t)height, sizeof *small);
    for (int y = 0; small && y < height * step; y++)
        for (int x = 0; x < width * step; x++) {
            float here = s->depth[y * s->width + x], *kept = &small[y / step * width + x / step];
            if (here > 0 && (*kept == 0 || here < *kept))
                *kept = here;
        }
    return small;
}

static bc_status draw_depth(bc_error *err, const bc_sample *s, int step, bc_depth_range range,
                            bc_picture *out) {
    float *small = shrink_depth(s, step);
    if (!small)
        return bc_fail(err, BC_E_MEMORY, "no host memory for a picture");
    bc_status status = bc_picture_depth(err, small, s->height / step, s->width / step, range, out);
    free(small);
    return status;
}

static bc_status draw_panels(bc_error *err, const bc_sample *s, bc_depth_range range,
                             bc_picture panels[PANELS], const char *captions[PANELS], int *count) {
    int step = (s->width + WIDEST - 1) / WIDEST;
    if (s->rgb) {
        BC_TRY(bc_picture_copy(err, s->rgb, s->height, s->width, &panels[*count]));
        captions[(*count)++] = "rgb";
    }
    if (s->spikes) {
        BC_TRY(bc_picture_spikes(err, s->spikes, s->height, s->width, &panels[*count]));
        captions[(*count)++] = "spikes";
    }
    for (int i = 0; i < *count; i++)
        shrink_picture(step, &panels[i]);
    if (s->depth) {
        BC_TRY(draw_depth(err, s, step, range, &panels[*count]));
        captions[(*count)++] = "depth";
    }
    return BC_OK;
}

bc_status data_sheet_add(data_sheet *sheet, bc_error *err, const char *role, const bc_sample *sample) {
    bc_picture panels[PANELS] = {{0}};
    const char *captions[PANELS];
    char first[192];
    int count = 0;
    if (!sheet->wanted || sheet->count == DATA_SHEET_ROWS)
        return BC_OK;
    bc_depth_range range = bc_depth_range_for(sheet->dmax);
    bc_status status = draw_panels(err, sample, range, panels, captions, &count);
    if (status == BC_OK && count > 0) {
        snprintf(first, sizeof first, "%s %.128s: %s", role, sample->name, captions[0]);
        captions[0] = first;
        status = bc_picture_row(err, count, panels, captions, sample->depth ? &range : NULL,
                                &sheet->rows[sheet->count]);
        sheet->count += status == BC_OK;
    }
    for (int i = 0; i < PANELS; i++)
        bc_picture_release(&panels[i]);
    return status;
}

bc_status data_sheet_write(data_sheet *sheet, bc_error *err, const char *path) {
    bc_picture all;
    if (sheet->count == 0)
        return bc_fail(err, BC_E_ARGUMENT, "%s: there is no sample to draw", path);
    BC_TRY(bc_picture_stack(err, sheet->count, sheet->rows, &all));
    bc_status status = bc_png_write_rgb(err, path, all.width, all.height, all.rgb);
    bc_picture_release(&all);
    return status;
}

void data_sheet_release(data_sheet *sheet) {
    for (int i = 0; i < sheet->count; i++)
        bc_picture_release(&sheet->rows[i]);
}
