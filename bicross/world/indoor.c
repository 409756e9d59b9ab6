/* Furnished rooms. The room is centred on the origin, floor y = 0; furniture stands in poses whose z points
 * into the room. */
#include "bicross/world/scene.h"

#include <math.h>
#include <string.h>

typedef struct room {
    bc_site site;
    float width, length, height; /* x, z, y */
} room;

static bc_material wood(const bc_site *s) {
    float red = bc_between(s, 0.2f, 0.7f), green = red * bc_between(s, 0.68f, 0.85f),
          blue = red * bc_between(s, 0.4f, 0.65f);
    float rgb[3] = {red, green, blue};
    bc_material m = bc_plain(s->look, s->random, rgb, 2);
    m.stretch = 0.25f;
    m.frequency *= 2;
    return m;
}

static void box(const bc_site *s, const bc_pose *at, float x, float bottom, float z, float width,
                float height, float length, const bc_material *m) {
    bc_scene_add(s->scene, at, BC_BOX, x, bottom, z, width, height, length, m);
}

/* --- the shell --- */

static bc_material wall_surface(const room *r) {
    const bc_site *s = &r->site;
    bc_material m = bc_coloured(s, s->look->wall.low, s->look->wall.high, s->look->colourful, 1);
    float kind = bc_random_uniform(s->random);
    if (kind < 0.25f) { /* striped paper */
        bc_set_grid(&m, bc_between(s, 0.15f, 0.5f), 9, 0, 0.5f, -1, 2);
        bc_set_tone(&m, 0.8f * m.rgb[0], 0.8f * m.rgb[1], 0.78f * m.rgb[2], 0.8f);
    } else if (kind < 0.25f + 0.6f * s->look->bricks) {
        bc_set_grid(&m, 0.25f, 0.08f, 0.06f, 1, 0.14f, 1);
        m.shift = 0.5f;
        m.variation = 0.5f;
        m.border = -0.35f;
    } else if (kind > 0.8f) { /* panelling */
        bc_set_grid(&m, 0.9f, r->height + 0.2f, 0.08f, 0.92f, 0.04f, 0.32f);
        bc_set_tone(&m, 0.7f * m.rgb[0], 0.62f * m.rgb[1], 0.55f * m.rgb[2], 0.9f);
    }
    return m;
}

static void shell(const room *r) {
    const bc_site *s = &r->site;
    const float thick = 0.2f;
    float x = r->width / 2 + thick / 2, z = r->length / 2 + thick / 2;
    bc_material wall = wall_surface(r), other = bc_chance(s->random, 0.4f) ? wall_surface(r) : wall;
    bc_material ceiling = bc_coloured(s, 0.75f, 0.95f, 0.05f, 0.5f),
                skirting = bc_coloured(s, 0.3f, 0.95f, 0.1f, 0.3f);
    box(s, NULL, -x, 0, 0, thick, r->height, r->length + 2 * thick, &wall);
    box(s, NULL, x, 0, 0, thick, r->height, r->length + 2 * thick, &wall);
    box(s, NULL, 0, 0, -z, r->width, r->height, thick, &other);
    box(s, NULL, 0, 0, z, r->width, r->height, thick, &other);
    box(s, NULL, 0, r->height, 0, r->width + 1, thick, r->length + 1, &ceiling);
    for (int side = -1; side <= 1; side += 2) {
        box(s, NULL, (float)side * (r->width / 2), 0, 0, 0.03f, 0.1f, r->length, &skirting);
        box(s, NULL, 0, 0, (float)side * (r->length / 2), r->width, 0.1f, 0.03f, &skirting);
    }
}

