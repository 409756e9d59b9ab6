/* Streets and highways: the road runs along z; everything stands on the plane y = 0. */
#include "bicross/world/scene.h"

#include <math.h>
#include <string.h>

static bc_material tinted(const bc_site *s, float red, float green, float blue, float noise) {
    return bc_plain(s->look, s->random, (float[]){red, green, blue}, noise);
}

/* --- buildings --- */

static bc_material facade(const bc_site *s) {
    bc_material m = bc_coloured(s, s->look->wall.low, s->look->wall.high, s->look->colourful, 1);
    float contrast = bc_draw(s->random, s->look->contrast), kind = bc_random_uniform(s->random);
    if (kind < s->look->windows) {
        float storey = bc_between(s, 2.6f, 3.4f), window = bc_between(s, 2.2f, 3.7f);
        bc_set_grid(&m, window, storey, 0.25f, 0.75f, 0.3f, 0.8f);
        bc_set_tone(&m, 0.27f, 0.3f, 0.34f, fminf(0.9f * contrast, 1));
        m.tone_variation = 0.17f;
        m.cover = bc_between(s, 0.8f, 1);
    } else if (kind < s->look->windows + s->look->bricks) {
        bc_set_grid(&m, 1.25f, 0.62f, 0.08f, 1, 0.12f, 1);
        m.shift = 0.5f;
        m.variation = 0.4f * contrast;
        m.border = -0.3f * contrast;
    }
    return m;
}

static void house(const bc_site *s, float side, float near, float z, float length) {
    bc_material wall = facade(s), roof = bc_coloured(s, 0.2f, 0.45f, 0.3f, 1);
    float depth = bc_between(s, 4, 12), height = bc_between(s, 3, 16), x = side * (near + depth / 2);
    bc_pose at = bc_stand(s->scene, x, z, 0, 0);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0, 0, depth, height, length, &wall);
    bc_scene_add(s->scene, &at, BC_BOX, 0, height, 0, depth + 0.8f, 0.35f, length + 0.6f, &roof);
    if (height < 8) /* a narrower second layer reads as a pitched roof */
        bc_scene_add(s->scene, &at, BC_BOX, 0, height + 0.35f, 0, 0.55f * depth, 0.9f, length - 0.5f, &roof);
}

static void tree(const bc_site *s, float x, float z, float height) {
    bc_pose at = bc_stand(s->scene, x, z, bc_between(s, -3, 3), 0);
    float crown = bc_between(s, 1.2f, 2.8f), green = bc_between(s, 0.28f, 0.55f);
    bc_material trunk = tinted(s, 0.3f, 0.22f, 0.15f, 1);
    bc_material leaves = tinted(s, 0.6f * green, 1.05f * green, 0.4f * green, 1.8f);
    leaves.frequency *= 2.5f;
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0, 0, 0.3f, height, 0.3f, &trunk);
    bc_scene_add(s->scene, &at, BC_ELLIPSOID, 0, height - 0.4f * crown, 0, 2 * crown, 2.2f * crown, 2 * crown,
                 &leaves);
    for (int i = bc_random_below(s->random, 3); i > 0; i--) {
        float size = crown * bc_between(s, 0.7f, 1.2f);
        float ahead = bc_between(s, -0.6f, 0.6f) * crown, up = bc_between(s, -0.5f, 0.8f) * crown,
              right = bc_between(s, -0.8f, 0.8f) * crown;
        leaves.seed += 17;
        bc_scene_add(s->scene, &at, BC_ELLIPSOID, right, height + up, ahead, 1.6f * size, 1.4f * size,
                     1.6f * size, &leaves);
    }
}

static void garden(const bc_site *s, float side, float near, float z, float length) {
    for (int i = 1 + bc_random_below(s->random, 3); i > 0; i--) {
        float height = bc_between(s, 2, 4), along = bc_between(s, -0.5f, 0.5f) * length,
              away = bc_between(s, 0.5f, 6);
        tree(s, side * (near + away), z + along, height);
    }
    if (!bc_chance(s->random, 0.6f))
        return;
    bc_material hedge = tinted(s, 0.16f, 0.3f, 0.12f, 2), fence = bc_coloured(s, 0.35f, 0.8f, 0.1f, 1);
    bool green = bc_chance(s->random, 0.5f);
    bc_set_grid(&fence, 0.25f, 3, 0.12f, 0.88f, -1, 2);
    fence.border = -0.6f;
    fence.variation = 0.2f;
    bc_scene_add(s->scene, NULL, BC_BOX, side * near, 0, z, green ? 0.8f : 0.1f, bc_between(s, 0.9f, 1.6f),
                 length, green ? &hedge : &fence);
}

