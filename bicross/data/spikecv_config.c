/* Lines "key: value   # comment" of a YAML file; all others, and what nests, are passed over. */
#include "bicross/data/spikecv_config.h"

#include "bicross/data/spike_files.h"

#include <stdlib.h>
#include <string.h>

/* The value of the key on this line; NULL: it is of another one. */
static const char *value_of(const char *line, const char *key) {
    size_t length = strlen(key);
    if (strncmp(line, key, length) != 0)
        return NULL;
    line += length;
    line += strspn(line, " \t");
    return *line == ':' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

static bc_status take_size(bc_error *err, const char *path, const char *line, const char *key, int *out) {
    const char *value = value_of(line, key);
    if (!value)
        return BC_OK;
    char *end;
    long size = strtol(value, &end, 10);
    if (end == value || !strchr(" \t\r#", *end) || size < 1 || size > BC_SPIKE_SIDE_MAX)
        return bc_fail(err, BC_E_FORMAT, "%s: expected %s of 1 to %d pixels, found \"%.40s\"", path, key,
                       BC_SPIKE_SIDE_MAX, value);
    *out = (int)size;
    return BC_OK;
}

bc_status bc_spikecv_config_read(bc_error *err, const char *folder, bc_spike_format *format) {
    char path[1100];
    uint8_t *text;
    size_t bytes;
    int width = 0, height = 0;
    snprintf(path, sizeof path, "%.1024s/config.yaml", folder);
    if (!bc_file_exists(path) || format->width || format->height)
        return BC_OK;
    BC_TRY(bc_file_read(err, path, &text, &bytes));
    bc_status status = BC_OK;
    char *rest = (char *)text;
    for (char *line; status == BC_OK && (line = strsep(&rest, "\n"));) {
        status = take_size(err, path, line, "spike_w", &width);
        if (status == BC_OK)
            status = take_size(err, path, line, "spike_h", &height);
    }
    free(text);
    if (status == BC_OK && width && height) {
        format->width = width;
        format->height = height;
    }
    return status;
}
