/* Whole files: written whole or not at all, to where they should go; read only where that is sensible. And the text of messages. */
#include "host/base/file.h"
#include "host/base/text.h"
#include "tests/support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[200];

/* Each test has a folder of its own. */
static void setup(void) {
    static int number;
    bc_error_clear(&test_error);
    snprintf(folder, sizeof folder, "%s/files-%d", test_folder(), number++);
    ck_ok(bc_make_folder(&test_error, folder));
}

static const char *in_folder(const char *name) {
    return test_path_in(folder, name);
}

static void expect_failure(bc_status got, bc_status expected, const char *first, const char *second) {
    test_expect_failure(got, expected, &test_error, first, second);
}

static int files_in(const char *path) {
    DIR *dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    int count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        count += e->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void write_text(const char *path, const char *text) {
    ck_ok(bc_file_write(&test_error, path, text, strlen(text)));
}

static void expect_text(const char *path, const char *expected) {
    uint8_t *data;
    size_t bytes;
    ck_ok(bc_file_read(&test_error, path, &data, &bytes));
    ck_assert_uint_eq(bytes, strlen(expected));
    ck_assert_str_eq((char *)data, expected);
    free(data);
}

static void make_sparse(const char *path, off_t bytes) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, bytes), 0);
    close(fd);
}

/* --- writing --- */

START_TEST(files_are_written_whole_or_not_at_all) {
    const char *path = in_folder("x.bin");
    bc_file_writer writer;
    write_text(path, "first");
    ck_ok(bc_file_writer_open(&test_error, path, &writer));
    ck_assert_int_gt(fprintf(writer.stream, "second"), 0);
    expect_text(path, "first"); /* a reader still sees the old one */
    bc_file_writer_abandon(&writer);
    ck_assert_int_eq(files_in(folder), 1);
    ck_ok(bc_file_writer_open(&test_error, path, &writer));
    ck_assert_int_gt(fprintf(writer.stream, "second"), 0);
    ck_ok(bc_file_writer_commit(&test_error, &writer));
    expect_text(path, "second");
    ck_assert_int_eq(files_in(folder), 1);
    ck_assert(bc_file_exists(path));
    expect_failure(bc_file_write(&test_error, "/no/such/file", "x", 1), BC_E_FILE, "/no/such/file",
                   "No such");
    expect_failure(bc_file_write(&test_error, folder, "x", 1), BC_E_FILE, folder, "directory");
    char longest[2000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    expect_failure(bc_file_write(&test_error, longest, "x", 1), BC_E_FILE, "xxx...", "longer than 1023");
}
END_TEST

START_TEST(what_a_process_of_our_number_left_is_no_obstacle) {
    char left[300];
    const char *path = in_folder("x.bin");
    snprintf(left, sizeof left, "%s.tmp-%ld", path, (long)getpid());
    ck_assert_int_eq(symlink("/dev/null", left), 0); /* nor is it followed */
    write_text(path, "new");
    expect_text(path, "new");
    ck_assert_int_eq(files_in(folder), 1);
}
END_TEST

START_TEST(permissions_stay) {
    struct stat info;
    const char *path = in_folder("x.bin");
    write_text(path, "first");
    ck_assert_int_eq(chmod(path, 0640), 0);
    write_text(path, "second");
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_mode & 07777, 0640);
    if (geteuid() == 0) /* may write anything */
        return;
    ck_assert_int_eq(chmod(path, 0440), 0);
    expect_failure(bc_file_write(&test_error, path, "x", 1), BC_E_FILE, path, "Permission denied");
    expect_text(path, "second");
}
END_TEST

START_TEST(links_are_followed) {
    struct stat info;
    const char *link = in_folder("link"), *target = in_folder("deep/target");
    ck_ok(bc_make_folder(&test_error, in_folder("deep")));
    ck_assert_int_eq(symlink("second", link), 0);
    ck_assert_int_eq(symlink("deep/target", in_folder("second")), 0);
    for (int i = 0; i < 2; i++) { /* first the target is not there */
        const char *text = i ? "again" : "once";
        write_text(link, text);
        ck_assert_int_eq(lstat(link, &info), 0);
        ck_assert(S_ISLNK(info.st_mode));
        ck_assert_int_eq(lstat(target, &info), 0);
        ck_assert(S_ISREG(info.st_mode));
        expect_text(target, text);
    }
    ck_assert_int_eq(files_in(in_folder("deep")), 1);
    ck_assert_int_eq(symlink("loop", in_folder("loop")), 0);
    expect_failure(bc_file_write(&test_error, in_folder("loop"), "x", 1), BC_E_FILE, "loop",
                   "symbolic links");
}
END_TEST

