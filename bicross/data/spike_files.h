/* What the readers and writers of spike files share (bicross/data/spikes.h is for everybody else). */
#ifndef BC_BICROSS_DATA_SPIKE_FILES_H
#define BC_BICROSS_DATA_SPIKE_FILES_H

#include "bicross/data/spike_pack.h"
#include "bicross/data/spike_reader.h"
#include "bicross/formats/npz.h"
#include "host/base/file_part.h"

enum { BC_SPIKE_SIDE_MAX = 32768, BC_SPIKE_FRAMES_MAX = 1 << 24 };

/* BC_E_ARGUMENT: frames first .. first+count-1 are not all within so many. */
bc_status bc_spike_window_check(bc_error *err, int frames, int first, int count);

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
                                     const bc_spike_info *s);
/* Likewise for its rate, which is known when all frames were read. */
bc_status bc_spike_description_check_rate(bc_error *err, const char *path, const bc_spike_description *d,
                                          const bc_spike_stream *stream);

/* A spike file that is open (spike_reader.c). Frames lie one after another in a file or in a member of an archive; or the whole array
 * is in memory, a byte a value, in any order. */
struct bc_spike_reader {
    char *path;         /* of the file */
    const char *wanted; /* NULL, or the archive's member that was asked for: inside the memory of `path` */
    bc_spike_description described;
    bc_spike_info info;
    bc_spike_source source; /* of frames fetched and made 0 and 1 */
    int parts;              /* runs of columns that lie together in a row, each with its first value */
    struct {
        int left, width;
        size_t first;
    } part[2];
    size_t start, frame_bytes; /* in the file or member: of frame 0; from one to the next */
    bc_npy_header array;       /* where the file has one */
    size_t steps[3];           /* of an array's values: from one frame, row, column to the next */
    bool ones, full;           /* values 1 and 255 were found; both cannot mean a spike */
    bc_file_parts file;
    bc_npz *npz; /* NULL: `file` has it */
    bc_npz_stream member;
    uint8_t *whole, *block; /* NULL: not kept, not fetched yet */
};
/* Bytes first .. first+count-1 of the file or member. */
bc_status bc_spike_reader_fetch(bc_error *err, bc_spike_reader *reader, size_t first, size_t count,
                                void *out);
/* Frames 0 .. count-1, which lie in memory as they do in the reader's file, and BC_SPIKE_SLACK bytes after them, become `out`. */
void bc_spike_reader_pack(const bc_spike_reader *reader, const uint8_t *data, int count,
                          bc_spike_stream *out);
/* The next window is laid out anew. */
void bc_spike_reader_forget(bc_spike_reader *reader);
/* Values first .. first+count-1 of an array, in the file's order, become 0 or 1, a byte each; `out` may be `raw`. BC_E_FORMAT names
 * one that is neither no spike (0) nor a spike (1, or everywhere 255), and its place. */
bc_status bc_spike_array_values(bc_error *err, bc_spike_reader *reader, size_t first, size_t count,
                                const uint8_t *raw, uint8_t *out);

/* Whether an array has three dimensions besides those of size 1. */
bool bc_spike_array_fits(const bc_npy_header *array);
/* Lays the reader's array out by the format's axes; what fetches its bytes is there. */
bc_status bc_spike_array_open(bc_error *err, bc_spike_reader *reader, const bc_spike_format *format);
/* The stream as bytes 0 and 1 (frames, height, width), malloc'ed. */
bc_status bc_spike_array_make(bc_error *err, const char *path, const bc_spike_stream *stream,
                              uint8_t **values);

/* A format of spike files. */
typedef struct bc_spike_file {
    const char *ending;
    bool raw; /* its description says size, bit order and rows; else axes */
    /* `format` is what the caller and the description say together; `described`: the size is from the description. */
    bc_status (*open)(bc_error *err, bc_spike_reader *reader, const bc_spike_format *format, bool described);
    /* How a stream is written, of which the caller says what he wants (NULL: nothing), and whether a reader needs a description. */
    bc_status (*lay_out)(bc_error *err, const char *path, const bc_spike_format *wanted,
                         const bc_spike_stream *stream, bc_spike_format *out, bool *describe);
    bc_status (*write)(bc_error *err, const char *path, const bc_spike_format *format,
                       const bc_spike_stream *stream);
} bc_spike_file;

/* The line for this file; FILE.npz:NAME is an .npz file. NULL: its ending is none of theirs. */
const bc_spike_file *bc_spike_file_of(const char *path);

/* NAME in FILE.npz:NAME, or NULL. */
const char *bc_spike_member_of(const char *path);

bc_status bc_spike_npy_open(bc_error *err, bc_spike_reader *reader, const bc_spike_format *format,
                            bool described);
bc_status bc_spike_npz_open(bc_error *err, bc_spike_reader *reader, const bc_spike_format *format,
                            bool described);
bc_status bc_spike_array_lay_out(bc_error *err, const char *path, const bc_spike_format *wanted,
                                 const bc_spike_stream *stream, bc_spike_format *out, bool *describe);
bc_status bc_spike_npy_write(bc_error *err, const char *path, const bc_spike_format *format,
                             const bc_spike_stream *stream);
bc_status bc_spike_npz_write(bc_error *err, const char *path, const bc_spike_format *format,
                             const bc_spike_stream *stream);

bc_status bc_spike_dat_open(bc_error *err, bc_spike_reader *reader, const bc_spike_format *format,
                            bool described);
bc_status bc_spike_dat_lay_out(bc_error *err, const char *path, const bc_spike_format *wanted,
                               const bc_spike_stream *stream, bc_spike_format *out, bool *describe);
bc_status bc_spike_dat_write(bc_error *err, const char *path, const bc_spike_format *format,
                             const bc_spike_stream *stream);

#endif
