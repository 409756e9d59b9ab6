/* Renders scenes on the device: uploads what the scene is made of and which tiles of the screen see what,
 * runs the ray caster for the sub-frames of a spike window, the spike simulation on its light, and one
 * download. */
#include "bicross/world/scene.h"
#include "cl_kernels/shared.h"
#include "host/base/divide.h"
#include "host/device/launch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SUB_FRAMES = 5, TILE_WIDTH = BC_WORLD_TILE_WIDTH, TILE_HEIGHT = BC_WORLD_TILE_HEIGHT };

/* The structures of world.cl: 32-bit words only. */
typedef struct solid {
    float centre[3], cosine, extent[3], sine;
} solid;

typedef struct camera {
    float position[3], time, right[3], up[3], ahead[3], unused[3];
} camera;

typedef struct scene_words {
    int32_t width, height, frames, tiles_x, tiles_y, boxes, solids;
    uint32_t seed;
    float focal, horizon, vignette;
    float light[3], light_is_lamp, ambient, diffuse, shadow;
    float sky_top[3], sky_horizon[3], cloud, hills;
    float fog, patches, wet, rain, exposure, edge[2], lane, marking;
} scene_words;
_Static_assert(sizeof(solid) == 32 && sizeof(camera) == 64 && sizeof(scene_words) == 140, "as in world.cl");

typedef struct tile_range {
    int32_t boxes, ellipsoids, end, next;
} tile_range;

/* Tiles that a solid may be seen in: columns x0..x1-1, rows y0..y1-1. */
typedef struct tile_window {
    int x0, y0, x1, y1;
} tile_window;

typedef struct upload {
    scene_words scene;
    camera cameras[SUB_FRAMES];
    solid solids[SUB_FRAMES * BC_SCENE_PRIMITIVES];
    bc_material materials[BC_SCENE_PRIMITIVES + BC_GROUND_ZONES];
    tile_window windows[SUB_FRAMES * BC_SCENE_PRIMITIVES];
} upload;

struct bc_renderer {
    bc_host *host;
    int height, width, tiles_x, tiles_y;
    upload *upload;
    tile_range *tiles; /* (SUB_FRAMES, tiles_y, tiles_x) */
    int32_t *list;
    size_t list_length, list_capacity, list_buffer_length;
    bc_buffer scene_buffer, cameras_buffer, solids_buffer, materials_buffer, tiles_buffer, list_buffer, light;
    bc_buffer result, words, depth, rgb; /* the last three are views of the first */
    size_t depth_offset, rgb_offset, result_bytes;
    uint8_t *downloaded;
};

/* --- what the sub-frames see --- */

static void camera_at(const bc_scene *scene, float time, camera *out) {
    float yaw = scene->yaw + time * scene->turn, cy = cosf(yaw), sy = sinf(yaw);
    float cp = cosf(scene->pitch), sp = sinf(scene->pitch), cr = cosf(scene->roll), sr = sinf(scene->roll);
    float right[3] = {cy, 0, -sy}, up[3] = {sp * sy, cp, sp * cy}, ahead[3] = {cp * sy, -sp, cp * cy};
    float level_x = cosf(scene->yaw), level_z = sinf(scene->yaw); /* motion is along the ground */
    const float *m = scene->motion;
    *out = (camera){.position = {scene->position[0] + time * (m[0] * level_x + m[2] * level_z),
                                 scene->position[1] + time * m[1],
                                 scene->position[2] + time * (m[2] * level_x - m[0] * level_z)},
                    .time = time};
    for (int i = 0; i < 3; i++) {
        out->right[i] = cr * right[i] + sr * up[i];
        out->up[i] = cr * up[i] - sr * right[i];
        out->ahead[i] = ahead[i];
    }
}

static void solid_at(const bc_primitive *p, float time, solid *out) {
    float c = cosf(p->yaw), s = sinf(p->yaw), way = time * p->travel;
    *out = (solid){
        .centre = {p->centre[0] + way * s, p->centre[1], p->centre[2] + way * c}, .cosine = c, .sine = s};
    for (int i = 0; i < 3; i++)
        out->extent[i] = p->kind == BC_BOX ? p->half[i] : 1 / p->half[i];
}

