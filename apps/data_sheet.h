/* A picture with samples of data sets, a row each. */
#ifndef BC_APPS_DATA_SHEET_H
#define BC_APPS_DATA_SHEET_H

#include "bicross/report/picture.h"

enum { DATA_SHEET_ROWS = 8 };

typedef struct data_sheet {
    bool wanted; /* false: nothing is drawn */
    float dmax;
    bc_picture rows[DATA_SHEET_ROWS];
    int count;
} data_sheet;

bc_status data_sheet_add(data_sheet *sheet, bc_error *err, const char *role, const bc_sample *sample);
bc_status data_sheet_write(data_sheet *sheet, bc_error *err, const char *path);
void data_sheet_release(data_sheet *sheet);

#endif
