/* Normalisation with statistics per sample and group of channels: GroupNorm, and BatchNorm as one sample with one channel a
 * group. x, y (samples, pixels, c); group k holds channels k*c/groups up to (k+1)*c/groups.
 * Statistics (mean, then 1/sqrt(variance + epsilon)) are kept as two arrays (samples, c), equal within a group.
 * Pixels are summed in chunks of `chunk`; partial sums are (samples, chunks, 2, c). Variances are safe when the mean is much
 * larger than the deviation: each chunk measures from its own first pixel, and chunks are joined around the common mean
 * (Chan, Golub and LeVeque 1979).
 * `low` is 0 for a following ReLU and -MAXFLOAT for none; backward finds the sign of the output by the same expression.
 * Needs -DVECTOR dividing c. Offsets count floats.
 *
 * Kernels over all of x share it out in pieces of `rows` pixels and `span` channels: items (pieces of c, of the pixels, samples).
 * On a GPU a piece is narrow, so that neighbouring items read neighbours; on a CPU it has all channels, so that an item reads one
 * stretch of memory. Sums over a piece of pixels go through `block` pixels of all its channels at a time, with the sums so
 * far in `partial`. */

vec affine(vec x, vec mean, vec scale, vec gamma, vec beta) {
    return (x - mean) * scale * gamma + beta;
}

/* Mean and centred sum of squares of each channel over one chunk, a piece of the pixels. */
__kernel void norm_partial(__global float *restrict partial, __global const float *restrict x, int pixels, int c, int span, int chunk,
                           int chunks, int block) {
    int begin = (int)get_global_id(0) * span, end = min(begin + span, c), k = (int)get_global_id(1);
    int sample = (int)get_global_id(2), count = min(chunk, pixels - k * chunk);
    x += ((size_t)sample * pixels + (size_t)k * chunk) * c;
    partial += ((size_t)sample * chunks + k) * 2 * c;
    for (int first = 0; first < count; first += block) {
        int last = min(first + block, count);
        for (int j = begin; j < end; j += VECTOR) {
            vec shift = load_vec(x + j), sum = 0.0f, squares = 0.0f;
            if (first > 0) {
                sum = load_vec(partial + j);
                squares = load_vec(partial + c + j);
            }
            for (int p = first; p < last; p++) {
                vec d = load_vec(x + (size_t)p * c + j) - shift;
                sum += d;
                squares += d * d;
            }
            if (last == count) {
                vec mean = sum / (float)count;
                squares = fmax(squares - sum * mean, (vec)(0.0f));
                sum = shift + mean;
            }
            store_vec(sum, partial + j);
            store_vec(squares, partial + c + j);
        }
    }
}

/* running <- (1 - momentum) running + momentum * batch, unbiased variance. */
void keep_running(__global float *mean, __global float *variance, float batch_mean, float squares, float count, float momentum) {
    mean[0] = (1.0f - momentum) * mean[0] + momentum * batch_mean;
    variance[0] = (1.0f - momentum) * variance[0] + momentum * squares / (count - 1.0f);
}

/* Joins the partial results of one group. One work-item a sample and group. With running_mean given (one sample, one
 * channel a group) running statistics are kept. */
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
    if (running_mean)
        keep_running(running_mean + channel, running_variance + channel, mean, squares, count, momentum);
}

/* Of one rank's share of a batch (one sample, one channel a group): mean, centred sum of squares and number of pixels, (3,c) at `place` of
 * the partial results, which it joins. One work-item a channel. */
__kernel void norm_join_share(__global float *work, int place, int pixels, int c, int chunk, int chunks) {
    int j = get_global_id(0);
    if (j >= c)
        return;
    float shift = work[j], sum = 0.0f, squares = 0.0f;
    for (int k = 0; k < chunks; k++)
        sum += (float)min(chunk, pixels - k * chunk) * (work[(size_t)k * 2 * c + j] - shift);
    float mean = shift + sum / (float)pixels;
    for (int k = 0; k < chunks; k++) {
        float d = work[(size_t)k * 2 * c + j] - mean;
        squares += (float)min(chunk, pixels - k * chunk) * d * d + work[((size_t)k * 2 + 1) * c + j];
    }
    work[place + j] = mean;
    work[place + c + j] = squares;
    work[place + 2 * c + j] = (float)pixels;
}