static void floor_surface(const bc_site *s) {
    bc_scene *scene = s->scene;
    float grey = bc_draw(s->random, s->look->road), kind = bc_random_uniform(s->random);
    float rgb[3] = {grey, 0.95f * grey, 0.9f * grey};
    bc_material m = kind < 0.45f ? wood(s) : bc_plain(s->look, s->random, rgb, 1);
    m.noise = s->look->ground_noise;
    m.frequency = s->look->noise_frequency;
    if (kind < 0.45f) { /* boards along x or z */
        bool turned = bc_chance(s->random, 0.5f);
        bc_set_grid(&m, turned ? 0.16f : 1.8f, turned ? 1.8f : 0.16f, 0.01f, 1, 0.02f, 1);
        m.shift = 0.37f;
        m.variation = 0.3f;
        m.border = -0.4f;
    } else if (kind < 0.75f) { /* tiles */
        float size = bc_between(s, 0.25f, 0.6f);
        bc_set_grid(&m, size, size, 0.03f, 0.97f, 0.03f, 0.97f);
        m.variation = 0.15f;
        m.border = -0.35f;
    }
    for (int i = 0; i < BC_GROUND_ZONES; i++)
        scene->ground[i] = m;
    scene->edge[0] = scene->edge[1] = 1e3f;
    scene->lane = 1e3f;
    scene->marking = 0;
}

/* --- on the walls: z points into the room, x along the wall --- */

static void window(const bc_site *s, const bc_pose *at) {
    float width = bc_between(s, 0.9f, 2.2f), height = bc_between(s, 0.9f, 1.5f),
          sill = bc_between(s, 0.7f, 1);
    bc_material frame = bc_coloured(s, 0.6f, 0.95f, 0.05f, 0.2f), pane = frame;
    pane.emission = bc_between(s, 0.5f, 1) * (s->look->ambient.high > 0.4f ? 1 : 0.5f);
    pane.noise = 0;
    bc_set_grid(&pane, width / 2, height / 2, 0.06f, 0.94f, 0.05f, 0.95f);
    bc_set_tone(&pane, 0.72f, 0.82f, 0.95f, 1);
    pane.border = -0.5f;
    box(s, at, 0, sill, 0.02f, width, height, 0.06f, &pane);
    box(s, at, 0, sill - 0.06f, 0.1f, width + 0.2f, 0.05f, 0.22f, &frame);
    if (bc_chance(s->random, 0.5f)) { /* curtains */
        bc_material cloth = bc_coloured(s, 0.2f, 0.8f, 0.5f, 1);
        bc_set_grid(&cloth, 0.12f, 9, 0.2f, 0.8f, -1, 2);
        cloth.border = -0.25f;
        for (int side = -1; side <= 1; side += 2)
            box(s, at, (float)side * (width / 2 + 0.15f), 0.1f, 0.1f, 0.4f, sill + height, 0.12f, &cloth);
    }
}

static void door(const bc_site *s, const bc_pose *at) {
    bc_material leaf = bc_chance(s->random, 0.5f) ? wood(s) : bc_coloured(s, 0.5f, 0.9f, 0.1f, 0.5f);
    bc_material frame = bc_coloured(s, 0.3f, 0.9f, 0.1f, 0.5f);
    bc_set_grid(&leaf, 0.9f, 1, 0.15f, 0.85f, 0.12f, 0.88f);
    bc_set_tone(&leaf, 0.75f * leaf.rgb[0], 0.75f * leaf.rgb[1], 0.75f * leaf.rgb[2], 0.7f);
    box(s, at, 0, 0, 0.01f, 1.06f, 2.12f, 0.06f, &frame);
    box(s, at, 0, 0, 0.03f, 0.9f, 2.02f, 0.06f, &leaf);
}

static void picture(const bc_site *s, const bc_pose *at) {
    float width = bc_between(s, 0.4f, 1.2f), height = bc_between(s, 0.3f, 0.9f);
    bc_material frame = bc_coloured(s, 0.1f, 0.8f, 0.3f, 0.5f), paint = bc_coloured(s, 0.2f, 0.8f, 0.8f, 3);
    paint.frequency *= 2;
    float bottom = bc_between(s, 1.2f, 1.5f);
    box(s, at, 0, bottom, 0.01f, width, height, 0.04f, &frame);
    box(s, at, 0, bottom + 0.05f, 0.02f, width - 0.1f, height - 0.1f, 0.05f, &paint);
}

/* --- furniture --- */

/* Things on a table of this size. */
static void put_box(const bc_site *s, const bc_pose *at, float table_width, float table_height,
                    const bc_material *m) {
    float length = bc_between(s, 0.08f, 0.25f), height = bc_between(s, 0.05f, 0.35f),
          width = bc_between(s, 0.1f, 0.4f), z = bc_between(s, -0.2f, 0.2f),
          x = bc_between(s, -0.3f, 0.3f) * table_width;
    box(s, at, x, table_height, z, width, height, length, m);
}

