/* host/: devices, buffers, arena, programs and their cache, launches, tapes, random numbers, profile, files.
 * Kernels come from a folder that the suite writes, so that it does not depend on those of the network. */
#include "host/base/file.h"
#include "host/base/random.h"
#include "host/device/embedded.h"
#include "host/device/internal.h"
#include "host/device/profile.h"
#include "host/device/upload.h"
#include "host/open.h"
#include "tests/support.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char kernels[] =
    "__kernel void scale(__global float *y, __global const float *x, int n, float a) {\n"
    "    int i = get_global_id(0);\n"
    "    if (i >= n)\n"
    "        return;\n"
    "    y[i] = a * (x ? x[i] : 1.0f) + OFFSET;\n"
    "}\n"
    "__kernel void draw(__global uint *bits, __global float *real, uint seed, uint stream, int n) {\n"
    "    int i = get_global_id(0);\n"
    "    if (i >= n)\n"
    "        return;\n"
    "    uint4 b = philox(seed, stream, (uint)i, 0u);\n"
    "    vstore4(b, i, bits);\n"
    "    real[2 * i] = uniform_from_bits(b.x);\n"
    "    real[2 * i + 1] = normal_from_bits(b.xy).x;\n"
    "}\n";

static void write_text(const char *name, const char *text) {
    ck_ok(bc_file_write(&test_error, test_path(name), text, strlen(text)));
}

/* A host whose kernels are the ones above; cache NULL: none. */
static bc_host *open_host(const char *cache, bool profile) {
    for (const bc_embedded_source *s = bc_embedded_sources; s->name; s++)
        if (strcmp(s->name, "prelude.clh") == 0 || strcmp(s->name, "shared.h") == 0)
            write_text(s->name, s->text);
    write_text("test.cl", kernels);
    write_text("broken.cl", "__kernel void k(__global float *y) {\n    y[0] = nonsense;\n}\n");
    bc_host_options options = {
        .kernel_dir = test_folder(), .cache_dir = cache ? cache : "", .profile = profile};
    bc_host *host;
    ck_ok(bc_host_open(&options, &test_error, &host));
    return host;
}

static void expect_failure(bc_status got, bc_status expected, const char *part) {
    test_expect_failure(got, expected, &test_error, part, "");
}

static bc_buffer floats(bc_host *host, int n, const float *values) {
    bc_buffer buffer;
    ck_ok(bc_buffer_create(host, (size_t)n * 4, "test", &buffer));
    if (values)
        ck_ok(bc_buffer_write(host, buffer, 0, values, (size_t)n * 4));
    return buffer;
}

static bc_launch scale(bc_buffer y, bc_buffer x, int n, float a, const char *defines) {
    return (bc_launch){.source = "test.cl",
                       .kernel = "scale",
                       .defines = defines,
                       .items = {(size_t)n},
                       .flops = 2.0 * n,
                       .bytes = 8.0 * n,
                       BC_ARGS(BC_BUFFER(y), BC_BUFFER(x), BC_INT(n), BC_FLOAT(a))};
}

START_TEST(first_failure_is_kept) {
    bc_error err = {0};
    ck_assert_int_eq(bc_fail(&err, BC_E_FILE, "file %s", "a"), BC_E_FILE);
    ck_assert_int_eq(bc_fail(&err, BC_E_FORMAT, "format"), BC_E_FORMAT);
    ck_assert_int_eq(err.status, BC_E_FILE);
    ck_assert_str_eq(err.text, "file a");
    bc_error_clear(&err);
    ck_assert_int_eq(err.status, BC_OK);
    ck_assert_int_eq(bc_fail(NULL, BC_E_MEMORY, "nobody listens"), BC_E_MEMORY);
}
END_TEST

