/* Findings as lines, and the file that keeps them.
 *
 * The file begins with what it speaks for, has a line a way, with tabs between its fields, and ends with a hash of all before: so a file
 * that is cut off, changed or of another driver is seen. */
#include "bicross/reference/findings.h"
#include "host/base/file.h"
#include "host/base/hash.h"
#include "host/base/path.h"
#include "host/base/text.h"
#include "host/device/embedded.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 13 };

void bc_finding_print(FILE *out, const bc_finding *f) {
    fprintf(out, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%.3g\t%.3g\t%.3g\t%.3g\t%.3f\t", f->wrong ? "WRONG" : "ok",
            f->kernels, f->operation, f->kind, f->way, f->checks, f->wrong, f->output, f->output_allowed,
            f->gradient, f->gradient_allowed, f->seconds);
    for (const char *c = f->fault; *c; c++)
        fputc((unsigned char)*c < ' ' ? ' ' : *c, out);
    fputc('\n', out);
}

static bool take_text(const char *field, char *to, size_t room, bool may_be_empty) {
    return snprintf(to, room, "%s", field) < (int)room && (*field || may_be_empty);
}

static bool take_count(const char *field, int *to) {
    char *end;
    long value = strtol(field, &end, 10);
    *to = (int)value;
    return *field >= '0' && *field <= '9' && !*end && value <= 1000000;
}

static bool take_number(const char *field, double *to) {
    char *end;
    *to = strtod(field, &end);
    return *field && !*end && *to >= 0; /* NaN is none */
}

bool bc_finding_parse(char *line, bc_finding *out) {
    char *fields[FIELDS];
    *out = (bc_finding){0};
    line[strcspn(line, "\n")] = 0;
    for (int i = 0; i < FIELDS; i++)
        if (!(fields[i] = strsep(&line, "\t")))
            return false;
    bool texts = take_text(fields[1], out->kernels, sizeof out->kernels, false) &&
                 take_text(fields[2], out->operation, sizeof out->operation, false) &&
                 take_text(fields[3], out->kind, sizeof out->kind, false) &&
                 take_text(fields[4], out->way, sizeof out->way, false) &&
                 take_text(fields[12], out->fault, sizeof out->fault, true);
    bool numbers = take_count(fields[5], &out->checks) && take_count(fields[6], &out->wrong) &&
                   take_number(fields[7], &out->output) && take_number(fields[8], &out->output_allowed) &&
                   take_number(fields[9], &out->gradient) &&
                   take_number(fields[10], &out->gradient_allowed) && take_number(fields[11], &out->seconds);
    return !line && texts && numbers && out->wrong <= out->checks &&
           strcmp(fields[0], out->wrong ? "WRONG" : "ok") == 0;
}

/* --- the file --- */

static uint64_t kernels_hash(void) {
    uint64_t hash = BC_FNV_START;
    for (const bc_embedded_source *s = bc_embedded_sources; s->name; s++)
        hash = bc_fnv1a(hash, s->text, strlen(s->text));
    return hash;
}

/* What the findings speak for: the file's first lines. */
enum { HEADER = 1024 };
static void header_of(const bc_device_info *d, char text[HEADER]) {
    snprintf(
        text, HEADER,
        "; What bicross selftest found on this device; what fails is left out. Removed, it is made anew.\n"
        "device = %s\nplatform = %s, %s\ndriver = %s\nbicross = %s, kernels %016" PRIx64 "\n",
        d->name, d->platform_name, d->platform_version, d->driver_version, BICROSS_VERSION, kernels_hash());
}

bc_status bc_findings_path(bc_error *err, const bc_device_info *device, char path[1024]) {
    char header[HEADER], *folder = bc_cache_folder();
    if (!folder)
        return bc_fail(err, BC_E_FILE,
                       "there is no place for what selftest finds: neither XDG_CACHE_HOME nor HOME is set");
    header_of(device, header);
    int length =
        snprintf(path, 1024, "%s/selftest-%016" PRIx64 ".txt", folder, bc_hash(header, strlen(header)));
    free(folder);
    return length < 1024 ? BC_OK : bc_fail(err, BC_E_FILE, "the path of the cache folder is too long");
}

static bc_status print_all(bc_error *err, const bc_device_info *device, const bc_findings *findings,
                           char **text, size_t *bytes) {
    char header[HEADER];
    FILE *out = open_memstream(text, bytes);
    if (!out)
        return bc_fail(err, BC_E_MEMORY, "no memory for what selftest found");
    header_of(device, header);
    fprintf(out, "%sform = %s\n", header, findings->whole ? "whole" : "short");
    for (int i = 0; i < findings->count; i++)
        bc_finding_print(out, &findings->items[i]);
    fflush(out);
    fprintf(out, "end = %016" PRIx64 "\n", bc_hash(*text, *bytes));
    bool failed = ferror(out);
    if (fclose(out) == 0 && !failed)
        return BC_OK;
    free(*text);
    return bc_fail(err, BC_E_MEMORY, "no memory for what selftest found");
}

bc_status bc_findings_write(bc_error *err, const char *path, const bc_device_info *device,
                            const bc_findings *findings) {
    char *text;
    size_t bytes;
    BC_TRY(bc_make_folder_of(err, path));
    BC_TRY(print_all(err, device, findings, &text, &bytes));
    bc_status status = bc_file_write(err, path, text, bytes);
    free(text);
    return status;
}

/* The last line's hash is that of all before it, which it is cut off from. */
static bool is_whole(char *text) {
    char *end = strstr(text, "\nend = "), *rest;
    if (!end)
        return false;
    uint64_t hash = strtoull(end + strlen("\nend = "), &rest, 16);
    end[1] = 0;
    return strcmp(rest, "\n") == 0 && hash == bc_hash(text, strlen(text));
}

static bool read_form(char **text, bool *whole) {
    const char *line = strsep(text, "\n");
    *whole = strcmp(line, "form = whole") == 0;
    return *text && (*whole || strcmp(line, "form = short") == 0);
}

static bc_status parse(bc_error *err, const char *path, const bc_device_info *device, char *text,
                       bc_findings *out) {
    char header[HEADER];
    header_of(device, header);
    out->count = 0;
    if (strncmp(text, header, strlen(header)) != 0)
        return bc_fail(err, BC_E_FORMAT, "%s is damaged, or of another device or version", path);
    if (!is_whole(text))
        return bc_fail(err, BC_E_FORMAT, "%s is damaged: its end does not fit what is before it", path);
    text += strlen(header);
    bool good = read_form(&text, &out->whole);
    for (char *line; good && (line = strsep(&text, "\n")) && *line;) {
        bc_finding finding;
        int before = out->count;
        good = bc_finding_parse(line, &finding);
        if (good)
            BC_TRY(bc_findings_add(err, out, &finding));
        good = out->count == before + 1; /* a way has one line */
    }
    return good ? BC_OK : bc_fail(err, BC_E_FORMAT, "%s is damaged: a line is not as expected", path);
}

bc_status bc_findings_read(bc_error *err, const char *path, const bc_device_info *device, bc_findings *out) {
    uint8_t *text;
    size_t bytes;
    BC_TRY(bc_file_read(err, path, &text, &bytes));
    bc_status status = bc_text_plain((char *)text, bytes)
                           ? parse(err, path, device, (char *)text, out)
                           : bc_fail(err, BC_E_FORMAT, "%s is damaged: it is not text", path);
    free(text);
    return status;
}
