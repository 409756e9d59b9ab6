/* The file of a table of shares. */
#include "apps/bench/shares.h"

#include "host/base/file.h"
#include "host/base/grow.h"
#include "host/base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const size_t largest_file = (size_t)1 << 20; /* some ten thousand cases */
static const double largest_number = 1e9;           /* per cent, milliseconds */

bc_status bench_shares_add(bc_error *err, bench_shares *shares, const bench_share *share) {
    if (!bc_grow((void **)&shares->items, shares->count, &shares->capacity, sizeof *shares->items))
        return bc_fail(err, BC_E_MEMORY, "no memory for a table of %d cases", shares->count + 1);
    shares->items[shares->count++] = *share;
    return BC_OK;
}

void bench_shares_release(bench_shares *shares) {
    free(shares->items);
    *shares = (bench_shares){0};
}

static int by_name(const void *left, const void *right) {
    const bench_share *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : a->line - b->line;
}

void bench_shares_sort(bench_shares *shares) {
    if (shares->count)
        qsort(shares->items, (size_t)shares->count, sizeof *shares->items, by_name);
}

static int name_against(const void *name, const void *share) {
    return strcmp(name, ((const bench_share *)share)->name);
}

const bench_share *bench_shares_find(const bench_shares *shares, const char *name) {
    return shares->count
               ? bsearch(name, shares->items, (size_t)shares->count, sizeof *shares->items, name_against)
               : NULL;
}

/* --- reading --- */

/* A number and its unit at the beginning of *text, which moves behind them. */
static bool take_number(char **text, const char *unit, double *number) {
    char *rest;
    *number = strtod(*text, &rest);
    if (rest == *text || !(*number >= 0 && *number <= largest_number))
        return false;
    rest = bc_trimmed(rest);
    if (strncmp(rest, unit, strlen(unit)) != 0)
        return false;
    *text = rest + strlen(unit);
    return true;
}

static bool take_share(char *text, bench_share *share) {
    double percent, milliseconds;
    if (!take_number(&text, "%", &percent) || !take_number(&text, "ms", &milliseconds) ||
        !isspace((unsigned char)*text))
        return false;
    const char *name = bc_trimmed(text);
    size_t length = strlen(name);
    if (length == 0 || length >= sizeof share->name)
        return false;
    memcpy(share->name, name, length + 1);
    share->share = percent / 100;
    share->seconds = milliseconds / 1000;
    return true;
}

/* `text`: what stands between the brackets. */
static bc_status take_device(bc_error *err, const char *path, int number, const char *text,
                             bench_shares *out) {
    if (out->device[0])
        return bc_fail(err, BC_E_FORMAT,
                       "%s, line %d: a table is of one device, and '[%.60s]' is a second one", path, number,
                       text);
    if (strlen(text) >= sizeof out->device)
        return bc_fail(err, BC_E_FORMAT, "%s, line %d: the device's name is longer than %zu characters", path,
                       number, sizeof out->device - 1);
    strcpy(out->device, text);
    return BC_OK;
}

static bc_status read_line(bc_error *err, const char *path, int number, char *line, bench_shares *out) {
    bench_share share = {.line = number};
    char *text = bc_trimmed(line), *last = text + strlen(text) - 1;
    if (!*text || *text == '#')
        return BC_OK;
    if (*text == '[' && *last == ']' && last > text + 1) {
        *last = 0;
        return take_device(err, path, number, text + 1, out);
    }
    if (!out->device[0])
        return bc_fail(err, BC_E_FORMAT, "%s, line %d: expected '[device, driver version]', found '%.60s'",
                       path, number, text);
    if (!take_share(text, &share))
        return bc_fail(err, BC_E_FORMAT,
                       "%s, line %d: expected 'SHARE %% TIME ms CASE' (%d characters at most), found '%.60s'",
                       path, number, BENCH_NAME - 1, text);
    return bench_shares_add(err, out, &share);
}

static bc_status check_names(bc_error *err, const char *path, const bench_shares *shares) {
    for (int i = 1; i < shares->count; i++) {
        const bench_share *first = &shares->items[i - 1], *second = &shares->items[i];
        if (strcmp(first->name, second->name) == 0)
            return bc_fail(err, BC_E_FORMAT, "%s, line %d: '%.100s' stands in line %d already", path,
                           second->line, second->name, first->line);
    }
    return BC_OK;
}

static bc_status read_text(bc_error *err, const char *path, char *text, size_t bytes, bench_shares *out) {
    if (!bc_text_plain(text, bytes))
        return bc_fail(err, BC_E_FORMAT, "%s is no table of shares: it is not text", path);
    int number = 0;
    for (char *line; (line = strsep(&text, "\n")) != NULL;)
        BC_TRY(read_line(err, path, ++number, line, out));
    if (!out->device[0])
        return bc_fail(err, BC_E_FORMAT,
                       "%s is no table of shares: it has no line '[device, driver version]'", path);
    bench_shares_sort(out);
    return check_names(err, path, out);
}

bc_status bench_shares_read(bc_error *err, const char *path, bench_shares *out) {
    uint8_t *text;
    size_t bytes;
    *out = (bench_shares){0};
    BC_TRY(bc_file_read_within(err, path, largest_file, &text, &bytes));
    bc_status status = read_text(err, path, (char *)text, bytes, out);
    free(text);
    return status;
}

/* --- writing --- */

static void write_notes(FILE *out, const char *notes) {
    while (*notes) {
        size_t length = strcspn(notes, "\n");
        fprintf(out, "# %.*s\n", (int)length, notes);
        notes += length + (notes[length] == '\n');
    }
}

bc_status bench_shares_write(bc_error *err, const char *path, const bench_shares *shares, const char *notes) {
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(err, path, &writer));
    write_notes(writer.stream, notes);
    fprintf(writer.stream, "\n[%s]\n", shares->device);
    for (int i = 0; i < shares->count; i++) {
        const bench_share *s = &shares->items[i];
        fprintf(writer.stream, "%8.2f %% %12.4f ms  %s\n", 100 * s->share, 1e3 * s->seconds, s->name);
    }
    return bc_file_writer_commit(err, &writer);
}
