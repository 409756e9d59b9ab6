/* Turning frames of a file into packed streams, 32 frames at a time. */
#ifndef BC_BICROSS_DATA_SPIKE_PACK_H
#define BC_BICROSS_DATA_SPIKE_PACK_H

#include "bicross/data/spikes.h"

enum {
    BC_SPIKE_BLOCK = 32,
    BC_SPIKE_SLACK = 40
}; /* frames of a word; bytes that must be readable after the last */

/* Where the values of an array, one byte (0 or 1) or one bit each, are. */
typedef struct bc_spike_source {
    size_t first, frame_step, row_step,
        pixel_step; /* of the first value, and from one to the next: bytes; for bits bits, bytes, bits and 1 */
    bool bits, msb_first, flip; /* msb_first: of each eight values the last is the first pixel's */
} bc_spike_source;

/* Frames 0 .. count-1 (at most BC_SPIKE_BLOCK) at `data` become bits 0 .. count-1 of word `word` of the stream's pixels in columns
 * left .. left+width-1, whose values are the first of each row of the source. */
void bc_spikes_pack(const bc_spike_source *source, const uint8_t *data, int count, int left, int width,
                    int word, bc_spike_stream *out);
/* The way back: 0 or 1 in frame t. `pixel` counts row by row. */
uint8_t bc_spikes_at(const bc_spike_stream *s, size_t pixel, int t);

#endif
