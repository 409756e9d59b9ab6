/* Spike streams on the host, packed: one bit a pixel and frame, time-major inside a pixel, so that the 128 frames of a pixel are
 * four 32-bit words. words (height, width, words_per_pixel); bit t%32 of word t/32 is frame t. Bits past the end are 0. */
#ifndef BC_BICROSS_SPIKES_H
#define BC_BICROSS_SPIKES_H

#include "host/file.h"

enum { BC_SPIKE_FRAMES = 128, BC_SPIKE_WORDS = 4 }; /* what a network sees */

typedef struct bc_spike_stream {
    int frames, height, width, words_per_pixel;
    uint32_t *words; /* owned */
} bc_spike_stream;

typedef struct bc_dat_format {
    int width, height; /* 0: 400 x 250 */
    bool msb_first;    /* bit order inside a byte; the camera writes LSB first */
    bool no_flip;      /* rows are stored bottom-up by the camera; true: take them as they are */
} bc_dat_format;

bc_status bc_spikes_create(bc_error *err, int frames, int height, int width, bc_spike_stream *out);
void bc_spikes_release(bc_spike_stream *stream);
/* By ending: .npy (T,H,W) of 0/1 (uint8 or bool; another value is an error), .dat raw (method.md 9.1; a file that is not a
 * whole number of frames is an error that says how many bytes are over). `format` may be NULL. */
bc_status bc_spikes_read(bc_error *err, const char *path, const bc_dat_format *format, bc_spike_stream *out);
bc_status bc_spikes_write(bc_error *err, const char *path, const bc_dat_format *format,
                          const bc_spike_stream *stream);
/* Frames first .. first+count-1 as a stream of their own. */
bc_status bc_spikes_window(bc_error *err, const bc_spike_stream *stream, int first, int count,
                           bc_spike_stream *out);

#endif
