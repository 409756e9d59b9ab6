/* Numbers that follow from names, the same in any language (tests/golden/README.md). */
#ifndef BC_TESTS_SUPPORT_HASHED_H
#define BC_TESTS_SUPPORT_HASHED_H

#include "net/store/params.h"

#include <stdint.h>

uint64_t test_hash(const char *name);
/* Element i of the stream of a name. */
uint64_t test_hashed(uint64_t hash, size_t i);
/* The same in [-1, 1). */
float test_hashed_uniform(uint64_t hash, size_t i);
/* Gives all parameters the values of their names. unit: what the depth head's output is measured in, against hybrid's. */
void test_hashed_weights(bc_params *params, float unit);

#endif
