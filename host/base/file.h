/* Whole files: read at once, written so that a reader never sees half of one. */
#ifndef BC_HOST_BASE_FILE_H
#define BC_HOST_BASE_FILE_H

#include "host/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* A line without the white space around it, which it cuts off in place. */
char *bc_trimmed(char *line);

/* The most that is read, in bytes, by kind of file. */
#define BC_FILE_SMALL ((size_t)64 << 20)   /* settings, tuning, checkpoints, kernels */
#define BC_FILE_LOG ((size_t)1 << 30)      /* what grows with every update */
#define BC_FILE_PICTURE ((size_t)1 << 30)  /* PNG, PFM */
#define BC_FILE_STREAM ((size_t)8 << 30)   /* spikes and arrays */
#define BC_FILE_WEIGHTS ((size_t)16 << 30) /* networks */

/* Reads a file into malloc'ed memory, with a zero byte after its end. BC_E_FILE names the path and the reason. Nothing is read of
 * what is no regular file, is larger than `limit`, or takes more than half of the memory that there is: what is made of it
 * takes room, too. A file that changes its size meanwhile is an error. */
bc_status bc_file_read_within(bc_error *err, const char *path, size_t limit, uint8_t **data, size_t *bytes);
/* The same within BC_FILE_SMALL. */
bc_status bc_file_read(bc_error *err, const char *path, uint8_t **data, size_t *bytes);
/* BC_E_MEMORY: so many bytes, made of the file, are more than half of the memory that is free. */
bc_status bc_file_memory_check(bc_error *err, const char *path, size_t bytes);
/* What it is that is no regular file: "a folder". */
const char *bc_file_kind(mode_t mode);
bool bc_file_exists(const char *path);
/* The same where a wrong "no" would cost something: what cannot be looked at is BC_E_FILE. */
bc_status bc_file_present(bc_error *err, const char *path, bool *out);
/* Creates a folder and its parents. */
bc_status bc_make_folder(bc_error *err, const char *path);
/* The same for the folder that a file is to lie in. */
bc_status bc_make_folder_of(bc_error *err, const char *path);
/* A file that is not there counts as removed; what cannot be removed is BC_E_FILE. */
bc_status bc_file_remove(bc_error *err, const char *path);
/* The same for the files of a folder whose names `wanted` accepts; those after one that cannot be removed, too. A folder that is not
 * there has none. */
bc_status bc_file_remove_some(bc_error *err, const char *folder,
                              bool (*wanted)(const char *name, const void *user), const void *user);
/* Removes, where it can, the files NAME.tmp-PID of processes that are no more, which were stopped while they wrote. */
void bc_file_clean_temporaries(const char *folder);

/* Writing in pieces: open, fwrite to `stream` (and check), then commit or abandon.
 *
 * Goes to PATH.tmp-PID, and commit syncs that and renames it over PATH, with the permissions of a file that was there: on failure
 * PATH is as it was and no temporary file is left. A symbolic link is followed: what it points to is replaced.
 * A device, a pipe and what stdout or stderr go to are written to as they are. */
typedef struct bc_file_writer {
    FILE *stream;
    char path[1024], temporary[1100]; /* temporary "": written to as it is */
} bc_file_writer;
bc_status bc_file_writer_open(bc_error *err, const char *path, bc_file_writer *out);
bc_status bc_file_writer_commit(bc_error *err,
                                bc_file_writer *writer); /* checks ferror, syncs, renames; closes always */
void bc_file_writer_abandon(bc_file_writer *writer);
/* The same at once. */
bc_status bc_file_write(bc_error *err, const char *path, const void *data, size_t bytes);

#endif
