/* Reading INI files. */
#include "bicross/formats/ini.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* iniparser prints what it dislikes; the message recorded here takes its place. */
static int discard(const char *format, ...) {
    (void)format;
    return 0;
}

/* iniparser does not say which line it could not take: the first that is no comment, section or assignment.
 */
static bc_status bad_line(bc_error *err, const char *path, char *text) {
    int number = 0;
    for (char *line; (line = strsep(&text, "\n")) != NULL;) {
        number++;
        char *content = bc_trimmed(line);
        bool section = *content == '[' && content[strlen(content) - 1] == ']';
        if (*content && *content != ';' && *content != '#' && !section && !strchr(content, '='))
            return bc_fail(err, BC_E_FORMAT,
                           "%s, line %d: expected '[section]' or 'key = value', found '%.60s'", path, number,
                           content);
    }
    return bc_fail(err, BC_E_FORMAT,
                   "%s is not an INI file that can be read (is a line longer than 1000 characters?)", path);
}

/* Between quotation marks iniparser 4.2 takes a backslash for an escape, 4.1 for itself: what is meant is not known. */
static bool has_escape(const char *line, size_t length) {
    const char *equals = memchr(line, '=', length), *end = line + length;
    line += strspn(line, " \t");
    if (!equals || *line == ';' || *line == '#')
        return false;
    const char *quote = equals + 1 + strspn(equals + 1, " \t");
    if (quote >= end || (*quote != '"' && *quote != '\''))
        return false;
    const char *close = memchr(quote + 1, *quote, (size_t)(end - quote - 1));
    return memchr(quote, '\\', (size_t)((close ? close : end) - quote));
}

static bc_status check_escapes(bc_error *err, const char *path, const char *text) {
    for (int number = 1; *text; number++) {
        size_t length = strcspn(text, "\n");
        if (has_escape(text, length))
            return bc_fail(err, BC_E_FORMAT,
                           "%s, line %d: expected no backslashes between quotation marks, which versions of "
                           "iniparser read differently",
                           path, number);
        text += length + (text[length] == '\n');
    }
    return BC_OK;
}

/* iniparser takes paths only, and no byte order mark: the text without it, in a file that exists in memory alone. */
static dictionary *load_text(const uint8_t *text, size_t bytes) {
    char path[64];
    int file = memfd_create("ini", MFD_CLOEXEC);
    dictionary *ini = NULL;
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (file >= 0 && write(file, text, bytes) == (ssize_t)bytes)
        ini = iniparser_load(path);
    if (file >= 0)
        close(file);
    return ini;
}

/* One thread after the other: iniparser does not promise to serve several, and has one place for its callback. */
static dictionary *load_alone(const char *path, const uint8_t *text, size_t bytes) {
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&one_at_a_time);
    iniparser_set_error_callback(discard);
    dictionary *ini = text ? load_text(text, bytes) : iniparser_load(path);
    pthread_mutex_unlock(&one_at_a_time);
    return ini;
}

bc_status bc_ini_read(bc_error *err, const char *path, dictionary **out) {
    static const uint8_t mark[3] = {0xEF, 0xBB, 0xBF};
    uint8_t *text;
    size_t bytes;
    *out = NULL;
    BC_TRY(bc_file_read(err, path, &text, &bytes));
    bc_status status = BC_OK;
    bool marked = bytes >= sizeof mark && memcmp(text, mark, sizeof mark) == 0;
    if (memchr(text, 0, bytes))
        status = bc_fail(err, BC_E_FORMAT, "%s is not an INI file: it is not text", path);
    else
        status = check_escapes(err, path, (char *)text);
    if (status == BC_OK &&
        !(*out = load_alone(path, marked ? text + sizeof mark : NULL, bytes - sizeof mark)))
        status = bad_line(err, path, (char *)text + (marked ? sizeof mark : 0));
    free(text);
    return status;
}
