/* Finding the samples of a data set that is laid out as a table says. */
#include "bicross/data/layout.h"

#include "bicross/data/frame_times.h"
#include "bicross/data/layout_list.h"
#include "bicross/data/layout_values.h"
#include "bicross/data/sequence.h"
#include "bicross/data/spikecv_config.h"

#include <stdlib.h>
#include <string.h>

typedef struct search {
    bc_error *err;
    const bc_place *place;
    const bc_layout_split *split;
    const bc_file_set_options *options;
    bc_path_parts known;  /* the variant */
    bc_folder_list leads; /* all files of the split's lead */
    bc_path_parts *parts; /* of each */
    bool *chosen;         /* each */
    long *frame_of;       /* each: number of its picture and depth, -1: none; NULL: its own */
    bc_frame *frames;     /* of leads, where spikes are simulated; else NULL */
    bc_listed *listed;
} search;

static void release(search *s) {
    bc_folder_list_release(&s->leads);
    bc_listed_release(s->listed);
    free(s->parts);
    free(s->chosen);
    free(s->frame_of);
    free(s->frames);
}

/* --- which files there are --- */

static const bc_layout_split *split_of(const bc_layout_form *form, bc_layout_role role) {
    return role == BC_LAYOUT_TRAIN ? &form->train : &form->test;
}

static bc_status fail_nothing(const search *s, bc_layout_role role) {
    const bc_layout *layout = s->place->layout;
    char text[4 * BC_PATTERN_PATH] = "";
    for (int i = 0; i < layout->form_count; i++) {
        char path[BC_PATTERN_PATH];
        bc_path_show(s->place->path, split_of(&layout->forms[i], role)->lead, &s->known, path);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.300s (%s)", i ? ", " : "", path,
                 layout->forms[i].whose);
    }
    return bc_fail(s->err, BC_E_FORMAT, "%s: expected the files of %s, %.700s; found none", s->place->path,
                   layout->title, text);
}

/* The first form of which there are files. */
static bc_status choose_form(search *s, bc_layout_role role) {
    for (int i = 0; i < s->place->layout->form_count; i++) {
        s->split = split_of(&s->place->layout->forms[i], role);
        BC_TRY(bc_path_walk(s->err, s->place->path, s->split->lead, &s->known, &s->leads));
        if (s->leads.count > 0)
            return BC_OK;
        bc_folder_list_release(&s->leads);
    }
    return fail_nothing(s, role);
}

static void match_lead(const search *s, int file) {
    char pattern[BC_PATTERN_PATH];
    const char *path = s->leads.files[file].path + strlen(s->place->path) + 1;
    bool matched = false;
    for (int i = 0; !matched && bc_path_alternative(s->split->lead, i, pattern); i++) {
        s->parts[file] = s->known;
        matched = bc_path_match(pattern, path, &s->parts[file]);
    }
}

static bc_status match_leads(search *s) {
    size_t count = (size_t)s->leads.count;
    s->parts = calloc(count, sizeof *s->parts);
    s->chosen = calloc(count, sizeof *s->chosen);
    if (!s->parts || !s->chosen)
        return bc_fail(s->err, BC_E_MEMORY, "%s: no memory to list %zu samples", s->place->path, count);
    for (int i = 0; i < s->leads.count; i++)
        match_lead(s, i);
    if (s->split->spike_times)
        BC_TRY(bc_frame_times_match(s->err, s->place->path, s->split->spike_times, s->split->frame_times,
                                    s->parts, s->leads.count, &s->frame_of));
    return s->options->simulate ? bc_sequence_find(s->err, &s->leads, &s->frames) : BC_OK;
}

/* --- which of them belong to the split --- */

static bool is_listed(const search *s, int i) {
    const char *value = s->split->part ? bc_path_part_value(&s->parts[i], s->split->part) : NULL;
    if (s->split->values && (!value || !bc_layout_has_value(s->split->values, s->place->variant, value)))
        return false;
    return !s->listed || bc_listed_find(s->listed, &s->parts[i]);
}

/* Where two files in their order are of different shares: each its own, or where the part changes. */
static bool begins_unit(const search *s, int i, int before) {
    const char *part = s->split->values ? NULL : s->split->part;
    return before < 0 || !part ||
           strcmp(bc_path_part_value(&s->parts[i], part), bc_path_part_value(&s->parts[before], part)) != 0;
}

