/* Spike streams on the host, packed: one bit a pixel and frame, time-major inside a pixel, so that the 128 frames of a pixel are
 * four 32-bit words. words (height, width, words_per_pixel); bit t%32 of word t/32 is frame t. Bits past the end are 0. */
#ifndef BC_BICROSS_DATA_SPIKES_H
#define BC_BICROSS_DATA_SPIKES_H

#include "bicross/formats/kind.h"
#include "bicross/formats/npy.h"
#include "host/base/file.h"

#define BC_DAT ".dat" /* arrays are BC_NPY */

extern const bc_kind bc_spike_kind;

enum { BC_SPIKE_FRAMES = 128, BC_SPIKE_WORDS = 4 }; /* what a network sees */

typedef struct bc_spike_stream {
    int frames, height, width, words_per_pixel;
    uint32_t *words;   /* owned */
    bool size_assumed; /* read from a raw file whose size nobody said: taken to be the camera's */
    size_t cut;        /* bytes of a last frame that its file has only a part of: passed over */
} bc_spike_stream;

/* What a spike file holds. */
typedef struct bc_spike_info {
    int frames, height, width;
    bool size_assumed; /* as of a stream */
    size_t cut;
} bc_spike_info;

typedef enum bc_bit_order { BC_BITS_UNSAID, BC_BITS_LSB, BC_BITS_MSB } bc_bit_order;
typedef enum bc_row_order { BC_ROWS_UNSAID, BC_ROWS_BOTTOM_UP, BC_ROWS_TOP_DOWN } bc_row_order;

/* Where a .dat file has the bits of its rows. */
typedef enum bc_dat_layout {
    BC_DAT_UNSAID, /* plain */
    BC_DAT_PLAIN,  /* one pixel after the other; a frame ends at a whole byte */
    BC_DAT_ROWS,   /* each row ends at a whole byte */
    BC_DAT_HEAD, /* each row has 16 more bits at its end, which are no pixels (416 columns of the 400 x 250 camera) */
    BC_DAT_PCIE /* 1000 x 1000: rows of 1024 bits, halves of 500 pixels and 12 bits of line number and channel; the file begins
                    * anywhere in a frame. Rows are top-down unless said otherwise. */
} bc_dat_layout;
/* "auto", "plain", ... by value, and a NULL. */
extern const char *const bc_dat_layout_words[];

/* How spike files are laid out; all zero: nothing is said. The first four are of .dat files, the axes of arrays, so that one
 * format serves a folder with both. */
typedef struct bc_spike_format {
    int width, height;
    bc_dat_layout layout;
    bc_bit_order bits; /* inside a byte; unsaid: lowest first, as the camera writes */
    bc_row_order rows; /* unsaid: bottom row first, as the camera writes */
    char axes
        [4]; /* what the array's dimensions are, in their order: "thw", "hwt", ... of time, height, width; "": thw, unless
                        * the shape looks like another order */
    bool
        turned; /* arrays: made from raw bytes whose highest bit was taken first, bottom row first, as Respike's are; the width is a
                  * multiple of 8 */
} bc_spike_format;

bc_status bc_spikes_create(bc_error *err, int frames, int height, int width, bc_spike_stream *out);
void bc_spikes_release(bc_spike_stream *stream);
/* By ending:
 *   .npy   an array of 0 and 1, or of 0 and 255, of any type and byte order (another value is an error); dimensions of size 1 before
 *          its three are passed over
 *   .npz   the same: the member NAME of FILE.npz:NAME, else `spk`, else the only one that fits
 *   .dat   raw (method.md 9.1). A part of a frame at the end is passed over where the picture speaks for the size: `cut` says how many
 *          bytes
 * `format` may be NULL.
 *
 * What the format leaves unsaid is taken from the file's description PATH.ini where there is one (bc_spikes_write makes it); where
 * both say something and differ, or the file is not the one described, that is an error. What neither says:
 *   size of a .dat   400 x 250, with size_assumed set. Where the bytes are also whole frames of another sensor and the picture does
 *                    not speak clearly for 400 x 250 (rows that resemble each other), BC_E_ARGUMENT names the sizes.
 *   axes of a .npy   thw. Where the shape looks like another order (the last dimension is the smallest, or the others are those of
 *                    a known sensor, or there are just 128 of it), BC_E_ARGUMENT names both readings. */
bc_status bc_spikes_read(bc_error *err, const char *path, const bc_spike_format *format,
                         bc_spike_stream *out);
/* A .dat file, and an array whose shape would be asked about, gets a description beside it, PATH.ini: [spikes] width, height,
 * frames, rate, and bit_order and flip, or axes. An older one is removed before the file is replaced: there is never one beside a
 * file that it does not describe. Arrays are written (T,H,W) whatever format->axes says, in .npz files as `spk`. */
bc_status bc_spikes_write(bc_error *err, const char *path, const bc_spike_format *format,
                          const bc_spike_stream *stream);
/* Whether a file with this ending holds spikes alone, and not how they are laid out. */
bool bc_spikes_raw(const char *path);
/* Frames first .. first+count-1 as a stream of their own. */
bc_status bc_spikes_window(bc_error *err, const bc_spike_stream *stream, int first, int count,
                           bc_spike_stream *out);
/* Mean firing rate: the share of ones. */
double bc_spikes_rate(const bc_spike_stream *stream);
bc_spike_info bc_spikes_info(const bc_spike_stream *stream);
/* What else a raw file of so many bytes could be, by the sizes of known sensors: "128 frames of 1000 x 1000 or ...", or "". */
void bc_spikes_other_sizes(const bc_spike_info *info, char text[160]);

#endif
