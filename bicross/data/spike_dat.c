/* Raw spike files, which do not say their size (method.md 9.1): what they are taken for, and how they are written. */
#include "bicross/data/dat_geometry.h"

#include <math.h>
#include <stdlib.h>

/* A .dat file on its way to a geometry. */
typedef struct guess {
    bc_spike_reader *reader;
    const bc_spike_format *format;
    bool described; /* the format's size is that of the file's description */
} guess;

/* --- what the picture says --- */

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

/* Of the first frames, enough for a picture, as this geometry has them. */
static bc_status measure(bc_error *err, const guess *g, bc_dat_geometry geometry, double *likeness) {
    enum { ENOUGH = 128 };
    bc_spike_stream stream;
    bc_dat_lay(g->reader, geometry, 0, g->format);
    int frames = g->reader->info.frames < ENOUGH ? g->reader->info.frames : ENOUGH;
    BC_TRY(bc_spike_reader_window(g->reader, err, 0, frames, &stream));
    *likeness = likeness_of_rows(&stream);
    bc_spikes_release(&stream);
    bc_spike_reader_forget(g->reader);
    return BC_OK;
}

static bc_status fail_doubt(bc_error *err, const guess *g, bc_dat_geometry camera) {
    char others[BC_DAT_TEXT];
    size_t bytes = g->reader->file.bytes;
    bc_dat_list(bytes, camera, others);
    return bc_fail(
        err, BC_E_ARGUMENT,
        "%s: nothing says its size: is it %zu frames of %d x %d (width x height), or %s? Its pixels do "
        "not tell, or speak against the first: say it (--size, or data.dat_width and dat_height in a "
        "configuration)",
        g->reader->path, bytes / bc_dat_frame_bytes(camera), camera.width, camera.height, others);
}

/* The camera's size is believed without a word only where no other sensor's would do, or the picture is much more of one. Real and
 * rendered streams have at least 0.7 at their own size from ten frames on, and below 0.1 at another. */
static bc_status check_assumption(bc_error *err, const guess *g, bc_dat_geometry camera) {
    const double margin = 0.1;
    double own, other;
    char others[BC_DAT_TEXT];
    bc_dat_list(g->reader->file.bytes, camera, others);
    if (!others[0])
        return BC_OK;
    BC_TRY(measure(err, g, camera, &own));
    for (int i = 1; bc_dat_known(i); i++)
        if (bc_dat_fits(*bc_dat_known(i), g->reader->file.bytes)) {
            BC_TRY(measure(err, g, *bc_dat_known(i), &other));
            if (own < other + margin)
                return fail_doubt(err, g, camera);
        }
    return BC_OK;
}

/* --- opening --- */

static bc_status fail_size(bc_error *err, const guess *g, bc_dat_geometry geometry, bool said) {
    size_t frame = bc_dat_frame_bytes(geometry), bytes = g->reader->file.bytes;
    char others[BC_DAT_TEXT];
    bc_dat_list(bytes, geometry, others);
    return bc_fail(
        err, BC_E_FORMAT,
        "%s: expected whole frames of %zu bytes (%d x %d pixels%s), found %zu frames and %zu bytes over%s%s",
        g->reader->path, frame, geometry.width, geometry.height,
        g->described ? ", as its .ini says"
        : said       ? ""
                     : ", as nothing says its size",
        bytes / frame, bytes % frame, others[0] ? "; it would be " : "", others);
}

/* A recording that was cut off ends within a frame. So does every file that is read at a wrong size, where rows do not resemble each
 * other. */
static bc_status check_cut(bc_error *err, const guess *g, bc_dat_geometry geometry, bool said) {
    const double resembles = 0.5;
    double likeness = 0;
    if (bc_dat_fits(geometry, g->reader->file.bytes))
        return BC_OK;
    if (g->reader->file.bytes >= bc_dat_frame_bytes(geometry))
        BC_TRY(measure(err, g, geometry, &likeness));
    return likeness < resembles ? fail_size(err, g, geometry, said) : BC_OK;
}

/* Whether the half line that ends before `end` says line 500 and channel 0 in its last 12 bits. */
static bool begins_frame(const uint8_t *end) {
    int tail = end[-2] | end[-1] << 8;
    return (tail >> 4 & 0x3ff) == 500 && tail >> 14 == 0;
}

/* A file of the PCIe camera begins anywhere: a frame does with such a half line, and so does the next; pixels may look like one by
 * chance, but hardly twice. */
