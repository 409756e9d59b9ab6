/* The built-in world: a ray caster for boxes, ellipsoids and a ground plane.
 *
 * world_render: light (frames,h,w) floats in [0,1], the grey value of the K sub-frames of a spike window, and rgb (h,w) of the
 *               middle one, a word 0x00BBGGRR each. A work-item is a pixel; its 2x2 samples are the lanes of a float4.
 * world_depth:  depth (h,w) metres along the optical axis of the middle sub-frame, 0 for sky. A work-item is 4 pixels of a row.
 *
 * Work-groups are 16 x 8, or with -DANY_GROUP any. The screen is cut into tiles of 16 x 8 pixels: tiles (frames, tiles_y, tiles_x) gives for each one the range
 * of `list` with the indices of the boxes and then of the ellipsoids that it can see; list[0..] starts with all of them in order, for
 * secondary rays. Structures are 32-bit words only, the same as in bicross/world: scene.h and render.c. */

typedef struct {
    float red, green, blue, noise, frequency, stretch, emission;
    uint seed;
    float cell_u, cell_v, shift, variation, u0, u1, v0, v1, tone_red, tone_green, tone_blue, mix, border,
        tone_variation, cover, shine;
} material;

typedef struct { /* a box's half sizes, or one over an ellipsoid's radii */
    float x, y, z, cosine, hx, hy, hz, sine;
} solid;

typedef struct { /* of one sub-frame: place, axes of the image plane, time in [-1/2,1/2] */
    float x, y, z, time, right_x, right_y, right_z, up_x, up_y, up_z, ahead_x, ahead_y, ahead_z, unused0, unused1,
        unused2;
} camera;

typedef struct {
    int width, height, frames, tiles_x, tiles_y, boxes, solids;
    uint seed;
    float focal, horizon, vignette; /* pixels, pixels, share of light lost in the corners */
    float light_x, light_y, light_z, light_is_lamp, ambient, diffuse, shadow;
    float top_red, top_green, top_blue, horizon_red, horizon_green, horizon_blue, cloud, hills;
    float fog, patches, wet, rain, exposure, edge0, edge1, lane, marking;
} scene;

typedef struct {
    float4 x, y, z;
} lanes; /* four vectors, or four colours */

#define FAR 400.0f
#define NEAR 1e-3f

/* --- noise --- */

uint4 scramble(uint4 x) {
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    return x ^ (x >> 16);
}

float4 unit(uint4 bits) {
    return convert_float4(as_int4(bits >> 8)) * (1.0f / 16777216.0f);
}

/* A number in [0,1) for each cell of the plane. */
float4 cell_value(int4 x, int4 y, uint seed) {
    return unit(scramble(as_uint4(x) * 0x9E3779B1u ^ scramble(as_uint4(y) * 0x85EBCA77u ^ seed)));
}

/* Smooth noise in [0,1): values at the integers, cubic between. */
float4 value_noise(float4 x, float4 y, uint seed) {
    float4 fx = floor(x), fy = floor(y), a = x - fx, b = y - fy;
    uint4 left = as_uint4(convert_int4(fx)) * 0x9E3779B1u, right = left + 0x9E3779B1u;
    uint4 low = as_uint4(convert_int4(fy)) * 0x85EBCA77u, high = low + 0x85EBCA77u;
    low = scramble(low ^ seed);
    high = scramble(high ^ seed);
    a *= a * (3.0f - 2.0f * a);
    b *= b * (3.0f - 2.0f * b);
    float4 p = unit(scramble(left ^ low)), q = unit(scramble(right ^ low));
    float4 r = unit(scramble(left ^ high)), s = unit(scramble(right ^ high));
    p += (q - p) * a;
    r += (s - r) * a;
    return p + (r - p) * b;
}

