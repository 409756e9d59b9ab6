/* Motion between two images, and the images between them. Images are (height, width) floats in [0,1]; a flow is (height, width)
 * float2, x and y: what image A shows at p, image B shows at p + flow(p), in pixels. Beyond the border the border goes on. A
 * work-item is a pixel.
 *
 * The flow is that of Horn and Schunck (1981), from coarse to fine, with warping and a robust weight of the data (Brox et al., ECCV
 * 2004), and with a median after each warp (Sun et al., CVPR 2010). It makes this small, summed over pixels:
 *   weight * (B(p + flow) - A(p))^2 + BC_MOTION_SMOOTH * (difference of the flows of two neighbours)^2 */

int at(int x, int y, int h, int w) {
    return clamp(y, 0, h - 1) * w + clamp(x, 0, w - 1);
}

/* Bilinear. */
#define SAMPLE(name, type)                                                                                              \
    type name(__global const type *restrict map, int h, int w, float2 p) {                                              \
        p = clamp(p, (float2)(0.0f), (float2)((float)(w - 1), (float)(h - 1)));                                         \
        int x = (int)p.x, y = (int)p.y;                                                                                 \
        float u = p.x - (float)x, v = p.y - (float)y;                                                                   \
        type upper = map[at(x, y, h, w)], lower = map[at(x, y + 1, h, w)];                                              \
        upper += (map[at(x + 1, y, h, w)] - upper) * u;                                                                 \
        lower += (map[at(x + 1, y + 1, h, w)] - lower) * u;                                                             \
        return upper + (lower - upper) * v;                                                                             \
    }
SAMPLE(value_at, float)
SAMPLE(flow_at, float2)

float2 place_of(int i, int h, int w) {
    int3 place = pixel_place(i, h, w);
    return (float2)((float)place.x, (float)place.y);
}

/* --- the pyramid --- */

/* Half the size, (h+1)/2 x (w+1)/2: every second pixel, after a binomial filter of 5 x 5. */
__kernel void motion_halve(__global float *restrict half_image, __global const float *restrict image, int h, int w) {
    int half_w = (w + 1) / 2, half_h = (h + 1) / 2, i = (int)get_global_id(0);
    if (i >= half_w * half_h)
        return;
    const float taps[5] = {0.0625f, 0.25f, 0.375f, 0.25f, 0.0625f};
    int3 place = pixel_place(i, half_h, half_w);
    float sum = 0.0f;
    for (int dy = 0; dy < 5; dy++)
        for (int dx = 0; dx < 5; dx++)
            sum += taps[dy] * taps[dx] * image[at(2 * place.x + dx - 2, 2 * place.y + dy - 2, h, w)];
    half_image[i] = sum;
}

/* The flow of the next finer level, h x w, from that of (h+1)/2 x (w+1)/2. */
__kernel void motion_double(__global float2 *restrict flow, __global const float2 *restrict coarse, int h, int w) {
    int i = (int)get_global_id(0);
    if (i < h * w)
        flow[i] = 2.0f * flow_at(coarse, (h + 1) / 2, (w + 1) / 2, 0.5f * place_of(i, h, w));
}

/* --- the flow --- */

float2 slope_at(__global const float *image, int x, int y, int h, int w) {
    return 0.5f * (float2)(image[at(x + 1, y, h, w)] - image[at(x - 1, y, h, w)],
                           image[at(x, y + 1, h, w)] - image[at(x, y - 1, h, w)]);
}

/* Slope of the bilinear image, as of its pixels. */
float2 slope_between(__global const float *image, int h, int w, float2 p) {
    float2 x = (float2)(1.0f, 0.0f), y = (float2)(0.0f, 1.0f);
    return 0.5f * (float2)(value_at(image, h, w, p + x) - value_at(image, h, w, p - x),
                           value_at(image, h, w, p + y) - value_at(image, h, w, p - y));
}

/* 1 inside, falling to 0 within a pixel outside. */
float inside(float2 p, int h, int w) {
    float2 beyond = max(max(-p, p - (float2)((float)(w - 1), (float)(h - 1))), (float2)(0.0f));
    return max(1.0f - beyond.x - beyond.y, 0.0f);
}

/* The brightness that is left, linear in the flow: slope . flow + rest, and its weight, as (slope.x, slope.y, rest, weight). The weight
 * falls with the change, so that what is hidden in the other image does not count. */
__kernel void motion_terms(__global float4 *restrict terms, __global const float *restrict a,
                           __global const float *restrict b, __global const float2 *restrict flow, int h, int w) {
    int i = (int)get_global_id(0);
    if (i >= h * w)
        return;
    int3 place = pixel_place(i, h, w);
    float2 own = flow[i], there = place_of(i, h, w) + own;
    float2 slope = 0.5f * (slope_at(a, place.x, place.y, h, w) + slope_between(b, h, w, there));
    float change = value_at(b, h, w, there) - a[i];
    float weight = inside(there, h, w) / sqrt(1.0f + change * change * (1.0f / (BC_MOTION_CHANGE * BC_MOTION_CHANGE)));
    terms[i] = (float4)(slope, change - dot(slope, own), weight);
}

