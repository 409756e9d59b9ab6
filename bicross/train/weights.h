/* Weight files as networks: which network a file holds, one that is loaded whole, and what training starts from. Files are
 * safetensors or torch.save's (net/store/weight_file.h), with published or timm's names (net/models/published.h).
 *
 * A network's input is told from its stem: 3 channels are an image's, unless a front end makes them from spikes. */
#ifndef BC_BICROSS_TRAIN_WEIGHTS_H
#define BC_BICROSS_TRAIN_WEIGHTS_H

#include "bicross/train/weights_info.h"

/* Model of a network as the configuration says (spike: 128 channels and the front end; RGB: 3). */
bc_status bc_config_model(bc_error *err, const bc_config *config, bool rgb, bc_model *out);

/* A store in which the model's parameters are declared, without memory yet. */
bc_status bc_weights_declare(bc_host *host, const bc_model *model, bool trainable, bc_params **out);
/* Memory for declared parameters, drawn by their rules. */
bc_status bc_weights_draw(bc_params *params, uint32_t seed);
/* Memory for declared parameters, all from a file. A network of another input is BC_E_FORMAT, with file and channels. */
bc_status bc_weights_load(bc_params *params, const char *path);

/* What a network started from. */
typedef struct bc_start {
    const char *path;  /* NULL: nothing but chance */
    int loaded, drawn; /* tensors */
    bc_load_report report;
} bc_start;
/* Memory for declared parameters, drawn and then read as far as the file goes: it must hold the backbone
 * (pretrained.model.*; ImageNet weights hold nothing else) of a network with the same input, or, for a spike network,
 * with images as input. The stem of the latter is copied where it fits (behind a front end that makes three channels);
 * else it stays drawn or, when `inflate`, is made of the file's. */
bc_status bc_weights_start(bc_params *params, uint32_t seed, const char *path, bool inflate, bc_start *out);

/* A network from a file, frozen. */
typedef struct bc_trained {
    bool rgb; /* it reads images, not spikes */
    bc_model model;
    bc_params *params;
    bc_weights_info info;
    bc_config config; /* as given, with what the file says where nothing was (bc_weights_info_adopt) */
    char notes[512];  /* what was overridden by hand, or assumed since the file says nothing; may be empty */
    bc_load_report report;
    bool no_uncertainty; /* the file has no such head, as DPT's and MiDaS's: its uncertainty is 0 */
} bc_trained;
/* BC_E_ARGUMENT when the configuration contradicts what the file says of itself. Where neither says which network it is, it is
 * hybrid if its stem is in the file. */
bc_status bc_trained_open(bc_host *host, const bc_config *config, const char *path, bc_trained *out);
void bc_trained_close(bc_trained *trained);

#endif