static void put_vase(const bc_site *s, const bc_pose *at, float table_width, float table_height,
                     const bc_material *m) {
    float height = bc_between(s, 0.15f, 0.3f), z = bc_between(s, -0.2f, 0.2f),
          x = bc_between(s, -0.3f, 0.3f) * table_width;
    bc_scene_add(s->scene, at, BC_ELLIPSOID, x, table_height, z, 0.16f, height, 0.16f, m);
}

static void table(const bc_site *s, const bc_pose *at) {
    bc_material m = wood(s), thing = bc_coloured(s, 0.1f, 0.9f, 0.7f, 1);
    float width = bc_between(s, 1, 1.8f), length = bc_between(s, 0.6f, 0.95f),
          height = bc_between(s, 0.7f, 0.78f);
    box(s, at, 0, height - 0.05f, 0, width, 0.05f, length, &m);
    for (int i = 0; i < 4; i++)
        box(s, at, (i & 1 ? 0.5f : -0.5f) * (width - 0.12f), 0, (i & 2 ? 0.5f : -0.5f) * (length - 0.12f),
            0.06f, height - 0.05f, 0.06f, &m);
    put_box(s, at, width, height, &thing);
    put_vase(s, at, width, height, &thing);
}

static void chair(const bc_site *s, const bc_pose *at) {
    bc_material m = bc_chance(s->random, 0.5f) ? wood(s) : bc_coloured(s, 0.1f, 0.8f, 0.6f, 1);
    box(s, at, 0, 0.42f, 0, 0.42f, 0.06f, 0.42f, &m);
    box(s, at, 0, 0.48f, -0.2f, 0.4f, 0.45f, 0.04f, &m);
    for (int i = 0; i < 4; i++)
        box(s, at, i & 1 ? 0.18f : -0.18f, 0, i & 2 ? 0.18f : -0.18f, 0.04f, 0.42f, 0.04f, &m);
}

static void sofa(const bc_site *s, const bc_pose *at) {
    bc_material m = bc_coloured(s, 0.15f, 0.75f, 0.5f, 1.5f), cushion = bc_coloured(s, 0.2f, 0.9f, 0.7f, 1);
    float width = bc_between(s, 1.3f, 2.2f);
    box(s, at, 0, 0.05f, 0.42f, width, 0.38f, 0.8f, &m);
    box(s, at, 0, 0.05f, 0.1f, width, 0.8f, 0.2f, &m);
    for (int side = -1; side <= 1; side += 2)
        box(s, at, (float)side * (width / 2 - 0.09f), 0.05f, 0.42f, 0.18f, 0.56f, 0.8f, &m);
    bc_scene_add(s->scene, at, BC_ELLIPSOID, bc_between(s, -0.25f, 0.25f) * width, 0.42f, 0.35f, 0.45f, 0.4f,
                 0.2f, &cushion);
}

static void shelf(const bc_site *s, const bc_pose *at) {
    bc_material m = wood(s), books = bc_coloured(s, 0.2f, 0.7f, 0.5f, 0.5f);
    float width = bc_between(s, 0.7f, 1.6f), height = bc_between(s, 1, 2.1f);
    bc_set_grid(&books, bc_between(s, 0.05f, 0.09f), 0.33f, 0.1f, 0.95f, 0.06f,
                0.8f); /* upright spines between boards */
    books.variation = 1.2f;
    books.border = -0.75f;
    books.cover = 0.85f;
    box(s, at, 0, 0.08f, 0.15f, width, height - 0.12f, 0.26f, &books);
    for (int side = -1; side <= 1; side += 2)
        box(s, at, (float)side * width / 2, 0, 0.16f, 0.04f, height, 0.32f, &m);
    box(s, at, 0, height - 0.04f, 0.16f, width, 0.04f, 0.32f, &m);
}

