/* The built-in world: exact geometry against a plain ray caster, light against what the scene says, samples
 * that repeat and differ where they should. */
#include "bicross/world/scene.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- hand-made scenes --- */

/* A grey world without texture: what is seen is known exactly. */
static bc_scene empty_scene(void) {
    bc_scene scene = {.position = {0.3f, 1.6f, 0},
                      .focal = 0.6f,
                      .horizon = 0.45f,
                      .edge = {1e3f, 2e3f},
                      .lane = 1e3f,
                      .light = {0, 1, 0},
                      .ambient = 1,
                      .exposure = 1,
                      .sky_top = {0.2f, 0.4f, 0.8f},
                      .sky_horizon = {0.2f, 0.4f, 0.8f},
                      .simulator = bc_simulator_ideal()};
    for (int i = 0; i < BC_GROUND_ZONES; i++)
        scene.ground[i] = (bc_material){.rgb = {0.5f, 0.5f, 0.5f}, .stretch = 1};
    return scene;
}

static void sample_create(int height, int width, bc_sample *out) {
    size_t pixels = (size_t)height * width;
    *out = (bc_sample){.height = height,
                       .width = width,
                       .rgb = malloc(3 * pixels),
                       .depth = malloc(pixels * sizeof(float)),
                       .spikes = malloc(pixels * 4 * sizeof(uint32_t)),
                       .objects = malloc(pixels)};
    ck_assert(out->rgb && out->depth && out->spikes && out->objects);
}

static void render(const bc_scene *scene, int height, int width, bc_sample *out) {
    bc_renderer *renderer;
    sample_create(height, width, out);
    ck_ok(bc_renderer_create(test_host(), height, width, &renderer));
    ck_ok(bc_render(renderer, scene, 1, 2, out));
    bc_renderer_release(renderer);
}

static double spike_rate(const bc_sample *s, int pixel) {
    int count = 0;
    for (int k = 0; k < 4; k++)
        count += __builtin_popcount(s->spikes[4 * pixel + k]);
    return count / 128.0;
}

/* --- the plain ray caster --- */

typedef struct ray {
    double o[3], d[3]; /* one metre along the optical axis */
} ray;

static ray ray_of(const bc_scene *s, int height, int width, double u, double v) {
    double a = (u - width / 2.0) / (s->focal * width), b = (s->horizon * height - v) / (s->focal * width);
    double x = a * cos(s->roll) - b * sin(s->roll), y = a * sin(s->roll) + b * cos(s->roll);
    double up = y * cos(s->pitch) - sin(s->pitch), ahead = y * sin(s->pitch) + cos(s->pitch);
    return (ray){{s->position[0], s->position[1], s->position[2]},
                 {x * cos(s->yaw) + ahead * sin(s->yaw), up, ahead * cos(s->yaw) - x * sin(s->yaw)}};
}

static double hit(const bc_primitive *p, const ray *r) {
    double c = cos(p->yaw), s = sin(p->yaw), o[3], d[3], near = -1e30, far = 1e30, a = 0, b = 0, q = -1;
    double dx = r->o[0] - p->centre[0], dz = r->o[2] - p->centre[2];
    o[0] = c * dx - s * dz;
    o[1] = r->o[1] - p->centre[1];
    o[2] = s * dx + c * dz;
    d[0] = c * r->d[0] - s * r->d[2];
    d[1] = r->d[1];
    d[2] = s * r->d[0] + c * r->d[2];
    for (int i = 0; i < 3; i++) {
        double first = (-p->half[i] - o[i]) / d[i], last = (p->half[i] - o[i]) / d[i];
        near = fmax(near, fmin(first, last));
        far = fmin(far, fmax(first, last));
        a += d[i] * d[i] / (p->half[i] * p->half[i]);
        b += d[i] * o[i] / (p->half[i] * p->half[i]);
        q += o[i] * o[i] / (p->half[i] * p->half[i]);
    }
    if (p->kind == BC_BOX)
        return near < far && near > 0 ? near : 1e30;
    double t = b * b > a * q ? (-b - sqrt(b * b - a * q)) / a : 1e30;
    return t > 0 ? t : 1e30;
}

