/* Pickles of torch.save, without the archive around them, whose checksums would stop most changes: every tensor lies in its storage. */
#include "net/store/torch_pickle.h"
#include "tests/fuzz/fuzz.h"

static bc_status check_tensor(void *user, const bc_torch_tensor *t) {
    size_t count = 1, last = 0;
    (void)user;
    FUZZ_CHECK(t->rank >= 0 && t->rank <= BC_TORCH_RANK, "rank %d", t->rank);
    for (int i = 0; i < t->rank; i++) {
        FUZZ_CHECK(t->shape[i] >= 0 && t->strides[i] >= 0, "a side of %ld", t->shape[i]);
        count *= (size_t)t->shape[i];
        last += t->shape[i] ? (size_t)(t->shape[i] - 1) * (size_t)t->strides[i] : 0;
    }
    FUZZ_CHECK(count <= t->elements, "%zu elements of %zu", count, t->elements);
    FUZZ_CHECK(count == 0 || t->first + last < t->elements, "the last is element %zu of %zu", t->first + last,
               t->elements);
    FUZZ_CHECK(count == 0 || t->gaps || t->span == count, "a span of %zu for %zu", t->span, count);
    fuzz_touch(t->name, strlen(t->name));
    fuzz_touch(t->storage, strlen(t->storage));
    return BC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char label[] = "input.pkl";
    bc_error err = {0};
    bc_pickle pickle;
    if (!fuzz_good(bc_pickle_read(&err, label, data, size, bc_torch_globals, bc_torch_global_count, &pickle),
                   &err))
        return 0;
    fuzz_good(bc_torch_walk(&err, label, &pickle, check_tensor, NULL), &err);
    bc_pickle_release(&pickle);
    return 0;
}
