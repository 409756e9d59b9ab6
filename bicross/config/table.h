/* The table behind bicross/config/config.h: every key of the configuration, described once. */
#ifndef BC_BICROSS_CONFIG_TABLE_H
#define BC_BICROSS_CONFIG_TABLE_H

#include "bicross/config/config.h"

typedef enum bc_key_type { BC_KEY_INT, BC_KEY_FLOAT, BC_KEY_BOOL, BC_KEY_CHOICE, BC_KEY_TEXT } bc_key_type;

typedef struct bc_key {
    const char *section, *name;
    bc_key_type type;
    size_t offset, size;       /* of the field in bc_config */
    double low, high;          /* inclusive; INT and FLOAT */
    const char *const *words;  /* CHOICE, whose field is an enum (bicross/config/words.h) */
    const char *default_value; /* as one would write it in a file */
    const char *help;          /* one line, for the comment in a written file */
} bc_key;

extern const bc_key bc_config_keys[];
extern const int bc_config_key_count;

/* A value as one would write it in a file. */
enum { BC_VALUE_TEXT = 2 * BC_TEXT };
void bc_config_value_text(const bc_key *key, const bc_config *config, char text[BC_VALUE_TEXT]);
void bc_config_default_text(const bc_key *key, char text[BC_VALUE_TEXT]);
bool bc_config_is_default(const bc_key *key, const bc_config *config);
/* NULL: there is none. */
const bc_key *bc_config_find_key(const char *section, const char *name);
/* A value of the program's own, which does not count as given; that it fits the key is for tests/test_config.c to see. */
void bc_config_put(const bc_key *key, const char *value, bc_config *config);

#endif