static double depth_reference(const bc_scene *s, int height, int width, double u, double v) {
    ray r = ray_of(s, height, width, u, v);
    double t = r.d[1] < 0 ? -r.o[1] / r.d[1] : 1e30;
    for (int i = 0; i < s->count; i++)
        t = fmin(t, hit(&s->primitives[i], &r));
    return t < 400 ? t : 0;
}

/* --- geometry --- */

static void check_depth(const bc_scene *scene, int height, int width) {
    bc_sample sample;
    int wrong = 0;
    render(scene, height, width, &sample);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double expected = depth_reference(scene, height, width, x + 0.5, y + 0.5);
            wrong += fabs(sample.depth[y * width + x] - expected) > 2e-3 * expected + 1e-4;
        }
    ck_assert_msg(wrong <= height * width / 200, "%d of %d x %d depths differ", wrong, height, width);
    bc_sample_release(&sample);
}

START_TEST(depth_of_the_ground) {
    bc_scene scene = empty_scene();
    check_depth(&scene, 20, 37);
    scene.pitch = 0.1f;
    scene.roll = 0.05f;
    scene.yaw = 2;
    check_depth(&scene, 17, 18);
}
END_TEST

START_TEST(depth_of_many_solids) { /* also finds a tile that lacks a solid which it sees */
    bc_random random = {.seed = 12};
    for (int round = 0; round < (test_tiny() ? 1 : 8); round++) {
        bc_scene scene = empty_scene();
        scene.yaw = bc_random_range(&random, -3, 3);
        scene.pitch = 0.2f * bc_random_normal(&random);
        scene.roll = 0.1f * bc_random_normal(&random);
        bc_material grey = scene.ground[0];
        for (int i = 0; i < 40; i++) {
            float angle = bc_random_range(&random, -3.14f, 3.14f), far = bc_random_range(&random, 3, 40);
            bc_pose at =
                bc_stand(&scene, far * sinf(angle), far * cosf(angle), bc_random_range(&random, -3, 3), 0);
            float size[3];
            for (int k = 0; k < 3; k++)
                size[k] = bc_random_range(&random, 0.2f, 4);
            bc_scene_add(&scene, &at, i % 3 ? BC_BOX : BC_ELLIPSOID, 0, bc_random_range(&random, 0, 2), 0,
                         size[0], size[1], size[2], &grey);
        }
        bc_scene_clear_camera(&scene, 0.5f, 0, 1);
        ck_assert_int_gt(scene.count, 10);
        check_depth(&scene, test_tiny() ? 12 : 45, test_tiny() ? 21 : 83);
    }
}
END_TEST

START_TEST(objects_in_the_way_go_as_a_whole) {
    bc_scene scene = empty_scene();
    bc_material grey = scene.ground[0];
    bc_pose near = bc_stand(&scene, 0.3f, 2, 0, 0);
    bc_scene_add(&scene, &near, BC_BOX, 0, 0, 0, 1, 1, 1, &grey);
    bc_scene_add(&scene, &near, BC_BOX, 5, 0, 0, 1, 1, 1, &grey); /* beside the way, but of the same object */
    bc_pose far = bc_stand(&scene, 0.3f, 20, 0, 0);
    bc_scene_add(&scene, &far, BC_BOX, 0, 0, 0, 1, 1, 1, &grey);
    bc_scene_add(&scene, NULL, BC_BOX, 0, 4, 3, 20, 1, 1, &grey);  /* overhead */
    bc_scene_add(&scene, NULL, BC_BOX, 0, 0, -30, 1, 1, 1, &grey); /* behind */
    bc_scene_clear_camera(&scene, 0.5f, 4, 6);
    ck_assert_int_eq(scene.count, 2);
    ck_assert_float_eq(scene.primitives[0].centre[2], 20);
}
END_TEST