START_TEST(devices_and_pipes_are_written_to) {
    struct stat info;
    const char *pipe_path = in_folder("pipe"), *device = in_folder("device");
    char got[8] = "";
    ck_assert_int_eq(mkfifo(pipe_path, 0600), 0);
    int reader = open(pipe_path, O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(reader, 0);
    write_text(pipe_path, "hello");
    ck_assert_int_eq(read(reader, got, sizeof got - 1), 5);
    ck_assert_str_eq(got, "hello");
    close(reader);
    ck_assert_int_eq(lstat(pipe_path, &info), 0);
    ck_assert(S_ISFIFO(info.st_mode));
    ck_assert_int_eq(symlink("/dev/null", device), 0);
    write_text(device, "gone");
    ck_assert_int_eq(stat(device, &info), 0);
    ck_assert(S_ISCHR(info.st_mode));
    ck_assert_int_eq(symlink("/dev/full", in_folder("full")), 0);
    expect_failure(bc_file_write(&test_error, in_folder("full"), "x", 1), BC_E_FILE, "full", "No space left");
    ck_assert_int_eq(files_in(folder), 3);
}
END_TEST

/* A large output fails while it is written, a small one when it is committed: both say so. */
START_TEST(a_full_device_is_a_failure) {
    static char much[1 << 20];
    expect_failure(bc_file_write(&test_error, "/dev/full", much, sizeof much), BC_E_FILE, "/dev/full", "");
    expect_failure(bc_file_write(&test_error, "/dev/full", "x", 1), BC_E_FILE, "/dev/full", "No space left");
}
END_TEST

/* What the shell has opened as our stdout stays that file, and text goes on where it was. */
START_TEST(standard_output_is_written_to) {
    const char *path = in_folder("out");
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (!freopen(path, "w", stdout))
            _exit(1);
        printf("before ");
        bc_status status = bc_file_write(NULL, "/dev/stdout", "within", 6);
        printf(" after");
        fflush(stdout);
        _exit(status != BC_OK);
    }
    int state;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFEXITED(state) && WEXITSTATUS(state) == 0);
    expect_text(path, "before within after");
}
END_TEST

/* --- reading --- */

START_TEST(only_regular_files_are_read) {
    uint8_t *data;
    size_t bytes;
    ck_assert_int_eq(mkfifo(in_folder("pipe"), 0600), 0);
    const struct {
        const char *path, *found;
    } cases[] = {{folder, "a folder"}, {in_folder("pipe"), "a pipe"}, {"/dev/zero", "a device"}};
    for (int i = 0; i < 3; i++) {
        expect_failure(bc_file_read(&test_error, cases[i].path, &data, &bytes), BC_E_FILE, cases[i].path,
                       cases[i].found);
        ck_assert_ptr_null(data);
    }
    expect_failure(bc_file_read(&test_error, "/no/such/file", &data, &bytes), BC_E_FILE, "/no/such/file",
                   "No such file");
}
END_TEST

START_TEST(limits_hold) {
    uint8_t *data;
    size_t bytes;
    const char *path = in_folder("x");
    write_text(path, "12345678");
    ck_ok(bc_file_read_within(&test_error, path, 8, &data, &bytes));
    free(data);
    expect_failure(bc_file_read_within(&test_error, path, 7, &data, &bytes), BC_E_FILE, path, "at most");
    make_sparse(in_folder("large"), (off_t)30 << 30);
    expect_failure(bc_file_read(&test_error, in_folder("large"), &data, &bytes), BC_E_FILE, "30720.0 MiB",
                   "at most 64 MiB");
    ck_assert_ptr_null(data);
}
END_TEST

#ifdef __SANITIZE_ADDRESS__ /* which needs terabytes of addresses */
enum { ADDRESSES_CAN_BE_LIMITED = 0 };
#else
enum { ADDRESSES_CAN_BE_LIMITED = 1 };
#endif

/* In a process of its own: a limit of addresses cannot be taken back. */
START_TEST(memory_is_compared) {
    if (!ADDRESSES_CAN_BE_LIMITED)
        return;
    make_sparse(in_folder("large"), (off_t)1 << 30);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        uint8_t *data;
        size_t bytes;
        struct rlimit limit = {(rlim_t)3 << 29, (rlim_t)3 << 29};
        int refused = setrlimit(RLIMIT_AS, &limit) == 0 &&
                      bc_file_read_within(&test_error, in_folder("large"), BC_FILE_STREAM, &data, &bytes) ==
                          BC_E_MEMORY &&
                      strstr(test_error.text, "1024.0 MiB") && strstr(test_error.text, "half of the");
        _exit(refused ? 0 : 1);
    }
    int state;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFEXITED(state) && WEXITSTATUS(state) == 0);
}
END_TEST

/* A file of the kernel's has more than the nothing that it says: like one that grows while it is read. */
START_TEST(a_size_that_changes_is_a_failure) {
    uint8_t *data;
    size_t bytes;
    if (bc_file_exists("/proc/self/status"))
        expect_failure(bc_file_read(&test_error, "/proc/self/status", &data, &bytes), BC_E_FILE,
                       "/proc/self/status", "size changed");
}
END_TEST