static void row_of_houses(const bc_site *s, float side, float line) {
    for (float z = -12; z < 125;) {
        float length = bc_between(s, 6, 22);
        if (bc_chance(s->random, 0.78f))
            house(s, side, line + bc_between(s, 0, 3), z + length / 2, length);
        else if (bc_chance(s->random, 0.75f))
            garden(s, side, line, z + length / 2, length);
        z += length + (bc_chance(s->random, 0.5f) ? bc_between(s, 0, 6) : 0);
    }
}

/* --- things along the road --- */

static void lamp_posts(const bc_site *s, float x, float arm, float step, float height) {
    bc_material metal = bc_coloured(s, 0.2f, 0.6f, 0.05f, 0.5f);
    for (float z = bc_between(s, 2, 12); z < 90; z += step * bc_between(s, 0.85f, 1.15f)) {
        bc_pose at = bc_stand(s->scene, x, z, 0, 0);
        bc_scene_add(s->scene, &at, BC_BOX, 0, 0, 0, 0.16f, height, 0.16f, &metal);
        bc_scene_add(s->scene, &at, BC_BOX, arm / 2, height, 0, fabsf(arm), 0.12f, 0.16f, &metal);
    }
}

static void road_sign(const bc_site *s, float x, float z) {
    bc_pose at = bc_stand(s->scene, x, z, 0, 0);
    bc_material pole = tinted(s, 0.5f, 0.5f, 0.52f, 0.3f), plate = bc_coloured(s, 0.2f, 0.8f, 0.8f, 0.3f);
    bc_set_grid(&plate, 0.7f, 0.7f, 0.12f, 0.88f, 0.12f, 0.88f);
    bc_set_tone(&plate, 0.9f, 0.9f, 0.9f, 0.6f);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0, 0, 0.08f, 2.2f, 0.08f, &pole);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 2.1f, -0.06f, 0.7f, 0.7f, 0.04f, &plate);
}

static void walker(const bc_site *s, float x, float z) {
    float travel = bc_between(s, -0.1f, 0.1f), yaw = bc_between(s, -0.4f, 0.4f);
    bc_pose at = bc_stand(s->scene, x, z, yaw, travel);
    bc_material coat = bc_coloured(s, 0.1f, 0.8f, 0.4f, 0.5f), legs = bc_coloured(s, 0.08f, 0.3f, 0.3f, 0.5f);
    bc_material skin = tinted(s, 0.75f, 0.55f, 0.45f, 0.2f);
    float size = bc_between(s, 0.9f, 1.1f);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0, 0, 0.34f, 0.85f * size, 0.28f, &legs);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0.85f * size, 0, 0.48f, 0.62f * size, 0.32f, &coat);
    bc_scene_add(s->scene, &at, BC_ELLIPSOID, 0, 1.47f * size, 0, 0.22f, 0.28f, 0.24f, &skin);
}

/* --- vehicles: travel is what they drive during the spike window --- */

static void car(const bc_site *s, float x, float z, float travel) {
    bc_pose at = bc_stand(s->scene, x, z, bc_between(s, -0.03f, 0.03f), travel);
    bc_material body = bc_coloured(s, 0.1f, 0.9f, 0.4f, 0.3f), under = tinted(s, 0.05f, 0.05f, 0.05f, 0);
    bc_material glass = body;
    float width = bc_between(s, 1.65f, 1.9f), length = bc_between(s, 3.8f, 4.6f),
          roof = bc_between(s, 0.52f, 0.75f);
    bc_set_grid(&glass, 8, 8, 0.02f, 0.9f, 0.005f, roof / 8 * 0.82f);
    bc_set_tone(&glass, 0.12f, 0.15f, 0.18f, 0.85f);
    bc_set_grid(&body, 12, 12, 0, 1, 0.4f / 12, 0.52f / 12); /* bumper strip and lights */
    bc_set_tone(&body, 0.25f * body.rgb[0] + 0.3f, 0.12f, 0.1f, 0.55f);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0.02f, 0, width - 0.12f, 0.3f, length - 0.7f, &under);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0.25f, 0, width, 0.68f, length, &body);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0.93f, -0.1f, width - 0.25f, roof, length * 0.52f, &glass);
}

