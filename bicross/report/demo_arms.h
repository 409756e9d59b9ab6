/* What the demo compares.
 * Arms (method.md 1), all with the same augmentation; those that begin alike share that beginning:
 *   Pre_src          spike network trained on labelled source spikes, from chance (published: from ImageNet)
 *   Pre_src, longer  the same, then the last stage of Control
 *   MonoCross        crossmodality, from the RGB network, which starts from chance too
 *   Control          MonoCross, then crossdomain without its target terms: the source-only control
 *   BiCross          MonoCross, then crossdomain as published, with a teacher that follows faster
 *   Control+         as Control, on source spikes that were made like the target's (crossdomain.calibrate)
 *   BiCross+         MonoCross, then crossdomain with what this project adds (run.method = bicross+), that among it
 *   Supervised       MonoCross, then as many updates with labels of the target: what labels would have been worth (published: from ImageNet) */
#ifndef BC_BICROSS_REPORT_DEMO_ARMS_H
#define BC_BICROSS_REPORT_DEMO_ARMS_H

#include "bicross/train/train.h"

enum {
    BC_ARM_PRE_SRC,
    BC_ARM_PRE_SRC_LONGER,
    BC_ARM_MONOCROSS,
    BC_ARM_CONTROL,
    BC_ARM_BICROSS,
    BC_ARM_CONTROL_PLUS,
    BC_ARM_BICROSS_PLUS,
    BC_ARM_SUPERVISED,
    BC_ARM_COUNT
};
const char *bc_arm_name(int arm);
/* For a table: what the arm has learned from, in a sentence. Of the name of an arm that is none, NULL. */
const char *bc_arm_about(const char *name);

typedef enum bc_arm_form {
    BC_FORM_AS_GIVEN = 0,
    BC_FORM_SOURCE_ONLY = 1, /* without the terms that read the target */
    BC_FORM_PLUS = 2         /* with what bicross+ adds */
} bc_arm_form;

/* The runs of a seed, each in a folder of its own, in the order in which one starts from another. */
typedef struct bc_arm_run {
    int arm; /* BC_ARM_COUNT: none, others start from it */
    const char *folder, *label;
    bc_stage stage;
    const char *start; /* folder; NULL: the configuration's init, or chance */
    int form;          /* bc_arm_form */
} bc_arm_run;
enum { BC_ARM_RUNS = BC_ARM_COUNT + 1 };
extern const bc_arm_run bc_arm_runs[BC_ARM_RUNS];

#endif
