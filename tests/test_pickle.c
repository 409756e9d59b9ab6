/* Pickles: data is read, everything else is refused by its name, and nothing takes more memory than it may. */
#include "net/store/pickle.h"
#include "net/store/torch_pickle.h"
#include "tests/support.h"
#include "tests/support_torch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static bc_status read_pickle(bc_error *err, const uint8_t *bytes, size_t size, bc_pickle *out) {
    return bc_pickle_read(err, "test.pkl", bytes, size, bc_torch_globals, bc_torch_global_count, out);
}

/* Names, shapes and places of the tensors, as a text. */
static bc_status describe(void *user, const bc_torch_tensor *t) {
    char *text = user;
    size_t used = strlen(text);
    used += (size_t)sprintf(text + used, "%s %s[%s]", t->name, t->dtype, t->storage);
    for (int i = 0; i < t->rank; i++)
        used += (size_t)sprintf(text + used, " %ld", t->shape[i]);
    sprintf(text + used, " at %zu+%zu%s; ", t->first, t->span, t->gaps ? " gaps" : "");
    return BC_OK;
}

static bc_status walk(bc_error *err, const uint8_t *bytes, size_t size, char text[4096]) {
    bc_pickle pickle;
    text[0] = 0;
    BC_TRY(read_pickle(err, bytes, size, &pickle));
    bc_status status = bc_torch_walk(err, "test.pkl", &pickle, describe, text);
    bc_pickle_release(&pickle);
    return status;
}

static void expect_tensors(const uint8_t *bytes, size_t size, const char *expected) {
    char text[4096];
    ck_ok(walk(&test_error, bytes, size, text));
    ck_assert_str_eq(text, expected);
}

START_TEST(tensors_are_named_by_the_way_to_them) {
    expect_tensors(BYTES(PICKLE(DICT(TEXT1("a") FOUR))), "a F32[0] 4 at 0+4; ");
    expect_tensors(
        BYTES(PICKLE(DICT(TEXT1("a") DICT(TEXT1("b") FOUR TEXT1("c") WHOLE("\7")) TEXT1("d") "N"))),
        "a.b F32[0] 4 at 0+4; ");
    expect_tensors(BYTES(PICKLE(DICT(WHOLE("\5") "](" FOUR FOUR "e" TEXT1("x") FOUR "\x85"))),
                   "5.0 F32[0] 4 at 0+4; 5.1 F32[0] 4 at 0+4; x.0 F32[0] 4 at 0+4; ");
    expect_tensors(BYTES(PICKLE(ORDERED_DICT "(" TEXT1("a") FOUR "u}" TEXT1("m") "Nsb")),
                   "a F32[0] 4 at 0+4; ");
    expect_tensors(BYTES(PICKLE(DICT(TEXT1("p") "ctorch._utils\n_rebuild_parameter\n" FOUR "\x88" ORDERED_DICT
                                                "\x87R"))),
                   "p F32[0] 4 at 0+4; ");
    expect_tensors(BYTES(PICKLE("}" TEXT1("a") FOUR "s"
                                                    "(" WHOLE("\1") WHOLE("\2") "t" FOUR "s")),
                   "a F32[0] 4 at 0+4; ");
}
END_TEST