static void truck(const bc_site *s, float x, float z, float travel, float length) {
    bc_pose at = bc_stand(s->scene, x, z, 0, travel);
    bc_material cargo = bc_coloured(s, 0.3f, 0.95f, 0.3f, 0.4f),
                cab = bc_coloured(s, 0.15f, 0.8f, 0.6f, 0.3f);
    bc_material under = tinted(s, 0.07f, 0.07f, 0.07f, 0), lights = tinted(s, 0.6f, 0.1f, 0.08f, 0);
    float height = bc_between(s, 2.3f, 2.9f);
    bc_set_grid(&cargo, 0.6f, 9, 0.06f, 1, -1, 2); /* ribs of the tarpaulin */
    cargo.border = -0.25f;
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0.05f, 0, 2.2f, 0.85f, length - 0.6f, &under);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0.9f, -1, 2.5f, height, length - 2, &cargo);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0.5f, length / 2 - 1, 2.4f, 2.4f, 2, &cab);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0.62f, -length / 2 - 0.02f, 2.3f, 0.22f, 0.1f, &lights);
}

static void bus(const bc_site *s, float x, float z, float travel) {
    bc_pose at = bc_stand(s->scene, x, z, 0, travel);
    bc_material body = bc_coloured(s, 0.3f, 0.9f, 0.6f, 0.3f), under = tinted(s, 0.06f, 0.06f, 0.06f, 0);
    bc_set_grid(&body, 1.5f, 10, 0.06f, 0.94f, 0.12f, 0.22f);
    bc_set_tone(&body, 0.12f, 0.15f, 0.18f, 0.85f);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0.02f, 0, 2.3f, 0.4f, 9, &under);
    bc_scene_add(s->scene, &at, BC_BOX, 0, 0.4f, 0, 2.5f, 2.6f, 10, &body);
}

static void vehicle(const bc_site *s, float x, float z, float travel, float heavy) {
    if (!bc_chance(s->random, heavy))
        car(s, x, z, travel);
    else if (bc_chance(s->random, 0.5f))
        truck(s, x, z, travel, bc_between(s, 6, 11));
    else
        bus(s, x, z, travel);
}

static void parked_cars(const bc_site *s, float x) {
    for (float z = bc_between(s, 4, 15); z < 70; z += bc_between(s, 5.5f, 14))
        if (bc_chance(s->random, 0.6f))
            car(s, x, z, 0);
}

/* --- ground and camera --- */

static void set_ground(const bc_site *s, const float road[3], const float walk[3]) {
    bc_scene *scene = s->scene;
    const bc_look *look = s->look;
    float verge[3];
    for (int i = 0; i < 3; i++)
        verge[i] = fminf(fmaxf(look->verge[i] + look->verge_spread * bc_between(s, -1, 1), 0.03f), 1);
    const float *colours[] = {road, walk, verge};
    for (int i = 0; i < BC_GROUND_ZONES; i++) {
        bc_material *m = &scene->ground[i];
        *m = bc_plain(look, s->random, colours[i], 1);
        m->noise = look->ground_noise * (i == 2 ? 1.6f : 1);
        m->frequency = look->noise_frequency * (i == 0 ? 1 : 1.7f);
    }
    scene->ground[0].shine = 1;
    scene->ground[1].shine = 0.6f;
    scene->ground[2].shine = 0.1f;
}

static void draw_ground(const bc_site *s, float road[3], float walk[3]) {
    float grey = bc_draw(s->random, s->look->road), slabs = bc_draw(s->random, s->look->walk);
    memcpy(road, (float[]){grey, grey, 1.02f * grey}, 3 * sizeof *road);
    memcpy(walk, (float[]){slabs, 0.97f * slabs, 0.92f * slabs}, 3 * sizeof *walk);
}