/* Corner i (bits: x, y, z) of a primitive's box in camera axes. */
static void corner_in_camera(const solid *s, const float half[3], const camera *view, int i, float out[3]) {
    float x = i & 1 ? half[0] : -half[0], y = i & 2 ? half[1] : -half[1], z = i & 4 ? half[2] : -half[2];
    float d[3] = {s->centre[0] + s->cosine * x + s->sine * z - view->position[0],
                  s->centre[1] + y - view->position[1],
                  s->centre[2] - s->sine * x + s->cosine * z - view->position[2]};
    out[0] = d[0] * view->right[0] + d[1] * view->right[1] + d[2] * view->right[2];
    out[1] = d[0] * view->up[0] + d[1] * view->up[1] + d[2] * view->up[2];
    out[2] = d[0] * view->ahead[0] + d[1] * view->ahead[1] + d[2] * view->ahead[2];
}

static int clamped(float x, int low, int high) {
    return x <= (float)low ? low : x >= (float)high ? high : (int)x;
}

/* The tiles that a solid's box covers: the box's edges, cut at a plane in front of the camera, projected. */
static tile_window window_of(const bc_renderer *r, const scene_words *scene, const solid *s,
                             const float half[3], const camera *view) {
    const float near = 0.05f;
    float corner[8][3], low[2] = {1e9f, 1e9f}, high[2] = {-1e9f, -1e9f};
    for (int i = 0; i < 8; i++)
        corner_in_camera(s, half, view, i, corner[i]);
    for (int i = 0; i < 8; i++)
        for (int axis = 1; axis < 8; axis <<= 1) {
            const float *a = corner[i], *b = corner[i ^ axis]; /* every edge twice: from both ends */
            if (a[2] < near && b[2] < near)
                continue;
            float share = a[2] < near ? (near - a[2]) / (b[2] - a[2]) : 0;
            float z = a[2] + share * (b[2] - a[2]);
            float u = 0.5f * (float)scene->width + scene->focal * (a[0] + share * (b[0] - a[0])) / z;
            float v = scene->horizon - scene->focal * (a[1] + share * (b[1] - a[1])) / z;
            low[0] = fminf(low[0], u);
            low[1] = fminf(low[1], v);
            high[0] = fmaxf(high[0], u);
            high[1] = fmaxf(high[1], v);
        }
    return (tile_window){clamped(floorf((low[0] - 0.01f) / TILE_WIDTH), 0, r->tiles_x),
                         clamped(floorf((low[1] - 0.01f) / TILE_HEIGHT), 0, r->tiles_y),
                         clamped(floorf((high[0] + 0.01f) / TILE_WIDTH) + 1, 0, r->tiles_x),
                         clamped(floorf((high[1] + 0.01f) / TILE_HEIGHT) + 1, 0, r->tiles_y)};
}

/* --- the upload --- */

static void fill_scene(const bc_renderer *r, const bc_scene *scene, scene_words *out) {
    *out = (scene_words){.width = r->width,
                         .height = r->height,
                         .frames = SUB_FRAMES,
                         .tiles_x = r->tiles_x,
                         .tiles_y = r->tiles_y,
                         .solids = scene->count,
                         .seed = scene->seed,
                         .focal = scene->focal * (float)r->width,
                         .horizon = scene->horizon * (float)r->height,
                         .vignette = scene->vignette,
                         .light_is_lamp = scene->light_is_lamp,
                         .ambient = scene->ambient,
                         .diffuse = scene->diffuse,
                         .shadow = scene->shadow,
                         .cloud = scene->cloud,
                         .hills = scene->hills,
                         .fog = scene->fog,
                         .patches = scene->patches,
                         .wet = scene->wet,
                         .rain = scene->rain,
                         .exposure = scene->exposure,
                         .edge = {scene->edge[0], scene->edge[1]},
                         .lane = scene->lane,
                         .marking = scene->marking};
    memcpy(out->light, scene->light, sizeof out->light);
    memcpy(out->sky_top, scene->sky_top, sizeof out->sky_top);
    memcpy(out->sky_horizon, scene->sky_horizon, sizeof out->sky_horizon);
    for (int i = 0; i < scene->count; i++)
        out->boxes += scene->primitives[i].kind == BC_BOX;
}

