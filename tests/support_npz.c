/* See tests/support_npz.h. */
#include "tests/support_npz.h"

#include "tests/support.h"

void test_pack_npz(const char *path, zip_int32_t method, const bc_npz_member *members, int count) {
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    ck_assert_ptr_nonnull(zip);
    for (int i = 0; i < count; i++) {
        char name[64];
        uint8_t *bytes;
        size_t size;
        snprintf(name, sizeof name, "%s.npy", members[i].name);
        ck_ok(bc_npy_encode(&test_error, name, &members[i].array, &bytes, &size));
        zip_int64_t index = zip_file_add(zip, name, zip_source_buffer(zip, bytes, size, 1), 0);
        ck_assert_int_ge(index, 0);
        ck_assert_int_eq(zip_set_file_compression(zip, (zip_uint64_t)index, method, 0), 0);
    }
    ck_assert_int_eq(zip_close(zip), 0);
}