/* Four octaves in [-1,1]; those finer than the footprint (metres a pixel) fade out. */
float4 fractal(float4 x, float4 y, float frequency, float4 footprint, uint seed) {
    float4 sum = 0.0f;
    float amplitude = 0.5f;
    for (int octave = 0; octave < 4; octave++) {
        float4 weight = clamp(1.0f - 0.9f * frequency * footprint, 0.0f, 1.0f);
        if (!any(weight > 0.0f))
            break;
        sum += amplitude * weight * (2.0f * value_noise(x * frequency, y * frequency, seed + 77u * octave) - 1.0f);
        amplitude *= 0.6f;
        frequency *= 2.3f;
    }
    return sum;
}

/* --- rays --- */

float4 dot3(lanes a, lanes b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

lanes along(lanes origin, lanes direction, float4 t) {
    lanes p = {origin.x + t * direction.x, origin.y + t * direction.y, origin.z + t * direction.z};
    return p;
}

lanes chosen(lanes a, lanes b, int4 take_b) {
    lanes c = {select(a.x, b.x, take_b), select(a.y, b.y, take_b), select(a.z, b.z, take_b)};
    return c;
}

lanes blend(lanes a, lanes b, float4 share) {
    lanes c = {a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share, a.z + (b.z - a.z) * share};
    return c;
}

lanes scaled(lanes a, float4 factor) {
    lanes c = {a.x * factor, a.y * factor, a.z * factor};
    return c;
}

lanes constant_lanes(float x, float y, float z) {
    lanes c = {x, y, z};
    return c;
}

/* World to the solid's own axes; the origin is taken relative to its centre. */
lanes turned(lanes v, float cosine, float sine) {
    lanes r = {cosine * v.x - sine * v.z, v.y, sine * v.x + cosine * v.z};
    return r;
}

lanes relative(lanes p, __global const solid *s) {
    lanes r = {p.x - s->x, p.y - s->y, p.z - s->z};
    return turned(r, s->cosine, s->sine);
}

float4 not_zero(float4 x) {
    return select(x, (float4)(1e-9f), fabs(x) < 1e-9f);
}

/* Where the ray crosses the three slabs of a box, first and last. */
void slabs(__global const solid *s, lanes o, lanes d, lanes *first, lanes *last) {
    float4 ix = 1.0f / not_zero(d.x), iy = 1.0f / not_zero(d.y), iz = 1.0f / not_zero(d.z);
    float4 mx = -o.x * ix, my = -o.y * iy, mz = -o.z * iz;
    float4 ex = s->hx * fabs(ix), ey = s->hy * fabs(iy), ez = s->hz * fabs(iz);
    first->x = mx - ex;
    first->y = my - ey;
    first->z = mz - ez;
    last->x = mx + ex;
    last->y = my + ey;
    last->z = mz + ez;
}

/* Distance at which the ray enters, or FAR. */
float4 box_entry(__global const solid *s, lanes origin, lanes direction) {
    lanes first, last;
    slabs(s, relative(origin, s), turned(direction, s->cosine, s->sine), &first, &last);
    float4 in = max(max(first.x, first.y), first.z), out = min(min(last.x, last.y), last.z);
    return select((float4)(FAR), in, (in < out) & (in > NEAR));
}

float4 ellipsoid_entry(__global const solid *s, lanes origin, lanes direction) {
    lanes o = relative(origin, s), d = turned(direction, s->cosine, s->sine);
    o.x *= s->hx, o.y *= s->hy, o.z *= s->hz;
    d.x *= s->hx, d.y *= s->hy, d.z *= s->hz;
    float4 a = dot3(d, d), b = dot3(o, d), c = dot3(o, o) - 1.0f, root = b * b - a * c;
    float4 t = (-b - sqrt(max(root, 0.0f))) / a;
    return select((float4)(FAR), t, (root > 0.0f) & (t > NEAR));
}

/* The solid that each ray meets before *t, or -1; *t becomes its distance. range: boxes x..y-1, ellipsoids y..z-1 of the list. */
int4 nearest(__global const solid *solids, __global const int *list, int4 range, lanes o, lanes d, float4 *t) {
    int4 found = -1;
    for (int i = range.x; i < range.z; i++) {
        int k = list[i];
        float4 entry = i < range.y ? box_entry(solids + k, o, d) : ellipsoid_entry(solids + k, o, d);
        int4 closer = entry < *t;
        *t = select(*t, entry, closer);
        found = select(found, (int4)(k), closer);
    }
    return found;
}

/* 1 where something lies between the points and the light within `reach`. */
int4 occluded(__global const solid *solids, __global const int *list, int4 range, lanes o, lanes d, float4 reach,
              int4 wanted) {
    int4 hit = 0;
    for (int i = range.x; i < range.z; i++) {
        int k = list[i];
        hit |= (i < range.y ? box_entry(solids + k, o, d) : ellipsoid_entry(solids + k, o, d)) < reach;
        if (!any(wanted & ~hit))
            break;
    }
    return hit;
}

/* --- surfaces --- */

typedef struct {
    lanes place, normal;
    float4 u, v;               /* metres along the surface */
    float4 footprint_u, footprint_v; /* metres a sample */
    int4 patterned;
} surface;

/* Share of [low,high] that a sample of width `soft` sees, in a repeated cell of length 1. */
float4 inside(float4 f, float low, float high, float4 soft) {
    float4 sharp = clamp(min(f - low, high - f) / max(soft, 1e-3f) + 0.5f, 0.0f, 1.0f);
    return mix(sharp, (float4)(high - low), clamp(2.0f * soft - 0.8f, 0.0f, 1.0f));
}

lanes albedo(__global const material *m, surface s) {
    float4 footprint = sqrt(s.footprint_u * s.footprint_v);
    lanes colour = constant_lanes(m->red, m->green, m->blue);
    if (m->noise > 0.0f)
        colour = scaled(colour, 1.0f + m->noise * fractal(s.u * m->stretch, s.v, m->frequency, footprint, m->seed));
    if (m->cell_u == 0.0f || !any(s.patterned))
        return colour;
    float4 y = s.v / m->cell_v, row = floor(y);
    float4 x = s.u / m->cell_u + m->shift * (row - 2.0f * floor(0.5f * row)), column = floor(x);
    float4 soft_u = s.footprint_u / m->cell_u, soft_v = s.footprint_v / m->cell_v;
    float4 inner = inside(x - column, m->u0, m->u1, soft_u) * inside(y - row, m->v0, m->v1, soft_v);
    float4 fade = clamp(1.5f - max(soft_u, soft_v), 0.0f, 1.0f);
    float4 random = cell_value(convert_int4(column), convert_int4(row), m->seed);
    float4 other = cell_value(convert_int4(column), convert_int4(row), m->seed ^ 0xA5A5A5A5u);
    inner *= mix((float4)(m->cover), select((float4)(0.0f), (float4)(1.0f), other < m->cover), fade);
    float4 deviation = fade * (random - 0.5f), toned = 2.0f * m->tone_variation * deviation;
    lanes grid = scaled(colour, (1.0f + m->border * (1.0f - inner)) * (1.0f + m->variation * deviation));
    lanes tone = {m->tone_red + toned, m->tone_green + toned, m->tone_blue + toned};
    return chosen(colour, blend(grid, tone, m->mix * inner), s.patterned);
}

void box_surface(__global const solid *s, lanes o, lanes d, surface *f, float4 *steepness) {
    lanes first, last, within = relative(f->place, s);
    lanes ld = turned(d, s->cosine, s->sine);
    slabs(s, relative(o, s), ld, &first, &last);
    int4 on_y = (first.y >= first.x) & (first.y >= first.z), on_x = ~on_y & (first.x >= first.z);
    int4 on_z = ~(on_x | on_y);
    lanes n = {select((float4)(0.0f), -sign(ld.x), on_x), select((float4)(0.0f), -sign(ld.y), on_y),
               select((float4)(0.0f), -sign(ld.z), on_z)};
    *steepness = fabs(dot3(n, ld));
    f->normal = turned(n, s->cosine, -s->sine);
    f->u = select(within.x + s->hx, within.z + s->hz, on_x);
    f->v = select(within.y + s->hy, within.z + s->hz, on_y);
    f->patterned = ~on_y;
}

void ellipsoid_surface(__global const solid *s, lanes d, surface *f, float4 *steepness) {
    lanes within = relative(f->place, s);
    lanes n = {within.x * s->hx * s->hx, within.y * s->hy * s->hy, within.z * s->hz * s->hz};
    n = turned(scaled(n, rsqrt(max(dot3(n, n), 1e-12f))), s->cosine, -s->sine);
    *steepness = fabs(dot3(n, d));
    f->normal = n;
    f->u = within.x + 0.7f * within.z;
    f->v = within.y + 0.5f * within.z;
    f->patterned = 0;
}

/* What the four samples see where they meet solid `k`, or zone k - solids of the ground. */
surface surface_at(__global const scene *w, __global const solid *solids, int k, lanes o, lanes d, float4 t) {
    surface f;
    float4 steepness;
    f.place = along(o, d, t);
    if (k < w->boxes)
        box_surface(solids + k, o, d, &f, &steepness);
    else if (k < w->solids)
        ellipsoid_surface(solids + k, d, &f, &steepness);
    else {
        f.normal = constant_lanes(0.0f, 1.0f, 0.0f);
        f.u = f.place.x;
        f.v = f.place.z;
        f.patterned = -1;
        steepness = fabs(d.y);
    }
    /* A pixel at distance t is t / focal wide, and longer along a surface seen at a low angle: along z for the ground and a road's
     * side walls, along u for the latter. */
    float4 across = t / w->focal, lengthened = across / max(steepness, 0.02f);
    f.footprint_u = k < w->solids ? lengthened : across;
    f.footprint_v = k < w->solids ? across : lengthened;
    return f;
}

/* Dashed lines every w->lane metres and solid ones at the edge of the carriageway. */
lanes with_markings(__global const scene *w, surface s, lanes colour) {
    float4 soft = 0.5f * s.footprint_u, x = s.place.x, z = s.place.z * (1.0f / 9.0f);
    float4 to_lane = fabs(x - w->lane * round(x / w->lane)), to_edge = fabs(fabs(x) - w->edge0 + 0.4f);
    float4 dash = select((float4)(0.0f), (float4)(0.08f) / (0.08f + soft),
                         (to_lane < 0.08f + soft) & (z - floor(z) < 0.4f) & (fabs(x) < w->edge0 - 1.2f));
    float4 line = select((float4)(0.0f), (float4)(0.08f) / (0.08f + soft), to_edge < 0.08f + soft);
    return blend(colour, constant_lanes(0.85f, 0.85f, 0.83f), w->marking * max(dash, line));
}

lanes ground_details(__global const scene *w, surface s, lanes colour) {
    if (w->patches > 0.0f)
        colour = scaled(colour, select((float4)(1.0f), (float4)(1.0f - w->patches),
                                       value_noise(s.u * 0.35f, s.v * 0.2f, w->seed + 91u) > 0.62f));
    if (w->marking > 0.0f)
        colour = with_markings(w, s, colour);
    return colour;
}

/* --- light --- */

lanes sky(__global const scene *w, lanes d) {
    float4 height = max(d.y * rsqrt(dot3(d, d)), 0.0f);
    float4 share = 1.0f - exp(-4.0f * height);
    lanes low = constant_lanes(w->horizon_red, w->horizon_green, w->horizon_blue);
    lanes colour = blend(low, constant_lanes(w->top_red, w->top_green, w->top_blue), share);
    float4 spread = 1.0f / (height + 0.15f);
    float4 cloud = w->cloud * fractal(d.x * spread, d.z * spread, 1.2f, 0.0f, w->seed + 5u);
    colour.x += cloud, colour.y += cloud, colour.z += cloud;
    if (w->hills > 0.0f) { /* a far ridge, hazier than the ground */
        float4 bearing = 6.0f * d.x / max(fabs(d.z), 0.05f);
        float4 ridge = w->hills * (0.25f + 0.75f * value_noise(bearing, (float4)(0.5f), w->seed + 6u)) +
                       0.15f * w->hills * value_noise(7.0f * bearing, (float4)(0.5f), w->seed + 7u);
        colour = chosen(colour, blend(low, constant_lanes(0.16f, 0.24f, 0.2f), 0.45f), height < ridge);
    }
    return colour;
}

/* Light that falls on the surface. */
float4 lighting(__global const scene *w, __global const solid *solids, __global const int *list, surface s, float4 t) {
    lanes to_light = {w->light_x - w->light_is_lamp * s.place.x, w->light_y - w->light_is_lamp * s.place.y,
                      w->light_z - w->light_is_lamp * s.place.z};
    float4 near = rsqrt(dot3(to_light, to_light)); /* one over the distance; 1 for the sun */
    to_light = scaled(to_light, near);
    float4 facing = max(dot3(s.normal, to_light), 0.0f);
    float4 reach = w->light_is_lamp > 0.0f ? 1.0f / near - 0.4f : (float4)(60.0f);
    float falloff = 0.08f * w->light_is_lamp;
    facing /= 1.0f + falloff / (near * near);
    int4 lit = (facing > 0.0f) & (t < 90.0f);
    if (w->shadow > 0.0f && any(lit)) {
        int4 all = (int4)(0, w->boxes, w->solids, 0);
        int4 dark = occluded(solids, list, all, along(s.place, s.normal, (float4)(0.02f)), to_light, reach, lit);
        facing *= select((float4)(1.0f), (float4)(1.0f - w->shadow), dark);
    }
    return w->ambient * (0.85f + 0.15f * s.normal.y) + w->diffuse * facing;
}

/* What a wet ground mirrors: the sky or a solid's plain colour, more at low angles, rippled. */
lanes with_mirror(__global const scene *w, __global const solid *solids, __global const material *materials,
                  __global const int *list, float shine, surface s, lanes d, lanes colour) {
    float4 ripple = 0.05f * fractal(s.u, 0.6f * s.v, 3.0f, sqrt(s.footprint_u * s.footprint_v), w->seed + 31u);
    float4 length = sqrt(dot3(d, d));
    lanes up = {d.x + ripple * length, fabs(d.y) + 0.4f * ripple * length, d.z};
    up.y = max(up.y, 0.01f * length);
    float4 t = 60.0f;
    int4 found = nearest(solids, list, (int4)(0, w->boxes, w->solids, 0), s.place, up, &t);
    lanes seen = sky(w, up);
    lanes solid_colour;
    __global const material *a = materials + max(found.x, 0), *b = materials + max(found.y, 0),
                            *c = materials + max(found.z, 0), *e = materials + max(found.w, 0);
    solid_colour.x = (float4)(a->red, b->red, c->red, e->red);
    solid_colour.y = (float4)(a->green, b->green, c->green, e->green);
    solid_colour.z = (float4)(a->blue, b->blue, c->blue, e->blue);
    seen = chosen(seen, scaled(solid_colour, w->ambient + 0.3f * w->diffuse), found >= 0);
    float4 grazing = 1.0f - fabs(d.y) / length;
    float4 puddle = 0.55f + 0.45f * clamp(4.0f * value_noise(0.5f * s.u, 0.3f * s.v, w->seed + 33u) - 1.6f, 0.0f, 1.0f);
    float4 share = w->wet * shine * puddle * (0.06f + 0.94f * pown(grazing, 4));
    return blend(colour, seen, clamp(share, 0.0f, 0.9f));
}

/* Falling drops in three depths: bright streaks in cells that move down the image. */
lanes with_rain(__global const scene *w, float time, float4 u, float4 v, lanes colour) {
    float4 total = 0.0f;
    for (int layer = 0; layer < 3; layer++) {
        float scale = (float)(1 + layer) * 44.0f;
        float4 x = u * scale + v * scale * 0.12f;
        float4 column = floor(x);
        int4 c = convert_int4(column);
        float4 fall = cell_value(c, (int4)(layer), w->seed + 51u);
        float4 y = (v - (1.7f - 0.4f * layer) * 0.22f * time) * (2.2f + layer) + 17.0f * fall, row = floor(y);
        float4 present = cell_value(c, convert_int4(row), w->seed + 57u);
        float4 across = clamp(1.6f - 4.0f * fabs(x - column - 0.5f), 0.0f, 1.0f);
        float4 tall = clamp(6.0f * min(y - row, 0.55f - (y - row)), 0.0f, 1.0f);
        total += select((float4)(0.0f), across * tall, present < w->rain) * (0.34f - 0.08f * layer);
    }
    lanes drop = constant_lanes(w->horizon_red * 0.9f + 0.12f, w->horizon_green * 0.9f + 0.12f,
                                w->horizon_blue * 0.9f + 0.13f);
    return blend(colour, drop, clamp(total, 0.0f, 0.6f));
}

/* --- kernels --- */

/* Directions through image points u, v (pixels); one metre along the optical axis each. */
lanes rays(__global const scene *w, __global const camera *c, float4 u, float4 v) {
    float4 a = (u - 0.5f * w->width) / w->focal, b = (w->horizon - v) / w->focal;
    lanes d = {a * c->right_x + b * c->up_x + c->ahead_x, a * c->right_y + b * c->up_y + c->ahead_y,
               a * c->right_z + b * c->up_z + c->ahead_z};
    return d;
}

/* Solid, ground zone (numbered after the solids) or -1 for the sky, and the distance. */
int4 seen_by(__global const scene *w, __global const solid *solids, __global const int *list, int4 tile, lanes o,
             lanes d, float4 *t) {
    float4 down = select((float4)(FAR), -o.y / min(d.y, -1e-6f), d.y < -1e-6f);
    *t = min(down, (float4)(FAR));
    int4 ground = *t < FAR;
    float4 x = fabs(o.x + *t * d.x);
    int4 zone = w->solids + select(select((int4)(2), (int4)(1), x < w->edge1), (int4)(0), x < w->edge0);
    int4 found = nearest(solids, list, tile, o, d, t);
    return select(found, zone, (found < 0) & ground);
}

/* Light from the surfaces seen. Samples that see the same thing are shaded together. */
lanes shade(__global const scene *w, __global const solid *solids, __global const material *materials,
            __global const int *list, int4 id, lanes o, lanes d, float4 t) {
    lanes result = constant_lanes(0.0f, 0.0f, 0.0f);
    if (any(id < 0))
        result = sky(w, d);
    int4 left = id;
    for (int round = 0; round < 4 && any(left >= 0); round++) {
        int k = max(max(left.x, left.y), max(left.z, left.w));
        surface s = surface_at(w, solids, k, o, d, t);
        lanes colour = albedo(materials + k, s);
        if (k == w->solids)
            colour = ground_details(w, s, colour);
        colour = scaled(colour, materials[k].emission + lighting(w, solids, list, s, t));
        if (w->wet > 0.0f && k >= w->solids)
            colour = with_mirror(w, solids, materials, list, materials[k].shine, s, d, colour);
        result = chosen(result, colour, id == k);
        left = select(left, (int4)(-1), left == k);
    }
    return result;
}

/* A group is a tile of the screen, whose items see the same solids; smaller ones give the same picture. */
#ifdef ANY_GROUP
#define SCREEN_GROUP
#else
#define SCREEN_GROUP __attribute__((reqd_work_group_size(BC_WORLD_TILE_WIDTH, BC_WORLD_TILE_HEIGHT, 1)))
#endif

float average(float4 x) {
    return 0.25f * (x.x + x.y + x.z + x.w);
}

__kernel SCREEN_GROUP void
world_render(__global float *restrict light, __global uint *restrict rgb, __global const scene *restrict w,
             __global const camera *restrict cameras, __global const solid *restrict all_solids,
             __global const material *restrict materials, __global const int4 *restrict tiles,
             __global const int *restrict list) {
    int px = (int)get_global_id(0), py = (int)get_global_id(1), frame = (int)get_global_id(2);
    if (px >= w->width || py >= w->height)
        return;
    __global const camera *c = cameras + frame;
    __global const solid *solids = all_solids + (size_t)frame * w->solids;
    int4 tile = tiles[(frame * w->tiles_y + py / BC_WORLD_TILE_HEIGHT) * w->tiles_x + px / BC_WORLD_TILE_WIDTH];
    float4 u = (float)px + (float4)(0.25f, 0.75f, 0.25f, 0.75f), v = (float)py + (float4)(0.25f, 0.25f, 0.75f, 0.75f);
    lanes o = constant_lanes(c->x, c->y, c->z), d = rays(w, c, u, v);
    float4 t;
    int4 id = seen_by(w, solids, list, tile, o, d, &t);
    lanes colour = shade(w, solids, materials, list, id, o, d, t);
    if (w->fog > 0.0f)
        colour = blend(constant_lanes(w->horizon_red, w->horizon_green, w->horizon_blue), colour,
                       exp(-w->fog * t * sqrt(dot3(d, d))));
    if (w->rain > 0.0f)
        colour = with_rain(w, c->time, u / w->width, v / w->width, colour);
    float4 dx = 2.0f * u / w->width - 1.0f, dy = 2.0f * v / w->height - 1.0f;
    float4 exposure = w->exposure * (1.0f - 0.5f * w->vignette * (dx * dx + dy * dy));
    float red = average(clamp(colour.x * exposure, 0.0f, 1.0f));
    float green = average(clamp(colour.y * exposure, 0.0f, 1.0f));
    float blue = average(clamp(colour.z * exposure, 0.0f, 1.0f));
    size_t pixel = (size_t)py * w->width + px;
    light[(size_t)frame * w->width * w->height + pixel] = 0.299f * red + 0.587f * green + 0.114f * blue;
    if (frame == w->frames / 2)
        rgb[pixel] = (uint)(red * 255.0f + 0.5f) | (uint)(green * 255.0f + 0.5f) << 8 |
                     (uint)(blue * 255.0f + 0.5f) << 16;
}

__kernel SCREEN_GROUP void
world_depth(__global float *restrict depth, __global const scene *restrict w, __global const camera *restrict cameras,
            __global const solid *restrict all_solids, __global const int4 *restrict tiles,
            __global const int *restrict list) {
    int px = 4 * (int)get_global_id(0), py = (int)get_global_id(1), frame = w->frames / 2;
    if (px >= w->width || py >= w->height)
        return;
    __global const camera *c = cameras + frame;
    int4 tile = tiles[(frame * w->tiles_y + py / BC_WORLD_TILE_HEIGHT) * w->tiles_x + px / BC_WORLD_TILE_WIDTH];
    float4 t, u = (float)px + (float4)(0.5f, 1.5f, 2.5f, 3.5f), v = (float)py + 0.5f;
    int4 id = seen_by(w, all_solids + (size_t)frame * w->solids, list, tile, constant_lanes(c->x, c->y, c->z),
                      rays(w, c, u, v), &t);
    float4 z = select(t, (float4)(0.0f), id < 0);
    __global float *row = depth + (size_t)py * w->width;
    row[px] = z.x;
    if (px + 1 < w->width)
        row[px + 1] = z.y;
    if (px + 2 < w->width)
        row[px + 2] = z.z;
    if (px + 3 < w->width)
        row[px + 3] = z.w;
}