/* What is hit is an object, unless it is the ground or so close to it that rounding decides. */
START_TEST(objects_are_what_stands_on_the_ground) {
    enum { H = 45, W = 83 };
    bc_scene scene = empty_scene();
    bc_material grey = scene.ground[0];
    int objects = 0, ground = 0;
    scene.pitch = 0.05f;
    scene.roll = -0.03f;
    scene.yaw = 0.4f;
    bc_pose left = bc_stand(&scene, -2, 9, 0.3f, 0), right = bc_stand(&scene, 4, 25, 0, 0);
    bc_scene_add(&scene, &left, BC_BOX, 0, 0, 0, 1, 1, 2, &grey);
    bc_scene_add(&scene, &right, BC_ELLIPSOID, 0, 2, 0, 3, 3, 3, &grey);
    bc_sample s;
    render(&scene, H, W, &s);
    for (int p = 0; p < H * W; p++) {
        double u = p % W + 0.5, v = p / W + 0.5, depth = depth_reference(&scene, H, W, u, v);
        ray r = ray_of(&scene, H, W, u, v);
        double height = depth > 0 ? r.o[1] + depth * r.d[1] : 0;
        if (fabs(height - 0.15) < 0.1 && depth > 0 && fabs(height) > 1e-3)
            continue;
        ck_assert_int_eq(s.objects[p], height > 0.15);
        objects += s.objects[p];
        ground += depth > 0 && !s.objects[p];
    }
    ck_assert(objects > 30 && ground > H * W / 4);
    bc_sample_release(&s);
}
END_TEST

/* --- light --- */

START_TEST(spikes_follow_the_light) {
    enum { H = 16, W = 24 };
    bc_scene scene = empty_scene();
    bc_material red = {.rgb = {0.9f, 0.1f, 0.3f}, .stretch = 1};
    bc_scene_add(&scene, NULL, BC_BOX, 0.3f, 0, 6, 3, 3, 1, &red);
    bc_sample s;
    render(&scene, H, W, &s);
    for (int p = 0; p < H * W; p++) {
        double luma = (0.299 * s.rgb[3 * p] + 0.587 * s.rgb[3 * p + 1] + 0.114 * s.rgb[3 * p + 2]) / 255;
        ck_assert_double_eq_tol(spike_rate(&s, p), luma, 1.0 / 128 + 2.0 / 255);
    }
    int centre = (H / 2 - 2) * W + W / 2, corner = (H - 1) * W; /* the box's side, the ground */
    ck_assert_int_eq(s.rgb[3 * corner], 128);
    ck_assert_int_gt(s.rgb[3 * centre], 2 * s.rgb[3 * centre + 2]);
    ck_assert_int_eq(s.rgb[2], 204); /* the sky */
    bc_sample_release(&s);
}
END_TEST

static int ground_red(const bc_scene *scene) { /* bottom centre: 3 m ahead */
    enum { H = 16, W = 24 };
    bc_sample s;
    render(scene, H, W, &s);
    int red = s.rgb[3 * ((H - 1) * W + W / 2)];
    bc_sample_release(&s);
    return red;
}

START_TEST(sun_and_shadow) {
    bc_scene scene = empty_scene();
    scene.ambient = 0.3f;
    scene.diffuse = 0.5f;
    int lit = ground_red(&scene);
    ck_assert_int_eq(lit, (int)(0.5 * 0.8 * 255 + 0.5));
    scene.shadow = 1;
    ck_assert_int_eq(ground_red(&scene), lit); /* nothing stands in the light */
    bc_material grey = scene.ground[0];
    bc_scene_add(&scene, NULL, BC_BOX, 0, 10, 3, 20, 1, 20, &grey); /* high above, out of sight */
    ck_assert_int_eq(ground_red(&scene), (int)(0.5 * 0.3 * 255 + 0.5));
    scene.light[1] = 2; /* a lamp below it */
    scene.light[2] = 3;
    scene.light_is_lamp = 1;
    ck_assert_int_gt(ground_red(&scene), (int)(0.5 * 0.6 * 255));
}
END_TEST

