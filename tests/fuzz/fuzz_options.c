/* Command lines: the words are the input's, ended by zero bytes. */
#include "apps/common/options.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { WORDS = 80 };

/* Help and mistakes are printed; libFuzzer keeps its own stderr. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    FILE *nowhere = fopen("/dev/null", "w");
    FUZZ_CHECK(nowhere && freopen("/dev/null", "w", stdout), "no /dev/null");
    stderr = nowhere;
    return 0;
}

/* The options as zero-terminated words; returns their number. */
static int split(char *text, size_t size, char *words[WORDS + 1]) {
    static char name[] = "fuzz";
    int count = 0;
    words[count++] = name;
    for (size_t at = 0; at < size && count < WORDS; at += strlen(text + at) + 1)
        words[count++] = text + at;
    words[count] = NULL;
    return count;
}

static int run(int argc, char **argv) {
    (void)argc, (void)argv;
    return 0;
}

static void parse(int argc, char **argv) {
    static const app_command command = {"fuzz", "", "", run};
    bool flag = false;
    const char *text = NULL, *choice = NULL, *unnamed = NULL;
    int number = 0, exit_status = -1;
    float real = 0;
    app_size size = {1, 1};
    app_list list = {0};
    const app_option options[] = {
        {"flag", APP_FLAG, &flag, NULL, "", false, 0, 0},
        {"text", APP_TEXT, &text, "TEXT", "", false, 0, 0},
        {"choice", APP_CHOICE, &choice, "a|bb|ccc", "", false, 0, 0},
        {"number", APP_INT, &number, "N", "", false, 0, 100},
        {"real", APP_FLOAT, &real, "X", "", false, 0, 1},
        {"size", APP_SIZE, &size, "HxW", "", false, 0, 0},
        {"list", APP_LIST, &list, "WORD", "", false, 0, 0},
        {NULL, APP_TEXT, &unnamed, "FILE", "", false, 0, 0},
    };
    if (!APP_PARSE(&command, options, argc, argv, &exit_status)) {
        FUZZ_CHECK(exit_status == 0 || exit_status == 2, "exit status %d", exit_status);
        return;
    }
    FUZZ_CHECK(number >= 0 && number <= 100 && real >= 0 && real <= 1, "%d, %g", number, (double)real);
    FUZZ_CHECK(size.height > 0 && size.width > 0, "%d x %d", size.height, size.width);
    FUZZ_CHECK(list.count >= 0 && list.count <= APP_LIST_LENGTH, "%d words", list.count);
    FUZZ_CHECK(!choice || !strcmp(choice, "a") || !strcmp(choice, "bb") || !strcmp(choice, "ccc"), "%s",
               choice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = malloc(size + 1), *words[WORDS + 1];
    FUZZ_CHECK(copy, "no memory");
    memcpy(copy, data, size);
    copy[size] = 0;
    parse(split(copy, size, words), words);
    free(copy);
    return 0;
}
