/* Normalisation with statistics per sample and group of channels: GroupNorm, and BatchNorm as one sample with one channel a
 * group. x, y (samples, pixels, c); group k holds channels k*c/groups up to (k+1)*c/groups.
 * Statistics (mean, then 1/sqrt(variance + epsilon)) are kept as two arrays (samples, c), equal within a group.
 * Pixels are summed in chunks of `chunk`; partial sums are (samples, chunks, 2, c). Variances are safe when the mean is much
 * larger than the deviation: each chunk measures from its own first pixel, and chunks are joined around the common mean
 * (Chan, Golub and LeVeque 1979).
 * `low` is 0 for a following ReLU and -MAXFLOAT for none; backward finds the sign of the output by the same expression.
 * Needs -DVECTOR dividing c. Offsets count floats. */

vec affine(vec x, vec mean, vec scale, vec gamma, vec beta) {
    return (x - mean) * scale * gamma + beta;
}

/* Mean and centred sum of squares of each channel over one chunk. One work-item a chunk and channel vector. */
__kernel void norm_partial(__global float *partial, __global const float *x, int samples, int pixels, int c, int chunk,
                           int chunks) {
    uint i = get_global_id(0), vectors = c / VECTOR;
    if (i >= samples * chunks * vectors)
        return;
    uint block = i / vectors, sample = block / chunks, channel = (i % vectors) * VECTOR;
    int first = (block % chunks) * chunk, count = min(chunk, pixels - first);
    x += ((size_t)sample * pixels + first) * c + channel;
    vec shift = load_vec(x), sum = 0.0f, squares = 0.0f;
    for (int p = 0; p < count; p++) {
        vec d = load_vec(x + (size_t)p * c) - shift;
        sum += d;
        squares += d * d;
    }
    vec mean = sum / (float)count;
    partial += (size_t)block * 2 * c + channel;
    store_vec(shift + mean, partial);
    store_vec(fmax(squares - sum * mean, (vec)(0.0f)), partial + c);
}

/* Joins the partial results of one group. One work-item a sample and group. With running_mean given (one sample, one
 * channel a group): running <- (1 - momentum) running + momentum * batch, unbiased variance. */
__kernel void norm_join(__global float *statistics, __global float *running_mean, __global float *running_variance,
                        __global const float *partial, int statistics_offset, int samples, int pixels, int c, int groups,
                        int chunk, int chunks, float epsilon, float momentum) {
    int i = get_global_id(0);
    if (i >= samples * groups)
        return;
    int sample = i / groups, size = c / groups, channel = (i % groups) * size;
    partial += (size_t)sample * chunks * 2 * c + channel;
    float count = (float)pixels * size, shift = partial[0], sum = 0.0f;
    for (int k = 0; k < chunks; k++) {
        float weight = min(chunk, pixels - k * chunk), part = 0.0f;
        for (int j = 0; j < size; j++)
            part += partial[(size_t)k * 2 * c + j] - shift;
        sum += weight * part;
    }
    float mean = shift + sum / count, squares = 0.0f;
    for (int k = 0; k < chunks; k++) {
        float weight = min(chunk, pixels - k * chunk), part = 0.0f;
        for (int j = 0; j < size; j++) {
            float d = partial[(size_t)k * 2 * c + j] - mean;
            part += weight * d * d + partial[((size_t)k * 2 + 1) * c + j];
        }
        squares += part;
    }
    float scale = 1.0f / sqrt(squares / count + epsilon);
    statistics += statistics_offset + (size_t)sample * c + channel;
    for (int j = 0; j < size; j++) {
        statistics[j] = mean;
        statistics[(size_t)samples * c + j] = scale;
    }
    if (running_mean) {
        running_mean[channel] = (1.0f - momentum) * running_mean[channel] + momentum * mean;
        running_variance[channel] = (1.0f - momentum) * running_variance[channel] + momentum * squares / (count - 1.0f);
    }
}

/* Statistics from given means and variances of one sample. One work-item a channel. */
__kernel void norm_given(__global float *statistics, __global const float *mean, __global const float *variance,
                         int statistics_offset, int c, float epsilon) {
    int i = get_global_id(0);
    if (i >= c)
        return;
    statistics[statistics_offset + i] = mean[i];
    statistics[statistics_offset + c + i] = 1.0f / sqrt(variance[i] + epsilon);
}

