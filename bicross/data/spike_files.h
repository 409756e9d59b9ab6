/* What the readers and writers of spike files share (bicross/data/spikes.h is for everybody else). */
#ifndef BC_BICROSS_DATA_SPIKE_FILES_H
#define BC_BICROSS_DATA_SPIKE_FILES_H

#include "bicross/data/spikes.h"

enum { BC_SPIKE_SIDE_MAX = 32768, BC_SPIKE_FRAMES_MAX = 1 << 24 };

/* Sizes that spike streams come in, the usual camera's first. */
typedef struct bc_spike_size {
    int width, height;
} bc_spike_size;
enum { BC_SPIKE_SIZES = 4 };
extern const bc_spike_size bc_spike_sizes[BC_SPIKE_SIZES];

/* Where the values of an array, one byte or one bit each, are in a file. */
typedef struct bc_spike_source {
    const uint8_t *data;
    size_t frame_step, row_step,
        pixel_step; /* from one value to the next: bytes; for bits bytes, bits and bits */
    bool bits, msb_first, flip;
} bc_spike_source;
/* Fills a new stream. False: a value was neither 0 nor 1. */
bool bc_spikes_pack(const bc_spike_source *source, bc_spike_stream *out);
/* 0 or 1 in frame t. `pixel` counts row by row. */
uint8_t bc_spikes_at(const bc_spike_stream *s, size_t pixel, int t);

/* The description beside a spike file. */
typedef struct bc_spike_description {
    bool there;
    bc_spike_format format;
    int frames;  /* 0: unsaid */
    double rate; /* -1: unsaid */
} bc_spike_description;
/* Empty, with `there` false, where there is none. An unknown key or a value out of range is an error. */
bc_status bc_spike_description_read(bc_error *err, const char *path, bc_spike_description *out);
bc_status bc_spike_description_write(bc_error *err, const char *path, const bc_spike_description *d);
bc_status bc_spike_description_remove(bc_error *err, const char *path);
/* What `said` and the description say together. BC_E_ARGUMENT names both where they differ. */
bc_status bc_spike_description_join(bc_error *err, const char *path, const bc_spike_description *d,
                                    const bc_spike_format *said, bc_spike_format *out);
/* BC_E_FORMAT: the stream read from `path` is not the one described. */
bc_status bc_spike_description_check(bc_error *err, const char *path, const bc_spike_description *d,
                                     const bc_spike_stream *stream);

/* A format of spike files. */
typedef struct bc_spike_file {
    const char *ending;
    bool raw; /* its description says size, bit order and rows; else axes */
    /* `format` is what the caller and the description say together; `described`: the size is from the description. */
    bc_status (*read)(bc_error *err, const char *path, const bc_spike_format *format, bool described,
                      bc_spike_stream *out);
    /* How a stream is written, of which the caller says what he wants (NULL: nothing), and whether a reader needs a description. */
    bc_status (*lay_out)(bc_error *err, const char *path, const bc_spike_format *wanted,
                         const bc_spike_stream *stream, bc_spike_format *out, bool *describe);
    bc_status (*write)(bc_error *err, const char *path, const bc_spike_format *format,
                       const bc_spike_stream *stream);
} bc_spike_file;

bc_status bc_spike_npy_read(bc_error *err, const char *path, const bc_spike_format *format, bool described,
                            bc_spike_stream *out);
bc_status bc_spike_npy_lay_out(bc_error *err, const char *path, const bc_spike_format *wanted,
                               const bc_spike_stream *stream, bc_spike_format *out, bool *describe);
bc_status bc_spike_npy_write(bc_error *err, const char *path, const bc_spike_format *format,
                             const bc_spike_stream *stream);

bc_status bc_spike_dat_read(bc_error *err, const char *path, const bc_spike_format *format, bool described,
                            bc_spike_stream *out);
bc_status bc_spike_dat_lay_out(bc_error *err, const char *path, const bc_spike_format *wanted,
                               const bc_spike_stream *stream, bc_spike_format *out, bool *describe);
bc_status bc_spike_dat_write(bc_error *err, const char *path, const bc_spike_format *format,
                             const bc_spike_stream *stream);

#endif