/* Boxes first, then ellipsoids, then the zones of the ground. */
static void fill_solids(const bc_renderer *r, const bc_scene *scene) {
    upload *up = r->upload;
    for (int f = 0; f < SUB_FRAMES; f++)
        camera_at(scene, (float)f / (SUB_FRAMES - 1) - 0.5f, &up->cameras[f]);
    int place[2] = {0, up->scene.boxes};
    for (int i = 0; i < scene->count; i++) {
        const bc_primitive *p = &scene->primitives[i];
        int k = place[p->kind]++;
        up->materials[k] = p->material;
        for (int f = 0; f < SUB_FRAMES; f++) {
            int at = f * scene->count + k;
            solid_at(p, up->cameras[f].time, &up->solids[at]);
            up->windows[at] = window_of(r, &up->scene, &up->solids[at], p->half, &up->cameras[f]);
        }
    }
    memcpy(up->materials + scene->count, scene->ground, sizeof scene->ground);
}

/* Counts (list NULL) or writes the solids of every tile; `next` is where a tile's next index goes. */
static void visit_tiles(const bc_renderer *r, int frame, int32_t *list) {
    const upload *up = r->upload;
    for (int k = 0; k < up->scene.solids; k++) {
        tile_window at = up->windows[frame * up->scene.solids + k];
        for (int y = at.y0; y < at.y1; y++)
            for (int x = at.x0; x < at.x1; x++) {
                tile_range *tile = &r->tiles[((size_t)frame * r->tiles_y + y) * r->tiles_x + x];
                if (list)
                    list[tile->next++] = k;
                else if (k < up->scene.boxes)
                    tile->ellipsoids++;
                else
                    tile->end++;
            }
    }
}

/* The lists of tiles, after a list of everything. */
static bc_status fill_tiles(bc_renderer *r) {
    int solids = r->upload->scene.solids;
    size_t count = (size_t)SUB_FRAMES * r->tiles_y * r->tiles_x, length = (size_t)solids;
    memset(r->tiles, 0, count * sizeof *r->tiles);
    for (int f = 0; f < SUB_FRAMES; f++)
        visit_tiles(r, f, NULL);
    for (size_t i = 0; i < count; i++) {
        tile_range *tile = &r->tiles[i];
        int boxes = tile->ellipsoids, ellipsoids = tile->end, begin = (int)length;
        *tile = (tile_range){begin, begin + boxes, begin + boxes + ellipsoids, begin};
        length += (size_t)(boxes + ellipsoids);
    }
    if (length > r->list_capacity) {
        size_t capacity = 2 * length;
        int32_t *list = realloc(r->list, capacity * sizeof *list);
        if (!list)
            return bc_fail(bc_host_error(r->host), BC_E_MEMORY,
                           "no memory for the %zu solids of a scene's tiles", capacity);
        r->list = list;
        r->list_capacity = capacity;
    }
    for (int k = 0; k < solids; k++)
        r->list[k] = k;
    for (int f = 0; f < SUB_FRAMES; f++)
        visit_tiles(r, f, r->list);
    r->list_length = length;
    return BC_OK;
}

static bc_status send(bc_renderer *r) {
    const upload *up = r->upload;
    size_t solids = (size_t)up->scene.solids, tiles = (size_t)SUB_FRAMES * r->tiles_y * r->tiles_x;
    if (r->list_capacity > r->list_buffer_length) {
        bc_buffer_release(&r->list_buffer);
        r->list_buffer_length = 0;
        BC_TRY(bc_buffer_create(r->host, r->list_capacity * sizeof(int32_t), "tiles of a scene",
                                &r->list_buffer));
        r->list_buffer_length = r->list_capacity;
    }
    BC_TRY(bc_buffer_write(r->host, r->scene_buffer, 0, &up->scene, sizeof up->scene));
    BC_TRY(bc_buffer_write(r->host, r->cameras_buffer, 0, up->cameras, sizeof up->cameras));
    BC_TRY(bc_buffer_write(r->host, r->solids_buffer, 0, up->solids, SUB_FRAMES * solids * sizeof(solid)));
    BC_TRY(bc_buffer_write(r->host, r->materials_buffer, 0, up->materials,
                           (solids + BC_GROUND_ZONES) * sizeof(bc_material)));
    BC_TRY(bc_buffer_write(r->host, r->tiles_buffer, 0, r->tiles, tiles * sizeof(tile_range)));
    return bc_buffer_write(r->host, r->list_buffer, 0, r->list, r->list_length * sizeof(int32_t));
}

