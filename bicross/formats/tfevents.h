/* TensorBoard event files: TFRecord frames (length, its checksum, data, its checksum) around hand-written
 * protocol buffers. */
#ifndef BC_BICROSS_FORMATS_TFEVENTS_H
#define BC_BICROSS_FORMATS_TFEVENTS_H

#include "host/base/file.h"

/* CRC-32C (Castagnoli) as TFRecord stores it: rotated right by 15 bits plus a constant. */
uint32_t bc_crc32c_masked(const void *data, size_t bytes);

/* The first record of a file: names the format's version. `time`: seconds since 1970. resume_step > 0: a second one starts the
 * session there, whereupon TensorBoard forgets what earlier files have of later steps. */
bc_status bc_tfevents_begin(bc_error *err, FILE *stream, double time, long resume_step);
/* One record: the scalars of one step. */
bc_status bc_tfevents_scalars(bc_error *err, FILE *stream, double time, long step, int count,
                              const char *const *names, const float *values);

/* A picture in a PNG file's bytes. */
typedef struct bc_tfevents_picture {
    int width, height;
    const uint8_t *png;
    size_t bytes;
} bc_tfevents_picture;
bc_status bc_tfevents_image(bc_error *err, FILE *stream, double time, long step, const char *name,
                            const bc_tfevents_picture *picture);
/* Markdown. */
bc_status bc_tfevents_text(bc_error *err, FILE *stream, double time, const char *name, const char *text);

/* Hyper-parameters of the run, by which TensorBoard compares it with others. */
typedef struct bc_tfevents_setting {
    char name[96];
    enum { BC_SETTING_NUMBER, BC_SETTING_SWITCH, BC_SETTING_TEXT } kind;
    double number;    /* of the first two */
    const char *text; /* of the last */
} bc_tfevents_setting;
bc_status bc_tfevents_settings(bc_error *err, FILE *stream, double time, int count,
                               const bc_tfevents_setting *settings);
/* The run came to its end. */
bc_status bc_tfevents_done(bc_error *err, FILE *stream, double time);

#endif