/* Joins what norm_join_share made of every rank's share: (3,ranks,c) at `place`. */
__kernel void norm_join_ranks(__global float *statistics, __global float *running_mean, __global float *running_variance,
                              __global const float *work, int statistics_offset, int place, int c, int ranks, float epsilon,
                              float momentum) {
    int j = get_global_id(0);
    if (j >= c)
        return;
    __global const float *means = work + place + j, *squares = means + (size_t)ranks * c, *pixels = squares + (size_t)ranks * c;
    float shift = means[0], sum = 0.0f, count = 0.0f, total = 0.0f;
    for (int r = 0; r < ranks; r++) {
        sum += pixels[(size_t)r * c] * (means[(size_t)r * c] - shift);
        count += pixels[(size_t)r * c];
    }
    float mean = shift + sum / count;
    for (int r = 0; r < ranks; r++) {
        float d = means[(size_t)r * c] - mean;
        total += pixels[(size_t)r * c] * d * d + squares[(size_t)r * c];
    }
    statistics[statistics_offset + j] = mean;
    statistics[statistics_offset + c + j] = 1.0f / sqrt(total / count + epsilon);
    keep_running(running_mean + j, running_variance + j, mean, total, count, momentum);
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

__kernel void norm_apply(__global float *restrict y, __global const float *restrict x, __global const float *restrict statistics,
                         __global const float *restrict gamma, __global const float *restrict beta, int statistics_offset,
                         int samples, int pixels, int c, int span, int rows, float low) {
    int begin = (int)get_global_id(0) * span, end = min(begin + span, c), sample = (int)get_global_id(2);
    int first = (int)get_global_id(1) * rows, last = min(first + rows, pixels);
    statistics += statistics_offset + (size_t)sample * c;
    for (int p = first; p < last; p++) {
        size_t row = ((size_t)sample * pixels + p) * c;
        for (int j = begin; j < end; j += VECTOR) {
            vec value = affine(load_vec(x + row + j), load_vec(statistics + j), load_vec(statistics + (size_t)samples * c + j),
                               load_vec(gamma + j), load_vec(beta + j));
            store_vec(value < (vec)(low) ? (vec)(low) : value, y + row + j);
        }
    }
}

/* Per chunk and channel: sums of g and of g * normalised x, g being the gradient before the ReLU. */
__kernel void norm_gradient_partial(__global float *restrict partial, __global const float *restrict dy,
                                    __global const float *restrict x, __global const float *restrict statistics,
                                    __global const float *restrict gamma, __global const float *restrict beta, int samples,
                                    int pixels, int c, int span, int chunk, int chunks, int block, float low) {
    int begin = (int)get_global_id(0) * span, end = min(begin + span, c), k = (int)get_global_id(1);
    int sample = (int)get_global_id(2), count = min(chunk, pixels - k * chunk);
    size_t start = ((size_t)sample * pixels + (size_t)k * chunk) * c;
    x += start;
    dy += start;
    partial += ((size_t)sample * chunks + k) * 2 * c;
    statistics += (size_t)sample * c;
    for (int first = 0; first < count; first += block) {
        int last = min(first + block, count);
        for (int j = begin; j < end; j += VECTOR) {
            vec mean = load_vec(statistics + j), scale = load_vec(statistics + (size_t)samples * c + j);
            vec gain = load_vec(gamma + j), bias = load_vec(beta + j), plain = 0.0f, weighted = 0.0f;
            if (first > 0) {
                plain = load_vec(partial + j);
                weighted = load_vec(partial + c + j);
            }
            for (int p = first; p < last; p++) {
                vec value = load_vec(x + (size_t)p * c + j), g = load_vec(dy + (size_t)p * c + j);
                g = affine(value, mean, scale, gain, bias) > (vec)(low) ? g : (vec)(0.0f);
                plain += g;
                weighted += g * (value - mean);
            }
            store_vec(plain, partial + j);
            store_vec(last == count ? weighted * scale : weighted, partial + c + j);
        }
    }
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

/* dx = scale * (gamma g - mean(gamma g) - x^ mean(gamma g x^)). */
__kernel void norm_gradient_apply(__global float *restrict dx, __global const float *restrict dy, __global const float *restrict x,
                                  __global const float *restrict statistics, __global const float *restrict sums,
                                  __global const float *restrict gamma, __global const float *restrict beta, int sums_offset,
                                  int samples, int pixels, int c, int span, int rows, float low, int accumulate) {
    int begin = (int)get_global_id(0) * span, end = min(begin + span, c), sample = (int)get_global_id(2);
    int first = (int)get_global_id(1) * rows, last = min(first + rows, pixels);
    size_t array = (size_t)samples * c;
    statistics += (size_t)sample * c;
    sums += sums_offset + 2 * array + (size_t)sample * c;
    for (int p = first; p < last; p++) {
        size_t row = ((size_t)sample * pixels + p) * c;
        for (int j = begin; j < end; j += VECTOR) {
            vec value = load_vec(x + row + j), g = load_vec(dy + row + j), gain = load_vec(gamma + j);
            vec mean = load_vec(statistics + j), scale = load_vec(statistics + array + j);
            g = affine(value, mean, scale, gain, load_vec(beta + j)) > (vec)(low) ? g : (vec)(0.0f);
            vec result = scale * (gain * g - load_vec(sums + j) - (value - mean) * scale * load_vec(sums + array + j));
            store_vec(accumulate ? load_vec(dx + row + j) + result : result, dx + row + j);
        }
    }
}