START_TEST(fog_hides_what_is_far) {
    bc_scene scene = empty_scene();
    scene.fog = 5;
    ck_assert_int_eq(ground_red(&scene), 51); /* the horizon's */
    scene.fog = 0.02f;
    int red = ground_red(&scene);
    ck_assert(red > 110 && red < 128);
}
END_TEST

/* What moves is seen by some frames only: the spike rate lies between what it covers and what it uncovers. */
START_TEST(things_move_within_the_window) {
    enum { H = 16, W = 64 };
    bc_scene scene = empty_scene();
    bc_material white = {.rgb = {1, 1, 1}, .stretch = 1};
    bc_pose at = bc_stand(&scene, 0.3f, 6, 1.5707963f, 2); /* heading right, two metres */
    bc_scene_add(&scene, &at, BC_BOX, 0, 0, 0, 0.5f, 3, 1, &white);
    bc_sample moving, still;
    render(&scene, H, W, &moving);
    scene.primitives[0].travel = 0;
    render(&scene, H, W, &still);
    int row = H / 2 * W;
    ck_assert_mem_eq(moving.rgb, still.rgb, 3 * H * W);
    ck_assert_mem_eq(moving.depth, still.depth, H * W * sizeof(float));
    ck_assert_double_gt(spike_rate(&still, row + W / 2), 0.8);
    ck_assert_double_lt(spike_rate(&moving, row + W / 2), 0.8);
    ck_assert_double_gt(spike_rate(&moving, row + W / 2 + 6), spike_rate(&still, row + W / 2 + 6) + 0.05);
    bc_sample_release(&moving);
    bc_sample_release(&still);
}
END_TEST

/* --- the data sets --- */

START_TEST(names_are_found) {
    for (int i = 0; i < BC_SCENARIO_COUNT; i++) {
        bc_scenario found;
        ck_ok(bc_scenario_find(&test_error, bc_scenario_name((bc_scenario)i), &found));
        ck_assert_int_eq(found, i);
        ck_assert_int_eq(bc_scenario_indoor((bc_scenario)i), i == BC_REALSPIKE);
    }
    bc_scenario found;
    ck_assert_int_eq(bc_scenario_find(&test_error, "noon", &found), BC_E_ARGUMENT);
    ck_assert(strstr(test_error.text, "noon") && strstr(test_error.text, "weather"));
    bc_error_clear(&test_error);
}
END_TEST

/* What a generator drew: how many numbers, how many primitives, where they lie and how large they are. */
typedef struct drawn {
    int draws, primitives;
    double places, sizes;
} drawn;

static drawn draw_scenes(bc_scenario scenario, bc_domain domain,
                         void (*generate)(const bc_look *, bc_random *, bc_scene *)) {
    drawn sum = {0};
    for (uint32_t stream = 0; stream < 20; stream++) {
        bc_random random = {.seed = 1, .stream = stream};
        bc_look look;
        bc_scene scene;
        bc_look_draw(scenario, domain, &random, &look);
        bc_look_apply(&look, scenario, domain, &random, &scene);
        generate(&look, &random, &scene);
        sum.draws += (int)random.index;
        sum.primitives += scene.count;
        for (int i = 0; i < scene.count; i++)
            for (int axis = 0; axis < 3; axis++) {
                sum.places += fabs((double)scene.primitives[i].centre[axis]);
                sum.sizes += (double)scene.primitives[i].half[axis];
            }
    }
    return sum;
}

static void check_drawn(drawn found, drawn expected) {
    ck_assert_int_eq(found.draws, expected.draws);
    ck_assert_int_eq(found.primitives, expected.primitives);
    ck_assert_double_eq_tol(found.places, expected.places, 1e-6 * expected.places);
    ck_assert_double_eq_tol(found.sizes, expected.sizes, 1e-6 * expected.sizes);
}