static void cupboard(const bc_site *s, const bc_pose *at) {
    bc_material m = bc_chance(s->random, 0.6f) ? wood(s) : bc_coloured(s, 0.3f, 0.9f, 0.4f, 0.5f);
    float width = bc_between(s, 0.6f, 1.6f), height = bc_between(s, 0.6f, 2),
          depth = bc_between(s, 0.4f, 0.6f);
    bc_set_grid(&m, width / 2, height / (height > 1.2f ? 1 : 3), 0.03f, 0.97f, 0.03f, 0.97f);
    m.border = -0.5f;
    m.variation = 0.1f;
    box(s, at, 0, 0, depth / 2, width, height, depth, &m);
}

static void bed(const bc_site *s, const bc_pose *at) {
    bc_material frame = wood(s), sheet = bc_coloured(s, 0.4f, 0.95f, 0.5f, 1),
                pillow = bc_coloured(s, 0.7f, 0.98f, 0.1f, 0.5f);
    float width = bc_between(s, 0.9f, 1.7f);
    box(s, at, 0, 0.1f, 1.05f, width, 0.25f, 2.05f, &frame);
    box(s, at, 0, 0.35f, 1.05f, width - 0.06f, 0.2f, 2, &sheet);
    box(s, at, 0, 0, 0.04f, width, bc_between(s, 0.8f, 1.1f), 0.06f, &frame);
    bc_scene_add(s->scene, at, BC_ELLIPSOID, 0, 0.5f, 0.35f, 0.7f, 0.2f, 0.45f, &pillow);
}

static void floor_lamp(const bc_site *s, const bc_pose *at) {
    bc_material metal = bc_coloured(s, 0.1f, 0.5f, 0.05f, 0.3f),
                shade = bc_coloured(s, 0.8f, 0.95f, 0.15f, 0.3f);
    float height = bc_between(s, 1.2f, 1.6f);
    shade.emission = 0.7f;
    box(s, at, 0, 0, 0.25f, 0.3f, 0.03f, 0.3f, &metal);
    box(s, at, 0, 0, 0.25f, 0.04f, height, 0.04f, &metal);
    bc_scene_add(s->scene, at, BC_ELLIPSOID, 0, height - 0.05f, 0.25f, 0.42f, 0.36f, 0.42f, &shade);
}

static void plant(const bc_site *s, const bc_pose *at) {
    bc_material pot = bc_coloured(s, 0.3f, 0.7f, 0.5f, 0.5f), leaves = bc_coloured(s, 0.2f, 0.35f, 0.2f, 3);
    float size = bc_between(s, 0.5f, 1);
    leaves.rgb[1] = fminf(leaves.rgb[1] * 1.7f, 1);
    leaves.frequency *= 3;
    box(s, at, 0, 0, 0.3f, 0.32f, 0.3f, 0.32f, &pot);
    bc_scene_add(s->scene, at, BC_ELLIPSOID, 0, 0.28f, 0.3f, 0.6f * size, size, 0.6f * size, &leaves);
    bc_scene_add(s->scene, at, BC_ELLIPSOID, 0.1f, 0.28f + 0.4f * size, 0.25f, 0.5f * size, 0.7f * size,
                 0.5f * size, &leaves);
}

static void crate(const bc_site *s, const bc_pose *at) {
    bc_material m = bc_coloured(s, 0.15f, 0.85f, 0.5f, 1);
    float width = bc_between(s, 0.2f, 0.6f), length = width * bc_between(s, 0.7f, 1.4f),
          height = width * bc_between(s, 0.6f, 1.3f);
    box(s, at, 0, 0, 0, width, height, length, &m);
}

static void ball(const bc_site *s, const bc_pose *at) {
    bc_material m = bc_coloured(s, 0.3f, 0.9f, 0.8f, 1);
    float size = bc_between(s, 0.15f, 0.5f);
    bc_scene_add(s->scene, at, BC_ELLIPSOID, 0, 0, 0, size, size, size, &m);
}

static void rug(const bc_site *s, const bc_pose *at) {
    bc_material m = bc_coloured(s, 0.2f, 0.8f, 0.6f, 2);
    float length = bc_between(s, 0.8f, 1.8f), width = bc_between(s, 1.2f, 2.5f);
    box(s, at, 0, 0, 0, width, 0.015f, length, &m);
}

/* --- arrangement --- */

typedef void furniture(const bc_site *s, const bc_pose *at);

