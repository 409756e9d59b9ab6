/* How far long work is: on a terminal a bar (apps/bar.h), elsewhere a plain line now and then. Everything goes to stderr, so that stdout
 * holds results only. */
#ifndef BC_APPS_PROGRESS_H
#define BC_APPS_PROGRESS_H

#include "apps/common/say.h"
#include "bicross/train/train.h"

typedef struct app_progress {
    app_volume volume;
    bool terminal;
    bool open;           /* the bar's line is not ended yet */
    char label[64];      /* of the work shown last: */
    double began, shown; /* when it was first heard of, and when its latest line was written; 0: none was */
    long first;   /* of what only counts, the first step that was done, which may have compiled kernels; */
    double paced; /* from when on its speed counts */
    char losses[384];         /* as they were read last */
    char device[2048];        /* what the work is done on, and by which choices */
    long updates, stop_after; /* seen so far, in all stages; and to be seen, 0: any number */
} app_progress;

/* Nothing is shown with APP_QUIET. */
app_progress app_progress_begin(app_volume volume);
/* An observer that shows progress and stops at Ctrl-C, or when it has seen stop_after updates, which may be set after this; `state`
 * must outlive it. Installs the signal handlers. */
bc_observer app_observe(app_progress *state, const bc_host *host, app_volume volume);
/* It has seen as many updates as were asked for. */
bool app_progress_enough(const app_progress *state);
/* Takes an open bar away, before results are printed that may go to the same terminal; the next one is drawn below. */
void app_progress_hide(app_progress *state);
/* Ends an open bar. */
void app_progress_end(app_progress *state);
/* For work that only counts, "rendering": `step` of `steps` are done. Says nothing in the first second of it, which begins with the first call:
 * one with step 0 counts the first step's time, too. */
void app_progress_count(app_progress *state, const char *label, long step, long steps);

#endif