static void set_driving(const bc_site *s, float x, float low, float high) {
    s->scene->position[0] = x;
    s->scene->position[2] = 0;
    s->scene->motion[1] = 0.01f * bc_random_normal(s->random);
    s->scene->motion[2] = bc_between(s, low, high);
}

/* Over the road ahead; only what is near it is bright. */
static void street_lamp(const bc_site *s, float road) {
    bc_scene *scene = s->scene;
    bc_material bulb = tinted(s, 1, 0.9f, 0.7f, 0);
    float x = bc_between(s, -0.8f, 0.8f) * road, z = bc_between(s, 8, 25), height = bc_between(s, 5, 7);
    bulb.emission = 1;
    bc_scene_add(scene, NULL, BC_ELLIPSOID, x, height + 0.1f, z, 0.5f, 0.25f, 0.5f, &bulb);
    memcpy(scene->light, (float[]){x, height, z}, sizeof scene->light);
    scene->light_is_lamp = 1;
}

/* --- scenes --- */

static void street_side(const bc_site *s, float side, float road, float walk) {
    bc_scene *scene = s->scene;
    bc_material kerb = bc_coloured(s, 0.5f, 0.7f, 0.03f, 1);
    bc_scene_add(scene, NULL, BC_BOX, side * (road + 0.08f), 0, 60, 0.16f, 0.12f, 140, &kerb);
    row_of_houses(s, side, road + walk + bc_between(s, 0, 5));
    if (bc_chance(s->random, 0.8f)) {
        float height = bc_between(s, 5, 7), step = bc_between(s, 9, 22), arm = bc_between(s, 0.6f, 1.8f);
        lamp_posts(s, side * (road + 0.6f), -side * arm, step, height);
    }
    if (bc_chance(s->random, 0.65f))
        parked_cars(s, side * (road - 1));
    for (int i = bc_random_below(s->random, 4); i > 0; i--) {
        float z = bc_between(s, 5, 40), away = bc_between(s, 0.4f, walk);
        walker(s, side * (road + away), z);
    }
    for (int i = bc_random_below(s->random, 3); i > 0; i--)
        road_sign(s, side * (road + 0.4f), bc_between(s, 8, 50));
    if (bc_chance(s->random, 0.35f))
        for (float z = bc_between(s, 5, 15); z < 70; z += bc_between(s, 8, 16))
            tree(s, side * (road + 0.6f * walk), z, bc_between(s, 2.5f, 3.5f));
}

void bc_scene_street(const bc_look *look, bc_random *random, bc_scene *scene) {
    bc_site s = {look, random, scene};
    float road = bc_between(&s, 3, 6.5f), walk = bc_between(&s, 1, 4), grey[3], slabs[3];
    draw_ground(&s, grey, slabs);
    set_ground(&s, grey, slabs);
    bc_set_grid(&scene->ground[1], 0.8f, 0.8f, 0.04f, 0.96f, 0.04f, 0.96f);
    scene->ground[1].border = -0.3f;
    scene->ground[1].variation = 0.15f;
    scene->edge[0] = road;
    scene->edge[1] = road + walk;
    scene->lane = road;
    set_driving(&s, bc_between(&s, -0.45f, 0.45f) * road, 0.2f, 1.2f);
    for (int side = -1; side <= 1; side += 2)
        street_side(&s, (float)side, road, walk);
    for (int i = bc_random_below(random, 6); i > 0; i--) {
        float x = (bc_chance(random, 0.5f) ? 0.5f : -0.5f) * road;
        x += 0.3f * bc_random_normal(random);
        float travel = x > 0 ? bc_between(&s, 0.2f, 1.2f) : -bc_between(&s, 0.2f, 1);
        vehicle(&s, x, 5.5f * expf(bc_between(&s, 0, 2.4f)), travel, 0.14f);
    }
    if (look->lamp > 0)
        street_lamp(&s, road);
    if (bc_chance(random, 0.4f)) { /* the street ends at a building */
        bc_material wall = facade(&s);
        float height = bc_between(&s, 5, 18), width = bc_between(&s, 16, 60), z = bc_between(&s, 45, 120),
              x = bc_between(&s, -8, 8);
        bc_scene_add(scene, NULL, BC_BOX, x, 0, z, width, height, 8, &wall);
    }
    bc_scene_clear_camera(scene, 0.9f, 4, 6);
}