/* One work-item a pixel and channel vector. */
__kernel void norm_apply(__global float *y, __global const float *x, __global const float *statistics,
                         __global const float *gamma, __global const float *beta, int statistics_offset, int samples,
                         int pixels, int c, float low) {
    size_t i = get_global_id(0);
    uint vectors = c / VECTOR;
    if (i >= (size_t)samples * pixels * vectors)
        return;
    size_t pixel = i / vectors;
    uint channel = (i - pixel * vectors) * VECTOR;
    statistics += statistics_offset + (pixel / pixels) * c + channel;
    vec value = affine(load_vec(x + i * VECTOR), load_vec(statistics), load_vec(statistics + (size_t)samples * c),
                       load_vec(gamma + channel), load_vec(beta + channel));
    store_vec(value < (vec)(low) ? (vec)(low) : value, y + i * VECTOR);
}

/* Per chunk and channel: sums of g and of g * normalised x, g being the gradient before the ReLU. */
__kernel void norm_gradient_partial(__global float *partial, __global const float *dy, __global const float *x,
                                    __global const float *statistics, __global const float *gamma,
                                    __global const float *beta, int samples, int pixels, int c, int chunk, int chunks,
                                    float low) {
    uint i = get_global_id(0), vectors = c / VECTOR;
    if (i >= samples * chunks * vectors)
        return;
    uint block = i / vectors, sample = block / chunks, channel = (i % vectors) * VECTOR;
    int first = (block % chunks) * chunk, count = min(chunk, pixels - first);
    size_t start = ((size_t)sample * pixels + first) * c + channel;
    statistics += (size_t)sample * c + channel;
    vec mean = load_vec(statistics), scale = load_vec(statistics + (size_t)samples * c);
    vec gain = load_vec(gamma + channel), bias = load_vec(beta + channel), plain = 0.0f, weighted = 0.0f;
    for (int p = 0; p < count; p++) {
        vec value = load_vec(x + start + (size_t)p * c);
        vec g = affine(value, mean, scale, gain, bias) > (vec)(low) ? load_vec(dy + start + (size_t)p * c) : (vec)(0.0f);
        plain += g;
        weighted += g * (value - mean);
    }
    partial += (size_t)block * 2 * c + channel;
    store_vec(plain, partial);
    store_vec(weighted * scale, partial + c);
}

/* sums: four arrays (samples, c): the two sums of each channel, and the means over the group of gamma * g and of
 * gamma * g * normalised x (0 with inverse_count 0: the statistics did not depend on x). One work-item a sample and group. */
__kernel void norm_gradient_join(__global float *sums, __global const float *partial, __global const float *gamma,
                                 int sums_offset, int samples, int c, int groups, int chunks, float inverse_count) {
    int i = get_global_id(0);
    if (i >= samples * groups)
        return;
    int sample = i / groups, size = c / groups, channel = (i % groups) * size;
    size_t array = (size_t)samples * c;
    partial += (size_t)sample * chunks * 2 * c + channel;
    sums += sums_offset + (size_t)sample * c + channel;
    gamma += channel;
    float group_plain = 0.0f, group_weighted = 0.0f;
    for (int j = 0; j < size; j++) {
        float plain = 0.0f, weighted = 0.0f;
        for (int k = 0; k < chunks; k++) {
            plain += partial[(size_t)k * 2 * c + j];
            weighted += partial[((size_t)k * 2 + 1) * c + j];
        }
        sums[j] = plain;
        sums[array + j] = weighted;
        group_plain += gamma[j] * plain;
        group_weighted += gamma[j] * weighted;
    }
    for (int j = 0; j < size; j++) {
        sums[2 * array + j] = group_plain * inverse_count;
        sums[3 * array + j] = group_weighted * inverse_count;
    }
}

/* dx = scale * (gamma g - mean(gamma g) - x^ mean(gamma g x^)). One work-item a pixel and channel vector. */
__kernel void norm_gradient_apply(__global float *dx, __global const float *dy, __global const float *x,
                                  __global const float *statistics, __global const float *sums,
                                  __global const float *gamma, __global const float *beta, int sums_offset, int samples,
                                  int pixels, int c, float low, int accumulate) {
    size_t i = get_global_id(0);
    uint vectors = c / VECTOR;
    if (i >= (size_t)samples * pixels * vectors)
        return;
    size_t pixel = i / vectors, array = (size_t)samples * c;
    uint channel = (i - pixel * vectors) * VECTOR;
    size_t at = (pixel / pixels) * c + channel;
    sums += sums_offset + 2 * array + at;
    vec value = load_vec(x + i * VECTOR), mean = load_vec(statistics + at), scale = load_vec(statistics + array + at);
    vec gain = load_vec(gamma + channel);
    vec g = affine(value, mean, scale, gain, load_vec(beta + channel)) > (vec)(low) ? load_vec(dy + i * VECTOR)
                                                                                    : (vec)(0.0f);
    vec result = scale * (gain * g - load_vec(sums) - (value - mean) * scale * load_vec(sums + array));
    store_vec(accumulate ? load_vec(dx + i * VECTOR) + result : result, dx + i * VECTOR);
}