/* Every compiler draws the same numbers in the same order: published results depend on it. */
START_TEST(scenes_do_not_depend_on_the_compiler) {
    check_drawn(draw_scenes(BC_SYN2REAL, BC_TARGET, bc_scene_street),
                (drawn){16521, 2501, 151134.353, 17257.0799});
    check_drawn(draw_scenes(BC_SCENE, BC_TARGET, bc_scene_highway),
                (drawn){14212, 2830, 223465.392, 17185.2066});
    check_drawn(draw_scenes(BC_REALSPIKE, BC_TARGET, bc_scene_room),
                (drawn){6877, 1036, 4035.87621, 1472.99278});
}
END_TEST

START_TEST(sizes_are_checked) {
    bc_dataset *d;
    ck_assert_int_eq(bc_world_open(test_host(), BC_SCENE, BC_SOURCE, BC_SPLIT_TRAIN, 1, 0, 8, 8, &d),
                     BC_E_ARGUMENT);
    ck_assert_ptr_null(d);
    bc_error_clear(&test_error);
    ck_assert_int_eq(bc_world_open(test_host(), BC_SCENE, BC_SOURCE, BC_SPLIT_TRAIN, 1, 1, 8, -1, &d),
                     BC_E_ARGUMENT);
    bc_error_clear(&test_error);
}
END_TEST

static int sample_height(void) {
    return test_tiny() ? 8 : 48;
}

static int sample_width(void) {
    return test_tiny() ? 13 : 93;
}

static bc_dataset *open_world(bc_scenario scenario, bc_domain domain, bc_split split, uint32_t seed) {
    bc_dataset *d;
    ck_ok(bc_world_open(test_host(), scenario, domain, split, seed, 4, sample_height(), sample_width(), &d));
    return d;
}

static const bc_sample *get(bc_dataset *d, int index) {
    const bc_sample *s;
    ck_ok(bc_dataset_get(d, &test_error, index, &s));
    return s;
}

/* Labels in the scenario's range, an image with contrast, spikes that are neither absent nor everywhere. */
static void check_sample(const bc_sample *s, bool indoor) {
    int pixels = s->height * s->width, valid = 0, darkest = 255, brightest = 0;
    double rate = 0, nearest = 1e9;
    for (int p = 0; p < pixels; p++) {
        float z = s->depth[p];
        ck_assert(z >= 0 && z < 400);
        ck_assert(!indoor || (z > 0.2f && z < 12));
        if (z > 0) {
            valid += z < 80;
            nearest = fmin(nearest, z);
        }
        darkest = s->rgb[3 * p + 1] < darkest ? s->rgb[3 * p + 1] : darkest;
        brightest = s->rgb[3 * p + 1] > brightest ? s->rgb[3 * p + 1] : brightest;
        rate += spike_rate(s, p) / pixels;
    }
    ck_assert_int_gt(valid, pixels / 3);
    ck_assert_double_gt(nearest, indoor ? 0.2 : 1);
    ck_assert_int_gt(brightest, darkest + 20);
    ck_assert(rate > 0.005 && rate < 0.7);
}

START_TEST(samples_are_sound) {
    for (int scenario = 0; scenario < BC_SCENARIO_COUNT; scenario++)
        for (int domain = 0; domain < 2; domain++) {
            bc_dataset *d = open_world((bc_scenario)scenario, (bc_domain)domain, BC_SPLIT_TRAIN, 3);
            ck_assert(d->has_rgb && d->has_depth && d->has_spikes);
            for (int i = 0; i < (test_tiny() ? 1 : d->count); i++)
                check_sample(get(d, i), scenario == BC_REALSPIKE);
            bc_dataset_release(d);
        }
}
END_TEST

