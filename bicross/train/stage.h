/* The stages of training, as they are named on the command line. */
#ifndef BC_BICROSS_TRAIN_STAGE_H
#define BC_BICROSS_TRAIN_STAGE_H

#include "bicross/config/config.h"

typedef enum bc_stage {
    BC_PRETRAIN,      /* RGB network, labels of the source */
    BC_NEUROMORPHIC,  /* spike network with its front end, labels of the source ("Pre_src") */
    BC_CROSSMODALITY, /* RGB teacher -> spike student ("MonoCross") */
    BC_CROSSDOMAIN,   /* EMA teacher and student on unlabelled target spikes ("BiCross") */
    BC_SUPERVISED,    /* spike network, labels of the target */
    BC_STAGE_COUNT
} bc_stage;
const char *bc_stage_name(bc_stage stage); /* "pretrain", ... */
bc_status bc_stage_find(bc_error *err, const char *name, bc_stage *out);
const bc_stage_config *bc_config_stage(const bc_config *config, bc_stage stage);

#endif
