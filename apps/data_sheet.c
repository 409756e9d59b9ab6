/* A row: pictures, spikes and depth of a sample, where there are any. */
#include "apps/data_sheet.h"

#include "bicross/formats/image.h"

#include <stdio.h>

enum { PANELS = 3 };

static bc_status draw_panels(bc_error *err, const bc_sample *s, bc_depth_range range,
                             bc_picture panels[PANELS], const char *captions[PANELS], int *count) {
    if (s->rgb) {
        BC_TRY(bc_picture_copy(err, s->rgb, s->height, s->width, &panels[*count]));
        captions[(*count)++] = "rgb";
    }
    if (s->spikes) {
        BC_TRY(bc_picture_spikes(err, s->spikes, s->height, s->width, &panels[*count]));
        captions[(*count)++] = "spikes";
    }
    if (s->depth) {
        BC_TRY(bc_picture_depth(err, s->depth, s->height, s->width, range, &panels[*count]));
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
