/* NPZ files as somebody else writes them. */
#ifndef BC_TESTS_SUPPORT_NPZ_H
#define BC_TESTS_SUPPORT_NPZ_H

#include "bicross/formats/npz.h"

#include <zip.h>

/* Packs arrays by this method of zip (ZIP_CM_STORE, ZIP_CM_DEFLATE), in any order. */
void test_pack_npz(const char *path, zip_int32_t method, const bc_npz_member *members, int count);

#endif