/* A step of Jacobi's method towards the flow that minimises the terms. */
__kernel void motion_relax(__global float2 *restrict next, __global const float2 *restrict flow,
                           __global const float4 *restrict terms, int h, int w) {
    int i = (int)get_global_id(0);
    if (i >= h * w)
        return;
    int3 p = pixel_place(i, h, w);
    float4 term = terms[i];
    float2 mean = 0.25f * ((flow[at(p.x - 1, p.y, h, w)] + flow[at(p.x + 1, p.y, h, w)]) +
                           (flow[at(p.x, p.y - 1, h, w)] + flow[at(p.x, p.y + 1, h, w)]));
    float rest = dot(term.xy, mean) + term.z;
    next[i] = mean - term.xy * (term.w * rest / (4.0f * BC_MOTION_SMOOTH + term.w * dot(term.xy, term.xy)));
}

void in_order(float2 *a, float2 *b) {
    float2 least = min(*a, *b);
    *b = max(*a, *b);
    *a = least;
}

void three_in_order(float2 *a, float2 *b, float2 *c) {
    in_order(a, b);
    in_order(b, c);
    in_order(a, b);
}

/* The median of 3 x 3 flows, of x and of y, by a network of comparisons. */
__kernel void motion_median(__global float2 *restrict out, __global const float2 *restrict flow, int h, int w) {
    int i = (int)get_global_id(0);
    if (i >= h * w)
        return;
    int3 p = pixel_place(i, h, w);
    float2 a = flow[at(p.x - 1, p.y - 1, h, w)], b = flow[at(p.x, p.y - 1, h, w)], c = flow[at(p.x + 1, p.y - 1, h, w)];
    float2 d = flow[at(p.x - 1, p.y, h, w)], e = flow[i], f = flow[at(p.x + 1, p.y, h, w)];
    float2 g = flow[at(p.x - 1, p.y + 1, h, w)], k = flow[at(p.x, p.y + 1, h, w)], l = flow[at(p.x + 1, p.y + 1, h, w)];
    three_in_order(&a, &b, &c);
    three_in_order(&d, &e, &f);
    three_in_order(&g, &k, &l);
    float2 low = max(max(a, d), g), high = min(min(c, f), l); /* largest of the least, least of the largest */
    float2 middle = max(min(b, e), min(max(b, e), k));        /* median of the medians */
    out[i] = max(min(low, middle), min(max(low, middle), high));
}

/* --- images between --- */

typedef struct {
    float value, trust;
} seen;

/* What shows at p the share `time` of the way from the image to the other one, to which `flow` leads: back along it, by a few
 * steps of a fixed point. The trust is how well the flow `back` from there leads home again, and 0 where either place is outside. */
seen follow(__global const float *image, __global const float2 *flow, __global const float2 *back, int h, int w,
            float2 p, float time) {
    float2 from = p, step = (float2)(0.0f);
    for (int k = 0; k <= BC_MOTION_STEPS; k++) {
        step = flow_at(flow, h, w, from);
        if (k < BC_MOTION_STEPS)
            from = p - time * step;
    }
    float2 to = from + step, missed = p - from - time * step, home = step + flow_at(back, h, w, to);
    float doubt = dot(home, home) / (1.0f + 0.02f * dot(step, step)) + 4.0f * dot(missed, missed);
    seen s;
    s.value = value_at(image, h, w, from);
    s.trust = inside(from, h, w) * inside(to, h, w) * power_of_2(-LOG2_E * doubt);
    return s;
}

/* Image number get_global_id(1) of `count`, from image `place` of `out` on, at the share time + number * step of the way from A to B. Each of
 * A and B counts as it is near and trusted; where neither is, both are blended as they stand. */
__kernel void motion_between(__global float *restrict out, __global const float *restrict a,
                             __global const float *restrict b, __global const float2 *restrict forward,
                             __global const float2 *restrict backward, int h, int w, int place, int count, float time,
                             float step) {
    int i = (int)get_global_id(0), number = (int)get_global_id(1);
    if (i >= h * w || number >= count)
        return;
    float share = clamp(time + (float)number * step, 0.0f, 1.0f);
    float2 p = place_of(i, h, w);
    seen first = follow(a, forward, backward, h, w, p, share),
         second = follow(b, backward, forward, h, w, p, 1.0f - share);
    float from_a = (1.0f - share) * first.trust, from_b = share * second.trust;
    float standing = a[i] + (b[i] - a[i]) * share;
    float sum = from_a * first.value + from_b * second.value + BC_MOTION_STANDING * standing;
    out[(size_t)(place + number) * (size_t)(h * w) + i] = sum / (from_a + from_b + BC_MOTION_STANDING);
}
