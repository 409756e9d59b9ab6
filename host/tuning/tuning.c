/* The table of choices and its file. */
#include "host/tuning/tuning.h"

#include "host/base/file.h"
#include "host/base/grow.h"
#include "host/base/hash.h"
#include "host/base/path.h"
#include "host/base/text.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    char *section, *key, *choice, *note;
    int line; /* of the file; 0: it was set here */
    bool kept;
    bool known; /* false: a word of another version, which is only written again */
} entry;

struct bc_tuning {
    char path[1024];
    char own[BC_TUNING_SECTION]; /* the section of this device */
    entry *entries;
    int count, capacity;
};

const char *const bc_tuning_conv_words[] = {"direct",      "winograd", "direct 8x16", "direct 8x32",
                                            "direct 6x64", "tile",     "tile 128x32", "tile 128x64",
                                            "tile 64x64",  NULL};
const char *const bc_tuning_gemm_words[] = {"panel",       "panel 12x32", "panel 14x32",
                                            "panel 6x64",  "local",       "local 128x64",
                                            "local 64x64", "clblast",     NULL};

/* What keys begin with, and the choices that they may have. */
static const struct {
    const char *prefix;
    const char *const *choices;
} kinds[] = {{"conv", bc_tuning_conv_words}, {"gemm ", bc_tuning_gemm_words}};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

int bc_tuning_size(int size) {
    int power = 1;
    while (power <= size / 2)
        power *= 2;
    double ratio = (double)size / power; /* borders are geometric means of 1, 1.5 and 2 */
    if (power > 1 && ratio > 1.2247 && ratio <= 1.7321)
        return power / 2 * 3;
    return ratio > 1.7321 ? 2 * power : power;
}

bc_status bc_tuning_default_path(bc_error *err, char path[1024]) {
    char *folder = bc_cache_folder();
    if (!folder)
        return bc_fail(err, BC_E_FILE,
                       "there is no place for the tuning file: neither XDG_CACHE_HOME nor HOME is set");
    int length = snprintf(path, 1024, "%s/tuning.ini", folder);
    free(folder);
    return length < 1024 ? BC_OK : bc_fail(err, BC_E_FILE, "the path of the tuning file is too long");
}

void bc_tuning_section(const bc_device_info *device, char section[BC_TUNING_SECTION]) {
    snprintf(section, BC_TUNING_SECTION, "%s, driver %s", device->name, device->driver_version);
}

bool bc_tuning_speaks(const char *section, const char *own) {
    return strcmp(section, own) == 0 || fnmatch(section, own, FNM_NOESCAPE) == 0;
}

bc_status bc_tuning_create(bc_error *err, const char *path, const bc_device_info *device, bc_tuning **out) {
    *out = NULL;
    if (strlen(path) >= sizeof(*out)->path)
        return bc_fail(err, BC_E_FILE, "the path of the tuning file, %.100s..., is too long", path);
    bc_tuning *tuning = calloc(1, sizeof *tuning);
    if (!tuning)
        return bc_fail(err, BC_E_MEMORY, "no memory for the tuning file %s", path);
    snprintf(tuning->path, sizeof tuning->path, "%s", path);
    bc_tuning_section(device, tuning->own);
    *out = tuning;
    return BC_OK;
}

static void release_entry(entry *e) {
    free(e->section);
    free(e->key);
    free(e->choice);
    free(e->note);
}

void bc_tuning_release(bc_tuning *tuning) {
    if (!tuning)
        return;
    for (int i = 0; i < tuning->count; i++)
        release_entry(&tuning->entries[i]);
    free(tuning->entries);
    free(tuning);
}

/* --- looking up and setting --- */

static entry *find_in(const bc_tuning *tuning, const char *key, bool own) {
    for (int i = 0; i < tuning->count; i++) {
        entry *e = &tuning->entries[i];
        if (e->known && strcmp(e->key, key) == 0 &&
            (own ? strcmp(e->section, tuning->own) == 0 : bc_tuning_speaks(e->section, tuning->own)))
            return e;
    }
    return NULL;
}

static entry *find(const bc_tuning *tuning, const char *key) {
    entry *own = find_in(tuning, key, true);
    return own ? own : find_in(tuning, key, false);
}

const char *bc_tuning_find(const bc_tuning *tuning, const char *key) {
    const entry *e = find(tuning, key);
    return e ? e->choice : NULL;
}

