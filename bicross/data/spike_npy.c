/* Spikes as arrays of 0 and 1, in any order of the axes. */
#include "bicross/data/spike_files.h"
#include "bicross/formats/npy.h"

#include <stdlib.h>
#include <string.h>

static bool is_sensor(long height, long width) {
    for (int i = 0; i < BC_SPIKE_SIZES; i++)
        if (bc_spike_sizes[i].height == height && bc_spike_sizes[i].width == width)
            return true;
    return false;
}

/* Whether an array (a,b,c) that is said to be spikes looks like another order of axes than time, height, width: that order, or
 * NULL. It is the order in which a sensor's sides would be in their places. A time axis that stands last is mostly the shortest;
 * where it is not, 128 frames of a wide picture are likelier than fewer frames than any network takes. */
static const char *doubt_axes(long a, long b, long c) {
    if (is_sensor(b, c))
        return NULL;
    if (is_sensor(c, b))
        return "twh";
    if (is_sensor(b, a))
        return is_sensor(a, b) ? "hwt" : "wht";
    bool last_is_least = c < a && c < b;
    bool network_frames = c == BC_SPIKE_FRAMES && a < BC_SPIKE_FRAMES && a >= 32 && a <= b;
    return is_sensor(a, b) || last_is_least || network_frames ? "hwt" : NULL;
}

/* "hwt" as "height, width, frames". */
static const char *spell(const char *axes, char text[32]) {
    text[0] = 0;
    for (int i = 0; i < 3; i++) {
        const char *word = axes[i] == 't' ? "frames" : axes[i] == 'h' ? "height" : "width";
        snprintf(text + strlen(text), 32 - strlen(text), i ? ", %s" : "%s", word);
    }
    return text;
}

static bc_status choose_axes(bc_error *err, const char *path, const bc_npy *npy, const char *said,
                             const char **axes) {
    const long *s = npy->shape;
    *axes = said[0] ? said : "thw";
    if (strlen(*axes) != 3 || !strchr(*axes, 't') || !strchr(*axes, 'h') || !strchr(*axes, 'w'))
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected axes of the letters t, h and w, found %s", path,
                       *axes);
    const char *doubt = said[0] ? NULL : doubt_axes(s[0], s[1], s[2]);
    if (!doubt)
        return BC_OK;
    char words[32];
    return bc_fail(
        err, BC_E_ARGUMENT,
        "%s: found shape (%ld, %ld, %ld): is this (%s)? Say --axes %s, or --axes thw if it is (frames, "
        "height, width) as it stands (in a configuration data.npy_axes)",
        path, s[0], s[1], s[2], spell(doubt, words), doubt);
}

/* Where frames, rows and columns stand among the dimensions. */
typedef struct places {
    int t, h, w;
} places;

static places places_of(const char *axes) {
    return (places){(int)(strchr(axes, 't') - axes), (int)(strchr(axes, 'h') - axes),
                    (int)(strchr(axes, 'w') - axes)};
}

static bc_status fail_value(bc_error *err, const char *path, const bc_npy *npy, places at) {
    size_t i = 0;
    while (npy->data[i] <= 1)
        i++;
    size_t b = (size_t)npy->shape[1], c = (size_t)npy->shape[2];
    size_t index[3] = {i / (b * c), i / c % b, i % c};
    return bc_fail(err, BC_E_FORMAT,
                   "%s: expected spikes of 0 or 1, found %d in frame %zu, row %zu, column %zu", path,
                   npy->data[i], index[at.t], index[at.h], index[at.w]);
}

static bc_status check_type(bc_error *err, const char *path, const bc_npy *npy) {
    if (strcmp(npy->type, "|u1") != 0 && strcmp(npy->type, "|b1") != 0)
        return bc_fail(err, BC_E_FORMAT, "%s: expected spikes of type |u1 or |b1, found %s", path, npy->type);
    if (npy->rank != 3)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected spikes of shape (frames, height, width), found %d dimensions", path,
                       npy->rank);
    return BC_OK;
}

static bc_status unpack(bc_error *err, const char *path, const bc_npy *npy, const bc_spike_format *format,
                        bc_spike_stream *out) {
    const char *axes;
    BC_TRY(check_type(err, path, npy));
    BC_TRY(choose_axes(err, path, npy, format->axes, &axes));
    const long *s = npy->shape;
    places at = places_of(axes);
    long t = s[at.t], h = s[at.h], w = s[at.w];
    if (t < 1 || t > BC_SPIKE_FRAMES_MAX || h < 1 || h > BC_SPIKE_SIDE_MAX || w < 1 || w > BC_SPIKE_SIDE_MAX)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected 1 to %d frames of 1 to %d pixels a side, found shape (%ld, %ld, %ld)",
                       path, BC_SPIKE_FRAMES_MAX, BC_SPIKE_SIDE_MAX, s[0], s[1], s[2]);
    BC_TRY(bc_spikes_create(err, (int)t, (int)h, (int)w, out));
    size_t steps[3] = {(size_t)s[1] * (size_t)s[2], (size_t)s[2], 1};
    bc_spike_source source = {
        .data = npy->data, .frame_step = steps[at.t], .row_step = steps[at.h], .pixel_step = steps[at.w]};
    if (bc_spikes_pack(&source, out))
        return BC_OK;
    bc_spikes_release(out);
    return fail_value(err, path, npy, at);
}

bc_status bc_spike_npy_read(bc_error *err, const char *path, const bc_spike_format *format, bool described,
                            bc_spike_stream *out) {
    bc_npy npy;
    (void)described; /* an array has a size of its own */
    BC_TRY(bc_npy_open(err, path, &npy));
    bc_status status = unpack(err, path, &npy, format, out);
    bc_npy_close(&npy);
    return status;
}

/* An array is written in the usual order, whatever is wanted; where its shape would be asked about, it is said. */
bc_status bc_spike_npy_lay_out(bc_error *err, const char *path, const bc_spike_format *wanted,
                               const bc_spike_stream *s, bc_spike_format *out, bool *describe) {
    (void)err, (void)path, (void)wanted;
    *out = (bc_spike_format){.width = s->width, .height = s->height, .axes = "thw"};
    *describe = doubt_axes(s->frames, s->height, s->width) != NULL;
    return BC_OK;
}

bc_status bc_spike_npy_write(bc_error *err, const char *path, const bc_spike_format *format,
                             const bc_spike_stream *s) {
    (void)format; /* bc_spike_npy_lay_out knows one */
    size_t pixels = (size_t)s->height * (size_t)s->width;
    uint8_t *values = malloc(pixels * (size_t)s->frames);
    if (!values)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for %d frames", path, s->frames);
    for (int t = 0; t < s->frames; t++)
        for (size_t p = 0; p < pixels; p++)
            values[pixels * (size_t)t + p] = bc_spikes_at(s, p, t);
    bc_status status = bc_npy_write(err, path, "|u1", 3, (long[]){s->frames, s->height, s->width}, values);
    free(values);
    return status;
}
