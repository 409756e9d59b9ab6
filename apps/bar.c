#include "apps/bar.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* "2d03h", "1h05m", "1m20s", "12s" */
static const char *duration(double seconds, char text[32]) {
    long s = (long)(seconds + 0.5);
    if (s >= 86400)
        snprintf(text, 32, "%ldd%02ldh", s / 86400, s / 3600 % 24);
    else if (s >= 3600)
        snprintf(text, 32, "%ldh%02ldm", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(text, 32, "%ldm%02lds", s / 60, s % 60);
    else
        snprintf(text, 32, "%lds", s);
    return text;
}

/* What follows the bar, each item but the first behind two blanks. */
static void write_items(char items[APP_BAR_TEXT], const app_bar *bar) {
    char left[32];
    int percent = bar->steps > 0 ? (int)(100 * bar->step / bar->steps) : 0;
    int n = snprintf(items, APP_BAR_TEXT, " %3d%%", percent);
    if (bar->per_second > 0)
        n += snprintf(items + n, APP_BAR_TEXT - (size_t)n, "  %s left  %.*f/s",
                      duration(bar->seconds_left, left), bar->per_second < 10 ? 2 : 0, bar->per_second);
    snprintf(items + n, APP_BAR_TEXT - (size_t)n, "%.480s", bar->losses);
}

/* The length of the whole items that have room. */
static int items_within(const char *items, int room) {
    enum { INSIDE = 4 }; /* behind the blanks that an item begins with */
    int length = 0;
    for (const char *next = items; *next;) {
        const char *end = strstr(next + INSIDE, "  ");
        next = end ? end : next + strlen(next);
        if (next - items > room)
            break;
        length = (int)(next - items);
    }
    return length;
}

/* Of the label all of it, unless the items would have to give way. */
static int label_within(const char *label, const char *items, int room, int bar) {
    enum { SHORTEST = 10, SHARE = 6 };
    int length = (int)strlen(label), share = room / SHARE > SHORTEST ? room / SHARE : SHORTEST;
    bool all = length + bar + (int)strlen(items) <= room;
    return all || length < share ? length : share;
}

char *app_bar_line(char line[APP_BAR_TEXT], const app_bar *bar, int width) {
    enum { FEWEST = 4, MOST = 40, BRACKETS = 3 };
    static const char full[] = "########################################";
    char items[APP_BAR_TEXT];
    write_items(items, bar);
    int label = label_within(bar->label, items, width, BRACKETS + FEWEST);
    int told = items_within(items, width - label - BRACKETS - FEWEST);
    int cells = width - label - BRACKETS - told;
    cells = cells < FEWEST ? FEWEST : cells > MOST ? MOST : cells;
    int done = bar->steps > 0 ? (int)(bar->step * cells / bar->steps) : 0;
    snprintf(line, APP_BAR_TEXT, "%.*s [%.*s%*s]%.*s", label, bar->label, done, full, cells - done, "", told,
             items);
    return line;
}

char *app_bar_plain(char line[APP_BAR_TEXT], const app_bar *bar) {
    char items[APP_BAR_TEXT];
    write_items(items, bar);
    snprintf(line, APP_BAR_TEXT, "%.64s %ld/%ld%.540s", bar->label, bar->step, bar->steps, items);
    return line;
}
