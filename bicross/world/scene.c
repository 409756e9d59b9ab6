/* Helpers of the scene generators. */
#include "bicross/world/scene.h"

#include <math.h>

float bc_draw(bc_random *random, bc_range range) {
    return bc_random_range(random, range.low, range.high);
}

bool bc_chance(bc_random *random, float probability) {
    return bc_random_uniform(random) < probability;
}

/* A grey value in the range with a random tint. */
static void draw_colour(bc_random *random, bc_range grey, float colourful, float rgb[3]) {
    float value = bc_draw(random, grey);
    for (int i = 0; i < 3; i++)
        rgb[i] = fminf(fmaxf(value * (1 + colourful * bc_random_range(random, -1, 1)), 0.02f), 1);
}

bc_material bc_plain(const bc_look *look, bc_random *random, const float rgb[3], float noise) {
    float contrast = bc_draw(random, look->contrast);
    uint32_t seed = bc_random_bits(random);
    return (bc_material){.rgb = {rgb[0], rgb[1], rgb[2]},
                         .noise = noise * look->wall_noise * contrast,
                         .frequency = look->noise_frequency,
                         .stretch = 1,
                         .seed = seed};
}

float bc_between(const bc_site *site, float low, float high) {
    return bc_random_range(site->random, low, high);
}

bc_material bc_coloured(const bc_site *site, float low, float high, float colourful, float noise) {
    float rgb[3];
    draw_colour(site->random, (bc_range){low, high}, colourful, rgb);
    return bc_plain(site->look, site->random, rgb, noise);
}

void bc_set_grid(bc_material *material, float cell_u, float cell_v, float u0, float u1, float v0, float v1) {
    material->cell_u = cell_u;
    material->cell_v = cell_v;
    material->u0 = u0;
    material->u1 = u1;
    material->v0 = v0;
    material->v1 = v1;
    material->cover = 1;
}

void bc_set_tone(bc_material *material, float red, float green, float blue, float mix) {
    material->tone[0] = red;
    material->tone[1] = green;
    material->tone[2] = blue;
    material->mix = mix;
}

/* The number of an object is the place of its first primitive. */
bc_pose bc_stand(const bc_scene *scene, float x, float z, float yaw, float travel) {
    return (bc_pose){.x = x, .z = z, .yaw = yaw, .travel = travel, .object = scene->count};
}

void bc_scene_add(bc_scene *scene, const bc_pose *pose, bc_shape_kind kind, float x, float bottom, float z,
                  float width, float height, float length, const bc_material *material) {
    if (scene->count == BC_SCENE_PRIMITIVES)
        return;
    bc_pose at = pose ? *pose : bc_stand(scene, 0, 0, 0, 0);
    float c = cosf(at.yaw), s = sinf(at.yaw);
    scene->primitives[scene->count++] =
        (bc_primitive){.kind = kind,
                       .centre = {at.x + c * x + s * z, bottom + height / 2, at.z - s * x + c * z},
                       .half = {width / 2, height / 2, length / 2},
                       .yaw = at.yaw,
                       .travel = at.travel,
                       .object = at.object,
                       .material = *material};
}

/* Horizontal distance of a point from a primitive's box. */
static float distance_to(const bc_primitive *p, float x, float z) {
    float c = cosf(p->yaw), s = sinf(p->yaw), dx = x - p->centre[0], dz = z - p->centre[2];
    float across = fmaxf(fabsf(c * dx - s * dz) - p->half[0], 0),
          along = fmaxf(fabsf(s * dx + c * dz) - p->half[2], 0);
    return hypotf(across, along);
}

static bool is_clear(const bc_scene *scene, const bc_primitive *p, float gap, float ahead, float behind) {
    float forward_x = sinf(scene->yaw), forward_z = cosf(scene->yaw);
    const float *camera = scene->position;
    float depth = (p->centre[0] - camera[0]) * forward_x + (p->centre[2] - camera[2]) * forward_z;
    if (depth + hypotf(p->half[0], p->half[2]) < -behind)
        return false;
    float top = p->centre[1] + p->half[1], bottom = p->centre[1] - p->half[1];
    if (top < 0.2f || bottom > camera[1] + 1) /* flat, or overhead */
        return true;
    for (int i = 0; i <= 4; i++) {
        float way = ahead * (float)i / 4;
        if (distance_to(p, camera[0] + way * forward_x, camera[2] + way * forward_z) < gap)
            return false;
    }
    return true;
}

void bc_scene_clear_camera(bc_scene *scene, float gap, float ahead, float behind) {
    bool in_the_way[BC_SCENE_PRIMITIVES] = {false};
    int kept = 0;
    for (int i = 0; i < scene->count; i++) {
        const bc_primitive *p = &scene->primitives[i];
        in_the_way[p->object] |= !is_clear(scene, p, gap, ahead, behind);
    }
    for (int i = 0; i < scene->count; i++)
        if (!in_the_way[scene->primitives[i].object])
            scene->primitives[kept++] = scene->primitives[i];
    scene->count = kept;
}