static void guard_rail(const bc_site *s, float x, float start) {
    bc_material steel = bc_coloured(s, 0.5f, 0.7f, 0.04f, 0.5f);
    bc_material band = steel;
    bc_set_grid(&band, 200, 0.31f, -1, 2, 0.3f, 0.7f); /* the groove of the profile */
    bc_set_tone(&band, 0.6f * steel.rgb[0], 0.6f * steel.rgb[1], 0.6f * steel.rgb[2], 0.8f);
    bc_scene_add(s->scene, NULL, BC_BOX, x, 0.45f, 60 + start, 0.08f, 0.31f, 140, &band);
    for (float z = start + bc_between(s, 0, 4); z < 44; z += 4)
        bc_scene_add(s->scene, NULL, BC_BOX, x + 0.08f, 0, z, 0.1f, 0.7f, 0.12f, &steel);
}

static void concrete_barrier(const bc_site *s, float x) {
    bc_material concrete = bc_coloured(s, 0.45f, 0.65f, 0.04f, 1.5f);
    bc_set_grid(&concrete, 6, 2, 0.01f, 0.99f, -1, 2);
    concrete.border = -0.5f;
    concrete.variation = 0.2f;
    bc_scene_add(s->scene, NULL, BC_BOX, x, 0, 60, 0.6f, 0.3f, 160, &concrete);
    bc_scene_add(s->scene, NULL, BC_BOX, x, 0.3f, 60, 0.26f, 0.55f, 160, &concrete);
}

static void noise_wall(const bc_site *s, float x) {
    bc_material panel = bc_coloured(s, 0.3f, 0.7f, 0.25f, 1);
    bc_set_grid(&panel, 4, 0.5f, 0.03f, 0.97f, 0.06f, 1);
    panel.border = -0.35f;
    panel.variation = 0.25f;
    float length = bc_between(s, 60, 140), height = bc_between(s, 2.5f, 5), z = bc_between(s, 30, 80);
    bc_scene_add(s->scene, NULL, BC_BOX, x, 0, z, 0.4f, height, length, &panel);
}

static void gantry(const bc_site *s, float road, float z) {
    bc_material steel = bc_coloured(s, 0.4f, 0.65f, 0.05f, 0.5f);
    for (int side = -1; side <= 1; side += 2)
        bc_scene_add(s->scene, NULL, BC_BOX, (float)side * (road + 1.6f), 0, z, 0.4f, 6.6f, 0.4f, &steel);
    bc_scene_add(s->scene, NULL, BC_BOX, 0, 6.1f, z, 2 * road + 3.2f, 0.45f, 0.4f, &steel);
    bool blue = bc_chance(s->random, 0.5f);
    for (int i = 1 + bc_random_below(s->random, 2); i > 0; i--) {
        bc_material plate = tinted(s, 0.06f, blue ? 0.2f : 0.38f, blue ? 0.6f : 0.2f, 0.2f);
        bc_set_grid(&plate, 1.6f, 0.8f, 0.15f, 0.8f, 0.35f, 0.65f);
        bc_set_tone(&plate, 0.9f, 0.9f, 0.9f, 0.9f);
        plate.cover = 0.7f;
        float height = bc_between(s, 1.8f, 2.6f), width = bc_between(s, 3, 5),
              x = bc_between(s, -0.6f, 0.6f) * road;
        bc_scene_add(s->scene, NULL, BC_BOX, x, 5, z - 0.3f, width, height, 0.1f, &plate);
    }
}

static void bridge(const bc_site *s, float road, float z) {
    bc_material concrete = bc_coloured(s, 0.4f, 0.65f, 0.05f, 1.5f);
    bc_scene_add(s->scene, NULL, BC_BOX, 0, 5.6f, z, 120, 1.3f, bc_between(s, 7, 12), &concrete);
    bc_scene_add(s->scene, NULL, BC_BOX, 0, 6.9f, z - 4, 120, 0.9f, 0.2f, &concrete);
    for (int side = -1; side <= 1; side += 2)
        bc_scene_add(s->scene, NULL, BC_BOX, (float)side * (road + 2.2f), 0, z, 1, 5.6f, 5, &concrete);
}

