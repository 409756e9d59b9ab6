/* What the program uses of iniparser's interface, with the types of 4.2, or, with -DINIPARSER_4_1, of 4.1; for tests/iniparser/both.sh. */
#ifndef INIPARSER_H
#define INIPARSER_H

#include <sys/types.h>

typedef struct _dictionary_ {
#ifdef INIPARSER_4_1
    int n;
    ssize_t size;
#else
    unsigned n;
    size_t size;
#endif
    char **val, **key;
    unsigned *hash;
} dictionary;

void iniparser_set_error_callback(int (*errback)(const char *, ...));
const char *iniparser_getstring(const dictionary *d, const char *key, const char *def);
dictionary *iniparser_load(const char *ininame);
void iniparser_freedict(dictionary *d);

#endif
