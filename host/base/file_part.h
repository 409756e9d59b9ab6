/* Regular files read part by part, for what may be larger than memory. */
#ifndef BC_HOST_BASE_FILE_PART_H
#define BC_HOST_BASE_FILE_PART_H

#include "host/base/file.h"

typedef struct bc_file_parts {
    int fd; /* -1: closed */
    size_t bytes;
    char *path;
} bc_file_parts;

/* BC_E_FILE names the path and the reason; what is no regular file is one. On failure *out is closed. */
bc_status bc_file_parts_open(bc_error *err, const char *path, bc_file_parts *out);
/* Bytes first .. first+count-1. A file that has become shorter is BC_E_FILE. */
bc_status bc_file_part_read(bc_error *err, const bc_file_parts *file, size_t first, size_t count, void *out);
/* Of one that is closed, too. */
void bc_file_parts_close(bc_file_parts *file);

#endif