/* The carriageway of the other direction lies left of the median. */
static void opposite_carriageway(const bc_site *s, float left, float width, const float grey[3]) {
    bc_material asphalt = bc_plain(s->look, s->random, grey, 0);
    asphalt.noise = s->look->ground_noise;
    bc_scene_add(s->scene, NULL, BC_BOX, left - width / 2, 0, 90, width, 0.02f, 240, &asphalt);
    for (float z = bc_between(s, 8, 30); z < 120; z += bc_between(s, 12, 45)) {
        float travel = -bc_between(s, 0.8f, 1.5f), lane = bc_chance(s->random, 0.5f) ? 0.3f : 0.7f;
        vehicle(s, left - lane * width, z, travel, 0.25f);
    }
}

static void traffic(const bc_site *s, int lanes, float lane) {
    for (int i = 0; i < lanes; i++) {
        float x = lane * ((float)i - 0.5f * (float)(lanes - 1)), speed = bc_between(s, 0.8f, 1.6f);
        for (float z = bc_between(s, 6, 45); z < 120; z += bc_between(s, 12, 60))
            vehicle(s, x + 0.25f * bc_random_normal(s->random), z, speed, x > 0 ? 0.5f : 0.15f);
    }
}

static void group_of_trees(const bc_site *s, float side, float line, float z) {
    for (int i = 1 + bc_random_below(s->random, 3); i > 0; i--) {
        float height = bc_between(s, 2.5f, 5), along = bc_between(s, -4, 4), away = bc_between(s, 2, 20);
        tree(s, side * (line + away), z + along, height);
    }
}

/* The open country beside the road. */
static void country(const bc_site *s, float side, float line) {
    for (float z = bc_between(s, 5, 20); z < 130; z += bc_between(s, 5, 25)) {
        if (bc_chance(s->random, 0.7f))
            group_of_trees(s, side, line, z);
        else if (bc_chance(s->random, 0.25f)) {
            float length = bc_between(s, 8, 25), away = bc_between(s, 8, 30);
            house(s, side, line + away, z, length);
        }
    }
}

void bc_scene_highway(const bc_look *look, bc_random *random, bc_scene *scene) {
    bc_site s = {look, random, scene};
    const float lane = 3.6f;
    int lanes = bc_chance(random, 0.35f) ? 2 : 4;
    float road = 0.5f * lane * (float)lanes + bc_between(&s, 0.9f, 1.8f), shoulder = bc_between(&s, 1.5f, 3),
          grey[3], gravel[3];
    draw_ground(&s, grey, gravel);
    set_ground(&s, grey, gravel);
    scene->edge[0] = road;
    scene->edge[1] = road + shoulder;
    scene->lane = lane;
    float x = lane * ((float)bc_random_below(random, lanes) - 0.5f * (float)(lanes - 1));
    x += bc_between(&s, -0.3f, 0.3f);
    set_driving(&s, x, 0.6f, 1.6f);
    scene->yaw *= 0.6f; /* straight roads */
    if (bc_chance(random, 0.5f))
        concrete_barrier(&s, -(road + 0.5f));
    else
        guard_rail(&s, -(road + 0.5f), -6);
    guard_rail(&s, road + shoulder - 0.3f, -6);
    opposite_carriageway(&s, -(road + 1.6f), road * 1.6f, grey);
    traffic(&s, lanes, lane);
    if (bc_chance(random, 0.35f))
        noise_wall(&s, road + shoulder + 1.5f);
    else
        country(&s, 1, road + shoulder);
    country(&s, -1, 2.6f * road + 4);
    if (bc_chance(random, 0.4f))
        lamp_posts(&s, -(road + 1), 2, 25, 9);
    if (bc_chance(random, 0.4f))
        gantry(&s, road, bc_between(&s, 25, 90));
    if (bc_chance(random, 0.25f))
        bridge(&s, road, bc_between(&s, 40, 110));
    bc_scene_clear_camera(scene, 0.9f, 5, 6);
}
