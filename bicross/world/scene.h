/* What a scene of the built-in world is made of. Shared by the generators (outdoor.c, indoor.c),
 * the appearance of the domains (look.c) and the renderer (render.c).
 *
 * World axes: x right, y up, z ahead, metres; the ground is y = 0. Heading (yaw) turns z towards x. */
#ifndef BC_BICROSS_WORLD_SCENE_H
#define BC_BICROSS_WORLD_SCENE_H

#include "bicross/data/simulate.h"
#include "bicross/world/world.h"
#include "host/base/random.h"

/* A surface: noise around a colour, and a grid of cells with an inner rectangle each (bricks, windows,
 * planks, tiles). Uploaded as it is: world.cl declares the same 24 words. */
typedef struct bc_material {
    float rgb[3];
    float noise;     /* relative amplitude of the noise */
    float frequency; /* of its first octave, per metre */
    float stretch;   /* of the noise along u: below 1 gives grain */
    float emission;  /* light of its own */
    uint32_t seed;
    float cell_u, cell_v; /* metres; cell_u 0: no grid */
    float shift;          /* of every other row, in cells */
    float variation;      /* relative brightness from cell to cell */
    float u0, u1, v0, v1; /* inner rectangle, in cells */
    float tone[3];        /* colour of the inner rectangle */
    float mix;            /* how much it covers */
    float border;         /* relative brightness of what is outside the inner rectangle, minus 1 */
    float tone_variation; /* from cell to cell, absolute */
    float cover;          /* share of cells that have an inner rectangle */
    float shine;          /* ground: how much it mirrors when wet */
} bc_material;
_Static_assert(sizeof(bc_material) == 96, "world.cl reads 24 words");

typedef enum bc_shape_kind { BC_BOX, BC_ELLIPSOID } bc_shape_kind;

typedef struct bc_primitive {
    bc_shape_kind kind;
    float centre[3], half[3]; /* half sizes, or radii */
    float yaw;
    float travel; /* metres along its heading during the spike window */
    int object;   /* primitives of one object stay or go together */
    bc_material material;
} bc_primitive;

enum { BC_SCENE_PRIMITIVES = 320, BC_GROUND_ZONES = 3 };

typedef struct bc_scene {
    bc_primitive primitives[BC_SCENE_PRIMITIVES];
    int count;
    bc_material ground[BC_GROUND_ZONES]; /* |x| below edge[0], below edge[1], beyond */
    float edge[2];
    float lane, marking; /* dashed lines every `lane` metres; their strength */

    float position[3], yaw, pitch,
        roll;              /* of the camera at the middle of the spike window; pitch > 0 looks down */
    float motion[3], turn; /* moves (along its own right, up, ahead) and turns during the window */
    float focal, horizon;  /* in image widths; in image heights from the top */
    float vignette;

    float light[3], light_is_lamp; /* direction to the sun, or (1) position of a lamp */
    float ambient, diffuse, shadow;
    float sky_top[3], sky_horizon[3], cloud, hills;
    float fog, patches, wet, rain, exposure;
    uint32_t seed;

    bc_simulator simulator;
} bc_scene;

/* Numbers that make a domain look as it does; ranges are drawn from once a scene. Only floats, so that two
 * looks can be mixed. */
typedef struct bc_range {
    float low, high;
} bc_range;

typedef struct bc_look {
    bc_range height; /* of the camera, metres */
    float pitch, pitch_deviation, yaw_deviation;
    float focal, vignette;
    bc_range sun_elevation, sun_side; /* degrees; side: away from behind the camera */
    bc_range ambient, diffuse, exposure;
    float shadow;
    float sky_top[3], sky_horizon[3], cloud;
    bc_range road, walk; /* grey values */
    float verge[3], verge_spread;
    float marking;
    float ground_noise, wall_noise, noise_frequency;
    bc_range contrast;     /* of single objects' textures */
    bc_range wall;         /* grey values */
    float colourful;       /* spread of colours around grey */
    float windows, bricks; /* shares of walls */
    float patches;         /* darkness of road repairs and stains */
    bc_range fog;
    float wet, rain;
    float lamp;    /* 1: a street lamp ahead instead of the sun */
    bc_range gain; /* of the spike camera */
    float shot;
} bc_look;

/* Draws what the domain leaves open, then fills the scene: everything but the primitives and the camera's
 * place. */
void bc_look_draw(bc_scenario scenario, bc_domain domain, bc_random *random, bc_look *look);
void bc_look_apply(const bc_look *look, bc_scenario scenario, bc_domain domain, bc_random *random,
                   bc_scene *scene);

/* Generators: primitives, ground and camera. C leaves open in which order it evaluates the arguments of a call
 * and the operands of an expression: no such group holds two draws, so that all compilers make the same
 * scenes. */
void bc_scene_street(const bc_look *look, bc_random *random, bc_scene *scene);
void bc_scene_highway(const bc_look *look, bc_random *random, bc_scene *scene);
void bc_scene_room(const bc_look *look, bc_random *random, bc_scene *scene);

/* --- small helpers of the generators (scene.c) --- */

/* What every function of a generator needs. */
typedef struct bc_site {
    const bc_look *look;
    bc_random *random;
    bc_scene *scene;
} bc_site;

float bc_draw(bc_random *random, bc_range range);
float bc_between(const bc_site *site, float low, float high);
bool bc_chance(bc_random *random, float probability);
/* A plain material with the look's noise, scaled by `noise`. */
bc_material bc_plain(const bc_look *look, bc_random *random, const float rgb[3], float noise);
/* One whose colour is drawn: a grey value between these with a random tint. */
bc_material bc_coloured(const bc_site *site, float low, float high, float colourful, float noise);
/* Gives it cells of this size (metres) with an inner rectangle each (in cells)... */
void bc_set_grid(bc_material *material, float cell_u, float cell_v, float u0, float u1, float v0, float v1);
/* ...and a colour for those. */
void bc_set_tone(bc_material *material, float red, float green, float blue, float mix);
/* An object made of several primitives stands here; their places are relative to it. */
typedef struct bc_pose {
    float x, z, yaw;
    float travel; /* during the spike window, along its heading */
    int object;   /* its number */
} bc_pose;
bc_pose bc_stand(const bc_scene *scene, float x, float z, float yaw, float travel);
/* Adds a primitive with its lower face at height `bottom`; x, z relative to the pose (NULL: the world). A
 * full scene drops it. */
void bc_scene_add(bc_scene *scene, const bc_pose *pose, bc_shape_kind kind, float x, float bottom, float z,
                  float width, float height, float length, const bc_material *material);
/* Drops objects that come closer than `gap` metres to the camera's way over the next `ahead` metres, or lie
 * more than `behind` metres behind it. */
void bc_scene_clear_camera(bc_scene *scene, float gap, float ahead, float behind);

/* --- rendering (render.c) --- */

typedef struct bc_renderer bc_renderer;
bc_status bc_renderer_create(bc_host *host, int height, int width, bc_renderer **out);
void bc_renderer_release(bc_renderer *renderer);
/* Renders the scene: RGB (h,w,3), depth along the optical axis in metres (h,w; 0: sky), 128 spike frames
 * (h,w,4 words) and what is higher than a kerb (h,w; 1: an object) into the sample's memory. Noise of the spikes comes from (seed, stream). */
bc_status bc_render(bc_renderer *renderer, const bc_scene *scene, uint32_t seed, uint32_t stream,
                    bc_sample *sample);

#endif
