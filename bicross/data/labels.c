/* Which labels of a data set count. */
#include "bicross/data/labels.h"

#include <math.h>

bc_window bc_learnt_window(int height, int width, int crop_height, int crop_width, bool whole_image) {
    bc_crop seen;
    if (bc_crop_bottom_centre(NULL, height, width, crop_height, crop_width, &seen) != BC_OK)
        return (bc_window){0};
    bc_window w =
        whole_image ? (bc_window){0, seen.height, 0, seen.width} : bc_garg_window(seen.height, seen.width);
    return (bc_window){seen.top + w.top, seen.top + w.bottom, seen.left + w.left, seen.left + w.right};
}

long bc_labels_count(const bc_dataset *dataset, const bc_sample *sample, bc_label_range range) {
    bc_window w = bc_learnt_window(sample->height, sample->width, dataset->crop_height, dataset->crop_width,
                                   range.whole_image);
    long count = 0;
    for (int y = w.top; sample->depth && y < w.bottom; y++)
        for (int x = w.left; x < w.right; x++) {
            float depth = sample->depth[(size_t)y * (size_t)sample->width + (size_t)x];
            count += depth > BC_NEAREST && depth < range.dmax;
        }
    return count;
}

/* What the depths are like instead. */
typedef struct spread {
    long labelled;
    float low, high;
} spread;

static void add_sample(spread *s, const bc_sample *sample) {
    size_t pixels = (size_t)sample->height * (size_t)sample->width;
    for (size_t i = 0; sample->depth && i < pixels; i++) {
        float depth = sample->depth[i];
        if (!(depth > 0) || !isfinite(depth))
            continue;
        s->low = s->labelled ? fminf(s->low, depth) : depth;
        s->high = s->labelled ? fmaxf(s->high, depth) : depth;
        s->labelled++;
    }
}

bc_status bc_labels_fail(bc_dataset *dataset, bc_error *err, bc_label_range range) {
    spread s = {0};
    for (int i = 0; i < dataset->count; i++) {
        const bc_sample *sample;
        BC_TRY(bc_dataset_get(dataset, err, i, &sample));
        add_sample(&s, sample);
    }
    char found[160] = "they hold no depth at all", scale[96] = "";
    if (s.labelled)
        snprintf(found, sizeof found, "their %ld labelled pixels lie between %g and %g m", s.labelled,
                 (double)s.low, (double)s.high);
    if (dataset->depth_scale > 0)
        snprintf(scale, sizeof scale, " at the depth scale of %g units a metre",
                 (double)dataset->depth_scale);
    return bc_fail(
        err, BC_E_FORMAT,
        "%s: none of the %d samples has a valid label, a depth in (%g, dmax = %g) m%s; %s%s: are dmax "
        "and the depth scale right?",
        dataset->name, dataset->count, (double)BC_NEAREST, (double)range.dmax,
        range.whole_image ? "" : " inside the crop that is learned from and scored", found, scale);
}

bc_status bc_labels_check(bc_dataset *dataset, bc_error *err, bc_label_range range) {
    for (int i = 0; i < dataset->count; i++) {
        const bc_sample *sample;
        BC_TRY(bc_dataset_get(dataset, err, i, &sample));
        if (!sample->depth)
            return bc_fail(err, BC_E_ARGUMENT, "%s: sample %s has no depth label", dataset->name,
                           sample->name);
        if (bc_labels_count(dataset, sample, range) > 0)
            return BC_OK;
    }
    return bc_labels_fail(dataset, err, range);
}