/* A place on one of the four walls: 0 low x, 1 high x, 2 low z, 3 high z. */
static bc_pose wall_pose(const room *r, int wall, float margin) {
    const bc_site *s = &r->site;
    float along = wall < 2 ? r->length : r->width,
          side = bc_between(s, -0.5f, 0.5f) * fmaxf(along - 2 * margin, 0.2f);
    const float right_angle = 1.57079633f;
    switch (wall) {
    case 0:
        return bc_stand(s->scene, -r->width / 2, side, right_angle, 0);
    case 1:
        return bc_stand(s->scene, r->width / 2, side, -right_angle, 0);
    case 2:
        return bc_stand(s->scene, side, -r->length / 2, 0, 0);
    default:
        return bc_stand(s->scene, side, r->length / 2, 2 * right_angle, 0);
    }
}

static void furnish(const room *r) {
    const bc_site *s = &r->site;
    static furniture *const flat[] = {window, window, door, picture, picture};
    static furniture *const standing[] = {sofa, shelf, cupboard, cupboard, bed, floor_lamp, plant, shelf};
    static furniture *const loose[] = {table, chair, chair, crate, crate, ball, plant, table};
    for (int wall = 0; wall < 4; wall++) {
        for (int i = 1 + bc_random_below(s->random, 2); i > 0; i--) {
            bc_pose at = wall_pose(r, wall, 1.2f);
            flat[bc_random_below(s->random, 5)](s, &at);
        }
        for (int i = 1 + bc_random_below(s->random, 3); i > 0; i--) {
            bc_pose at = wall_pose(r, wall, 0.8f);
            standing[bc_random_below(s->random, 8)](s, &at);
        }
    }
    for (int i = 1 + bc_random_below(s->random, 4); i > 0; i--) {
        float yaw = bc_between(s, -3.1416f, 3.1416f), z = bc_between(s, -0.38f, 0.38f) * r->length,
              x = bc_between(s, -0.38f, 0.38f) * r->width;
        bc_pose at = bc_stand(s->scene, x, z, yaw, 0);
        loose[bc_random_below(s->random, 8)](s, &at);
    }
    if (bc_chance(s->random, 0.5f)) {
        bc_pose at = bc_stand(s->scene, 0, 0, bc_between(s, -0.3f, 0.3f), 0);
        rug(s, &at);
    }
}

static void hang_lamp(const room *r) {
    const bc_site *s = &r->site;
    bc_scene *scene = s->scene;
    bc_material shade = bc_coloured(s, 0.9f, 1, 0.08f, 0);
    float x = bc_between(s, -0.25f, 0.25f) * r->width, z = bc_between(s, -0.25f, 0.25f) * r->length,
          bottom = r->height - 0.35f;
    shade.emission = 0.8f;
    bc_scene_add(scene, NULL, BC_ELLIPSOID, x, bottom, z, 0.45f, 0.22f, 0.45f, &shade);
    memcpy(scene->light, (float[]){x, bottom - 0.1f, z}, sizeof scene->light);
    scene->light_is_lamp = 1;
    scene->hills = 0;
}

/* With its back to a short wall, looking along the room; held by hand. */
static void set_camera(const room *r) {
    const bc_site *s = &r->site;
    bc_scene *scene = s->scene;
    float x = bc_between(s, -0.3f, 0.3f) * r->width, z = -(r->length / 2 - 0.5f);
    float aim_x = bc_between(s, -0.3f, 0.3f) * r->width, aim_z = r->length / 2;
    scene->position[0] = x;
    scene->position[2] = z;
    scene->yaw = atan2f(aim_x - x, aim_z - z);
    for (int i = 0; i < 3; i++)
        scene->motion[i] = 0.03f * bc_random_normal(s->random);
    scene->turn = 0.015f * bc_random_normal(s->random);
    scene->horizon = 0.5f;
}

void bc_scene_room(const bc_look *look, bc_random *random, bc_scene *scene) {
    room r = {.site = {look, random, scene}};
    const bc_site *s = &r.site;
    r.width = bc_between(s, 3.2f, 5.4f);
    r.length = bc_between(s, 4.5f, 8);
    r.height = bc_between(s, 2.4f, 3.1f);
    set_camera(&r);
    floor_surface(s);
    furnish(&r);
    bc_scene_clear_camera(scene, 0.6f, 1.5f, 100);
    shell(&r);
    hang_lamp(&r);
}
