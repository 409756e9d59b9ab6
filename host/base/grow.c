/* Growing by doubling. */
#include "host/base/grow.h"

#include <stdlib.h>

bool bc_grow(void **array, int count, int *capacity, size_t element_bytes) {
    if (count < *capacity)
        return true;
    int wanted = *capacity ? *capacity * 2 : 16;
    void *grown = realloc(*array, (size_t)wanted * element_bytes);
    if (!grown)
        return false;
    *array = grown;
    *capacity = wanted;
    return true;
}
