/* Raw spike files, which do not say their size (method.md 9.1): frames of one bit a pixel, each ending at a whole byte. */
#include "bicross/data/spike_files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const bc_spike_size bc_spike_sizes[BC_SPIKE_SIZES] = {{400, 250}, {1000, 1000}, {640, 480}, {346, 260}};

static size_t frame_bytes(bc_spike_size size) {
    return ((size_t)size.width * (size_t)size.height + 7) / 8;
}

/* A whole file in memory. */
typedef struct raw_file {
    const char *path;
    const uint8_t *data;
    size_t bytes;
    const bc_spike_format *format;
    bool described; /* the format's size is that of the file's description */
} raw_file;

static bool fits(bc_spike_size size, size_t bytes) {
    return bytes > 0 && bytes % frame_bytes(size) == 0;
}

/* "128 frames of 1000 x 1000 or ..." for the sensors but `taken` that the bytes fit. */
static void list_sizes(size_t bytes, bc_spike_size taken, char text[160]) {
    text[0] = 0;
    for (int i = 0; i < BC_SPIKE_SIZES; i++) {
        bc_spike_size s = bc_spike_sizes[i];
        if ((s.width != taken.width || s.height != taken.height) && fits(s, bytes))
            snprintf(text + strlen(text), 160 - strlen(text), "%s%zu frames of %d x %d",
                     text[0] ? " or " : "", bytes / frame_bytes(s), s.width, s.height);
    }
}

void bc_spikes_other_sizes(const bc_spike_stream *stream, char text[160]) {
    bc_spike_size size = {stream->width, stream->height};
    list_sizes((size_t)stream->frames * frame_bytes(size), size, text);
}

static bc_status fail_size(bc_error *err, const raw_file *f, bc_spike_size size, bool said) {
    size_t frame = frame_bytes(size);
    char others[160];
    list_sizes(f->bytes, size, others);
    return bc_fail(
        err, BC_E_FORMAT,
        "%s: expected whole frames of %zu bytes (%d x %d pixels%s), found %zu frames and %zu bytes over%s%s",
        f->path, frame, size.width, size.height,
        f->described ? ", as its .ini says"
        : said       ? ""
                     : ", as nothing says its size",
        f->bytes / frame, f->bytes % frame, others[0] ? "; it would be " : "", others);
}

static bc_status unpack(bc_error *err, const raw_file *f, bc_spike_size size, bc_spike_stream *out) {
    size_t frame = frame_bytes(size);
    BC_TRY(bc_spikes_create(err, (int)(f->bytes / frame), size.height, size.width, out));
    bc_spikes_pack(&(bc_spike_source){.data = f->data,
                                      .frame_step = frame,
                                      .row_step = (size_t)size.width,
                                      .pixel_step = 1,
                                      .bits = true,
                                      .msb_first = f->format->bits == BC_BITS_MSB,
                                      .flip = f->format->rows != BC_ROWS_TOP_DOWN},
                   out);
    return BC_OK;
}

/* Correlation of each pixel's rate with that of the pixel below: near 1 in a picture, unless it is noise; near 0 or less where rows
 * are cut at the wrong width. */
static double likeness_of_rows(const bc_spike_stream *s) {
    size_t width = (size_t)s->width, words = (size_t)s->words_per_pixel, pixels = width * (size_t)s->height;
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t p = 0; p + width < pixels; p++) {
        int above = 0, below = 0;
        for (size_t w = 0; w < words; w++) {
            above += __builtin_popcount(s->words[p * words + w]);
            below += __builtin_popcount(s->words[(p + width) * words + w]);
        }
        n++;
        x += above;
        y += below;
        xx += (double)above * above;
        yy += (double)below * below;
        xy += (double)above * below;
    }
    double spread = (n * xx - x * x) * (n * yy - y * y);
    return spread > 0 ? (n * xy - x * y) / sqrt(spread) : 0;
}

static bc_status measure(bc_error *err, const raw_file *f, bc_spike_size size, double *likeness) {
    bc_spike_stream stream;
    BC_TRY(unpack(err, f, size, &stream));
    *likeness = likeness_of_rows(&stream);
    bc_spikes_release(&stream);
    return BC_OK;
}

