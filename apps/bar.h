/* The line that shows progress on a terminal: label, bar, percent, time left, speed, losses, in this order and as far as they fit. */
#ifndef BC_APPS_BAR_H
#define BC_APPS_BAR_H

typedef struct app_bar {
    const char *label;
    long step, steps;
    double per_second, seconds_left; /* 0: not known yet */
    const char *losses; /* "  loss 0.1234  sig 0.1200": what does not fit is left out from the end */
} app_bar;

enum { APP_BAR_TEXT = 640 };
/* At most `width` columns, for which 40 are the least that make sense. Returns line. */
char *app_bar_line(char line[APP_BAR_TEXT], const app_bar *bar, int width);
/* Without the bar and with the steps in numbers, whole: for files. Returns line. */
char *app_bar_plain(char line[APP_BAR_TEXT], const app_bar *bar);

#endif
