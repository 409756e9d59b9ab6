/* Whole files: read at once, written so that a reader never sees half of one. */
#ifndef BC_HOST_FILE_H
#define BC_HOST_FILE_H

#include "host/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A line without the white space around it, which it cuts off in place. */
char *bc_trimmed(char *line);
/* Reads a file into malloc'ed memory, with a zero byte after its end. BC_E_FILE names the path and the reason. */
bc_status bc_file_read(bc_error *err, const char *path, uint8_t **data, size_t *bytes);
/* Writes to PATH.tmp-<pid>, syncs, renames over PATH. On failure PATH is as it was and no temporary file is left. */
bc_status bc_file_write(bc_error *err, const char *path, const void *data, size_t bytes);
bool bc_file_exists(const char *path);
/* Creates a folder and its parents. */
bc_status bc_make_folder(bc_error *err, const char *path);

/* The same in pieces: open, fwrite to `stream` (and check), then commit or abandon. */
typedef struct bc_file_writer {
    FILE *stream;
    char path[1024], temporary[1100];
} bc_file_writer;
bc_status bc_file_writer_open(bc_error *err, const char *path, bc_file_writer *out);
bc_status bc_file_writer_commit(bc_error *err,
                                bc_file_writer *writer); /* checks ferror, syncs, renames; closes always */
void bc_file_writer_abandon(bc_file_writer *writer);

#endif
