/* What checking a device found out: for each operation, in each way to compute it, how far off it was; and what follows: which ways
 * are left out, and whether what is taken is right. Kept in a file for each device, driver and version of the program. */
#ifndef BC_BICROSS_REFERENCE_FINDINGS_H
#define BC_BICROSS_REFERENCE_FINDINGS_H

#include "host/device/device.h"
#include "host/tuning/left_out.h"
#include "net/reference/check.h"

#include <stdio.h>

typedef struct bc_finding {
    char kernels[8];                         /* the family: "cpu" or "gpu" */
    char operation[32];                      /* its name */
    char kind[16], way[24];                  /* of left_out.h; "-" where nothing else computes it */
    int checks, wrong;                       /* in all, and those that failed */
    double output, gradient;                 /* the worst difference of each over the largest magnitude, */
    double output_allowed, gradient_allowed; /* and what was allowed there */
    double seconds;                          /* compiling included */
    char fault[200];                         /* of the first that failed */
} bc_finding;

enum { BC_MOST_FINDINGS = 256 };
typedef struct bc_findings {
    bool whole; /* every case in every way; else the few of a first use */
    int count;
    bc_finding items[BC_MOST_FINDINGS];
} bc_findings;

/* What one check gave. `label`: of the case. */
void bc_finding_note(bc_finding *finding, const char *label, const bc_check *check);
/* Adds to what is known of the same way of the same operation. BC_E_MEMORY: there are more than fit. */
bc_status bc_findings_add(bc_error *err, bc_findings *findings, const bc_finding *more);

/* Why it failed, in a few words: "error 0.17 where 1e-05 is allowed". Returns text. */
enum { BC_FINDING_TEXT = 240 };
const char *bc_finding_why(const bc_finding *finding, char text[BC_FINDING_TEXT]);
/* "attention tiled", or the operation's name. */
const char *bc_finding_name(const bc_finding *finding, char text[64]);

/* What is left out where kernels of the family `own` would be taken. Where something is wrong there that nothing of the family can stand
 * in for, it is the whole family, if the other one was found right; unless `fixed`, the user has chosen the family. Returns NULL when what
 * is taken then is right, else the first finding that is not. */
const bc_finding *bc_findings_judge(const bc_findings *findings, const char *own, bool fixed,
                                    bc_left_out *left_out);
/* The finding for which a way of the list is left out. */
const bc_finding *bc_findings_reason(const bc_findings *findings, const char *kind, const char *way);

/* --- as text (findings_file.c) --- */
/* One line, ended; and back. False: it is no such line. */
void bc_finding_print(FILE *out, const bc_finding *finding);
bool bc_finding_parse(char *line, bc_finding *out);

/* The file for this device with this driver and this version; BC_E_FILE when there is no cache folder. */
bc_status bc_findings_path(bc_error *err, const bc_device_info *device, char path[1024]);
/* Writes it so that nobody sees half of it, and its folder. */
bc_status bc_findings_write(bc_error *err, const char *path, const bc_device_info *device,
                            const bc_findings *findings);
/* BC_E_FORMAT: it is damaged, or of another device or version. */
bc_status bc_findings_read(bc_error *err, const char *path, const bc_device_info *device, bc_findings *out);

#endif