START_TEST(devices_are_ranked_and_chosen) {
    bc_device_info *list = calloc(BC_MAX_DEVICES, sizeof *list), chosen;
    int count;
    char reason[128];
    ck_assert_ptr_nonnull(list);
    ck_ok(bc_devices_list(&test_error, list, &count));
    ck_assert_int_ge(count, 1);
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(list[i].index, i);
        ck_assert(list[i].name[0] && list[i].global_bytes && list[i].max_allocation &&
                  list[i].compute_units > 0);
    }
    ck_ok(bc_device_choose(&test_error, NULL, &chosen, reason));
    ck_assert(chosen.id == list[0].id);
    ck_assert(reason[0]);
    char upper[128];
    for (int i = 0; i < 128; i++)
        upper[i] =
            (char)(list[0].name[i] >= 'a' && list[0].name[i] <= 'z' ? list[0].name[i] - 32 : list[0].name[i]);
    ck_ok(bc_device_choose(&test_error, upper, &chosen, NULL));
    ck_assert(chosen.id == list[0].id);
    ck_ok(bc_device_choose(&test_error, "0", &chosen, reason));
    ck_assert(chosen.id == list[0].id);
    expect_failure(bc_device_choose(&test_error, "99", &chosen, NULL), BC_E_DEVICE, "\"99\"");
    expect_failure(bc_device_choose(&test_error, "no such thing", &chosen, NULL), BC_E_DEVICE, list[0].name);
    free(list);
}
END_TEST

START_TEST(opening_an_unknown_device_fails) {
    bc_host_options options = {.device = "no such thing"};
    bc_host *host = (bc_host *)&options;
    expect_failure(bc_host_open(&options, &test_error, &host), BC_E_DEVICE, "no such thing");
    ck_assert_ptr_null(host);
    bc_host_close(NULL);
}
END_TEST

/* Which family of kernels is taken follows the device, unless the environment says otherwise. */
START_TEST(kernels_follow_the_device_or_the_environment) {
    static const char variable[] = "BICROSS_KERNELS";
    char *before = getenv(variable) ? strdup(getenv(variable)) : NULL;
    for (int i = 0; i < 2; i++) {
        bc_host *host;
        setenv(variable, i == 0 ? "cpu" : "gpu", 1);
        bc_status status = bc_host_open(NULL, &test_error, &host);
        if (i == 1 && status == BC_E_DEVICE) { /* a device without large groups */
            expect_failure(status, BC_E_DEVICE, "need work-groups of 256 items");
            continue;
        }
        ck_ok(status);
        ck_assert_int_eq(bc_host_cpu_kernels(host), i == 0);
        bc_host_close(host);
    }
    bc_host *host;
    setenv(variable, "tpu", 1);
    expect_failure(bc_host_open(NULL, &test_error, &host), BC_E_ARGUMENT, "tpu");
    unsetenv(variable);
    ck_ok(bc_host_open(NULL, &test_error, &host));
    ck_assert_int_eq(bc_host_cpu_kernels(host),
                     bc_host_device(host)->kind == BC_CLASS_CPU || !bc_host_large_groups(host));
    bc_host_close(host);
    if (before)
        setenv(variable, before, 1);
    free(before);
}
END_TEST

static bc_status copy(bc_host *host, bc_buffer from, size_t from_offset, bc_buffer to, size_t to_offset,
                      size_t bytes) {
    bc_tape *tape;
    ck_ok(bc_tape_create(host, &tape));
    ck_ok(bc_tape_copy(tape, from, from_offset, to, to_offset, bytes));
    bc_status status = bc_tape_run(tape);
    bc_tape_release(tape);
    return status;
}

START_TEST(buffers_copy_and_fill) {
    bc_host *host = open_host(NULL, false);
    float in[100], out[100];
    for (int i = 0; i < 100; i++)
        in[i] = (float)i;
    bc_buffer a = floats(host, 100, in), b = floats(host, 100, NULL);
    ck_ok(bc_buffer_fill(host, b, 0, 400, 2.5f));
    ck_ok(copy(host, a, 40, b, 200, 80));
    ck_ok(bc_buffer_read(host, b, 0, out, 400));
    for (int i = 0; i < 100; i++)
        ck_assert_float_eq(out[i], i >= 50 && i < 70 ? (float)(i - 40) : 2.5f);
    expect_failure(bc_buffer_write(host, a, 4, in, 400), BC_E_ARGUMENT, "400");
    expect_failure(bc_buffer_read(host, (bc_buffer){0}, 0, out, 4), BC_E_ARGUMENT, "empty");
    expect_failure(copy(host, a, 0, b, 396, 8), BC_E_ARGUMENT, "396");
    ck_ok(bc_buffer_fill(host, b, 400, 0, 1));
    bc_buffer huge;
    expect_failure(bc_buffer_create(host, SIZE_MAX / 2, "the test's tensor", &huge), BC_E_MEMORY,
                   "the test's tensor needs");
    bc_buffer_release(&a);
    bc_buffer_release(&b);
    bc_buffer_release(&b);
    bc_host_close(host);
}
END_TEST

