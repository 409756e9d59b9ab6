/* Files of torch.save, and files of weights whatever they are: round trips, and every way in which one can be something else.
 * tests/torch_weights.py has PyTorch's own files. */
#include "host/base/file.h"
#include "net/models/published.h"
#include "net/store/pickle.h"
#include "net/store/safetensors.h"
#include "net/store/torch_file.h"
#include "net/store/weight_file.h"
#include "tests/support.h"
#include "tests/support_torch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

typedef struct member {
    const char *name;
    const void *bytes;
    size_t size;
} member;
#define MEMBER(name, text)                                                                                   \
    { name, text, sizeof(text) - 1 }
enum { MOST = 8 };

static const float four[4] = {1, 2.5f, -3, 0.125f};
static const member four_floats = {"w/data/0", four, sizeof four};

/* Packs members, up to one without a name. */
static const char *pack(zip_int32_t method, const member *members) {
    const char *path = test_path("made.pt");
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    ck_assert_ptr_nonnull(zip);
    for (; members->name; members++) {
        zip_source_t *source = zip_source_buffer(zip, members->bytes, members->size, 0);
        zip_int64_t index = zip_file_add(zip, members->name, source, 0);
        ck_assert_int_ge(index, 0);
        ck_assert_int_eq(zip_set_file_compression(zip, (zip_uint64_t)index, method, 0), 0);
    }
    ck_assert_int_eq(zip_close(zip), 0);
    return path;
}

static void refuse_path(const char *path, bc_status status, const char *message) {
    bc_error err = {0};
    bc_tensor_file file;
    test_expect_failure(bc_weight_file_open(&err, path, &file), status, &err, test_path_text, message);
    bc_tensor_file_close(&file);
}

static void refuse(zip_int32_t method, const member *members, const char *message) {
    refuse_path(pack(method, members), BC_E_FORMAT, message);
}

static void check_values(const bc_tensor_file *file, const char *name, const float *expected, size_t count) {
    float values[16];
    const bc_tensor_entry *entry = bc_tensor_file_find(file, name);
    ck_assert_msg(entry != NULL, "there is no %s", name);
    ck_ok(bc_tensor_file_floats(&test_error, file, entry, values, count));
    ck_assert_mem_eq(values, expected, count * sizeof *values);
}

/* --- what is read --- */

START_TEST(stored_and_deflated_members_are_read) {
    static const char pickle[] = PICKLE(DICT(TEXT1("a") FOUR));
    const member members[] = {MEMBER("w/data.pkl", pickle), four_floats, MEMBER("w/version", "3\n"), {0}};
    static const zip_int32_t methods[] = {ZIP_CM_STORE, ZIP_CM_DEFLATE};
    for (int i = 0; i < 2; i++) {
        bc_tensor_file file;
        ck_ok(bc_weight_file_open(&test_error, pack(methods[i], members), &file));
        ck_assert_int_eq(file.count, 1);
        check_values(&file, "a", four, 4);
        bc_tensor_file_close(&file);
    }
}
END_TEST

