/* What the program uses of iniparser 4.1's interface, with 4.1's types; for tests/iniparser/both.sh. */
#ifndef INIPARSER_H
#define INIPARSER_H

#include <sys/types.h>

typedef struct _dictionary_ {
    int n;
    ssize_t size;
    char **val, **key;
    unsigned *hash;
} dictionary;

void iniparser_set_error_callback(int (*errback)(const char *, ...));
const char *iniparser_getstring(const dictionary *d, const char *key, const char *def);
dictionary *iniparser_load(const char *ininame);
void iniparser_freedict(dictionary *d);

#endif
