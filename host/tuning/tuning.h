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

#include "host/device/launch.h"

#include <stdint.h>

enum { BC_TUNING_KEY = 96, BC_TUNING_CHOICE = 256, BC_TUNING_TEXT = 1400, BC_VARIANTS = 4 };

/* --- the table --- */
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
/* Writes to `path` the choices that are in force for this device, and no others: who opens a host with that file (and does
 * not measure) takes the same ones later. NULL, a host without a table, gives a file without choices. */
bc_status bc_tuning_snapshot(bc_error *err, const bc_tuning *tuning, const char *path);
/* "PATH, 31 choices for this device (hash 1a2b3c4d)"; the hash is over all of them. */
void bc_tuning_describe(const bc_tuning *tuning, char text[BC_TUNING_TEXT]);
/* $XDG_CACHE_HOME/bicross/tuning.ini or ~/.cache/bicross/tuning.ini; BC_E_FILE when neither variable is set. */
bc_status bc_tuning_default_path(bc_error *err, char path[1024]);

/* --- the host's table --- */
/* NULL: the host was opened without. */
bc_tuning *bc_host_tuning(const bc_host *host);
/* Which table, for logs. */
void bc_host_tuning_text(const bc_host *host, char text[BC_TUNING_TEXT]);
/* The rules under the table: "kernels for CPUs, products by panel". */
enum { BC_RULE_TEXT = 64 };
void bc_host_rule_text(const bc_host *host, char text[BC_RULE_TEXT]);
/* Of all that chooses between algorithms here: the rules, and the table's choices in force for this device. Two hosts on the
 * same device and driver with the same hash compute the same bits. Never 0. A host that measures may change it. */
uint64_t bc_host_tuning_hash(const bc_host *host);

/* --- measuring --- */
/* The buffers of one contest, shared by its variants. */
typedef struct bc_trial {
    bc_buffer inputs[2], output, workspace;
} bc_trial;

/* Several ways to do one piece of work on floats. */
typedef struct bc_contest {
    char key[BC_TUNING_KEY];
    int count, usual;                 /* variants; the one of the built-in rule */
    const char *choices[BC_VARIANTS]; /* the first is the reference */
    double tolerance;                 /* largest difference from it over its largest magnitude */
    size_t input_bytes[2], output_bytes;
    size_t (*workspace_bytes)(const void *work, int variant);
    bc_status (*record)(const void *work, int variant, bc_tape *tape, const bc_trial *trial);
    const void *work;
} bc_contest;

typedef struct bc_contest_result {
    const bc_contest *contest;
    int winner;
    double seconds[BC_VARIANTS];  /* of one run, the fastest seen; 0: not measured */
    char fault[BC_VARIANTS][200]; /* why it was left out; empty: it was not */
} bc_contest_result;

/* Runs the contest: each variant is checked against the reference, those that pass take turns until there are enough
 * repetitions. The rule's variant is replaced only by one that is clearly faster. Failures are results too: when the reference
 * fails nothing is measured. */
void bc_contest_run(bc_host *host, const bc_contest *contest, bc_contest_result *result);
/* The variant to take: the table's, else, on a host that measures, the winner, which enters the table; else `usual`. The answer
 * stays the same while the host is open, also when it could not be measured or written. */
int bc_contest_choose(bc_host *host, const bc_contest *contest);

typedef struct bc_tuning_observer {
    void (*measured)(void *user, const bc_contest_result *result);
    void *user;
} bc_tuning_observer;
/* Lets a host that measures do so for `seconds` from now on, and report each contest (observer may be NULL). What is
 * asked for later follows the rule; bc_tuning_left_out counts it. */
void bc_tuning_observe(bc_host *host, double seconds, const bc_tuning_observer *observer);
int bc_tuning_left_out(const bc_host *host);

/* Rounds to a power of two or one and a half times one, so that classes stay few. */
int bc_tuning_size(int size);

/* --- CLBlast's own parameters --- */
/* gflops 0: the set does not work. False stops the search with BC_E_INTERRUPTED. */
typedef bool bc_clblast_observer(void *user, const char *key, const char *set, double gflops);
/* Tries lists of parameters for CLBlast's kernels, keeps the best in the table, and uses them from now on. Skips what the
 * table has. `observe` (may be NULL) is told each set. */
bc_status bc_clblast_tune(bc_host *host, bc_clblast_observer *observe, void *user);

#endif
