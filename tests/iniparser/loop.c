/* A loop that iniparser 4.1 takes and 4.2 does not: both.sh expects that it is seen. */
#include <iniparser.h>

int count_keys(const dictionary *ini);
int count_keys(const dictionary *ini) {
    int count = 0;
    for (int i = 0; i < ini->size; i++)
        count += ini->key[i] != 0;
    return count;
}
