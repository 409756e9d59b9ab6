/* Frames and rectangle are drawn here, the pixels are made by cl_kernels/loader.cl. */
#include "bicross/data/strong_view.h"

#include "bicross/data/streams.h"
#include "host/base/random.h"

#include <math.h>

enum { GROUP = 16, ORDER_WORDS = BC_SPIKE_FRAMES / 8 };

static int at_most(long value, int limit) {
    return value < limit ? (int)value : limit;
}

static void draw_rectangle(bc_random *r, int height, int width, bc_strong_view *view) {
    float area = bc_random_range(r, 0.01f, 0.05f) * (float)height * (float)width;
    float ratio = expf(bc_random_range(r, logf(0.3f), logf(3.3f)));
    int rows = at_most(lroundf(sqrtf(area * ratio)), height),
        columns = at_most(lroundf(sqrtf(area / ratio)), width);
    view->top = bc_random_below(r, height - rows + 1);
    view->left = bc_random_below(r, width - columns + 1);
    view->bottom = view->top + rows;
    view->right = view->left + columns;
}

bc_strong_view bc_strong_view_draw(uint32_t key, int height, int width) {
    bc_random r = {key, BC_STREAM_STRONG_VIEW, 0};
    bc_strong_view view = {0};
    for (int first = 0; first < BC_SPIKE_FRAMES; first += GROUP) {
        bc_random_permutation(&r, GROUP, view.order + first);
        for (int f = first; f < first + GROUP; f++)
            view.order[f] += first;
    }
    if (bc_random_uniform(&r) < 0.5f)
        draw_rectangle(&r, height, width, &view);
    return view;
}

bc_status bc_strong_view_apply(bc_host *host, const bc_value *spikes, int row, uint32_t key) {
    bc_shape s = spikes->shape;
    bc_strong_view view = bc_strong_view_draw(key, s.h, s.w);
    uint32_t o[ORDER_WORDS] = {0};
    for (int f = 0; f < BC_SPIKE_FRAMES; f++)
        o[f / 8] |= (uint32_t)(view.order[f] % GROUP) << (4 * (f % 8));
    bc_launch launch = {.source = "loader.cl",
                        .kernel = "strong_spikes",
                        .items = {((size_t)s.w + 7) / 8, (size_t)s.h},
                        .group = {4, 8, 1},
                        .bytes = 32.0 * s.h * s.w,
                        BC_ARGS(BC_BUFFER(spikes->data), BC_INT(row), BC_INT(s.h), BC_INT(s.w), BC_UINT(key),
                                BC_INT(view.top), BC_INT(view.left), BC_INT(view.bottom), BC_INT(view.right),
                                BC_UINT(o[0]), BC_UINT(o[1]), BC_UINT(o[2]), BC_UINT(o[3]), BC_UINT(o[4]),
                                BC_UINT(o[5]), BC_UINT(o[6]), BC_UINT(o[7]), BC_UINT(o[8]), BC_UINT(o[9]),
                                BC_UINT(o[10]), BC_UINT(o[11]), BC_UINT(o[12]), BC_UINT(o[13]),
                                BC_UINT(o[14]), BC_UINT(o[15]))};
    return bc_run(host, &launch);
}