/* Each upload arrives while what reads the one before has not run yet, also where buffers grow. */
START_TEST(uploads_wait_for_readers_only) {
    enum { UPLOADS = 6, LARGEST = 512 << UPLOADS };
    bc_host *host = test_host();
    bc_upload upload;
    bc_buffer found, copies[UPLOADS];
    static uint32_t sent[UPLOADS][LARGEST], got[LARGEST];
    ck_ok(bc_upload_open(host, &upload));
    for (int i = 0; i < UPLOADS; i++) {
        size_t bytes = sizeof sent[i][0] * (size_t)(i % 2 ? LARGEST : 512 << i);
        for (int k = 0; k < LARGEST; k++)
            sent[i][k] = (uint32_t)(k + 1000003 * i);
        ck_ok(bc_buffer_create(host, bytes, "a copy", &copies[i]));
        ck_ok(bc_upload_write(&upload, sent[i], bytes, "an upload", &found));
        ck_assert_ptr_eq(found.mem, upload.buffers[upload.turn].mem);
        ck_ok(bc_enqueue_copy(host, found, 0, copies[i], 0, bytes, NULL));
        ck_ok(bc_upload_is_read(&upload));
    }
    for (int i = 0; i < UPLOADS; i++) {
        size_t bytes = sizeof sent[i][0] * (size_t)(i % 2 ? LARGEST : 512 << i);
        ck_ok(bc_buffer_read(host, copies[i], 0, got, bytes));
        ck_assert_msg(memcmp(got, sent[i], bytes) == 0, "upload %d", i);
        bc_buffer_release(&copies[i]);
    }
    ck_ok(bc_upload_write(&upload, sent[0], 0, "nothing", &found));
    bc_upload_close(&upload);
    bc_upload_close(&upload);
}
END_TEST

START_TEST(views_of_views_and_the_arena) {
    bc_host *host = open_host(NULL, false);
    size_t align = bc_buffer_alignment(host), slabs[2] = {8 * align, 4 * align};
    ck_assert_uint_ge(align, 128);
    bc_arena *arena;
    ck_ok(bc_arena_create(host, 2, slabs, "test", NULL, &arena));
    ck_assert_uint_eq(bc_arena_bytes(arena), 12 * align);
    bc_buffer whole, part, inner;
    ck_ok(bc_arena_view(arena, 0, 0, 8 * align, &whole));
    ck_ok(bc_arena_view(arena, 0, 2 * align, 4 * align, &part));
    ck_ok(bc_buffer_view(host, part, align, 12, &inner));
    ck_ok(bc_buffer_fill(host, whole, 0, whole.bytes, 0));
    ck_ok(bc_buffer_fill(host, part, 0, part.bytes, 1));
    ck_ok(bc_buffer_fill(host, inner, 4, 8, 7));
    float *out = malloc(whole.bytes);
    ck_assert_ptr_nonnull(out);
    ck_ok(bc_buffer_read(host, whole, 0, out, whole.bytes));
    size_t word = align / 4;
    for (size_t i = 0; i < 8 * word; i++) {
        float expected = i == 3 * word + 1 || i == 3 * word + 2 ? 7 : i >= 2 * word && i < 6 * word ? 1 : 0;
        ck_assert_float_eq(out[i], expected);
    }
    free(out);
    bc_buffer_release(&inner);
    expect_failure(bc_arena_view(arena, 1, 4, 8, &inner), BC_E_ARGUMENT, "aligned");
    expect_failure(bc_arena_view(arena, 1, 0, 5 * align, &inner), BC_E_ARGUMENT, "leaves");
    expect_failure(bc_arena_view(arena, 2, 0, 4, &inner), BC_E_ARGUMENT, "slab 2");
    bc_arena_release(arena);
    size_t too_much[2] = {bc_host_device(host)->global_bytes, 1024};
    expect_failure(bc_arena_create(host, 2, too_much, "the test's plan", "take less", &arena), BC_E_MEMORY,
                   "the test's plan: ");
    bc_host_close(host);
}
END_TEST

