#include "bicross/report/shrink.h"

#include <stdlib.h>

int bc_shrink_step(int width, int widest) {
    return width > widest ? (width + widest - 1) / widest : 1;
}

void bc_picture_shrink(int step, bc_picture *p) {
    int width = p->width / step, height = p->height / step;
    uint8_t *to = p->rgb; /* never ahead of what is read */
    for (int y = 0; y < height; y++)
        for (int i = 0; i < 3 * width; i++) {
            int sum = 0;
            for (int k = 0; k < step * step; k++)
                sum += p->rgb[((size_t)(y * step + k / step) * (size_t)p->width +
                               (size_t)(i / 3 * step + k % step)) *
                                  3 +
                              (size_t)(i % 3)];
            *to++ = (uint8_t)(sum / (step * step));
        }
    p->width = width;
    p->height = height;
}

/* --- labels --- */

/* Where a map of depths has been made smaller, or labels spread: from its pixel `from`. */
typedef struct nearest {
    const float *label, *beside;
    bc_seen_labels *to;
} nearest;

static void take(const nearest *n, size_t from, size_t to) {
    float here = n->label[from], *kept = &n->to->label[to];
    if (!(here > 0) || (*kept > 0 && here >= *kept))
        return;
    *kept = here;
    if (n->beside)
        n->to->beside[to] = n->beside[from];
}

static bc_status create(bc_error *err, int height, int width, bool beside, bc_seen_labels *out) {
    size_t pixels = (size_t)height * (size_t)width;
    *out = (bc_seen_labels){.height = height, .width = width, .label = calloc(pixels + 1, sizeof(float))};
    if (beside)
        out->beside = calloc(pixels + 1, sizeof(float));
    if (out->label && (out->beside || !beside))
        return BC_OK;
    bc_seen_labels_release(out);
    return bc_fail(err, BC_E_MEMORY, "no host memory for a picture");
}

void bc_seen_labels_release(bc_seen_labels *l) {
    free(l->label);
    free(l->beside);
    *l = (bc_seen_labels){0};
}

static bool are_few(const bc_seen_labels *l) {
    size_t pixels = (size_t)l->height * (size_t)l->width, count = 0;
    for (size_t i = 0; i < pixels; i++)
        count += l->label[i] > 0;
    return count < pixels / 4;
}

/* Each label to the eight pixels around it; the nearest wins. */
static bc_status spread(bc_error *err, bc_seen_labels *l) {
    bc_seen_labels wider;
    BC_TRY(create(err, l->height, l->width, l->beside != NULL, &wider));
    nearest n = {l->label, l->beside, &wider};
    for (int y = 0; y < l->height; y++)
        for (int x = 0; x < l->width; x++)
            for (int k = 0; k < 9; k++) {
                int to_y = y + k / 3 - 1, to_x = x + k % 3 - 1;
                if (to_y >= 0 && to_y < l->height && to_x >= 0 && to_x < l->width)
                    take(&n, (size_t)y * (size_t)l->width + (size_t)x,
                         (size_t)to_y * (size_t)l->width + (size_t)to_x);
            }
    bc_seen_labels_release(l);
    *l = wider;
    return BC_OK;
}

bc_status bc_labels_shrink(bc_error *err, const float *label, const float *beside, int height, int width,
                           int step, bc_seen_labels *out) {
    BC_TRY(create(err, height / step, width / step, beside != NULL, out));
    nearest n = {label, beside, out};
    for (int y = 0; y < out->height * step; y++)
        for (int x = 0; x < out->width * step; x++)
            take(&n, (size_t)y * (size_t)width + (size_t)x,
                 (size_t)(y / step) * (size_t)out->width + (size_t)(x / step));
    bc_status status = are_few(out) ? spread(err, out) : BC_OK;
    if (status != BC_OK)
        bc_seen_labels_release(out);
    return status;
}
