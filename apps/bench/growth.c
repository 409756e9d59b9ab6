/* How time and memory grow with batch, input, spike frames and model: one grows at a time, the others stay. A line ends where memory would not suffice
 * or a run took too long. */
#include "apps/bench/bench.h"

#include "bicross/data/spikes.h"

static const double longest_run = 10; /* seconds; the next point would take several times that */

enum { BATCH, SIDE, FRAMES, WIDTH, AXES, MOST_POINTS = 6 };
static const struct {
    const char *name, *unit;
    int points[MOST_POINTS];
} axes[AXES] = {
    {"batch", "images in a batch", {1, 2, 4, 8, 16}},
    {"input", "side of the square input", {128, 256, 384, 512, 640, 768}},
    {"frames", "spike frames", {32, 64, 128, 256, 512}},
    {"width", "channels, times those of tiny", {1, 2, 4, 6, 8}},
};

static const struct {
    bc_preset model;
    const char *series;
    int side;
    bool training;
} lines[] = {
    {BC_TINY, "tiny, inference", 128, false},
    {BC_TINY, "tiny, training", 128, true},
    {BC_HYBRID, "hybrid, inference", 256, false},
    {BC_HYBRID, "hybrid, training", 256, true},
};
enum { TINY_LINES = 2, LINES = sizeof lines / sizeof lines[0] };

static bench_network_case case_at(int axis, int line, int at) {
    return (bench_network_case){.model = lines[line].model,
                                .batch = axis == BATCH ? at : 1,
                                .height = axis == SIDE ? at : lines[line].side,
                                .width = axis == SIDE ? at : lines[line].side,
                                .frames = axis == FRAMES ? at : BC_SPIKE_FRAMES,
                                .widening = axis == WIDTH ? at : 1,
                                .training = lines[line].training};
}

static bc_status measure_line(bench *b, int axis, int line) {
    for (int i = 0; i < MOST_POINTS && axes[axis].points[i]; i++) {
        bench_network_case c = case_at(axis, line, axes[axis].points[i]);
        bench_row row = {.kind = "growth",
                         .axis = axes[axis].unit,
                         .series = lines[line].series,
                         .at = axes[axis].points[i]};
        snprintf(row.name, sizeof row.name, "growth %s %s %dx%d batch %d frames %d width %d %s",
                 axes[axis].name, bc_preset_words[c.model], c.height, c.width, c.batch, c.frames, c.widening,
                 c.training ? "training" : "inference");
        if (!bench_wants(b, row.name))
            continue;
        bc_status status = bench_network(b, &c, &row);
        if (status != BC_OK)
            return bench_left_out(b, row.name, status);
        if (row.seconds > longest_run)
            return BC_OK;
    }
    return BC_OK;
}

bc_status bench_growth(bench *b) {
    for (int axis = 0; axis < AXES; axis++)
        for (int line = 0; line < (axis == WIDTH ? TINY_LINES : LINES); line++)
            BC_TRY(measure_line(b, axis, line));
    return BC_OK;
}
