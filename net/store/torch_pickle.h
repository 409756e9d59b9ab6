/* What the pickle of torch.save means: which of its values are tensors. */
#ifndef BC_NET_STORE_TORCH_PICKLE_H
#define BC_NET_STORE_TORCH_PICKLE_H

#include "net/store/pickle.h"
#include "net/store/tensor_file.h"

/* The functions and classes that it may name. */
extern const bc_pickle_global bc_torch_globals[];
extern const int bc_torch_global_count;

enum { BC_TORCH_RANK = 16, BC_TORCH_NAME = 1024, BC_TORCH_KEY = 128 };

typedef struct bc_torch_tensor {
    char name[BC_TORCH_NAME];
    const char *dtype;
    char storage[BC_TORCH_KEY]; /* its key */
    int rank;
    long shape[BC_TORCH_RANK], strides[BC_TORCH_RANK];
    bool gaps;          /* its elements do not lie one after another in order */
    size_t elements;    /* of the storage */
    size_t first, span; /* elements of the storage that it looks into */
} bc_torch_tensor;

/* Calls `each` for every tensor, in the order of the pickle. BC_E_FORMAT names a tensor that is no such thing, does not lie in its
 * storage, or has more elements than that; also where the pickle holds no dict, or dicts too deep in one another. */
bc_status bc_torch_walk(bc_error *err, const char *label, const bc_pickle *pickle,
                        bc_status (*each)(void *user, const bc_torch_tensor *tensor), void *user);

#endif