START_TEST(a_kernel_runs_with_its_defines) {
    bc_host *host = open_host(NULL, false);
    float in[70], out[70];
    for (int i = 0; i < 70; i++)
        in[i] = (float)i;
    bc_buffer x = floats(host, 70, in), y = floats(host, 70, NULL);
    bc_launch l = scale(y, x, 69, 2, "-DOFFSET=0.5f");
    ck_ok(bc_buffer_fill(host, y, 0, 280, -1));
    ck_ok(bc_run(host, &l));
    ck_ok(bc_buffer_read(host, y, 0, out, 280));
    for (int i = 0; i < 70; i++)
        ck_assert_float_eq(out[i], i < 69 ? 2 * (float)i + 0.5f : -1);
    l = scale(y, (bc_buffer){0}, 70, 3,
              "-DOFFSET=1.0f"); /* an absent input is a null pointer; another program */
    ck_ok(bc_run(host, &l));
    ck_ok(bc_buffer_read(host, y, 0, out, 280));
    ck_assert_float_eq(out[69], 4);
    ck_assert_int_eq(host->account.compiled, 2);
    ck_ok(bc_run(host, &l));
    ck_assert_int_eq(host->account.compiled, 2);
    bc_buffer_release(&x);
    bc_buffer_release(&y);
    bc_host_close(host);
}
END_TEST

START_TEST(wrong_launches_are_named) {
    bc_host *host = open_host(NULL, false);
    bc_buffer y = floats(host, 4, NULL);
    bc_launch l = scale(y, y, 4, 1, "-DOFFSET=0.0f");
    l.kernel = "no_such_kernel";
    expect_failure(bc_run(host, &l), BC_E_OPENCL, "no_such_kernel");
    l = scale(y, y, 4, 1, "-DOFFSET=0.0f");
    l.source = "absent.cl";
    expect_failure(bc_run(host, &l), BC_E_FILE, "absent.cl");
    l = scale(y, y, 4, 1, "-DOFFSET=0.0f");
    l.arg_count = 3;
    expect_failure(bc_run(host, &l), BC_E_ARGUMENT, "takes 4 arguments, 3");
    l = scale(y, y, 4, 1, "-DOFFSET=0.0f");
    l.group[0] = 512;
    expect_failure(bc_run(host, &l), BC_E_ARGUMENT, "512");
    l = (bc_launch){.source = "broken.cl", .kernel = "k", BC_ARGS(BC_BUFFER(y))};
    expect_failure(bc_run(host, &l), BC_E_OPENCL, "broken.cl");
    ck_assert_int_eq(bc_fail_cl(host, CL_OUT_OF_RESOURCES, "doing %d", 7), BC_E_MEMORY);
    expect_failure(BC_E_MEMORY, BC_E_MEMORY, "doing 7: CL_OUT_OF_RESOURCES (-5)");
    bc_buffer_release(&y);
    bc_host_close(host);
    ck_ok(bc_host_open(&(bc_host_options){.cache_dir = ""}, &test_error, &host));
    l = (bc_launch){.source = "absent.cl", .kernel = "k"};
    expect_failure(bc_run(host, &l), BC_E_ARGUMENT, "absent.cl"); /* embedded sources */
    bc_host_close(host);
}
END_TEST

/* Kernels tied to a group of 16, and two that are not. */
static const char group_kernels[] =
    "__kernel __attribute__((reqd_work_group_size(16, 1, 1))) void tied(__global int *y) {\n"
    "    y[get_global_id(0)] = (int)get_local_size(0);\n"
    "}\n"
    "__kernel void free_of(__global int *y) {\n"
    "    y[get_global_id(0) + 16 * get_global_id(1)] = (int)(get_local_size(0) * get_local_size(1));\n"
    "}\n"
    "__kernel void local_tile(__global int *y) {\n"
    "    __local int tile[4096];\n"
    "    for (int i = (int)get_local_id(0); i < 4096; i += (int)get_local_size(0))\n"
    "        tile[i] = i;\n"
    "    barrier(CLK_LOCAL_MEM_FENCE);\n"
    "    y[get_global_id(0)] = tile[4095 - get_local_id(0)];\n"
    "}\n";

/* The driver says what local memory a kernel takes: PoCL 6 says 0 of all, and rusticl twice as much, which is not believed. */
static bool local_memory_is_told(const bc_host *host) {
    const char *source = group_kernels;
    cl_ulong bytes = 0;
    cl_program program = clCreateProgramWithSource(host->context, 1, &source, NULL, NULL);
    ck_assert_int_eq(clBuildProgram(program, 1, &host->device.id, "", NULL, NULL), CL_SUCCESS);
    cl_kernel kernel = clCreateKernel(program, "local_tile", NULL);
    clGetKernelWorkGroupInfo(kernel, host->device.id, CL_KERNEL_LOCAL_MEM_SIZE, sizeof bytes, &bytes, NULL);
    clReleaseKernel(kernel);
    clReleaseProgram(program);
    return bytes == 16384;
}