START_TEST(views_and_number_formats_are_read) {
    static const char pickle[] = PICKLE(DICT(
        TEXT1("t") TENSOR("FloatStorage", "0", "\4", "\0", WHOLE("\2") WHOLE("\2"), WHOLE("\1") WHOLE("\2"))
            TEXT1("v") TENSOR("FloatStorage", "0", "\4", "\1", WHOLE("\2"), WHOLE("\2")) TEXT1("p")
                TENSOR("FloatStorage", "0", "\4", "\2", WHOLE("\2"), WHOLE("\1")) TEXT1("h")
                    TENSOR("HalfStorage", "1", "\4", "\0", WHOLE("\4"), WHOLE("\1")) TEXT1("b")
                        TENSOR("BFloat16Storage", "1", "\4", "\0", WHOLE("\4"), WHOLE("\1")) TEXT1("d")
                            TENSOR("DoubleStorage", "2", "\1", "\0", "", "") TEXT1("i")
                                TENSOR("LongStorage", "2", "\1", "\0", "", "")));
    const uint16_t words[4] = {0x3c00, 0xc500, 0x0001, 0x3f80};
    const double wide = 0.1;
    const member members[] = {MEMBER("w/data.pkl", pickle),
                              four_floats,
                              {"w/data/1", words, sizeof words},
                              {"w/data/2", &wide, sizeof wide},
                              {0}};
    bc_tensor_file file;
    bc_error err = {0};
    float value;
    ck_ok(bc_weight_file_open(&test_error, pack(ZIP_CM_STORE, members), &file));
    check_values(&file, "t", (const float[]){1, -3, 2.5f, 0.125f}, 4);
    check_values(&file, "v", (const float[]){2.5f, 0.125f}, 2);
    check_values(&file, "p", (const float[]){-3, 0.125f}, 2);
    check_values(&file, "h", (const float[]){1, -5, 0x1p-24f, 1.875f}, 4);
    check_values(&file, "d", (const float[]){0.1f}, 1);
    test_expect_failure(bc_tensor_file_floats(&err, &file, bc_tensor_file_find(&file, "i"), &value, 1),
                        BC_E_FORMAT, &err, "tensor i is I64", "expected F32");
    test_expect_failure(bc_tensor_file_floats(&err, &file, bc_tensor_file_find(&file, "d"), &value, 2),
                        BC_E_FORMAT, &err, "tensor d has 1 elements", "expected 2");
    bc_tensor_file_close(&file);
    refuse(ZIP_CM_DEFLATE, members, "compressed, expected it stored where tensors share it");
}
END_TEST

START_TEST(a_key_chooses_what_lies_below_it) {
    static const char pickle[] =
        PICKLE(DICT(TEXT1("s") DICT(TEXT1("a") FOUR) TEXT1("t") DICT(TEXT1("a") FOUR TEXT1("b") FOUR)));
    const member members[] = {MEMBER("w/data.pkl", pickle), four_floats, {0}};
    char chosen[1100];
    bc_tensor_file file;
    snprintf(chosen, sizeof chosen, "%s:t", pack(ZIP_CM_STORE, members));
    ck_ok(bc_weight_file_open(&test_error, chosen, &file));
    ck_assert_int_eq(file.count, 2);
    check_values(&file, "b", four, 4);
    bc_tensor_file_close(&file);
    ck_ok(bc_weight_file_open(&test_error, test_path_text, &file));
    ck_assert_int_eq(file.count, 3);
    bc_error err = {0};
    test_expect_failure(bc_tensor_file_strip_prefix(&err, &file, "a"), BC_E_FORMAT, &err, "several networks",
                        "choose as FILE:s");
    ck_ok(bc_tensor_file_strip_prefix(&test_error, &file, "b"));
    ck_assert_int_eq(file.count, 2);
    bc_tensor_file_close(&file);
    snprintf(chosen, sizeof chosen, "%s:x", test_path_text);
    refuse_path(chosen, BC_E_FORMAT, "no tensor below x, but 3 others");
}
END_TEST

/* --- what is written --- */

static bc_tensor_file made_file(bc_tensor_entry *entries, int count, const float *values, bc_metadata *pairs,
                                int pair_count) {
    bc_tensor_file file = {.entries = entries,
                           .count = count,
                           .metadata = pairs,
                           .metadata_count = pair_count,
                           .data = (const uint8_t *)values,
                           .path = "made"};
    ck_ok(bc_tensor_file_sort(&test_error, &file));
    return file;
}

START_TEST(what_is_written_can_be_read) {
    bc_tensor_entry entries[] = {{.name = "a", .dtype = "F32", .rank = 2, .shape = (long[]){2, 2}, .end = 16},
                                 {.name = "none", .dtype = "F32", .rank = 1, .shape = (long[]){0}},
                                 {.name = "steps", .dtype = "I64", .rank = 0, .end = 8},
                                 {.name = "s", .dtype = "F32", .rank = 0, .begin = 4, .end = 8}};
    bc_metadata pairs[] = {{"format", "pt"}, {"a key", "two\nlines"}};
    bc_tensor_file made = made_file(entries, 4, four, pairs, 2);
    static const char *const names[] = {"again.pt", "again.PTH", "again.safetensors"};
    for (int i = 0; i < 3; i++) {
        bc_tensor_file file;
        char *value;
        int written;
        ck_ok(bc_weight_file_write(&test_error, test_path(names[i]), &made, &written));
        ck_assert_int_eq(written, 3);
        ck_ok(bc_weight_file_open(&test_error, test_path_text, &file));
        ck_assert_int_eq(file.count, 3);
        ck_assert_int_eq(bc_tensor_file_find(&file, "a")->rank, 2);
        check_values(&file, "a", four, 4);
        check_values(&file, "s", four + 1, 1);
        check_values(&file, "none", four, 0);
        ck_ok(bc_tensor_file_metadata(&test_error, &file, "a key", &value));
        ck_assert_str_eq(value, "two\nlines");
        free(value);
        bc_tensor_file_close(&file);
    }
    free(made.by_name);
}
END_TEST

