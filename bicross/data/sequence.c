/* Sequences of frames, from the numbers in their files' names. */
#include "bicross/data/sequence.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 18 }; /* always fit 64 bits */

/* A stem taken apart, and whose it is. */
typedef struct parts {
    const char *before, *after; /* the texts around the number */
    size_t before_length, after_length;
    uint64_t number;
    int file;
} parts;

static parts take_apart(const bc_folder_file *file, int index) {
    const char *stem = file->stem;
    size_t end = file->stem_length, begin;
    while (end > 0 && !isdigit((unsigned char)stem[end - 1]))
        end--;
    uint64_t number = 0;
    for (begin = end; begin > 0 && end - begin < DIGITS && isdigit((unsigned char)stem[begin - 1]);)
        begin--;
    for (size_t i = begin; i < end; i++)
        number = 10 * number + (uint64_t)(stem[i] - '0');
    return (parts){stem, stem + end, begin, file->stem_length - end, number, index};
}

static int compare_text(const char *a, size_t a_length, const char *b, size_t b_length) {
    return a_length != b_length ? (a_length > b_length) - (a_length < b_length) : memcmp(a, b, a_length);
}

static int compare_sequence(const parts *a, const parts *b) {
    int order = compare_text(a->before, a->before_length, b->before, b->before_length);
    return order ? order : compare_text(a->after, a->after_length, b->after, b->after_length);
}

static int compare(const void *a, const void *b) {
    const parts *x = a, *y = b;
    int order = compare_sequence(x, y);
    order = order ? order : (x->number > y->number) - (x->number < y->number);
    return order ? order : (x->file > y->file) - (x->file < y->file);
}

/* One sequence, in the order of its numbers. */
static void connect(const parts *frames, int count, bc_frame *out) {
    uint64_t step = 0;
    int first = frames[0].file;
    for (int i = 1; i < count; i++) {
        uint64_t difference = frames[i].number - frames[i - 1].number;
        if (difference > 0 && (step == 0 || difference < step))
            step = difference;
        first = frames[i].file < first ? frames[i].file : first;
    }
    for (int i = 0; i < count; i++) {
        int own = frames[i].file;
        bool follows = i > 0 && step > 0 && frames[i].number - frames[i - 1].number == step;
        bool followed = i + 1 < count && step > 0 && frames[i + 1].number - frames[i].number == step;
        out[own] = (bc_frame){.sequence = first,
                              .number = frames[i].number,
                              .step = step,
                              .before = follows ? frames[i - 1].file : own,
                              .after = followed ? frames[i + 1].file : own};
    }
}

bc_status bc_sequence_find(bc_error *err, const bc_folder_list *list, bc_frame **out) {
    size_t count = (size_t)list->count;
    parts *frames = calloc(count + 1, sizeof *frames);
    *out = calloc(count + 1, sizeof **out);
    if (!frames || !*out) {
        free(frames);
        free(*out);
        *out = NULL;
        return bc_fail(err, BC_E_MEMORY, "no memory to order the %zu frames of %s", count, list->folder);
    }
    for (int i = 0; i < list->count; i++)
        frames[i] = take_apart(&list->files[i], i);
    qsort(frames, count, sizeof *frames, compare);
    for (int begin = 0, end = 0; begin < list->count; begin = end) {
        while (end < list->count && compare_sequence(&frames[begin], &frames[end]) == 0)
            end++;
        connect(frames + begin, end - begin, *out);
    }
    free(frames);
    return BC_OK;
}

void bc_sequence_note(const bc_frame *frames, int count, char note[96]) {
    int sequences = 0, gaps = 0;
    for (int i = 0; i < count; i++) {
        sequences += frames[i].sequence == i;
        gaps += frames[i].before == i;
    }
    gaps -= sequences; /* the first of each has nothing before it */
    snprintf(note, 96, "simulated from %d sequence%s with %d gap%s", sequences, sequences == 1 ? "" : "s",
             gaps, gaps == 1 ? "" : "s");
}