START_TEST(groups_are_cut_or_refused) {
    bc_host *host = open_host(NULL, false);
    write_text("group.cl", group_kernels);
    int out[256];
    bc_buffer y = floats(host, 256, NULL);
    bc_launch any = {.source = "group.cl",
                     .kernel = "free_of",
                     .items = {16, 16},
                     .group = {16, 16},
                     BC_ARGS(BC_BUFFER(y))};
    bc_launch tied = {
        .source = "group.cl", .kernel = "tied", .items = {16}, .group = {16}, BC_ARGS(BC_BUFFER(y))};
    bc_launch local = {
        .source = "group.cl", .kernel = "local_tile", .items = {16}, .group = {16}, BC_ARGS(BC_BUFFER(y))};
    bc_device_info real = host->device;
    if (real.max_work_group >= 256) {
        ck_ok(bc_run(host, &any)); /* as asked for, where it can be had */
        ck_ok(bc_buffer_read(host, y, 0, out, sizeof out));
        ck_assert_int_eq(out[255], 256);
        ck_ok(bc_run(host, &tied));
        ck_ok(bc_run(host, &local));
    }
    bc_buffer_release(&y);
    bc_host_close(host);

    host = open_host(NULL, false);
    y = floats(host, 256, NULL);
    any.args[0] = tied.args[0] = local.args[0] = BC_BUFFER(y);
    host->device.max_work_group = 8; /* a device that allows less */
    host->device.max_items[1] = 2;
    host->device.local_bytes = 1024;
    ck_ok(bc_run(host, &any));
    ck_ok(bc_buffer_read(host, y, 0, out, sizeof out));
    for (int i = 0; i < 256; i++)
        ck_assert_int_eq(out[i], 8);
    bc_tape *tape;
    ck_ok(bc_tape_create(host, &tape));
    ck_ok(bc_tape_launch(tape, &any));
    expect_failure(bc_tape_launch(tape, &tied), BC_E_DEVICE,
                   "group.cl:tied needs work-groups of 16 x 1 x 1 items");
    expect_failure(bc_run(host, &tied), BC_E_DEVICE, "allows it 8");
    if (local_memory_is_told(host))
        expect_failure(bc_run(host, &local), BC_E_DEVICE, "local_tile needs 16.0 KiB of local memory");
    bc_tape_release(tape);
    bc_buffer_release(&y);
    bc_host_close(host);
}
END_TEST

START_TEST(numbers_that_do_not_fit_are_refused) {
    bc_host *host = open_host(NULL, false);
    bc_buffer y = floats(host, 4, NULL);
    bc_launch l = scale(y, y, 4, 1, "-DOFFSET=0.0f");
    bc_tape *tape;
    ck_ok(bc_tape_create(host, &tape));
    ck_ok(bc_tape_launch(tape, &l));
    l.args[2] = BC_INT((int64_t)1 << 31);
    expect_failure(bc_tape_launch(tape, &l), BC_E_ARGUMENT, "2147483648");
    l.args[2] = BC_UINT(-1);
    expect_failure(bc_tape_launch(tape, &l), BC_E_ARGUMENT, "is -1");
    l.args[2] = BC_INT(INT32_MIN);
    ck_ok(bc_tape_launch(tape, &l));
    l.args[2] = BC_UINT(UINT32_MAX);
    ck_ok(bc_tape_launch(tape, &l));
    l.args[2] = BC_INT((size_t)3 << 31);
    expect_failure(bc_tape_launch(tape, &l), BC_E_ARGUMENT, "argument 2 of test.cl:scale is 6442450944");
    expect_failure(bc_run(host, &l), BC_E_ARGUMENT, "6442450944");
    bc_tape_release(tape);
    bc_buffer_release(&y);
    bc_host_close(host);
}
END_TEST

static bc_status count_calls(bc_host *host, void *state) {
    (void)host;
    ++**(int **)state;
    return BC_OK;
}

