/* What a host chooses by: the rules, and the table of measured choices where there is one. */
#ifndef BC_HOST_TUNING_CHOICES_H
#define BC_HOST_TUNING_CHOICES_H

#include "host/tuning/contest.h"
#include "host/tuning/left_out.h"

/* Who computes products (host/gemm). */
typedef enum bc_gemm_provider {
    BC_GEMM_AUTO,
    BC_GEMM_PANEL,
    BC_GEMM_LOCAL,
    BC_GEMM_CLBLAST
} bc_gemm_provider;

/* In place of one of several tiles of a kernel: the one that a rule takes. */
enum { BC_TILE_OF_RULE = -1 };

typedef struct bc_choices_options {
    bc_gemm_provider
        gemm; /* AUTO: panels with the kernels for CPUs; with those for GPUs CLBlast on a GPU, tiles in local memory
                              elsewhere */
    const char *tuning;          /* file of measured choices (tuning.h); NULL: the rules built in decide */
    bool measure;                /* measure what that file lacks, and add it; it may be missing */
    const bc_left_out *left_out; /* not to be chosen; NULL: nothing. Copied */
} bc_choices_options;
/* Gives the host its choices; once, when it is opened. BC_E_ARGUMENT when it asks for CLBlast, and the program was built without. */
bc_status bc_choices_open(bc_host *host, const bc_choices_options *options);

/* What CLBlast the program was built with: "1.5.3", or "none": then no product is computed by it. */
const char *bc_clblast_version(void);
/* PANEL, LOCAL or CLBLAST: the rule. */
bc_gemm_provider bc_host_gemm(const bc_host *host);
/* It was asked for by the caller, and is not to be tuned. */
bool bc_host_gemm_given(const bc_host *host);
/* It is not to be chosen here; who asks for it by name gets it all the same. */
bool bc_host_leaves_out(const bc_host *host, const char *kind, const char *way);
/* NULL: the host was opened without. */
bc_tuning *bc_host_tuning(const bc_host *host);
/* Which table, for logs. */
void bc_host_tuning_text(const bc_host *host, char text[BC_TUNING_TEXT]);
/* Of all that chooses between algorithms here: the rules, what is left out, and the table's choices in force for this device. Two hosts on the
 * same device and driver with the same hash compute the same bits. Never 0. A host that measures may change it. */
uint64_t bc_host_tuning_hash(const bc_host *host);

/* --- measuring --- */
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

#endif