/* Files are in the order of their names, so units are in that of theirs. */
static void keep_share(search *s) {
    int units = 0, unit = -1, before = -1;
    if (s->split->to <= 0)
        return;
    for (int i = 0; i < s->leads.count; i++)
        if (s->chosen[i]) {
            units += begins_unit(s, i, before);
            before = i;
        }
    int from = (int)((float)units * s->split->from), to = (int)((float)units * s->split->to);
    before = -1;
    for (int i = 0; i < s->leads.count; i++)
        if (s->chosen[i]) {
            unit += begins_unit(s, i, before);
            before = i;
            s->chosen[i] = unit >= from && unit < to;
        }
}

static bc_status read_list(search *s, const char *list) {
    char path[BC_PATTERN_PATH];
    bool own = list[0] != 0;
    if (!own && !s->split->list)
        return BC_OK;
    if (own && !s->split->line)
        return bc_fail(s->err, BC_E_ARGUMENT, "%s is split without a list, but %s was given",
                       s->place->layout->title, list);
    if (own)
        snprintf(path, sizeof path, "%s", list);
    else if (!bc_path_find(s->place->path, s->split->list, &s->known, path)) {
        if (s->split->list_may_lack)
            return BC_OK;
        bc_path_show(s->place->path, s->split->list, &s->known, path);
        return bc_fail(s->err, BC_E_FILE, "%s: expected the list of samples %s, found none (%s)",
                       s->place->layout->title, path, s->place->layout->lists_from);
    }
    BC_TRY(bc_listed_read(s->err, path, s->split->line, &s->listed));
    bc_listed_sort(s->listed, &s->parts[0]);
    return BC_OK;
}

static bc_status choose_samples(search *s, const char *list) {
    int chosen = 0;
    BC_TRY(read_list(s, list));
    for (int i = 0; i < s->leads.count; i++)
        s->chosen[i] = is_listed(s, i);
    keep_share(s);
    for (int i = 0; i < s->leads.count; i++)
        chosen += s->chosen[i];
    if (chosen > 0)
        return BC_OK;
    if (s->split->values)
        return bc_fail(s->err, BC_E_FORMAT, "%s: expected %s %s among its %d files, found none",
                       s->place->path, s->split->part, s->split->values, s->leads.count);
    return bc_fail(s->err, BC_E_FORMAT, "%s: none of its %d files is in the split", s->place->path,
                   s->leads.count);
}

/* --- what files a sample has --- */

enum { PICTURE, SPIKES, DEPTH, KINDS };
typedef struct paths {
    char path[KINDS][BC_PATTERN_PATH];
    bool there[KINDS];
} paths;

/* The parts of the sample's frame; false: it has none. */
static bool parts_of_frame(const search *s, int i, bc_path_parts *parts) {
    char number[BC_PATTERN_VALUE];
    *parts = s->parts[i];
    if (!s->frame_of)
        return true;
    if (s->frame_of[i] < 0)
        return false;
    int digits = (int)strlen(bc_path_part_value(parts, "n"));
    snprintf(number, sizeof number, "%0*ld", digits, s->frame_of[i]);
    bc_path_part_set(parts, "n", number);
    return true;
}

static void find_files(const search *s, int i, paths *p) {
    bc_path_parts of_frame;
    bool framed = parts_of_frame(s, i, &of_frame);
    const char *const patterns[KINDS] = {s->split->pictures, s->split->spikes,
                                         s->options->labels ? s->split->depth : NULL};
    for (int kind = 0; kind < KINDS; kind++)
        p->there[kind] = patterns[kind] && (framed || kind == SPIKES) &&
                         bc_path_find(s->place->path, patterns[kind],
                                      kind == SPIKES ? &s->parts[i] : &of_frame, p->path[kind]);
}

/* Kinds of files that any sample has, which then all must have. */
static void find_kinds(const search *s, bool wanted[KINDS]) {
    paths p;
    memset(wanted, 0, KINDS * sizeof *wanted);
    for (int i = 0; i < s->leads.count; i++)
        if (s->chosen[i]) {
            find_files(s, i, &p);
            for (int kind = 0; kind < KINDS; kind++)
                wanted[kind] |= p.there[kind];
            if (wanted[PICTURE] && wanted[SPIKES] && (wanted[DEPTH] || !s->options->labels))
                return;
        }
}