/* --- folders --- */

START_TEST(a_folder_that_cannot_be_made_says_why) {
    const char *file = in_folder("file");
    char below[300];
    ck_ok(bc_make_folder(&test_error, in_folder("a/b/c")));
    ck_ok(bc_make_folder(&test_error, in_folder("a/b/c/")));
    write_text(file, "x");
    expect_failure(bc_make_folder(&test_error, file), BC_E_FILE, file, "in the way");
    snprintf(below, sizeof below, "%s/below", file);
    expect_failure(bc_make_folder(&test_error, below), BC_E_FILE, file, "in the way");
    expect_failure(bc_make_folder(&test_error, "/proc/no/folder"), BC_E_FILE, "/proc/no", "No such file");
}
END_TEST

START_TEST(only_temporaries_of_the_dead_are_removed) {
    char dead[64], live[64], linked[64];
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    snprintf(dead, sizeof dead, "w.bin.tmp-%ld", (long)child);
    snprintf(live, sizeof live, "w.bin.tmp-%ld", (long)getpid());
    snprintf(linked, sizeof linked, "l.bin.tmp-%ld", (long)child);
    const char *const kept[] = {"w.bin",
                                "w.bin.tmp-",
                                "w.bin.tmp-0",
                                "w.bin.tmp-01x",
                                "w.bin.tmp",
                                "notes.tmp-mine",
                                "w.bin.tmp-99999999999999999999",
                                "w.bin.tmp--5",
                                live};
    int count = (int)(sizeof kept / sizeof *kept);
    for (int i = 0; i < count; i++)
        write_text(in_folder(kept[i]), "kept");
    write_text(in_folder(dead), "left");
    ck_assert_int_eq(symlink("w.bin", in_folder(linked)), 0);
    snprintf(dead, sizeof dead, ".tmp-%ld", (long)child); /* has no name */
    write_text(in_folder(dead), "kept");
    bc_file_clean_temporaries(folder);
    for (int i = 0; i < count; i++)
        expect_text(in_folder(kept[i]), "kept");
    expect_text(in_folder(dead), "kept");
    ck_assert_int_eq(files_in(folder), count + 1);
    bc_file_clean_temporaries("/no/such/folder");
}
END_TEST

/* --- text --- */

START_TEST(messages_hold_nothing_for_a_terminal_to_obey) {
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"plain", "plain"},
        {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\x1b]0;owned\x07\n\x7f", "\\x1b]0;owned\\x07\\x0a\\x7f"},
        {"a\xc2\x9b"
         "31m",
         "a\\xc2\\x9b31m"},                                /* C1: one character that begins a sequence */
        {"\xe2\x80\xaegnp.exe", "\\xe2\\x80\\xaegnp.exe"}, /* right to left */
        {"\xff\xc3(\xe2\x82", "\\xff\\xc3(\\xe2\\x82"},    /* not UTF-8 */
        {"\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80", "\\xc0\\x80\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bc_error err = {0};
        bc_fail(&err, BC_E_FILE, "%s", cases[i].text);
        ck_assert_str_eq(err.text, cases[i].shown);
    }
    char cut[6];
    ck_assert_str_eq(bc_text_shown(cut, sizeof cut, "abcd\xc3\xa9"), "abcd"); /* whole characters */
    ck_assert_str_eq(bc_text_shown(cut, sizeof cut, "ab\x1b"), "ab");
}
END_TEST

START_TEST(characters_are_written_as_they_are_read) {
    static const uint32_t codes[] = {1, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char bytes[4];
        uint32_t code = 0;
        int count = bc_utf8_encode(codes[i], bytes);
        ck_assert_int_eq(bc_utf8_decode(bytes, (size_t)count, &code), count);
        ck_assert_uint_eq(code, codes[i]);
        ck_assert_int_eq(bc_utf8_decode(bytes, (size_t)count - 1, &code), 0);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("file");
    TCase *c = tcase_create("file");
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, files_are_written_whole_or_not_at_all);
    tcase_add_test(c, what_a_process_of_our_number_left_is_no_obstacle);
    tcase_add_test(c, permissions_stay);
    tcase_add_test(c, links_are_followed);
    tcase_add_test(c, devices_and_pipes_are_written_to);
    tcase_add_test(c, a_full_device_is_a_failure);
    tcase_add_test(c, standard_output_is_written_to);
    tcase_add_test(c, only_regular_files_are_read);
    tcase_add_test(c, limits_hold);
    tcase_add_test(c, memory_is_compared);
    tcase_add_test(c, a_size_that_changes_is_a_failure);
    tcase_add_test(c, a_folder_that_cannot_be_made_says_why);
    tcase_add_test(c, only_temporaries_of_the_dead_are_removed);
    tcase_add_test(c, messages_hold_nothing_for_a_terminal_to_obey);
    tcase_add_test(c, characters_are_written_as_they_are_read);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
