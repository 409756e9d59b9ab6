/* Files of weights, whatever their format: safetensors, or what torch.save writes. */
#ifndef BC_NET_STORE_WEIGHT_FILE_H
#define BC_NET_STORE_WEIGHT_FILE_H

#include "net/store/tensor_file.h"

/* Opens a file; its content says which it is. What weights are often confused with is named: PyTorch's format of before 1.6, other
 * pickles, git-LFS pointers, HTML pages. PATH may be FILE:KEY, where there is no file of that name: then only the tensors below KEY
 * (KEY.name) are taken, under the rest of their names. */
bc_status bc_weight_file_open(bc_error *err, const char *path, bc_tensor_file *out);
/* The file alone, of PATH or FILE:KEY. */
enum { BC_WEIGHT_FILE_NAME = 4097 }; /* no system opens a longer one */
void bc_weight_file_name(const char *path, char file[BC_WEIGHT_FILE_NAME]);

/* BC_E_ARGUMENT unless `path` ends in .safetensors, .pt or .pth. */
bc_status bc_weight_file_check_ending(bc_error *err, const char *path);
/* Writes the file's float tensors as F32, under the names that they have now, with its metadata. *written: tensors. A number that is not finite is BC_E_NUMERIC. */
bc_status bc_weight_file_write(bc_error *err, const char *path, const bc_tensor_file *file, int *written);

#endif