/* "Scene01_00012": its parts. */
static void name_sample(const search *s, int i, char name[BC_PATTERN_PATH]) {
    const bc_path_parts *parts = &s->parts[i];
    name[0] = 0;
    for (int k = s->known.count; k < parts->count; k++)
        snprintf(name + strlen(name), BC_PATTERN_PATH - strlen(name), "%s%s", name[0] ? "_" : "",
                 parts->part[k].value);
}

static bc_status add_sample(const search *s, int i, paths *p, bc_sample_list *out) {
    char name[BC_PATTERN_PATH];
    name_sample(s, i, name);
    const bc_frame *frame = s->frames ? &s->frames[i] : NULL;
    bc_sample_files files = {.name = name,
                             .rgb = p->there[PICTURE] ? p->path[PICTURE] : NULL,
                             .spikes = p->there[SPIKES] ? p->path[SPIKES] : NULL,
                             .depth = p->there[DEPTH] ? p->path[DEPTH] : NULL,
                             .before =
                                 frame && frame->before != i ? s->leads.files[frame->before].path : NULL,
                             .after = frame && frame->after != i ? s->leads.files[frame->after].path : NULL,
                             .place = i};
    return bc_sample_list_add(s->err, out, &files);
}

static bc_status fail_no_depth(const search *s) {
    char path[BC_PATTERN_PATH];
    int i = 0;
    while (!s->chosen[i])
        i++;
    bc_path_show(s->place->path, s->split->depth, &s->parts[i], path);
    return bc_fail(s->err, BC_E_FORMAT, "%s: expected depth of %s such as %s, found none", s->place->path,
                   s->place->layout->title, path);
}

static bc_status collect(const search *s, bc_sample_list *out, int *lacking) {
    bool wanted[KINDS];
    find_kinds(s, wanted);
    if (s->options->labels && !wanted[DEPTH])
        return fail_no_depth(s);
    for (int i = 0; i < s->leads.count; i++) {
        paths p;
        bool whole = true;
        if (!s->chosen[i])
            continue;
        find_files(s, i, &p);
        for (int kind = 0; kind < KINDS; kind++)
            whole &= p.there[kind] || !wanted[kind];
        *lacking += !whole;
        if (whole)
            BC_TRY(add_sample(s, i, &p, out));
    }
    return out->count > 0
               ? BC_OK
               : bc_fail(s->err, BC_E_FORMAT,
                         "%s: expected samples with all of pictures, spikes and depth that some have, "
                         "found none among %d",
                         s->place->path, *lacking);
}

static void write_note(const search *s, const bc_sample_list *samples, int lacking,
                       char note[BC_DATASET_NOTE]) {
    note[0] = 0;
    if (s->frames && !samples->files[0].spikes)
        bc_sequence_note(s->frames, s->leads.count, note);
    int missing = s->listed ? bc_listed_count(s->listed) - samples->count - lacking : 0;
    size_t used = strlen(note);
    if (missing > 0)
        used += (size_t)snprintf(note + used, BC_DATASET_NOTE - used, "%s%d listed files missing",
                                 used ? ", " : "", missing);
    if (lacking > 0 && used < BC_DATASET_NOTE)
        snprintf(note + used, BC_DATASET_NOTE - used, "%s%d incomplete samples passed over", used ? ", " : "",
                 lacking);
}

static bc_status find_samples(search *s, bc_layout_role role, const char *list, bc_sample_list *out,
                              char note[BC_DATASET_NOTE]) {
    int lacking = 0;
    BC_TRY(choose_form(s, role));
    BC_TRY(match_leads(s));
    BC_TRY(choose_samples(s, list));
    BC_TRY(collect(s, out, &lacking));
    write_note(s, out, lacking, note);
    return BC_OK;
}

bc_status bc_layout_open(bc_host *host, const bc_place *place, bc_layout_role role, const char *list,
                         const bc_file_set_options *options, bc_dataset **out) {
    char note[BC_DATASET_NOTE] = "";
    bc_sample_list samples = {0};
    search s = {.err = host ? bc_host_error(host) : NULL, .place = place, .options = options};
    *out = NULL;
    if (place->variant[0])
        bc_path_part_set(&s.known, "variant", place->variant);
    bc_status status = find_samples(&s, role, list, &samples, note);
    bc_error *err = s.err;
    release(&s);
    bc_file_set_options with_size = *options;
    if (status == BC_OK)
        status = bc_spikecv_config_read(err, place->path, &with_size.spikes);
    if (status == BC_OK)
        return bc_file_set_open(host, err, place->path, &samples, &with_size, note, out);
    bc_sample_list_release(&samples);
    return status;
}