static bc_status find_pcie_start(bc_error *err, bc_spike_reader *r, bc_dat_geometry g, size_t *start) {
    enum { HALF_LINE = 64, PACKET = 16 };
    size_t frame = bc_dat_frame_bytes(g), have = r->file.bytes < 3 * frame ? r->file.bytes : 3 * frame;
    uint8_t *bytes = malloc(have + 1);
    if (!bytes)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to find its first frame", r->path);
    bc_status status = bc_file_part_read(err, &r->file, 0, have, bytes);
    size_t at = HALF_LINE;
    while (status == BC_OK && at <= have &&
           !(begins_frame(bytes + at) && (at + frame > have || begins_frame(bytes + at + frame))))
        at += PACKET;
    free(bytes);
    if (status == BC_OK && (at > have || r->file.bytes - (at - HALF_LINE) < frame))
        status = bc_fail(err, BC_E_FORMAT,
                         "%s: expected a frame that begins with line 500, channel 0, as in the layout pcie, "
                         "found none in %zu bytes",
                         r->path, have);
    *start = at - HALF_LINE;
    return status;
}

static bc_status choose(bc_error *err, const guess *g, bc_dat_geometry *geometry, size_t *start, bool *said) {
    const bc_spike_format *f = g->format;
    const bc_dat_geometry camera = *bc_dat_known(0);
    bool pcie = f->layout == BC_DAT_PCIE;
    *said = f->width || f->height || pcie;
    *geometry = *said && (f->width || f->height) ? (bc_dat_geometry){f->width, f->height, f->layout}
                : pcie                           ? (bc_dat_geometry){1000, 1000, f->layout}
                                                 : (bc_dat_geometry){camera.width, camera.height, f->layout};
    *start = 0;
    BC_TRY(bc_dat_geometry_check(err, g->reader->path, *geometry));
    if (pcie)
        return find_pcie_start(err, g->reader, *geometry, start);
    BC_TRY(check_cut(err, g, *geometry, *said));
    return *said || f->layout ? BC_OK : check_assumption(err, g, *geometry);
}

bc_status bc_spike_dat_open(bc_error *err, bc_spike_reader *r, const bc_spike_format *format,
                            bool described) {
    bc_dat_geometry geometry;
    size_t start;
    bool said;
    guess g = {r, format, described};
    BC_TRY(bc_file_parts_open(err, r->path, &r->file));
    BC_TRY(choose(err, &g, &geometry, &start, &said));
    if ((r->file.bytes - start) / bc_dat_frame_bytes(geometry) > BC_SPIKE_FRAMES_MAX)
        return bc_fail(err, BC_E_FORMAT, "%s: expected at most %d frames, found %zu", r->path,
                       BC_SPIKE_FRAMES_MAX, (r->file.bytes - start) / bc_dat_frame_bytes(geometry));
    bc_dat_lay(r, geometry, start, format);
    r->info.size_assumed = !said;
    return BC_OK;
}

/* --- writing --- */

bc_status bc_spike_dat_lay_out(bc_error *err, const char *path, const bc_spike_format *wanted,
                               const bc_spike_stream *s, bc_spike_format *out, bool *describe) {
    *out = wanted ? *wanted : (bc_spike_format){0};
    if ((out->width || out->height) && (out->width != s->width || out->height != s->height))
        return bc_fail(err, BC_E_ARGUMENT,
                       "%s: expected spikes of the format's %d x %d pixels, found %d x %d", path, out->width,
                       out->height, s->width, s->height);
    if (out->layout == BC_DAT_PCIE)
        return bc_fail(err, BC_E_ARGUMENT, "%s: the layout pcie is read, not written", path);
    out->width = s->width;
    out->height = s->height;
    *describe = true;
    return BC_OK;
}

static void pack_frame(const bc_spike_stream *s, const bc_spike_format *format, int t, uint8_t *frame) {
    size_t row_bits = bc_dat_row_bits((bc_dat_geometry){s->width, s->height, format->layout});
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            int row = format->rows == BC_ROWS_TOP_DOWN ? y : s->height - 1 - y;
            size_t p = (size_t)row * row_bits + (size_t)x;
            int place = format->bits == BC_BITS_MSB ? 7 - (int)(p % 8) : (int)(p % 8);
            uint8_t spike = bc_spikes_at(s, (size_t)y * (size_t)s->width + (size_t)x, t);
            frame[p / 8] |= (uint8_t)(spike << place);
        }
}

bc_status bc_spike_dat_write(bc_error *err, const char *path, const bc_spike_format *format,
                             const bc_spike_stream *s) {
    size_t frame = bc_dat_frame_bytes((bc_dat_geometry){s->width, s->height, format->layout});
    uint8_t *file = calloc((size_t)s->frames, frame);
    if (!file)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for %d frames", path, s->frames);
    for (int t = 0; t < s->frames; t++)
        pack_frame(s, format, t, file + frame * (size_t)t);
    bc_status status = bc_file_write(err, path, file, frame * (size_t)s->frames);
    free(file);
    return status;
}