static bc_status add(bc_error *err, bc_tuning *tuning, const char *section, const char *key,
                     const char *choice, const char *note, bool kept) {
    entry e = {.section = strdup(section),
               .key = strdup(key),
               .choice = strdup(choice),
               .note = strdup(note ? note : ""),
               .kept = kept,
               .known = true};
    if (!e.section || !e.key || !e.choice || !e.note ||
        !bc_grow((void **)&tuning->entries, tuning->count, &tuning->capacity, sizeof e)) {
        release_entry(&e);
        return bc_fail(err, BC_E_MEMORY, "no memory for the choices of %s", tuning->path);
    }
    tuning->entries[tuning->count++] = e;
    return BC_OK;
}

bc_status bc_tuning_set(bc_error *err, bc_tuning *tuning, const char *key, const char *choice,
                        const char *note, bool kept) {
    int before = tuning->count;
    entry *known = find_in(tuning, key, true);
    int place = known ? (int)(known - tuning->entries) : before;
    BC_TRY(add(err, tuning, tuning->own, key, choice, note, kept));
    if (place == before)
        return BC_OK;
    release_entry(&tuning->entries[place]);
    tuning->entries[place] = tuning->entries[before];
    tuning->count = before;
    return BC_OK;
}

/* --- the file --- */

/* The word of this line that is not known here; NULL: all are. */
static const char *unknown_word(const char *key, const char *choice) {
    for (int i = 0; i < KIND_COUNT; i++) {
        if (strncmp(key, kinds[i].prefix, strlen(kinds[i].prefix)) != 0 || strlen(key) >= BC_TUNING_KEY)
            continue;
        for (int j = 0; kinds[i].choices[j]; j++)
            if (strcmp(choice, kinds[i].choices[j]) == 0)
                return NULL;
        return choice;
    }
    return key;
}

bool bc_tuning_skipped(const bc_tuning *tuning, char text[BC_TUNING_TEXT]) {
    const entry *first = NULL;
    int count = 0;
    for (int i = 0; i < tuning->count; i++) {
        const entry *e = &tuning->entries[i];
        if (e->known)
            continue;
        first = !first || e->line < first->line ? e : first;
        count++;
    }
    if (!first)
        return false;
    const char *word = unknown_word(first->key, first->choice);
    int length = snprintf(text, BC_TUNING_TEXT, "%s, line %d: '%.60s' is not known to this version: skipped",
                          tuning->path, first->line, word ? word : first->choice);
    if (count > 1)
        snprintf(text + length, BC_TUNING_TEXT - (size_t)length, " (%d lines in all)", count);
    return true;
}

/* One line: `section` is the one that it stands in, or begins. */
static bc_status read_line(bc_error *err, bc_tuning *tuning, int number, char *line, const char **section) {
    char *text = bc_trimmed(line), *last = text + strlen(text) - 1;
    if (!*text || *text == ';' || *text == '#')
        return BC_OK;
    if (*text == '[' && *last == ']' && last > text + 1) {
        *last = 0;
        *section = text + 1;
        return BC_OK;
    }
    char *note = strchr(text, ';'), *equals;
    if (note)
        *note++ = 0;
    if (!(equals = strchr(text, '=')))
        return bc_fail(err, BC_E_FORMAT,
                       "%s, line %d: expected '[device, driver version]' or 'class of work = choice', found "
                       "'%.60s'",
                       tuning->path, number, text);
    *equals = 0;
    const char *key = bc_trimmed(text), *choice = bc_trimmed(equals + 1);
    if (!*section)
        return bc_fail(err, BC_E_FORMAT, "%s, line %d: '%.60s' stands before the first [device]",
                       tuning->path, number, key);
    if (!*key || !*choice)
        return bc_fail(err, BC_E_FORMAT,
                       "%s, line %d: expected 'class of work = choice', found '%.60s = %.60s'", tuning->path,
                       number, key, choice);
    BC_TRY(add(err, tuning, *section, key, choice, note ? bc_trimmed(note) : NULL, true));
    tuning->entries[tuning->count - 1].line = number;
    tuning->entries[tuning->count - 1].known = !unknown_word(key, choice);
    return BC_OK;
}