START_TEST(a_tape_repeats_its_steps) {
    bc_host *host = open_host(NULL, false);
    float out[8];
    int calls = 0, **state = malloc(sizeof *state);
    ck_assert_ptr_nonnull(state);
    *state = &calls;
    bc_buffer x = floats(host, 8, NULL), y = floats(host, 8, NULL), z = floats(host, 8, NULL);
    bc_tape *tape;
    ck_ok(bc_tape_create(host, &tape));
    ck_ok(bc_tape_fill(tape, x, 0, 32, 3));
    bc_launch first = scale(y, x, 8, 2, "-DOFFSET=0.0f"), second = scale(y, y, 8, 10, "-DOFFSET=0.0f");
    ck_ok(bc_tape_launch(tape, &first));
    ck_ok(bc_tape_launch(tape, &second)); /* the same kernel keeps its own arguments */
    ck_ok(bc_tape_copy(tape, y, 0, z, 4, 28));
    ck_ok(bc_tape_call(tape, "count", 5, 6, count_calls, state));
    for (int run = 0; run < 2; run++) {
        ck_ok(bc_tape_run(tape));
        ck_ok(bc_host_finish(host));
    }
    ck_ok(bc_buffer_read(host, z, 0, out, 32));
    ck_assert_float_eq(out[7], 60);
    ck_assert_int_eq(calls, 2);
    bc_tape_release(tape);
    bc_buffer_release(&x);
    bc_buffer_release(&y);
    bc_buffer_release(&z);
    bc_host_close(host);
}
END_TEST

START_TEST(philox_known_answers) {
    /* kat_vectors of Random123, philox4x32 10; the counter's upper half is always zero here. */
    uint32_t out[4];
    bc_philox(0, 0, 0, out);
    ck_assert_uint_eq(out[0], 0x6627e8d5u);
    ck_assert_uint_eq(out[1], 0xe169c58du);
    ck_assert_uint_eq(out[2], 0xbc57ac4cu);
    ck_assert_uint_eq(out[3], 0x9b00dbd8u);
}
END_TEST

START_TEST(random_draws_are_sound) {
    bc_random r = {.seed = 5, .stream = 2}, again = {.seed = 5, .stream = 2};
    double sum = 0, square = 0;
    for (int i = 0; i < 10000; i++) {
        float u = bc_random_uniform(&r);
        ck_assert(u >= 0 && u < 1);
        ck_assert_float_eq(u, bc_random_uniform(&again));
    }
    for (int i = 0; i < 20000; i++) {
        float x = bc_random_normal(&r);
        sum += x;
        square += (double)x * x;
    }
    ck_assert_double_lt(fabs(sum / 20000), 0.03);
    ck_assert_double_lt(fabs(square / 20000 - 1), 0.05);
    int seen[7] = {0}, order[50], present[50] = {0};
    for (int i = 0; i < 700; i++)
        seen[bc_random_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        ck_assert_int_gt(seen[i], 50);
    bc_random_permutation(&r, 50, order);
    for (int i = 0; i < 50; i++)
        present[order[i]]++;
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(present[i], 1);
    float low = bc_random_range(&r, -3, -2);
    ck_assert(low >= -3 && low < -2);
}
END_TEST

START_TEST(host_and_device_draw_the_same) {
    enum { N = 67 };
    bc_host *host = open_host(NULL, false);
    bc_buffer bits = floats(host, 4 * N, NULL), real = floats(host, 2 * N, NULL);
    bc_launch l = {.source = "test.cl",
                   .kernel = "draw",
                   .defines = "-DOFFSET=0.0f",
                   .items = {N},
                   BC_ARGS(BC_BUFFER(bits), BC_BUFFER(real), BC_UINT(0xfedcba98u), BC_UINT(77), BC_INT(N))};
    uint32_t got[4 * N], expected[4];
    float values[2 * N];
    ck_ok(bc_run(host, &l));
    ck_ok(bc_buffer_read(host, bits, 0, got, sizeof got));
    ck_ok(bc_buffer_read(host, real, 0, values, sizeof values));
    bc_random uniform = {0xfedcba98u, 77, 0}, normal = uniform;
    for (int i = 0; i < N; i++) {
        bc_philox(0xfedcba98u, 77, (uint64_t)i, expected);
        ck_assert_mem_eq(got + 4 * i, expected, sizeof expected);
        ck_assert_float_eq(values[2 * i], bc_random_uniform(&uniform));
        ck_assert_float_eq_tol(values[2 * i + 1], bc_random_normal(&normal), 1e-5f);
    }
    bc_buffer_release(&bits);
    bc_buffer_release(&real);
    bc_host_close(host);
}
END_TEST

static void run_once(bc_host *host, float expected) {
    float out;
    bc_buffer y = floats(host, 1, NULL);
    bc_launch l = scale(y, (bc_buffer){0}, 1, 2, "-DOFFSET=0.25f");
    ck_ok(bc_run(host, &l));
    ck_ok(bc_buffer_read(host, y, 0, &out, 4));
    ck_assert_float_eq(out, expected);
    bc_buffer_release(&y);
}

/* Opens, runs once, closes, and checks where the program came from. */
static void check_origin(const char *cache, int compiled, int loaded) {
    bc_host *host = open_host(cache, false);
    run_once(host, 2.25f);
    ck_assert_int_eq(host->account.compiled, compiled);
    ck_assert_int_eq(host->account.loaded, loaded);
    bc_host_close(host);
}

static int files_in(const char *folder, char *path, size_t capacity) {
    DIR *dir = opendir(folder);
    ck_assert_ptr_nonnull(dir);
    int count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.') {
            snprintf(path, capacity, "%s/%s", folder, e->d_name);
            count++;
        }
    closedir(dir);
    return count;
}

