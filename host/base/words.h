/* Words that people type, where one of several is expected. */
#ifndef BC_HOST_BASE_WORDS_H
#define BC_HOST_BASE_WORDS_H

#include <stdbool.h>

/* Looks for what was meant among words that are offered one after the other: the nearest by Levenshtein's distance, of which the first
 * 64 characters count; of equally near ones the first. */
typedef struct bc_nearest {
    const char *wanted, *word; /* word: the nearest so far; NULL: none was offered */
    int distance;              /* of it; 0: it is the wanted one */
} bc_nearest;
/* True when it is nearer than those before. */
bool bc_nearest_offer(bc_nearest *nearest, const char *word);

/* Whether the word is in a line of words with blanks between them. */
bool bc_word_in(const char *line, const char *word);
/* The word of the line that is nearest to `word`, copied. Returns nearest. */
char *bc_nearest_word(const char *line, const char *word, char nearest[64]);

#endif