START_TEST(what_cannot_be_written_leaves_no_file) {
    static const float bad[2] = {1, NAN};
    bc_tensor_entry entry = {.name = "a", .dtype = "F32", .rank = 1, .shape = (long[]){2}, .end = 8};
    bc_tensor_file made = made_file(&entry, 1, bad, NULL, 0);
    static const char *const names[] = {"never.pt", "never.safetensors"};
    bc_error err = {0};
    int written;
    for (int i = 0; i < 2; i++) {
        test_expect_failure(bc_weight_file_write(&err, test_path(names[i]), &made, &written), BC_E_NUMERIC,
                            &err, test_path_text, "value 1 of a is nan");
        ck_assert(!bc_file_exists(test_path_text));
    }
    test_expect_failure(bc_weight_file_write(&err, "never.bin", &made, &written), BC_E_ARGUMENT, &err,
                        "never.bin", "ends in .safetensors, .pt or .pth");
    free(made.by_name);
}
END_TEST

/* --- what is refused --- */

START_TEST(archives_that_are_none_of_torch_save) {
    static const char good[] = PICKLE(DICT(TEXT1("a") FOUR)), calls[] = PICKLE("cposix\nsystem\n)R");
    static char zeros[BC_PICKLE_BYTES_MOST + 2];
    const struct {
        member members[MOST];
        const char *message;
    } cases[] = {
        {{MEMBER("w/readme", "text")}, "none of torch.save: no member ends in /data.pkl among 1"},
        {{MEMBER("w/data.pkl", good)}, "made.pt, w/data/0 (tensor a): expected such a member"},
        {{MEMBER("w/data.pkl", good), MEMBER("w/data/0", "short")},
         "it has 5 bytes, expected 4 elements of 4"},
        {{MEMBER("w/data.pkl", good), MEMBER("w/constants.pkl", "")},
         "a TorchScript program, expected weights"},
        {{MEMBER("w/data.pkl", good), MEMBER("w/byteorder", "big")}, "not little-endian"},
        {{MEMBER("w/data.pkl", calls)}, "would call posix.system"},
        {{MEMBER("w/data.pkl", "")}, "no protocol comes first"},
        {{MEMBER("w/data.pkl", zeros)}, "it has 64.0 MiB, expected at most 64"},
        {{MEMBER("w/data.pkl", good), four_floats, MEMBER("w/" BC_TORCH_METADATA, "key")},
         "bicross.metadata is damaged"},
        {{MEMBER("w/data.pkl", good), four_floats, MEMBER("w/" BC_TORCH_METADATA, "key\0")},
         "bicross.metadata is damaged"},
        {{MEMBER("w/data.pkl", PICKLE(DICT(TEXT1("a") FOUR TEXT1("a") FOUR))), four_floats},
         "tensor a occurs twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse(ZIP_CM_DEFLATE, cases[i].members, cases[i].message);
}
END_TEST

START_TEST(a_changed_storage_is_noticed) {
    static const char pickle[] = PICKLE(DICT(TEXT1("a") FOUR));
    const member members[] = {MEMBER("w/data.pkl", pickle), four_floats, {0}};
    uint8_t *bytes, *found;
    size_t size;
    bc_tensor_file file;
    bc_error err = {0};
    float values[4];
    pack(ZIP_CM_STORE, members);
    ck_ok(bc_file_read(&test_error, test_path_text, &bytes, &size));
    found = memmem(bytes, size, four, sizeof four);
    ck_assert_ptr_nonnull(found);
    found[3] ^= 1;
    ck_ok(bc_file_write(&test_error, test_path_text, bytes, size));
    ck_ok(bc_weight_file_open(&test_error, test_path_text, &file));
    test_expect_failure(bc_tensor_file_floats(&err, &file, file.entries, values, 4), BC_E_FORMAT, &err,
                        test_path_text, "CRC");
    bc_tensor_file_close(&file);
    ck_ok(bc_file_write(&test_error, test_path_text, bytes, size / 2));
    refuse_path(test_path_text, BC_E_FORMAT, "expected a file of torch.save, which is a zip archive");
    free(bytes);
}
END_TEST

START_TEST(what_weights_are_confused_with_is_named) {
    static const struct {
        const char *text, *message;
        size_t size;
    } cases[] = {
#define CASE(text, message) {text, message, sizeof(text) - 1}
        CASE("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a git-LFS pointer"),
        CASE("<!DOCTYPE html>\n<html></html>", "an HTML page"),
        CASE(" \n<HTML><body>404</body></html>", "an HTML page"),
        CASE("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.",
             "format of before 1.6"),
        CASE("\x80\x03}q\0X\1\0\0\0aK\1s.", "a bare pickle"),
        CASE("\x80\x04\x95\x0a\0\0\0\0\0\0\0}\x94.", "a bare pickle"),
        CASE("\x89HDF\r\n\x1a\n", "an HDF5 file"),
        CASE("PK\3\4", "expected a file of torch.save, which is a zip archive"),
        CASE("", "0 bytes are too few"),
        CASE("words of any kind", "not safetensors, or truncated"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_ok(bc_file_write(&test_error, test_path("mistaken.pt"), cases[i].text, cases[i].size));
        refuse_path(test_path_text, BC_E_FORMAT, cases[i].message);
    }
    refuse_path(test_path("absent.pt"), BC_E_FILE, "absent.pt");
    char chosen[1100];
    snprintf(chosen, sizeof chosen, "%s:key", test_path_text);
    refuse_path(chosen, BC_E_FILE, "absent.pt");
}
END_TEST

/* --- names --- */

static void expect_names(const bc_tensor_file *file, const char *first, const char *second) {
    ck_assert_int_eq(file->count, second ? 2 : 1);
    ck_assert_str_eq(file->by_name[0]->name, first);
    if (second)
        ck_assert_str_eq(file->by_name[1]->name, second);
}

START_TEST(networks_have_published_or_timm_s_names) {
    static const struct {
        const char *stem, *other, *other_published;
    } cases[] = {
        {"pretrained.model.patch_embed.backbone.stem.conv.weight", "scratch.x", "scratch.x"},
        {"model_state_dict.module.pretrained.model.patch_embed.backbone.stem.conv.weight",
         "model_state_dict.module.scratch.x", "scratch.x"},
        {"patch_embed.backbone.stem.conv.weight", "scratch.x", "pretrained.model.scratch.x"},
        {"state_dict.patch_embed.backbone.stem.conv.weight", "epoch", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bc_tensor_entry entries[] = {{.name = cases[i].stem}, {.name = cases[i].other}};
        bc_tensor_file file = made_file(entries, 2, NULL, NULL, 0);
        ck_ok(bc_published_names(&test_error, &file));
        expect_names(&file, bc_stem_name, cases[i].other_published);
        ck_ok(bc_timm_names(&test_error, &file));
        expect_names(&file, "patch_embed.backbone.stem.conv.weight", i == 2 ? "scratch.x" : NULL);
        free(file.by_name);
        free(file.names);
    }
    bc_tensor_entry nothing = {.name = "a"};
    bc_tensor_file file = made_file(&nothing, 1, NULL, NULL, 0);
    ck_ok(bc_published_names(&test_error, &file));
    expect_names(&file, "a", NULL);
    free(file.by_name);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("torch");
    TCase *c = tcase_create("torch");
    tcase_add_test(c, stored_and_deflated_members_are_read);
    tcase_add_test(c, views_and_number_formats_are_read);
    tcase_add_test(c, a_key_chooses_what_lies_below_it);
    tcase_add_test(c, what_is_written_can_be_read);
    tcase_add_test(c, what_cannot_be_written_leaves_no_file);
    tcase_add_test(c, archives_that_are_none_of_torch_save);
    tcase_add_test(c, a_changed_storage_is_noticed);
    tcase_add_test(c, what_weights_are_confused_with_is_named);
    tcase_add_test(c, networks_have_published_or_timm_s_names);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