START_TEST(the_program_cache_hits_and_heals) {
    char cache[200], entry[600];
    snprintf(cache, sizeof cache, "%s/deep/cache", test_folder());
    check_origin(cache, 1, 0);
    ck_assert_int_eq(files_in(cache, entry, sizeof entry), 1);
    check_origin(cache, 0, 1);
    uint8_t *data;
    size_t bytes;
    ck_ok(bc_file_read(&test_error, entry, &data, &bytes));
    data[bytes - 5] ^= 0x40; /* damaged */
    ck_ok(bc_file_write(&test_error, entry, data, bytes));
    check_origin(cache, 1, 0);
    check_origin(cache, 0, 1);                                 /* it was replaced */
    ck_ok(bc_file_write(&test_error, entry, data, bytes / 2)); /* cut off */
    check_origin(cache, 1, 0);
    free(data);
    check_origin("/proc/no/cache/here", 1, 0); /* cannot be written: not an error */
    ck_assert_int_eq(test_error.status, BC_OK);
}
END_TEST

START_TEST(the_profile_counts_kernels) {
    bc_host *host = open_host(NULL, true);
    for (int i = 0; i < 3; i++)
        run_once(host, 2.25f);
    bc_profile_row *rows;
    int count;
    ck_ok(bc_profile_rows(host, &rows, &count));
    ck_assert_int_eq(count, 1);
    ck_assert_str_eq(rows[0].name, "test.cl:scale");
    ck_assert_int_eq(rows[0].calls, 3);
    ck_assert_double_eq(rows[0].flops, 6);
    ck_assert_double_gt(rows[0].seconds, 0);
    free(rows);
    char *table;
    ck_ok(bc_profile_table(host, &table));
    ck_assert_ptr_nonnull(strstr(table, "test.cl:scale"));
    free(table);
    bc_profile_clear(host);
    ck_ok(bc_profile_rows(host, &rows, &count));
    ck_assert_int_eq(count, 0);
    free(rows);
    bc_host_close(host);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("host");
    TCase *c = tcase_create("host");
    tcase_set_timeout(c, 120);
    tcase_add_test(c, first_failure_is_kept);
    tcase_add_test(c, devices_are_ranked_and_chosen);
    tcase_add_test(c, opening_an_unknown_device_fails);
    tcase_add_test(c, kernels_follow_the_device_or_the_environment);
    tcase_add_test(c, buffers_copy_and_fill);
    tcase_add_test(c, uploads_wait_for_readers_only);
    tcase_add_test(c, views_of_views_and_the_arena);
    tcase_add_test(c, a_kernel_runs_with_its_defines);
    tcase_add_test(c, wrong_launches_are_named);
    tcase_add_test(c, groups_are_cut_or_refused);
    tcase_add_test(c, numbers_that_do_not_fit_are_refused);
    tcase_add_test(c, a_tape_repeats_its_steps);
    tcase_add_test(c, philox_known_answers);
    tcase_add_test(c, random_draws_are_sound);
    tcase_add_test(c, host_and_device_draw_the_same);
    tcase_add_test(c, the_program_cache_hits_and_heals);
    tcase_add_test(c, the_profile_counts_kernels);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
