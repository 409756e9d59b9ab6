/* Files of torch.save, read and written: a zip archive of data.pkl, a pickle of (nested) dicts of tensors, and of the storages that the
 * tensors look into. Nothing that the pickle names is run (net/store/pickle.h). What follows is what PyTorch 1.6 and later write
 * (torch/serialization.py, torch/_utils.py). */
#ifndef BC_NET_STORE_TORCH_FILE_H
#define BC_NET_STORE_TORCH_FILE_H

#include "net/store/tensor_file.h"

#define BC_PT ".pt"
#define BC_PTH ".pth"

/* Every tensor in the pickle, named by the way to it: "model_state_dict.scratch.layer1_rn.weight", with the numbers of lists and the
 * keys of dicts. Other values are passed over. BC_E_FORMAT: no such archive, more tensors than BC_TORCH_TENSORS, a pickle that would
 * call something, a tensor that does not lie in its storage. Stored members are read where they are; of deflated ones only what a
 * tensor takes is unpacked. */
bc_status bc_torch_open(bc_error *err, const char *path, bc_tensor_file *out);

/* A dict of the file's float tensors, as F32, under their names; torch.load(weights_only=True) takes it. The metadata go into a member of
 * their own, which PyTorch ignores and bc_torch_open reads. A number that is not finite is BC_E_NUMERIC. *written: tensors. */
bc_status bc_torch_write(bc_error *err, const char *path, const bc_tensor_file *file, int *written);

/* The member with the metadata: key, zero byte, value, zero byte, ... */
#define BC_TORCH_METADATA "bicross.metadata"
enum { BC_TORCH_METADATA_BYTES = 1 << 20, BC_TORCH_TENSORS = 1 << 15 }; /* the most that there may be */

#endif
