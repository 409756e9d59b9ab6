/* What the files of the report share: what was found in the folders, and the sections of the page, a file each. */
#ifndef BC_BICROSS_REPORT_REPORT_INTERNAL_H
#define BC_BICROSS_REPORT_REPORT_INTERNAL_H

#include "bicross/report/interval.h"
#include "bicross/report/results.h"
#include "bicross/train/runlog.h"

enum { BC_REPORT_PATH = 1200, BC_REPORT_NAME = 256 };

/* A run below a folder: "seed-1/bicross"; "" is the folder itself. */
typedef struct bc_report_log {
    char name[BC_REPORT_NAME];
    bc_curve *curves;
    int curve_count;
} bc_report_log;

typedef struct bc_report_folder {
    const char *path;
    char name[BC_REPORT_NAME]; /* the last part of the path */
    bc_report_log *logs;       /* in the order in which the demo trains, else of their names */
    int log_count;
    bc_results results; /* without arms: nothing was scored */
} bc_report_folder;

/* Results that are repetitions of each other, with other seeds. */
typedef struct bc_report_group {
    const bc_results *about; /* the first: the others have its arms */
    const bc_result_seed **seeds;
    int count;
    double *work; /* room for a number of each seed, or of each image of one */
} bc_report_group;

typedef struct bc_report {
    bc_error *err;
    FILE *out;
    bc_report_folder *folders;
    int count;
    bc_report_group *groups;
    int group_count;
} bc_report;

/* --- report_folder.c --- */

bc_status bc_report_folder_open(bc_error *err, const char *path, bc_report_folder *out);
void bc_report_folder_close(bc_report_folder *folder);
/* FILE of a folder. BC_E_FILE: the path is too long. */
bc_status bc_report_path(bc_error *err, const char *folder, const char *file, char path[BC_REPORT_PATH]);
/* The whole text file, malloc'ed; NULL where there is none. */
bc_status bc_report_text(bc_error *err, const char *folder, const char *file, char **text);

/* --- report_group.c --- */

/* Fills the groups from the folders. Scores of single networks are brought together as the arms of one group. BC_E_ARGUMENT for a seed
 * that two folders have. */
bc_status bc_report_groups_make(bc_report *report);
void bc_report_groups_release(bc_report *report);
/* What is compared: a number of an arm. NaN where it was not measured. */
typedef double (*bc_report_value)(const bc_result_seed *seed, int arm, int which);
double bc_report_target_metric(const bc_result_seed *seed, int arm, int metric);
/* Over seeds: of an arm, or its difference from another (-1: none); count 0 where it was not measured. */
bc_interval bc_report_over_seeds(const bc_report_group *group, bc_report_value value, int which, int arm,
                                 int other);
/* Of AbsRel on the target: over seeds, or, of one seed, over the test images. *images: the latter. */
bc_interval bc_report_abs_rel(const bc_report_group *group, int arm, int other, bool *images);

/* --- report_words.c --- */

const char *bc_report_scenario_words(const char *scenario);
/* "depth loss [sig]" of a curve. */
void bc_report_curve_title(const char *curve, char title[BC_REPORT_NAME]);
/* What the tables call the run of a folder: "Pre_src" of "seed-1/pre_src", "RGB network [pretrain]" of "pretrain". */
const char *bc_report_run_label(const char *run);
/* The colour that an arm or a run has in every chart; `place` for one that is not known. */
int bc_report_colour(const char *label, int place);

/* --- report_parts.c --- */

void bc_report_note(bc_report *report, const char *text);
/* A heading of level 3 that names the group, where there are several. */
void bc_report_group_heading(bc_report *report, const bc_report_group *group);
/* A number to three digits or more, and in full for programs; a dash where there is none. */
void bc_report_number(FILE *out, double value, int digits);
/* A table that scrolls by itself where it is too wide: caption, and the row of heads; then its rows; then its end. */
void bc_report_open_table(FILE *out, const char *caption);
void bc_report_begin_rows(FILE *out);
void bc_report_close_table(FILE *out);

/* --- the sections, a file each --- */

void bc_report_style(FILE *out);
bc_status bc_report_verdict(bc_report *report);
bc_status bc_report_tables(bc_report *report);
bc_status bc_report_bars(bc_report *report);
bc_status bc_report_pictures(bc_report *report);
bc_status bc_report_uncertainty(bc_report *report);
bc_status bc_report_curves(bc_report *report);
bc_status bc_report_about(bc_report *report);
bc_status bc_report_configurations(bc_report *report);

#endif
