/* From the images of a video to spikes: what lies between the images, then integrate and fire. */
#include "bicross/data/video.h"
#include "bicross/data/motion.h"
#include "host/base/divide.h"

#include <math.h>
#include <stdlib.h>

bc_filming bc_filming_plain(void) {
    return (bc_filming){.simulator = bc_simulator_ideal(), .sub_frames = 16, .fps_up = BC_SPIKE_FRAMES};
}

/* --- images that follow the motion --- */

/* What finds motion, and the images that it gives. */
typedef struct between {
    bc_motion *motion;
    bc_buffer images;
} between;

static bc_status between_begin(bc_host *host, int height, int width, int count, between *out) {
    *out = (between){0};
    if (!bc_product_fits(count, height, width, 1))
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "%d images of %d x %d between two images are more than kernels can count: make fewer "
                       "sub-frames",
                       count, width, height);
    size_t bytes = (size_t)count * (size_t)height * (size_t)width * sizeof(float);
    BC_TRY(bc_motion_create(host, height, width, &out->motion));
    return bc_buffer_create(host, bytes, "images that follow motion", &out->images);
}

static void between_release(between *b) {
    bc_motion_release(b->motion);
    bc_buffer_release(&b->images);
}

/* --- a video --- */

/* The first spike frame that sees image `index` or what comes after. */
static int first_frame(const bc_video *video, int index, int frames) {
    int64_t pairs = video->count - 1, place = (int64_t)index * (frames - 1);
    return (int)((place + pairs - 1) / pairs);
}

static bc_status film_pair(bc_simulation *s, const bc_video *video, const bc_filming *filming, int pair,
                           between *b) {
    size_t pixels = (size_t)video->height * (size_t)video->width;
    const float *image = video->greys + (size_t)pair * pixels;
    bool last = pair == video->count - 2;
    int n = filming->sub_frames, frames = s->frames;
    BC_TRY(bc_motion_find(b->motion, image, image + pixels));
    BC_TRY(bc_motion_between(b->motion, b->images, 0, n + 1, 0, 1 / (float)n));
    bc_exposure seen = {.images = b->images,
                        .count = n + 1,
                        .begin = first_frame(video, pair, frames),
                        .end = last ? frames : first_frame(video, pair + 1, frames),
                        .origin = (float)pair * (float)n,
                        .step = (float)(video->count - 1) * (float)n / (float)(frames - 1)};
    return seen.end > seen.begin ? bc_simulation_expose(s, &seen) : BC_OK;
}

static bc_status film_pairs(bc_simulation *s, const bc_video *video, const bc_filming *filming) {
    between b;
    bc_status status = between_begin(s->host, video->height, video->width, filming->sub_frames + 1, &b);
    for (int pair = 0; pair < video->count - 1 && status == BC_OK; pair++) {
        status = film_pair(s, video, filming, pair, &b);
        if (status == BC_OK && filming->filmed)
            filming->filmed(filming->user, pair + 1, video->count - 1);
    }
    between_release(&b);
    return status;
}

static bc_status follow_video(bc_host *host, const bc_video *video, const bc_filming *filming,
                              const bc_pixel_maps *maps, int frames, uint32_t seed, bc_spike_stream *out) {
    bc_simulation s;
    bc_status status =
        bc_simulation_begin(host, &filming->simulator, maps, video->height, video->width, frames, seed, &s);
    if (status == BC_OK)
        status = film_pairs(&s, video, filming);
    if (status == BC_OK)
        status = bc_simulation_finish(&s, out);
    bc_simulation_release(&s);
    return status;
}

bc_status bc_simulate_video(bc_host *host, const bc_video *video, const bc_filming *filming,
                            const bc_pixel_maps *maps, uint32_t seed, bc_spike_stream *out) {
    *out = (bc_spike_stream){0};
    int64_t frames = (int64_t)(video->count > 1 ? video->count - 1 : 1) * filming->fps_up;
    if (frames > INT32_MAX)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT, "%lld spike frames are too many for one stream",
                       (long long)frames);
    bool follow = filming->interpolation == BC_INTERPOLATE_MOTION && video->count > 1 && frames > 1;
    return follow ? follow_video(host, video, filming, maps, (int)frames, seed, out)
                  : bc_simulate_images(host, video->greys, video->count, video->height, video->width,
                                       (int)frames, &filming->simulator, maps, seed, out);
}

