/* Launching the kernels of motion. */
#include "bicross/data/motion_steps.h"

#include "cl_kernels/shared.h"

static size_t pixels_of(int height, int width) {
    return (size_t)height * (size_t)width;
}

bc_status bc_motion_halve(bc_host *host, bc_buffer half, bc_buffer image, int height, int width) {
    size_t items = pixels_of((height + 1) / 2, (width + 1) / 2);
    bc_launch launch = {.source = "motion.cl",
                        .kernel = "motion_halve",
                        .items = {items},
                        .flops = 50.0 * (double)items,
                        .bytes = 20.0 * (double)items,
                        BC_ARGS(BC_BUFFER(half), BC_BUFFER(image), BC_INT(height), BC_INT(width))};
    return bc_run(host, &launch);
}

bc_status bc_motion_double(bc_host *host, bc_buffer flow, bc_buffer coarse, int height, int width) {
    size_t items = pixels_of(height, width);
    bc_launch launch = {.source = "motion.cl",
                        .kernel = "motion_double",
                        .items = {items},
                        .flops = 20.0 * (double)items,
                        .bytes = 10.0 * (double)items,
                        BC_ARGS(BC_BUFFER(flow), BC_BUFFER(coarse), BC_INT(height), BC_INT(width))};
    return bc_run(host, &launch);
}

bc_status bc_motion_terms(bc_host *host, bc_buffer terms, bc_buffer a, bc_buffer b, bc_buffer flow,
                          int height, int width) {
    size_t items = pixels_of(height, width);
    bc_launch launch = {.source = "motion.cl",
                        .kernel = "motion_terms",
                        .items = {items},
                        .flops = 80.0 * (double)items,
                        .bytes = 32.0 * (double)items,
                        BC_ARGS(BC_BUFFER(terms), BC_BUFFER(a), BC_BUFFER(b), BC_BUFFER(flow), BC_INT(height),
                                BC_INT(width))};
    return bc_run(host, &launch);
}

bc_status bc_motion_relax(bc_host *host, bc_buffer next, bc_buffer flow, bc_buffer terms, int height,
                          int width) {
    size_t items = pixels_of(height, width);
    bc_launch launch = {
        .source = "motion.cl",
        .kernel = "motion_relax",
        .items = {items},
        .flops = 25.0 * (double)items,
        .bytes = 32.0 * (double)items,
        BC_ARGS(BC_BUFFER(next), BC_BUFFER(flow), BC_BUFFER(terms), BC_INT(height), BC_INT(width))};
    return bc_run(host, &launch);
}

bc_status bc_motion_median(bc_host *host, bc_buffer out, bc_buffer flow, int height, int width) {
    size_t items = pixels_of(height, width);
    bc_launch launch = {.source = "motion.cl",
                        .kernel = "motion_median",
                        .items = {items},
                        .flops = 50.0 * (double)items,
                        .bytes = 16.0 * (double)items,
                        BC_ARGS(BC_BUFFER(out), BC_BUFFER(flow), BC_INT(height), BC_INT(width))};
    return bc_run(host, &launch);
}

bc_status bc_motion_blend(bc_host *host, bc_buffer out, const bc_motion_pair *pair, int height, int width,
                          int place, int count, float time, float step) {
    double values = (double)pixels_of(height, width) * count;
    bc_launch launch = {.source = "motion.cl",
                        .kernel = "motion_between",
                        .items = {pixels_of(height, width), (size_t)count},
                        .flops = (60.0 + 50.0 * BC_MOTION_STEPS) * values,
                        .bytes = 28.0 * values,
                        BC_ARGS(BC_BUFFER(out), BC_BUFFER(pair->a), BC_BUFFER(pair->b),
                                BC_BUFFER(pair->forward), BC_BUFFER(pair->backward), BC_INT(height),
                                BC_INT(width), BC_INT(place), BC_INT(count), BC_FLOAT(time), BC_FLOAT(step))};
    return bc_run(host, &launch);
}
