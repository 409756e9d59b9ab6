/* Spikes as arrays of numbers, in any order of the axes, of .npy files and of members of .npz files. */
#include "bicross/data/dat_geometry.h"

#include <stdlib.h>
#include <string.h>

/* --- axes --- */

/* Whether an array (a,b,c) that is said to be spikes looks like another order of axes than time, height, width: that order, or
 * NULL. It is the order in which a sensor's sides would be in their places. A time axis that stands last is mostly the shortest;
 * where it is not, 128 frames of a wide picture are likelier than fewer frames than any network takes. */
static const char *doubt_axes(long a, long b, long c) {
    if (bc_dat_is_sensor(b, c))
        return NULL;
    if (bc_dat_is_sensor(c, b))
        return "twh";
    if (bc_dat_is_sensor(b, a))
        return bc_dat_is_sensor(a, b) ? "hwt" : "wht";
    bool last_is_least = c < a && c < b;
    bool network_frames = c == BC_SPIKE_FRAMES && a < BC_SPIKE_FRAMES && a >= 32 && a <= b;
    return bc_dat_is_sensor(a, b) || last_is_least || network_frames ? "hwt" : NULL;
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

static bc_status choose_axes(bc_error *err, const char *path, const long s[3], const char *said,
                             const char **axes) {
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

/* Three sizes: others may only be 1, as (1, frames, height, width), and are passed over from the front. */
static bool three_sizes(const bc_npy_header *array, long sizes[3], size_t steps[3]) {
    int rank = array->rank, kept = 0;
    size_t step = 1, all[BC_NPY_RANK];
    for (int i = 0; i < rank; i++) {
        int axis = array->fortran ? i : rank - 1 - i;
        all[axis] = step;
        step *= (size_t)array->shape[axis];
    }
    for (int i = 0; i < rank; i++) {
        if (array->shape[i] == 1 && rank - i > 3 - kept)
            continue;
        if (kept == 3)
            return false;
        sizes[kept] = array->shape[i];
        steps[kept++] = all[i];
    }
    return kept == 3;
}

bool bc_spike_array_fits(const bc_npy_header *array) {
    long sizes[3];
    size_t steps[3];
    return three_sizes(array, sizes, steps);
}

/* --- opening --- */

/* An array whose frames do not follow each other is kept whole. */
static bc_status keep_whole(bc_error *err, bc_spike_reader *r) {
    enum { PART = 1 << 16 };
    const size_t element = r->array.element, count = r->array.count;
    uint8_t raw[PART];
    bc_status status = bc_file_memory_check(err, r->path, count);
    if (status == BC_OK && !(r->whole = malloc(count + BC_SPIKE_SLACK)))
        status = bc_fail(err, BC_E_MEMORY, "%s: no memory for its %zu values", r->path, count);
    for (size_t done = 0, part; done < count && status == BC_OK; done += part) {
        part = count - done < PART / element ? count - done : PART / element;
        status = bc_spike_reader_fetch(err, r, r->start + done * element, part * element, raw);
        if (status == BC_OK)
            status = bc_spike_array_values(err, r, done, part, raw, r->whole + done);
    }
    return status;
}

static size_t place(const char *axes, char axis) {
    return (size_t)(strchr(axes, axis) - axes);
}

bc_status bc_spike_array_open(bc_error *err, bc_spike_reader *r, const bc_spike_format *format) {
    long s[3];
    size_t steps[3];
    const char *axes;
    if (!three_sizes(&r->array, s, steps))
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected spikes of shape (frames, height, width), found %d dimensions", r->path,
                       r->array.rank);
    BC_TRY(choose_axes(err, r->path, s, format->axes, &axes));
    size_t at[3] = {place(axes, 't'), place(axes, 'h'), place(axes, 'w')};
    long t = s[at[0]], h = s[at[1]], w = s[at[2]];
    if (t < 1 || t > BC_SPIKE_FRAMES_MAX || h < 1 || h > BC_SPIKE_SIDE_MAX || w < 1 || w > BC_SPIKE_SIDE_MAX)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected 1 to %d frames of 1 to %d pixels a side, found shape (%ld, %ld, %ld)",
                       r->path, BC_SPIKE_FRAMES_MAX, BC_SPIKE_SIDE_MAX, s[0], s[1], s[2]);
    if (format->turned && w % 8)
        return bc_fail(err, BC_E_FORMAT, "%s: expected rows of whole bytes, found %ld pixels", r->path, w);
    r->info = (bc_spike_info){.frames = (int)t, .height = (int)h, .width = (int)w};
    for (int i = 0; i < 3; i++)
        r->steps[i] = steps[at[i]];
    r->source = (bc_spike_source){.frame_step = r->steps[0],
                                  .row_step = r->steps[1],
                                  .pixel_step = r->steps[2],
                                  .msb_first = format->turned,
                                  .flip = format->turned};
    r->parts = 1;
    r->part[0].width = r->info.width;
    r->start = r->array.start;
    r->frame_bytes = r->array.element * (size_t)h * (size_t)w;
    bool framed = r->steps[2] == 1 && r->steps[1] == (size_t)w && r->steps[0] == (size_t)h * (size_t)w;
    return framed ? BC_OK : keep_whole(err, r);
}

/* --- writing --- */

/* An array is written in the usual order, whatever is wanted; where its shape would be asked about, it is said. */
bc_status bc_spike_array_lay_out(bc_error *err, const char *path, const bc_spike_format *wanted,
                                 const bc_spike_stream *s, bc_spike_format *out, bool *describe) {
    (void)err, (void)path, (void)wanted;
    *out = (bc_spike_format){.width = s->width, .height = s->height, .axes = "thw"};
    *describe = doubt_axes(s->frames, s->height, s->width) != NULL;
    return BC_OK;
}

bc_status bc_spike_array_make(bc_error *err, const char *path, const bc_spike_stream *s, uint8_t **values) {
    size_t pixels = (size_t)s->height * (size_t)s->width;
    *values = malloc(pixels * (size_t)s->frames);
    if (!*values)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for %d frames", path, s->frames);
    for (int t = 0; t < s->frames; t++)
        for (size_t p = 0; p < pixels; p++)
            (*values)[pixels * (size_t)t + p] = bc_spikes_at(s, p, t);
    return BC_OK;
}