/* --- a window --- */

/* How far it goes to either side, of the way to the next image. */
static float reach_of(const bc_filming *filming) {
    return (float)BC_LEAST_FPS_UP / (float)filming->fps_up;
}

static bc_status fade_window(bc_host *host, const bc_moment *moment, const bc_filming *filming,
                             const bc_pixel_maps *maps, uint32_t seed, bc_spike_stream *out) {
    size_t pixels = (size_t)moment->height * (size_t)moment->width;
    const float *own = moment->own, *before = moment->before ? moment->before : own,
                *after = moment->after ? moment->after : own;
    float reach = reach_of(filming), *greys = malloc(3 * pixels * sizeof *greys);
    if (!greys)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory to simulate spikes");
    for (size_t i = 0; i < pixels; i++) {
        greys[i] = (1 - reach) * own[i] + reach * before[i];
        greys[pixels + i] = own[i];
        greys[2 * pixels + i] = (1 - reach) * own[i] + reach * after[i];
    }
    bc_status status = bc_simulate_images(host, greys, 3, moment->height, moment->width, BC_SPIKE_FRAMES,
                                          &filming->simulator, maps, seed, out);
    free(greys);
    return status;
}

/* `count` images to either side of the own one. */
static bc_status film_sides(bc_simulation *s, const bc_moment *moment, const bc_filming *filming, int count,
                            between *b) {
    float reach = reach_of(filming), step = reach / (float)count;
    const float *own = moment->own;
    BC_TRY(bc_motion_find(b->motion, moment->before ? moment->before : own, own));
    BC_TRY(bc_motion_between(b->motion, b->images, 0, count, 1 - reach, step));
    BC_TRY(bc_motion_find(b->motion, own, moment->after ? moment->after : own));
    BC_TRY(bc_motion_between(b->motion, b->images, count, count + 1, 0, step));
    bc_exposure seen = {.images = b->images,
                        .count = 2 * count + 1,
                        .end = s->frames,
                        .step = 2 * (float)count / (float)(s->frames - 1)};
    return bc_simulation_expose(s, &seen);
}

static bc_status follow_window(bc_host *host, const bc_moment *moment, const bc_filming *filming,
                               const bc_pixel_maps *maps, uint32_t seed, bc_spike_stream *out) {
    bc_simulation s;
    between b = {0};
    int count = (int)ceilf((float)filming->sub_frames * reach_of(filming));
    bc_status status = bc_simulation_begin(host, &filming->simulator, maps, moment->height, moment->width,
                                           BC_SPIKE_FRAMES, seed, &s);
    if (status == BC_OK)
        status = between_begin(host, moment->height, moment->width, 2 * count + 1, &b);
    if (status == BC_OK)
        status = film_sides(&s, moment, filming, count, &b);
    if (status == BC_OK)
        status = bc_simulation_finish(&s, out);
    between_release(&b);
    bc_simulation_release(&s);
    return status;
}

bc_status bc_simulate_window(bc_host *host, const bc_moment *moment, const bc_filming *filming,
                             const bc_pixel_maps *maps, uint32_t seed, bc_spike_stream *out) {
    *out = (bc_spike_stream){0};
    if (filming->fps_up < BC_LEAST_FPS_UP)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "a window of %d frames goes beyond the images beside its own: expected at least %d "
                       "spike frames from one image to the next, found %d",
                       BC_SPIKE_FRAMES, BC_LEAST_FPS_UP, filming->fps_up);
    bool follow = filming->interpolation == BC_INTERPOLATE_MOTION && (moment->before || moment->after);
    return (follow ? follow_window : fade_window)(host, moment, filming, maps, seed, out);
}