static bc_status fail_doubt(bc_error *err, const raw_file *f, bc_spike_size camera) {
    char others[160];
    list_sizes(f->bytes, camera, others);
    return bc_fail(
        err, BC_E_ARGUMENT,
        "%s: nothing says its size: is it %zu frames of %d x %d (width x height), or %s? Its pixels do "
        "not tell, or speak against the first: say it (--size, or data.dat_width and dat_height in a "
        "configuration)",
        f->path, f->bytes / frame_bytes(camera), camera.width, camera.height, others);
}

/* The camera's size is believed without a word only where no other sensor's would do, or the picture is much more of one. Real and
 * rendered streams have at least 0.7 at their own size from ten frames on, and below 0.1 at another. */
static bc_status check_assumption(bc_error *err, const raw_file *f, bc_spike_size camera) {
    const double margin = 0.1;
    double own, other;
    char others[160];
    list_sizes(f->bytes, camera, others);
    if (!others[0])
        return BC_OK;
    BC_TRY(measure(err, f, camera, &own));
    for (int i = 1; i < BC_SPIKE_SIZES; i++)
        if (fits(bc_spike_sizes[i], f->bytes)) {
            BC_TRY(measure(err, f, bc_spike_sizes[i], &other));
            if (own < other + margin)
                return fail_doubt(err, f, camera);
        }
    return BC_OK;
}

static bc_status read_frames(bc_error *err, const raw_file *f, bc_spike_stream *out) {
    bool said = f->format->width || f->format->height;
    bc_spike_size size = said ? (bc_spike_size){f->format->width, f->format->height} : bc_spike_sizes[0];
    if (size.width <= 0 || size.width > BC_SPIKE_SIDE_MAX || size.height <= 0 ||
        size.height > BC_SPIKE_SIDE_MAX)
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected a size of 1 to %d pixels a side, found %d x %d",
                       f->path, BC_SPIKE_SIDE_MAX, size.width, size.height);
    if (!fits(size, f->bytes) || f->bytes / frame_bytes(size) > BC_SPIKE_FRAMES_MAX)
        return fail_size(err, f, size, said);
    if (!said)
        BC_TRY(check_assumption(err, f, size));
    BC_TRY(unpack(err, f, size, out));
    out->size_assumed = !said;
    return BC_OK;
}

bc_status bc_spike_dat_read(bc_error *err, const char *path, const bc_spike_format *format, bool described,
                            bc_spike_stream *out) {
    uint8_t *data;
    size_t bytes;
    BC_TRY(bc_file_read_within(err, path, BC_FILE_STREAM, &data, &bytes));
    bc_status status = read_frames(err, &(raw_file){path, data, bytes, format, described}, out);
    free(data);
    return status;
}

bc_status bc_spike_dat_lay_out(bc_error *err, const char *path, const bc_spike_format *wanted,
                               const bc_spike_stream *s, bc_spike_format *out, bool *describe) {
    *out = wanted ? *wanted : (bc_spike_format){0};
    if ((out->width || out->height) && (out->width != s->width || out->height != s->height))
        return bc_fail(err, BC_E_ARGUMENT,
                       "%s: expected spikes of the format's %d x %d pixels, found %d x %d", path, out->width,
                       out->height, s->width, s->height);
    out->width = s->width;
    out->height = s->height;
    *describe = true;
    return BC_OK;
}

static void pack_frame(const bc_spike_stream *s, const bc_spike_format *format, int t, uint8_t *frame) {
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            int row = format->rows == BC_ROWS_TOP_DOWN ? y : s->height - 1 - y;
            size_t p = (size_t)row * (size_t)s->width + (size_t)x;
            int place = format->bits == BC_BITS_MSB ? 7 - (int)(p % 8) : (int)(p % 8);
            uint8_t spike = bc_spikes_at(s, (size_t)y * (size_t)s->width + (size_t)x, t);
            frame[p / 8] |= (uint8_t)(spike << place);
        }
}

bc_status bc_spike_dat_write(bc_error *err, const char *path, const bc_spike_format *format,
                             const bc_spike_stream *s) {
    size_t frame = frame_bytes((bc_spike_size){s->width, s->height});
    uint8_t *file = calloc((size_t)s->frames, frame);
    if (!file)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for %d frames", path, s->frames);
    for (int t = 0; t < s->frames; t++)
        pack_frame(s, format, t, file + frame * (size_t)t);
    bc_status status = bc_file_write(err, path, file, frame * (size_t)s->frames);
    free(file);
    return status;
}
