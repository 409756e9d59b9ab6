/* How far long work is: a bar with losses, rate and time left on a terminal, a plain line now and then
 * elsewhere. Everything goes to stderr, so that stdout holds results only. */
#ifndef BC_APPS_PROGRESS_H
#define BC_APPS_PROGRESS_H

#include "bicross/train/train.h"

typedef struct app_progress {
    bool terminal;
    bool open;         /* the bar's line is not ended yet */
    double last;       /* when the last plain line was written */
    char label[64];    /* of the run shown last */
    char device[2048]; /* what the work is done on, and by which choices */
    long updates;      /* seen so far, in all stages */
    long stop_after;   /* so many; 0: never */
} app_progress;

/* An observer that shows progress and stops at Ctrl-C, or when it has seen stop_after updates, which may be set after this; `state`
 * must outlive it. Installs the signal handlers. */
bc_observer app_observe(app_progress *state, const bc_host *host);
/* It has seen as many updates as were asked for. */
bool app_progress_enough(const app_progress *state);
/* Ends an open bar. */
void app_progress_end(app_progress *state);
/* The same for work that only counts: "rendering 12/40". */
void app_progress_count(app_progress *state, const char *label, long step, long steps);

#endif
