/* Words that people type, where one of several is expected. */
#ifndef BC_HOST_BASE_WORDS_H
#define BC_HOST_BASE_WORDS_H

#include <stdbool.h>

/* Levenshtein's distance of two words, of which the first 64 characters count: what was meant is the nearest. */
int bc_edit_distance(const char *a, const char *b);
/* Whether the word is in a line of words with blanks between them. */
bool bc_word_in(const char *line, const char *word);
/* The word of the line that is nearest to `word`, copied. Returns nearest. */
char *bc_nearest_word(const char *line, const char *word, char nearest[64]);

#endif