/* --- running --- */

static bc_status run(bc_renderer *r, const bc_scene *scene, uint32_t seed, uint32_t stream) {
    double pixels = (double)r->width * r->height,
           tests = (double)r->list_length / (SUB_FRAMES * r->tiles_x * r->tiles_y);
    const char *defines = bc_host_large_groups(r->host) ? NULL : "-DANY_GROUP";
    bc_launch render = {.source = "world.cl",
                        .kernel = "world_render",
                        .defines = defines,
                        .items = {(size_t)r->width, (size_t)r->height, SUB_FRAMES},
                        .group = {TILE_WIDTH, TILE_HEIGHT, 1},
                        .flops = pixels * SUB_FRAMES * 4 * (40 * tests + 500),
                        .bytes = pixels * 4 * (SUB_FRAMES + 1),
                        BC_ARGS(BC_BUFFER(r->light), BC_BUFFER(r->rgb), BC_BUFFER(r->scene_buffer),
                                BC_BUFFER(r->cameras_buffer), BC_BUFFER(r->solids_buffer),
                                BC_BUFFER(r->materials_buffer), BC_BUFFER(r->tiles_buffer),
                                BC_BUFFER(r->list_buffer))};
    BC_TRY(bc_run(r->host, &render));
    bc_launch depth = {.source = "world.cl",
                       .kernel = "world_depth",
                       .defines = defines,
                       .items = {((size_t)r->width + 3) / 4, (size_t)r->height, 1},
                       .group = {TILE_WIDTH, TILE_HEIGHT, 1},
                       .flops = pixels * 40 * tests,
                       .bytes = pixels * 4,
                       BC_ARGS(BC_BUFFER(r->depth), BC_BUFFER(r->scene_buffer), BC_BUFFER(r->cameras_buffer),
                               BC_BUFFER(r->solids_buffer), BC_BUFFER(r->tiles_buffer),
                               BC_BUFFER(r->list_buffer))};
    BC_TRY(bc_run(r->host, &depth));
    return bc_simulate(r->host, r->light, SUB_FRAMES, r->height, r->width, BC_SPIKE_FRAMES, &scene->simulator,
                       seed, stream, r->words);
}

static void unpack(const bc_renderer *r, bc_sample *sample) {
    size_t pixels = (size_t)r->height * r->width;
    memcpy(sample->spikes, r->downloaded, pixels * BC_SPIKE_WORDS * sizeof(uint32_t));
    memcpy(sample->depth, r->downloaded + r->depth_offset, pixels * sizeof(float));
    const uint8_t *rgb = r->downloaded + r->rgb_offset;
    for (size_t i = 0; i < pixels; i++) {
        uint32_t word;
        memcpy(&word, rgb + 4 * i, sizeof word);
        for (int k = 0; k < 3; k++)
            sample->rgb[3 * i + k] = (uint8_t)(word >> (8 * k));
    }
}

/* A pixel shows an object when the point at its depth is higher than a kerb above the ground plane. */
static void mark_objects(const bc_renderer *r, const bc_scene *scene, bc_sample *sample) {
    const float kerb = 0.15f, focal = scene->focal * (float)r->width,
                horizon = scene->horizon * (float)r->height;
    camera view;
    camera_at(scene, 0, &view);
    for (int row = 0; row < r->height; row++)
        for (int column = 0; column < r->width; column++) {
            int i = row * r->width + column;
            float u = ((float)column + 0.5f - 0.5f * (float)r->width) / focal;
            float v = (horizon - (float)row - 0.5f) / focal;
            float climb = view.ahead[1] + u * view.right[1] + v * view.up[1];
            sample->objects[i] = sample->depth[i] > 0 && view.position[1] + climb * sample->depth[i] > kerb;
        }
}