START_TEST(strides_say_where_the_elements_are) {
    static const struct {
        const char *pickle;
        size_t size;
        const char *expected;
    } cases[] = {
#define CASE(type, count, first, shape, strides, text)                                                       \
    {PICKLE(DICT(TEXT1("a") TENSOR(type, "0", count, first, shape, strides))),                               \
     sizeof(PICKLE(DICT(TEXT1("a") TENSOR(type, "0", count, first, shape, strides)))) - 1, text}
        CASE("HalfStorage", "\6", "\0", WHOLE("\2") WHOLE("\3"), WHOLE("\3") WHOLE("\1"),
             "a F16[0] 2 3 at 0+6; "),
        CASE("BFloat16Storage", "\6", "\0", WHOLE("\3") WHOLE("\2"), WHOLE("\1") WHOLE("\3"),
             "a BF16[0] 3 2 at 0+6 gaps; "),
        CASE("DoubleStorage", "\11", "\1", WHOLE("\3"), WHOLE("\3"), "a F64[0] 3 at 1+7 gaps; "),
        CASE("LongStorage", "\1", "\0", "", "", "a I64[0] at 0+1; "),
        CASE("FloatStorage", "\4", "\2", WHOLE("\1") WHOLE("\2"), WHOLE("\x63") WHOLE("\1"),
             "a F32[0] 1 2 at 2+2; "),
        CASE("FloatStorage", "\0", "\0", WHOLE("\0") WHOLE("\3"), WHOLE("\3") WHOLE("\1"),
             "a F32[0] 0 3 at 0+0; "),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_tensors((const uint8_t *)cases[i].pickle, cases[i].size, cases[i].expected);
}
END_TEST

static void refuse(const uint8_t *bytes, size_t size, const char *message) {
    bc_error err = {0};
    char text[4096];
    test_expect_failure(walk(&err, bytes, size, text), BC_E_FORMAT, &err, "test.pkl", message);
}

START_TEST(what_would_run_is_named) {
    refuse(BYTES(PICKLE("cposix\nsystem\n(X\2\0\0\0lstR")), "would call posix.system");
    refuse(BYTES("\x80\x04\x8c\2os\x8c\6system\x93)R."), "would call os.system");
    refuse(BYTES(PICKLE("ctorch\nload\n)R")), "would call torch.load");
    refuse(BYTES(PICKLE("cposix\nsystem\x1b[31m\n)R")), "posix.system\\x1b[31m");
    refuse(BYTES(PICKLE("(iposix\nsystem\n")), "opcode 0x69");
    refuse(BYTES(PICKLE(")\x81")), "opcode 0x81");
    refuse(BYTES(PICKLE("Pname\n")), "opcode 0x50");
    refuse(BYTES(PICKLE("\x82\1")), "opcode 0x82");
}
END_TEST

START_TEST(damaged_pickles) {
    refuse(BYTES(""), "no protocol comes first");
    refuse(BYTES("(lp0\n."), "no protocol comes first");
    refuse(BYTES("\x80\1}."), "protocol 1, expected 2 to 5");
    refuse(BYTES("\x80\6}."), "protocol 6");
    refuse(BYTES(PICKLE("")), "a value is missing");
    refuse(BYTES(PICKLE("(")), "a value is missing");
    refuse(BYTES(PICKLE("t")), "a mark is missing");
    refuse(BYTES(PICKLE("N\x86")), "a value is missing");
    refuse(BYTES(PICKLE("(N\x86")), "a value is missing");
    refuse(BYTES(PICKLE("(NNu")), "a container is missing");
    refuse(BYTES(PICKLE("N(NNu")), "items for what holds none");
    refuse(BYTES(PICKLE("}(Nu")), "a key without a value");
    refuse(BYTES(PICKLE("](Na")), "a container is missing");
    refuse(BYTES(PICKLE("h\0")), "memo that is empty");
    refuse(BYTES(PICKLE("Nr\xff\xff\xff\xff")), "memo that is too far");
    refuse(BYTES(PICKLE("X\xff\xff\xff\xff")), "it ends too early");
    refuse(BYTES(PICKLE("\x8d\xff\xff\xff\xff\xff\xff\xff\xff")), "it ends too early");
    refuse(BYTES(PICKLE("NNR")), "a call of what is no function");
    refuse(BYTES(PICKLE("Nb")), "a value is missing");
    refuse(BYTES(PICKLE("N0"
                        "0")),
           "a value is missing");
    refuse(BYTES(PICKLE("1")), "a mark is missing");
    refuse(BYTES(PICKLE("NN\x93")), "a global without a name");
    refuse(BYTES(PICKLE("ctorch\n")), "it ends too early");
}
END_TEST

START_TEST(every_beginning_of_a_pickle_is_none) {
    static const char whole[] = PICKLE(DICT(TEXT1("a") DICT(TEXT1("b") FOUR) TEXT1("c") FOUR));
    for (size_t size = 0; size < sizeof whole - 1; size++) {
        bc_error err = {0};
        char text[4096];
        ck_assert_int_eq(walk(&err, (const uint8_t *)whole, size, text), BC_E_FORMAT);
    }
}
END_TEST

START_TEST(tensors_that_are_none) {
    static const struct {
        const char *value, *message;
        size_t size;
    } cases[] = {
#define BAD(value, message)                                                                                  \
    {PICKLE(DICT(TEXT1("a") value)), message, sizeof(PICKLE(DICT(TEXT1("a") value))) - 1}
        BAD(TENSOR("FloatStorage", "0", "\4", "\1", WHOLE("\4"), WHOLE("\1")), "does not lie in its storage"),
        BAD(TENSOR("FloatStorage", "0", "\4", "\5", WHOLE("\0"), WHOLE("\1")), "does not lie in its storage"),
        BAD(TENSOR("FloatStorage", "0", "\4", "\0", WHOLE("\2"), WHOLE("\4")), "does not lie in its storage"),
        BAD(TENSOR("FloatStorage", "0", "\4", "\0", WHOLE("\5"), WHOLE("\0")),
            "more elements than its storage"),
        BAD(TENSOR("FloatStorage", "0", "\4", "\0",
                   "\x8a\10\0\0\0\0\0\0\0\x40"
                   "\x8a\10\0\0\0\0\0\0\0\x40",
                   WHOLE("\0") WHOLE("\0")),
            "does not lie in its storage"),
        BAD(TENSOR("FloatStorage", "0", "\4", "\0", WHOLE("\2"), "\x8a\10\xff\xff\xff\xff\xff\xff\xff\x7f"),
            "does not lie in its storage"),
        BAD(TENSOR("FloatStorage", "0", "\4", "\0", WHOLE("\2"), "J\xff\xff\xff\xff"),
            "its shape is damaged"),
        BAD(TENSOR("FloatStorage", "0", "\4", "\0", WHOLE("\2"), ""), "its shape is damaged"),
        BAD(TENSOR("FloatStorage", "0", "\4", "\0", "N", "N"), "its shape is damaged"),
        BAD(TENSOR("Size", "0", "\4", "\0", "", ""), "of no type that is known"),
        BAD(TENSOR("FloatStorage", "\0", "\4", "\0", "", ""), "key of its storage is damaged"),
        BAD(TENSOR_IN("N", "\0", "", ""), "it has no storage"),
        BAD(TENSOR_IN("NQ", "\0", "", ""), "its storage is damaged"),
        BAD(TENSOR_IN("N\x85Q", "\0", "", ""), "its storage is damaged"),
        BAD("ctorch._utils\n_rebuild_tensor_v2\n)R", "it has no storage"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse((const uint8_t *)cases[i].value, cases[i].size, cases[i].message);
    refuse(BYTES(PICKLE(FOUR)), "expected a dict of tensors");
    refuse(BYTES(PICKLE("]")), "expected a dict of tensors");
    refuse(BYTES(PICKLE(DICT("X\2\0\0\0a\0" FOUR))), "zero byte");
}
END_TEST

/* {"a": itself}, and dicts in which each value is the next one, twice. */
START_TEST(values_that_hold_themselves) {
    refuse(BYTES(PICKLE("}q\0" TEXT1("a") "h\0s")), "nested too deep, or too often");
    char pickle[1024] = PROTOCOL "}q";
    size_t size = 5;
    for (char i = 1; i < 31; i++) {
        const char next[] = {'}', 'q', i,   '(',           'X', 1, 0, 0,
                             0,   'a', 'h', (char)(i - 1), 'X', 1, 0, 0,
                             0,   'b', 'h', (char)(i - 1), 'u'};
        memcpy(pickle + size, next, sizeof next);
        size += sizeof next;
    }
    pickle[size++] = '.';
    refuse((const uint8_t *)pickle, size, "nested too deep, or too often");
}
END_TEST

START_TEST(too_much_is_not_read) {
    enum { MANY = 3 << 20 };
    char *pickle = malloc(MANY);
    ck_assert_ptr_nonnull(pickle);
    memset(pickle, 'N', MANY);
    memcpy(pickle, PROTOCOL, 2);
    refuse((const uint8_t *)pickle, MANY, "more than 2097152 values");
    memset(pickle + 2, '(', MANY - 2);
    refuse((const uint8_t *)pickle, MANY, "more than 2097152 values");
    free(pickle);
    char name[2000] = PROTOCOL "}(X\xd0\7\0\0";
    bc_error err = {0};
    char text[4096];
    ck_assert_int_eq(walk(&err, (const uint8_t *)name, sizeof name, text), BC_E_FORMAT);
    static char large[BC_PICKLE_BYTES_MOST + 1];
    refuse((const uint8_t *)large, sizeof large, "expected at most 64");
}
END_TEST

static const bc_pickle_value *root_of(const bc_pickle *pickle) {
    return &pickle->values[pickle->root];
}

START_TEST(numbers_and_texts) {
    static const struct {
        const char *pickle;
        size_t size;
        long expected;
    } cases[] = {
#define NUMBER(text, value) {PICKLE(text), sizeof(PICKLE(text)) - 1, value}
        NUMBER("K\xff", 255),        NUMBER("M\1\2", 513),       NUMBER("J\xfe\xff\xff\xff", -2),
        NUMBER("\x8a\0", 0),         NUMBER("\x8a\1\x80", -128), NUMBER("\x8a\2\xff\0", 255),
        NUMBER("\x8b\1\0\0\0\7", 7), NUMBER("\x88", 1),          NUMBER("\x89", 0),
    };
    bc_pickle pickle;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_ok(read_pickle(&test_error, (const uint8_t *)cases[i].pickle, cases[i].size, &pickle));
        ck_assert_int_eq(root_of(&pickle)->integer, cases[i].expected);
        bc_pickle_release(&pickle);
    }
    ck_ok(read_pickle(&test_error, BYTES(PICKLE("G\x3f\xf8\0\0\0\0\0\0")), &pickle));
    ck_assert_double_eq(root_of(&pickle)->real, 1.5);
    bc_pickle_release(&pickle);
    ck_ok(read_pickle(&test_error, BYTES("\x80\4\x95\7\0\0\0\0\0\0\0\x8c\3abc\x94."), &pickle));
    ck_assert_int_eq(root_of(&pickle)->kind, BC_PICKLE_TEXT);
    ck_assert_mem_eq(root_of(&pickle)->text.at, "abc", 3);
    bc_pickle_release(&pickle);
    ck_ok(read_pickle(&test_error, BYTES(PICKLE("\x8a\x09\1\1\1\1\1\1\1\1\1")), &pickle));
    ck_assert_int_eq(root_of(&pickle)->kind, BC_PICKLE_BYTES); /* too large for a number */
    bc_pickle_release(&pickle);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("pickle");
    TCase *c = tcase_create("pickle");
    tcase_add_test(c, tensors_are_named_by_the_way_to_them);
    tcase_add_test(c, strides_say_where_the_elements_are);
    tcase_add_test(c, what_would_run_is_named);
    tcase_add_test(c, damaged_pickles);
    tcase_add_test(c, every_beginning_of_a_pickle_is_none);
    tcase_add_test(c, tensors_that_are_none);
    tcase_add_test(c, values_that_hold_themselves);
    tcase_add_test(c, too_much_is_not_read);
    tcase_add_test(c, numbers_and_texts);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
