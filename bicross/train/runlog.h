/* The training log of a run: CSV for people and spreadsheets, TensorBoard event files (TFRecord with masked CRC32C) for
 * dashboards; and reading the CSV back for the report. */
#ifndef BC_BICROSS_TRAIN_RUNLOG_H
#define BC_BICROSS_TRAIN_RUNLOG_H

#include "bicross/formats/tfevents.h"
#include "host/base/file.h"

typedef struct bc_runlog bc_runlog;
/* Opens folder/log.csv and folder/events.out.tfevents.<time>.bicross. resume_step > 0: rows of later steps are dropped from the CSV
 * (rewritten atomically) and a new event file is begun, which tells TensorBoard to forget them too; 0: starts afresh. */
bc_status bc_runlog_open(bc_error *err, const char *folder, long resume_step, bc_runlog **out);
/* Nothing is written where `log` is NULL. One row of scalars: "step,name,value" lines in the CSV and one event. Flushed at once; a log that was removed meanwhile is BC_E_FILE. */
bc_status bc_runlog_write(bc_runlog *log, bc_error *err, long step, int count, const char *const *names,
                          const float *values);
/* For TensorBoard alone, likewise: a picture of a step, (h,w,3); text (Markdown); hyper-parameters; that the run came to its end. */
bc_status bc_runlog_image(bc_runlog *log, bc_error *err, long step, const char *name, int width, int height,
                          const uint8_t *rgb);
bc_status bc_runlog_text(bc_runlog *log, bc_error *err, const char *name, const char *text);
bc_status bc_runlog_settings(bc_runlog *log, bc_error *err, int count, const bc_tfevents_setting *settings);
bc_status bc_runlog_done(bc_runlog *log, bc_error *err);
void bc_runlog_close(bc_runlog *log);
/* Removes log.csv and the event files that this program wrote there, and nothing else. */
bc_status bc_runlog_remove(bc_error *err, const char *folder);

typedef struct bc_curve {
    char name[64];
    int count;
    long *steps;
    float *values;
} bc_curve;
bc_status bc_runlog_curves(bc_error *err, const char *folder, bc_curve **curves, int *count);
void bc_curves_release(bc_curve *curves, int count);

#endif