static bc_status read_text(bc_error *err, bc_tuning *tuning, char *text, size_t bytes) {
    if (!bc_text_plain(text, bytes))
        return bc_fail(err, BC_E_FORMAT, "%s is not a tuning file: it is not text", tuning->path);
    const char *section = NULL;
    int number = 0;
    for (char *line; (line = strsep(&text, "\n")) != NULL;)
        BC_TRY(read_line(err, tuning, ++number, line, &section));
    return BC_OK;
}

bc_status bc_tuning_read(bc_error *err, const char *path, const bc_device_info *device, bc_tuning **out) {
    uint8_t *text;
    size_t bytes;
    *out = NULL;
    BC_TRY(bc_file_read(err, path, &text, &bytes));
    bc_status status = bc_tuning_create(err, path, device, out);
    if (status == BC_OK)
        status = read_text(err, *out, (char *)text, bytes);
    free(text);
    if (status != BC_OK) {
        bc_tuning_release(*out);
        *out = NULL;
    }
    return status;
}

static void write_entry(FILE *out, const entry *e) {
    fprintf(out, "%s = %s%s%s\n", e->key, e->choice, *e->note ? " ; " : "", e->note);
}

/* The section of entry `first`, unless an earlier entry has begun it. */
static void write_section(FILE *out, const bc_tuning *tuning, int first) {
    const char *section = tuning->entries[first].section;
    for (int i = 0; i < first; i++)
        if (tuning->entries[i].kept && strcmp(tuning->entries[i].section, section) == 0)
            return;
    fprintf(out, "\n[%s]\n", section);
    for (int i = first; i < tuning->count; i++)
        if (tuning->entries[i].kept && strcmp(tuning->entries[i].section, section) == 0)
            write_entry(out, &tuning->entries[i]);
}

bc_status bc_tuning_write(bc_error *err, const bc_tuning *tuning) {
    bc_file_writer writer;
    BC_TRY(bc_make_folder_of(err, tuning->path));
    BC_TRY(bc_file_writer_open(err, tuning->path, &writer));
    fputs("; Which algorithm was the fastest for a class of work, measured by `bicross tune`.\n"
          "; A section a device and driver; comments of one's own are lost when it is written again.\n",
          writer.stream);
    for (int i = 0; i < tuning->count; i++)
        if (tuning->entries[i].kept)
            write_section(writer.stream, tuning, i);
    return bc_file_writer_commit(err, &writer);
}

/* The choice is in force for this device. One that was not kept is the rule's, as if it were absent. */
static bool in_force(const bc_tuning *tuning, const entry *e) {
    return e->kept && find(tuning, e->key) == e;
}

bc_status bc_tuning_snapshot(bc_error *err, const bc_tuning *tuning, const char *path) {
    bc_file_writer writer;
    BC_TRY(bc_make_folder_of(err, path));
    BC_TRY(bc_file_writer_open(err, path, &writer));
    fputs("; The choices between algorithms that were in force for this device (a tuning file).\n",
          writer.stream);
    if (tuning)
        fprintf(writer.stream, "\n[%s]\n", tuning->own);
    for (int i = 0; tuning && i < tuning->count; i++)
        if (in_force(tuning, &tuning->entries[i]))
            write_entry(writer.stream, &tuning->entries[i]);
    return bc_file_writer_commit(err, &writer);
}

uint64_t bc_tuning_hash(const bc_tuning *tuning, int *count) {
    uint64_t hash = 0;
    *count = 0;
    for (int i = 0; tuning && i < tuning->count; i++) {
        const entry *e = &tuning->entries[i];
        if (!in_force(tuning, e))
            continue;
        /* a sum: the order of lines does not matter */
        hash += bc_hash(e->key, strlen(e->key)) * 31 + bc_hash(e->choice, strlen(e->choice));
        ++*count;
    }
    return hash;
}

void bc_tuning_describe(const bc_tuning *tuning, char text[BC_TUNING_TEXT]) {
    int count;
    uint64_t hash = bc_tuning_hash(tuning, &count);
    if (count)
        snprintf(text, BC_TUNING_TEXT, "%s, %d choice%s for this device (hash %08llx)", tuning->path, count,
                 count == 1 ? "" : "s", (unsigned long long)(hash >> 32));
    else
        snprintf(text, BC_TUNING_TEXT, "%s has nothing for this device and driver: ignored", tuning->path);
}
