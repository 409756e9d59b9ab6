/* What every suite needs: a device, folders, and checks that several suites make. */
#ifndef BC_TESTS_SUPPORT_H
#define BC_TESTS_SUPPORT_H

#include "net/ops/ops.h"
#include "net/store/params.h"

#include <check.h>

/* Asserts success and shows the recorded message otherwise. */
#define ck_ok(call)                                                                                          \
    do {                                                                                                     \
        bc_status ck_status_ = (call);                                                                       \
        ck_assert_msg(ck_status_ == BC_OK, "%s: status %d: %s", #call, ck_status_, test_error.text);         \
    } while (0)

extern bc_error test_error;
/* The device under test (BICROSS_DEVICE or the best), opened at first use, shared by the suite. */
bc_host *test_host(void);
void test_host_close(void);
/* Tiny sizes are wanted: an interpreter such as Oclgrind is running (BICROSS_TEST_TINY=1). */
bool test_tiny(void);
bool test_interpreted(void); /* one is (BICROSS_TEST_INTERPRETED=1) */
/* Folder with real data ($BICROSS_SHARED_DATA or ../shared/data), or NULL when absent: tests that need it are left out of
 * their suite then, and others do the same with what is in tests/data. */
const char *test_shared_data(void);
/* A fresh folder for files, removed at exit. */
const char *test_folder(void);
/* The path of a file in it, until the next call; test_path_text is the last one. */
const char *test_path(const char *name);
extern char test_path_text[1024];
/* The path of a file in any folder, until the eighth call from now. */
const char *test_path_in(const char *directory, const char *name);
/* The call failed with this status, and its message, which is cleared, holds both words. */
void test_expect_failure(bc_status status, bc_status wanted, bc_error *err, const char *first,
                         const char *second);
/* Of all names and values, in whichever order they were declared: equal weights, equal hash. */
uint64_t test_params_hash(bc_params *params);
/* The gradient of a parameter in published layout. */
void test_read_gradient(bc_params *params, const bc_param *param, float *published);
/* Runs one suite and returns the exit status of main. Honours CK_FORK=no (default here: device state is shared). */
int test_run(Suite *suite);

/* A convolution that is refused, with part of its message. */
typedef struct bad_conv {
    bc_shape weight;
    bc_conv geometry;
    int bias; /* its channels; 0: none */
    const char *message;
} bad_conv;
typedef bc_value *conv_builder(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_conv geometry);
void check_bad_conv(conv_builder *build, bc_shape x, const bad_conv *bad);

#endif