static bool same(const bc_sample *a, const bc_sample *b) {
    size_t pixels = (size_t)a->height * a->width;
    return !memcmp(a->rgb, b->rgb, 3 * pixels) && !memcmp(a->depth, b->depth, pixels * sizeof(float)) &&
           !memcmp(a->spikes, b->spikes, pixels * 4 * sizeof(uint32_t)) &&
           !memcmp(a->objects, b->objects, pixels);
}

static double mean_rate(bc_domain domain) {
    bc_dataset *d = open_world(BC_NIGHT, domain, BC_SPLIT_TRAIN, 3);
    double rate = 0;
    for (int i = 0; i < d->count; i++) {
        const bc_sample *s = get(d, i);
        for (int p = 0; p < s->height * s->width; p++)
            rate += spike_rate(s, p) / (s->height * s->width * d->count);
    }
    bc_dataset_release(d);
    return rate;
}

START_TEST(nights_have_few_spikes) {
    double day = mean_rate(BC_SOURCE), night = mean_rate(BC_TARGET);
    ck_assert_msg(night < day / 3 && night > 0.005, "%g spikes a frame at night, %g by day", night, day);
}
END_TEST

START_TEST(samples_repeat_bit_for_bit) {
    for (int scenario = 0; scenario < BC_SCENARIO_COUNT; scenario++) {
        bc_dataset *a = open_world((bc_scenario)scenario, BC_TARGET, BC_SPLIT_TEST, 5),
                   *b = open_world((bc_scenario)scenario, BC_TARGET, BC_SPLIT_TEST, 5);
        get(a, 0);
        get(a, 1);
        ck_assert(same(get(a, 2), get(b, 2))); /* whatever was rendered before */
        ck_assert(!same(get(a, 2), get(b, 1)));
        bc_dataset_release(a);
        bc_dataset_release(b);
    }
}
END_TEST

START_TEST(splits_domains_and_seeds_differ) {
    bc_dataset *sets[] = {open_world(BC_SYN2REAL, BC_SOURCE, BC_SPLIT_TRAIN, 5),
                          open_world(BC_SYN2REAL, BC_SOURCE, BC_SPLIT_VALIDATION, 5),
                          open_world(BC_SYN2REAL, BC_SOURCE, BC_SPLIT_TEST, 5),
                          open_world(BC_SYN2REAL, BC_TARGET, BC_SPLIT_TRAIN, 5),
                          open_world(BC_SYN2REAL, BC_SOURCE, BC_SPLIT_TRAIN, 6),
                          open_world(BC_WEATHER, BC_SOURCE, BC_SPLIT_TRAIN, 5)};
    enum { SETS = sizeof sets / sizeof *sets };
    size_t bytes = (size_t)sample_height() * sample_width() * sizeof(float);
    for (int i = 0; i < SETS; i++)
        for (int j = 0; j < i; j++)
            ck_assert_mem_ne(get(sets[i], 0)->depth, get(sets[j], 0)->depth, bytes);
    for (int i = 0; i < SETS; i++)
        bc_dataset_release(sets[i]);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("world");
    TCase *t = tcase_create("world");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, depth_of_the_ground);
    tcase_add_test(t, depth_of_many_solids);
    tcase_add_test(t, objects_in_the_way_go_as_a_whole);
    tcase_add_test(t, objects_are_what_stands_on_the_ground);
    tcase_add_test(t, spikes_follow_the_light);
    tcase_add_test(t, sun_and_shadow);
    tcase_add_test(t, fog_hides_what_is_far);
    tcase_add_test(t, things_move_within_the_window);
    tcase_add_test(t, names_are_found);
    tcase_add_test(t, scenes_do_not_depend_on_the_compiler);
    tcase_add_test(t, sizes_are_checked);
    tcase_add_test(t, samples_are_sound);
    tcase_add_test(t, nights_have_few_spikes);
    tcase_add_test(t, samples_repeat_bit_for_bit);
    tcase_add_test(t, splits_domains_and_seeds_differ);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
