/* Choices between ways to do the same work: measured once on a device, kept in a readable file.
 *
 * A class of work has a key ("conv3x3 forward 256->256 at 8192 pixels") and a choice ("winograd"). The host that was opened
 * with a file takes the file's choice, one that measures finds out what the file lacks and adds it; any other, and a
 * class that the file does not have, follows the rule built in. The file has a section a device and driver, and a line a
 * class:
 *
 *     [NAME OF THE DEVICE, driver VERSION]
 *     conv3x3 forward 256->256 at 8192 pixels = winograd ; winograd 2.91 ms, direct 7.66 ms
 *
 * A section's name may be a shell pattern, and then speaks for all devices that it matches (presets); the device's own section
 * comes first. A line whose class or choice this version does not know is skipped, and kept when the file is written again.
 * Choices change the order of sums, and with it the last bits of results. */
#ifndef BC_HOST_TUNING_TUNING_H
#define BC_HOST_TUNING_TUNING_H

#include "host/device/device.h"

#include <stdbool.h>
#include <stdint.h>

enum { BC_TUNING_KEY = 96, BC_TUNING_TEXT = 1400, BC_TUNING_SECTION = 300 };

/* The words for ways to compute, ended by NULL. With no tile behind it, an algorithm's word means the tile of its rule. */
extern const char *const bc_tuning_conv_words[]; /* of convolutions (net/ops/conv_choice.c) */
extern const char *const bc_tuning_gemm_words[]; /* of products, in the order of host/gemm/ways.c */

/* The name of a device's own section: "NAME OF THE DEVICE, driver VERSION". */
void bc_tuning_section(const bc_device_info *device, char section[BC_TUNING_SECTION]);
/* A section of this name speaks for the device whose own section is `own`: it is that one, or a pattern that matches it. */
bool bc_tuning_speaks(const char *section, const char *own);

typedef struct bc_tuning bc_tuning;
/* An empty table for this device, which will be written to `path`. */
bc_status bc_tuning_create(bc_error *err, const char *path, const bc_device_info *device, bc_tuning **out);
/* Reads a file. BC_E_FORMAT names the line that is damaged, and what was expected there. Words of another version are no
 * damage: see bc_tuning_skipped. */
bc_status bc_tuning_read(bc_error *err, const char *path, const bc_device_info *device, bc_tuning **out);
void bc_tuning_release(bc_tuning *tuning); /* NULL is allowed */
/* False: every line is known. Else "PATH, line 3: 'fft' is not known to this version: skipped (2 lines in all)". */
bool bc_tuning_skipped(const bc_tuning *tuning, char text[BC_TUNING_TEXT]);
/* Writes the file, and its folder, so that no reader sees half of it: all sections, also those of other devices. */
bc_status bc_tuning_write(bc_error *err, const bc_tuning *tuning);
/* The choice for this device, or NULL. */
const char *bc_tuning_find(const bc_tuning *tuning, const char *key);
/* Sets it; `note` (may be NULL) becomes the comment in the file. A choice that is not `kept` is not written. */
bc_status bc_tuning_set(bc_error *err, bc_tuning *tuning, const char *key, const char *choice,
                        const char *note, bool kept);
/* Of the choices in force, and how many they are; 0 without any. NULL is allowed. */
uint64_t bc_tuning_hash(const bc_tuning *tuning, int *count);
/* Writes to `path` the choices that are in force for this device, and no others: who opens a host with that file (and does
 * not measure) takes the same ones later. NULL, a host without a table, gives a file without choices. */
bc_status bc_tuning_snapshot(bc_error *err, const bc_tuning *tuning, const char *path);
/* "PATH, 31 choices for this device (hash 1a2b3c4d)"; the hash is over all of them. */
void bc_tuning_describe(const bc_tuning *tuning, char text[BC_TUNING_TEXT]);
/* $XDG_CACHE_HOME/bicross/tuning.ini or ~/.cache/bicross/tuning.ini; BC_E_FILE when neither variable is set. */
bc_status bc_tuning_default_path(bc_error *err, char path[1024]);
/* Rounds to a power of two or one and a half times one, so that classes stay few. */
int bc_tuning_size(int size);

#endif
