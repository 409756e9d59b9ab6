/* Separable resampling of (n, h, w, c) with 1, 2 or 4 taps an axis. Needs -DVECTOR dividing c (or the inner size of an axis)
 * and -DMODE, the value of bc_resize_mode: 0 nearest, 1 bilinear, 2 bilinear with aligned corners, 3 bicubic.
 * Source positions are exact: quotients and remainders of integers; but nearest ones are PyTorch's, rounded, and need the step from
 * the host. They cost more than the sums, so a work-item handles -DRUN neighbouring vectors of the same position. Offsets count floats. */
#if MODE == 0
#define TAPS 1
#elif MODE == 3
#define TAPS 4
#else
#define TAPS 2
#endif

typedef struct taps {
    int index[TAPS];
    float weight[TAPS];
} taps;

/* Keys' cubic kernel with a = -0.75 at a distance of at most 1, and of 1 to 2. */
float cubic_near(float t) {
    return (1.25f * t - 2.25f) * t * t + 1.0f;
}

float cubic_far(float t) {
    return ((-0.75f * t + 3.75f) * t - 6.0f) * t + 3.0f;
}

/* What output position `at` of an axis reads. nearest: inputs an output (bc_nearest_step). */
taps taps_at(int at, int in, int out, float nearest) {
    taps t;
#if MODE == 0
    t.index[0] = nearest_source(at, nearest, in);
    t.weight[0] = 1.0f;
#else
#if MODE == 2
    int numerator = at * (in - 1), denominator = max(out - 1, 1);
#else
    int numerator = (2 * at + 1) * in - out, denominator = 2 * out;
#endif
#if MODE == 3
    /* Not below -1/2, so one step up makes it positive. */
    uint raised = numerator + denominator;
    int base = (int)(raised / (uint)denominator) - 1;
    float f = (float)(raised % (uint)denominator) / (float)denominator;
    t.weight[0] = cubic_far(f + 1.0f);
    t.weight[1] = cubic_near(f);
    t.weight[2] = cubic_near(1.0f - f);
    t.weight[3] = cubic_far(2.0f - f);
#pragma unroll
    for (int k = 0; k < 4; k++)
        t.index[k] = clamp(base - 1 + k, 0, in - 1);
#else
    uint positive = max(numerator, 0);
    t.index[0] = min((int)(positive / (uint)denominator), in - 1);
    t.index[1] = min(t.index[0] + 1, in - 1);
    t.weight[1] = (float)(positive % (uint)denominator) / (float)denominator;
    t.weight[0] = 1.0f - t.weight[1];
#endif
#endif
    return t;
}

/* y (n, out_h, out_w, c) from x (n, in_h, in_w, c). Work-items: (column and run of channel vectors, row, sample). */
__kernel void resize(__global float *restrict y, __global const float *restrict x, int y_offset, int x_offset, int in_h,
                     int in_w, int out_h, int out_w, int c, float nearest_row, float nearest_column) {
    uint i = get_global_id(0), vectors = c / VECTOR, runs = (vectors + RUN - 1) / RUN;
    if (i >= out_w * runs)
        return;
    uint column = i / runs, first = (i - column * runs) * RUN, end = min(first + RUN, vectors);
    int row = get_global_id(1);
    size_t sample = get_global_id(2);
    taps v = taps_at(row, in_h, out_h, nearest_row), h = taps_at(column, in_w, out_w, nearest_column);
    x += x_offset + sample * in_h * in_w * c;
    y += y_offset + ((sample * out_h + row) * out_w + column) * c;
    for (uint channel = first * VECTOR; channel < end * VECTOR; channel += VECTOR) {
        vec sum = 0.0f;
#pragma unroll
        for (int a = 0; a < TAPS; a++) {
            __global const float *line = x + (size_t)v.index[a] * in_w * c + channel;
            vec part = 0.0f;
#pragma unroll
            for (int b = 0; b < TAPS; b++)
                part += h.weight[b] * load_vec(line + (size_t)h.index[b] * c);
            sum += v.weight[a] * part;
        }
        store_vec(sum, y + channel);
    }
}

/* The adjoint along one axis: dx (outer, in, inner) gathers from dy (outer, out, inner) what it gave to each output. The
 * outputs that read position p lie between p * step - below and p * step + above, `step` outputs an input; at the ends,
 * all up to the end. Needs -DVECTOR dividing inner. Work-items: (position and run of inner vectors, outer). */
__kernel void resize_adjoint(__global float *restrict dx, __global const float *restrict dy, int dx_offset, int dy_offset,
                             int in, int out, int inner, float nearest, float step, float below, float above,
                             int accumulate) {
    uint i = get_global_id(0), vectors = inner / VECTOR, runs = (vectors + RUN - 1) / RUN;
    if (i >= in * runs)
        return;
    int position = i / runs;
    uint first_vector = (i - position * runs) * RUN;
    size_t outer = get_global_id(1);
    float centre = position * step;
    int first = position == 0 ? 0 : max((int)ceil(centre - below), 0);
    int last = position == in - 1 ? out - 1 : min((int)(centre + above), out - 1);
    dy += dy_offset + outer * out * inner;
    dx += dx_offset + (outer * in + position) * inner;
    uint at[RUN]; /* past the end: the last vector again, which is not stored */
    vec sum[RUN];
#pragma unroll
    for (uint k = 0; k < RUN; k++) {
        at[k] = min(first_vector + k, vectors - 1) * VECTOR;
        sum[k] = 0.0f;
    }
    for (int o = first; o <= last; o++) {
        taps t = taps_at(o, in, out, nearest);
        float weight = 0.0f;
#pragma unroll
        for (int k = 0; k < TAPS; k++)
            weight += t.index[k] == position ? t.weight[k] : 0.0f;
#pragma unroll
        for (uint k = 0; k < RUN; k++)
            sum[k] += weight * load_vec(dy + (size_t)o * inner + at[k]);
    }
#pragma unroll
    for (uint k = 0; k < RUN; k++)
        if (first_vector + k < vectors)
            store_vec(accumulate ? load_vec(dx + at[k]) + sum[k] : sum[k], dx + at[k]);
}
