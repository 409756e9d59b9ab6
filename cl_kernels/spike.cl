/* Spike streams: firing rate, inter-spike interval, integrate-and-fire simulation, and the network's +-1 input.
 * A stream is words (pixels, word_count): bit t%32 of word t/32 is frame t; bits past the last frame are 0.
 * Images are (pixels) floats; light is (count, pixels) floats. A work-item is a pixel unless said. */

/* rate = spikes in frames first..first+count-1, over count. */
__kernel void spike_rate(__global float *restrict rate, __global const uint *restrict words, int pixels, int word_count,
                         int first, int count) {
    int p = (int)get_global_id(0);
    if (p >= pixels)
        return;
    __global const uint *w = words + (size_t)p * word_count;
    int end = first + count, spikes = 0;
    for (int k = first / 32; k * 32 < end; k++) {
        uint mask = 0xFFFFFFFFu;
        if (first > k * 32)
            mask <<= first - k * 32;
        if (end < k * 32 + 32)
            mask &= (1u << (end - k * 32)) - 1u;
        spikes += (int)popcount(w[k] & mask);
    }
    rate[p] = (float)spikes / (float)count;
}

/* image = 1 / (right - left): left is the last spike in t-window+1..t, else t-window; right the first one in t+1..t+window,
 * else t+window; 0 when both are missing. */
__kernel void spike_interval(__global float *restrict image, __global const uint *restrict words, int pixels,
                             int word_count, int frames, int t, int window) {
    int p = (int)get_global_id(0);
    if (p >= pixels)
        return;
    __global const uint *w = words + (size_t)p * word_count;
    int lowest = max(t - window + 1, 0), highest = min(t + window, frames - 1);
    int left = t, right = t + 1;
    while (left >= lowest && !((w[left / 32] >> (left % 32)) & 1u))
        left--;
    while (right <= highest && !((w[right / 32] >> (right % 32)) & 1u))
        right++;
    bool no_left = left < lowest, no_right = right > highest;
    int distance = (no_right ? t + window : right) - (no_left ? t - window : left);
    image[p] = no_left && no_right ? 0.0f : 1.0f / (float)distance;
}

#define SIGN(frame) ((word >> frame) & 1u ? 1.0f : -1.0f)
/* (n,h,w,4) words -> (n,h,w,128) floats of -1 and +1. A work-item writes 16 frames: item = 8 * pixel + (frame / 16). */
__kernel void spike_unpack(__global float *restrict out, __global const uint *restrict words, int items) {
    int i = (int)get_global_id(0);
    if (i >= items)
        return;
    uint word = words[i / 2] >> (16 * (i & 1));
    vstore16((float16)(SIGN(0), SIGN(1), SIGN(2), SIGN(3), SIGN(4), SIGN(5), SIGN(6), SIGN(7), SIGN(8), SIGN(9), SIGN(10),
                       SIGN(11), SIGN(12), SIGN(13), SIGN(14), SIGN(15)),
             i, out);
}

/* --- simulation: a work-item is 8 pixels, one in each lane --- */

/* Nearly normal numbers (mean 0, variance 1, within +-3.26): the sum of four uniform nibbles, from the low or high 16 bits. */
float8 nearly_normal(uint8 bits, int high) {
    uint8 pairs = (bits & 0x0F0F0F0Fu) + ((bits >> 4) & 0x0F0F0F0Fu);
    uint8 sum = high ? ((pairs >> 16) & 0xFFu) + (pairs >> 24) : (pairs & 0xFFu) + ((pairs >> 8) & 0xFFu);
    return (convert_float8(as_int8(sum)) - 30.0f) * 0.10846523f;
}

float8 load8(__global const float *p, int valid) {
    if (valid >= 8)
        return vload8(0, p);
    float part[8] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    for (int i = 0; i < valid; i++)
        part[i] = p[i];
    return vload8(0, part);
}

typedef struct {
    float8 response, threshold, leak; /* of the pixels */
    float8 integral;
} sensor;

/* What the sensor seed alone decides, or maps do in its place, and the initial integral. A map of the response is of what was seen of
 * a camera's pixels, thresholds and all. */
sensor sensor_at(uint first, int valid, uint seed, uint stream, uint sensor_seed, __global const float *response,
                 __global const float *dark_current, float gain, float threshold, float fixed_pattern, float mismatch,
                 float dark) {
    sensor s;
    bits8 b = philox8(sensor_seed, BC_STREAM_SENSOR, first + LANES8, 0u);
    float8 radius = sqrt(-2.0f * log((convert_float8(b.x >> 8) + 1.0f) * (1.0f / 16777216.0f)));
    float8 angle = convert_float8(b.y >> 8) * (6.283185307179586f / 16777216.0f);
    s.response = gain * max(1.0f + fixed_pattern * radius * cos(angle), 0.0f);
    s.threshold = threshold * max(1.0f + mismatch * radius * sin(angle), 0.1f);
    if (response) {
        s.response = gain * load8(response + first, valid);
        s.threshold = threshold;
    }
    radius = sqrt(-2.0f * log((convert_float8(b.z >> 8) + 1.0f) * (1.0f / 16777216.0f)));
    angle = convert_float8(b.w >> 8) * (6.283185307179586f / 16777216.0f);
    s.leak = dark * max(1.0f + 0.4f * radius * cos(angle), 0.0f);
    if (dark_current)
        s.leak = load8(dark_current + first, valid);
    s.integral = s.threshold * convert_float8(philox8(seed, stream, first + LANES8, 0u).x >> 8) * (1.0f / 16777216.0f);
    return s;
}

