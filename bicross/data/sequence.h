/* Which frames of a folder follow each other. A stem is read as text, a number (its last run of digits, of which the last 18 count)
 * and text: street_0041_left. Frames are of one sequence when both texts are equal, and are neighbours when their numbers differ by
 * the sequence's step, the least difference in it: in 1, 2, 3, 7, 8 nothing follows 3. */
#ifndef BC_BICROSS_DATA_SEQUENCE_H
#define BC_BICROSS_DATA_SEQUENCE_H

#include "bicross/data/folder_list.h"

#include <stdint.h>

typedef struct bc_frame {
    int sequence;      /* the first file, in the list's order, of the frame's sequence */
    uint64_t number;   /* 0 where the stem has none */
    uint64_t step;     /* of the sequence; 0: it has one number alone */
    int before, after; /* the neighbours' places in the list; the frame's own where there is none */
} bc_frame;

/* One entry a file of the list, malloc'ed. */
bc_status bc_sequence_find(bc_error *err, const bc_folder_list *list, bc_frame **out);
/* For people: "simulated from 2 sequences with 1 gap". */
void bc_sequence_note(const bc_frame *frames, int count, char note[96]);

#endif
