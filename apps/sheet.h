/* A picture of samples and their depth, a row each. */
#ifndef BC_APPS_SHEET_H
#define BC_APPS_SHEET_H

#include "bicross/report/picture.h"

enum { APP_SHEET_ROWS = 8, APP_CAPTION = 192 };

typedef struct app_sheet {
    bc_picture rows[APP_SHEET_ROWS];
    int count;
} app_sheet;

typedef struct app_sheet_row {
    const char *caption;      /* "" or what the sample is */
    const bc_sample *sample;  /* its pictures and spikes are drawn */
    const float *depth;       /* (h,w), or NULL */
    const float *before;      /* likewise: by other weights, to be compared with it */
    const float *uncertainty; /* likewise */
    bc_window learnt;         /* outside it the maps are grey; all 0: nowhere */
    bc_depth_range range;     /* of the depth's colours */
} app_sheet_row;

/* When the sheet is full, nothing happens. */
bc_status app_sheet_add(app_sheet *sheet, bc_error *err, const app_sheet_row *row);
bc_status app_sheet_write(app_sheet *sheet, bc_error *err, const char *path);
void app_sheet_release(app_sheet *sheet);

#endif