uint8 load_words(__global const uint *words, int word_count, int valid) {
    uint part[8] = {0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u};
    for (int lane = 0; lane < min(valid, 8); lane++)
        part[lane] = words[(size_t)lane * word_count];
    return vload8(0, part);
}

void store_words(uint8 word, __global uint *words, int word_count, int valid) {
    uint part[8];
    vstore8(word, 0, part);
    for (int lane = 0; lane < min(valid, 8); lane++)
        words[(size_t)lane * word_count] = part[lane];
}

void store8(float8 value, __global float *p, int valid) {
    float part[8];
    vstore8(value, 0, part);
    for (int i = 0; i < min(valid, 8); i++)
        p[i] = part[i];
}

/* Integrate and fire (SpikeCV's video_to_spike, with a sensor's noise), frames begin..end-1 of a stream. Frame f sees the light at
 * position f * step - origin of the images, linearly interpolated. The pixels' response, threshold and dark current are drawn from
 * sensor_seed, or are what maps say (which may be NULL); the initial integral and the noise of each frame are drawn from
 * (seed, stream): one draw for the light, one for the threshold, one for what a spike takes away. At most one spike a
 * frame; what lies above the threshold after it is lost. `integrals` goes on from one part of a stream to the next; NULL: there is
 * only one part. */
__kernel void spike_simulate(__global uint *restrict words, __global float *restrict integrals,
                             __global const float *restrict images, __global const float *restrict response,
                             __global const float *restrict dark_current, int count, int pixels, int begin, int end,
                             int word_count, uint seed, uint stream, uint sensor_seed, float origin, float step,
                             float gain, float threshold, float fixed_pattern, float mismatch, float dark, float shot,
                             float thermal, float removal, float reset) {
    int first = 8 * (int)get_global_id(0), valid = pixels - first;
    if (valid <= 0)
        return;
    sensor s = sensor_at((uint)first, valid, seed, stream, sensor_seed, response, dark_current, gain, threshold,
                         fixed_pattern, mismatch, dark);
    words += (size_t)first * word_count;
    uint8 word = 0u;
    int8 fires = 0;
    if (begin > 0) {
        word = load_words(words + (begin - 1) / 32, word_count, valid);
        fires = as_int8(word << (31 - (begin - 1) % 32)) < 0;
        word = begin % 32 ? word : 0u;
        s.integral = load8(integrals + first, valid);
    }
    bits8 noise = {(uint8)(0), (uint8)(0), (uint8)(0), (uint8)(0)}, taken = noise;
    for (int f = begin; f < end; f++) {
        float position = max((float)f * step - origin, 0.0f);
        int i = min((int)position, count - 1), j = min(i + 1, count - 1);
        float8 light = load8(images + (size_t)i * pixels + first, valid);
        light += (load8(images + (size_t)j * pixels + first, valid) - light) * (position - (float)i);
        light = max(light, 0.0f);
        float8 limit = s.threshold, takes = limit;
        if (shot > 0.0f || thermal > 0.0f) {
            if (f % 4 == 0 || f == begin)
                noise = philox8(seed, stream, (uint)first + LANES8, 1u + (uint)(f / 4));
            uint8 bits = f % 4 < 2 ? (f % 2 ? noise.y : noise.x) : (f % 2 ? noise.w : noise.z);
            light = max(light + shot * sqrt(light) * nearly_normal(bits, 0), 0.0f);
            limit *= 1.0f + thermal * nearly_normal(bits, 1);
            takes = limit;
        }
        if (removal > 0.0f) {
            if (f % 4 == 0 || f == begin)
                taken = philox8(seed, stream, (uint)first + LANES8, 0x80000000u + (uint)(f / 4));
            uint8 bits = f % 4 < 2 ? (f % 2 ? taken.y : taken.x) : (f % 2 ? taken.w : taken.z);
            takes = s.threshold * (1.0f + removal * nearly_normal(bits, 0));
        }
        s.integral += (s.leak + s.response * light) * select((float8)(1.0f), (float8)(1.0f - reset), fires);
        fires = s.integral >= limit;
        word |= as_uint8(fires) & (1u << (f % 32));
        s.integral = min(s.integral - select((float8)(0.0f), takes, fires), s.threshold * 0.9999999f);
        if (f % 32 == 31 || f == end - 1) {
            store_words(word, words + f / 32, word_count, valid);
            word = 0u;
        }
    }
    if (integrals)
        store8(s.integral, integrals + first, valid);
}
