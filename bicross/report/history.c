#include "bicross/report/history.h"

#include "host/base/file.h"
#include "host/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void write_word(FILE *out, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./:,%@";
    bool quoted = !*word || word[strspn(word, plain)];
    fputs(quoted ? " '" : " ", out);
    while (*word) {
        char shown[17];
        bool quote = *word == '\'';
        word += bc_text_step(word, shown);
        fputs(quote ? "'\\''" : shown, out);
    }
    if (quoted)
        fputc('\'', out);
}

static void write_line(FILE *out, double seconds, int argc, char *const *argv) {
    char date[32];
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    fprintf(out, "%s  %.0f s  %s  bicross", date, seconds, BICROSS_VERSION);
    for (int i = 0; i < argc; i++)
        write_word(out, argv[i]);
    fputc('\n', out);
}

bc_status bc_history_add(bc_error *err, const char *folder, double seconds, int argc, char *const *argv) {
    char path[1024];
    if (snprintf(path, sizeof path, "%s/" BC_HISTORY_FILE, folder) >= (int)sizeof path)
        return bc_fail(err, BC_E_FILE, "the path of the folder %.200s... is too long", folder);
    uint8_t *before = NULL;
    size_t bytes = 0;
    bc_file_writer writer;
    if (bc_file_exists(path))
        BC_TRY(bc_file_read(err, path, &before, &bytes));
    bc_status status = bc_file_writer_open(err, path, &writer);
    if (status == BC_OK) {
        fwrite(before ? before : (uint8_t *)"", 1, bytes, writer.stream);
        write_line(writer.stream, seconds, argc, argv);
        status = bc_file_writer_commit(err, &writer);
    }
    free(before);
    return status;
}
