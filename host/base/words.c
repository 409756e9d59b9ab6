/* Comparing words. */
#include "host/base/words.h"

#include <stdio.h>
#include <string.h>

static int edit_distance(const char *a, const char *b) {
    enum { LONGEST = 64 };
    int m = (int)strnlen(a, LONGEST), n = (int)strnlen(b, LONGEST), row[LONGEST + 1];
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; i <= m; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

bool bc_nearest_offer(bc_nearest *nearest, const char *word) {
    int distance = edit_distance(nearest->wanted, word);
    if (nearest->word && distance >= nearest->distance)
        return false;
    nearest->word = word;
    nearest->distance = distance;
    return true;
}

/* The next word of the line, cut at 63 characters; false after the last. */
static bool next_word(const char **line, char word[64]) {
    *line += strspn(*line, " ");
    size_t length = strcspn(*line, " ");
    snprintf(word, 64, "%.*s", (int)length, *line);
    *line += length;
    return length > 0;
}

bool bc_word_in(const char *line, const char *word) {
    char one[64];
    while (next_word(&line, one))
        if (strcmp(one, word) == 0)
            return true;
    return false;
}

char *bc_nearest_word(const char *line, const char *word, char nearest[64]) {
    char one[64];
    bc_nearest found = {.wanted = word};
    nearest[0] = 0;
    while (next_word(&line, one))
        if (bc_nearest_offer(&found, one))
            memcpy(nearest, one, sizeof one);
    return nearest;
}
