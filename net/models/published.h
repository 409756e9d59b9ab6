/* Published names of the network's tensors (method.md 8.8), which BiCross, DPT and MiDaS use, and those of timm's
 * vit_base_resnet50_384, which is the part of the network below "pretrained.model". */
#ifndef BC_NET_MODELS_PUBLISHED_H
#define BC_NET_MODELS_PUBLISHED_H

#include "net/models/model.h"

/* Gives the tensors of a network in the file their published names: takes the prefix of a wrapper off (bc_tensor_file_strip_prefix),
 * and turns timm's names into those. A file that holds no network stays as it is; several networks are BC_E_FORMAT. */
bc_status bc_published_names(bc_error *err, bc_tensor_file *file);
/* From published names to timm's; drops what timm's network does not have. */
bc_status bc_timm_names(bc_error *err, bc_tensor_file *file);

/* Position embeddings of another grid than the model's are resized as DPT does: bilinear, the class token's row kept
 * (bc_load_rules). */
bool bc_positions_fit(const bc_param *param, const bc_tensor_entry *entry);
bc_status bc_positions_resize(bc_error *err, const bc_tensor_file *file, const bc_tensor_entry *entry,
                              const bc_param *param, float *published);

#endif
