/* The stages of training, as they are named on the command line. */
#ifndef BC_BICROSS_TRAIN_STAGE_H
#define BC_BICROSS_TRAIN_STAGE_H

#include "bicross/config/config.h"

typedef enum bc_stage {
    BC_PRETRAIN,      /* RGB network, labels of the source */
    BC_NEUROMORPHIC,  /* spike network with its front end, labels of the source ("Pre_src") */
    BC_CROSSMODALITY, /* RGB teacher -> spike student ("MonoCross") */
    BC_CROSSDOMAIN,   /* EMA teacher and student on unlabelled target spikes ("BiCross") */
    BC_CONTROL, /* what crossdomain does without its target terms: as many updates on source spikes ("Control") */
    BC_SUPERVISED, /* spike network, labels of the target */
    BC_STAGE_COUNT
} bc_stage;
const char *bc_stage_name(bc_stage stage); /* "pretrain", ... */
bc_status bc_stage_find(bc_error *err, const char *name, bc_stage *out);
/* The section of the configuration that it reads: its name, but control reads crossdomain's. */
const char *bc_stage_section(bc_stage stage);
const bc_stage_config *bc_config_stage(const bc_config *config, bc_stage stage);
/* The stage whose weights it starts from, for those that cannot start otherwise; false: it is none of them. */
bool bc_stage_before(bc_stage stage, bc_stage *before);
/* The configuration with which it runs: for control, crossdomain's target terms are off and its source term is on. */
bc_config bc_config_of_stage(const bc_config *config, bc_stage stage);
/* What terms of crossdomain read, as this configuration switches them. */
bool bc_crossdomain_reads_source(const bc_config *config);
bool bc_crossdomain_reads_target(const bc_config *config);

#endif