bc_status bc_render(bc_renderer *renderer, const bc_scene *scene, uint32_t seed, uint32_t stream,
                    bc_sample *sample) {
    fill_scene(renderer, scene, &renderer->upload->scene);
    fill_solids(renderer, scene);
    BC_TRY(fill_tiles(renderer));
    BC_TRY(send(renderer));
    BC_TRY(run(renderer, scene, seed, stream));
    BC_TRY(bc_buffer_read(renderer->host, renderer->result, 0, renderer->downloaded, renderer->result_bytes));
    unpack(renderer, sample);
    mark_objects(renderer, scene, sample);
    return BC_OK;
}

/* --- the renderer's memory --- */

static bc_status create_buffers(bc_renderer *r) {
    bc_host *host = r->host;
    size_t pixels = (size_t)r->height * r->width, tiles = (size_t)SUB_FRAMES * r->tiles_y * r->tiles_x;
    size_t alignment = bc_buffer_alignment(host), words = pixels * BC_SPIKE_WORDS * sizeof(uint32_t);
    r->depth_offset = bc_round_up(words, alignment);
    r->rgb_offset = bc_round_up(r->depth_offset + pixels * sizeof(float), alignment);
    r->result_bytes = r->rgb_offset + pixels * sizeof(uint32_t);
    struct {
        bc_buffer *buffer;
        size_t bytes;
    } wanted[] = {{&r->scene_buffer, sizeof(scene_words)},
                  {&r->cameras_buffer, SUB_FRAMES * sizeof(camera)},
                  {&r->solids_buffer, (size_t)SUB_FRAMES * BC_SCENE_PRIMITIVES * sizeof(solid)},
                  {&r->materials_buffer, (BC_SCENE_PRIMITIVES + BC_GROUND_ZONES) * sizeof(bc_material)},
                  {&r->tiles_buffer, tiles * sizeof(tile_range)},
                  {&r->light, SUB_FRAMES * pixels * sizeof(float)},
                  {&r->result, r->result_bytes}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        BC_TRY(bc_buffer_create(host, wanted[i].bytes, "rendered scene", wanted[i].buffer));
    BC_TRY(bc_buffer_view(host, r->result, 0, words, &r->words));
    BC_TRY(bc_buffer_view(host, r->result, r->depth_offset, pixels * sizeof(float), &r->depth));
    BC_TRY(bc_buffer_view(host, r->result, r->rgb_offset, pixels * sizeof(uint32_t), &r->rgb));
    r->upload = calloc(1, sizeof *r->upload);
    r->tiles = calloc(tiles, sizeof *r->tiles);
    r->downloaded = malloc(r->result_bytes);
    if (!r->upload || !r->tiles || !r->downloaded)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory to render scenes of %d x %d", r->height,
                       r->width);
    return BC_OK;
}

bc_status bc_renderer_create(bc_host *host, int height, int width, bc_renderer **out) {
    *out = NULL;
    if (!bc_product_fits(SUB_FRAMES, height, width, 4))
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "scenes of %d x %d are more than kernels can count", height, width);
    bc_renderer *r = calloc(1, sizeof *r);
    if (!r)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory to render scenes of %d x %d", height,
                       width);
    r->host = host;
    r->height = height;
    r->width = width;
    r->tiles_x = (width + TILE_WIDTH - 1) / TILE_WIDTH;
    r->tiles_y = (height + TILE_HEIGHT - 1) / TILE_HEIGHT;
    bc_status status = create_buffers(r);
    if (status != BC_OK) {
        bc_renderer_release(r);
        return status;
    }
    *out = r;
    return BC_OK;
}

void bc_renderer_release(bc_renderer *renderer) {
    if (!renderer)
        return;
    bc_buffer *buffers[] = {&renderer->words,         &renderer->depth,
                            &renderer->rgb,           &renderer->result,
                            &renderer->light,         &renderer->list_buffer,
                            &renderer->tiles_buffer,  &renderer->materials_buffer,
                            &renderer->solids_buffer, &renderer->cameras_buffer,
                            &renderer->scene_buffer};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        bc_buffer_release(buffers[i]);
    free(renderer->upload);
    free(renderer->tiles);
    free(renderer->list);
    free(renderer->downloaded);
    free(renderer);
}
