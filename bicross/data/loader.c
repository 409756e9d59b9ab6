/* Filling a network's inputs: what is random about a sample is drawn here, its pixels are made by
 * cl_kernels/loader.cl. */
#include "bicross/data/loader.h"
#include "bicross/data/streams.h"
#include "bicross/data/strong_view.h"
#include "host/base/random.h"
#include "host/device/upload.h"
#include "net/ops/resample.h"

#include <math.h>
#include <stdlib.h>

struct bc_loader {
    bc_host *host;
    bool unit_rgb;
    bc_upload upload;        /* of one sample's crop */
    const bc_sensor *sensor; /* NULL: none */
    bc_buffer pattern;       /* its fixed pattern (pattern_height, pattern_width) at the network's input */
    int pattern_height, pattern_width;
};

/* What the kernels need to know about one sample's augmentation. */
typedef struct strengths {
    uint32_t key;
    int flip;
    float colour[12]; /* affine map of (r,g,b,1), row by row */
    float noise, thin, pattern;
    float light, offset; /* spikes: the light becomes light * (what it was) + offset */
    bool sensor;         /* and is multiplied with the sensor's pattern */
    float share, place;  /* how much of the sensor's light, and which of its images, as a share of them */
    uint32_t dark;       /* of 4096 */
    bool strong;
} strengths;

/* One sample on its way into one row of the batch. */
typedef struct job {
    bc_loader *loader;
    const bc_sample *sample;
    bc_crop crop;
    int row;
    strengths random;
} job;

bc_status bc_loader_create(bc_host *host, bc_loader **out) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory for a loader");
    (*out)->host = host;
    bc_status status = bc_upload_open(host, &(*out)->upload);
    if (status != BC_OK) {
        bc_loader_release(*out);
        *out = NULL;
    }
    return status;
}

void bc_loader_release(bc_loader *loader) {
    if (!loader)
        return;
    bc_upload_close(&loader->upload);
    bc_buffer_release(&loader->pattern);
    free(loader);
}

void bc_loader_use_unit_rgb(bc_loader *loader, bool unit) {
    loader->unit_rgb = unit;
}

/* Nearest, as spikes are resized, so that an input pixel keeps the response of the one that it shows. */
static void resize_pattern(const bc_sensor *sensor, int height, int width, float *out) {
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int row = bc_nearest_source(y, sensor->height, height),
                column = bc_nearest_source(x, sensor->width, width);
            out[y * width + x] = sensor->pattern[row * sensor->width + column];
        }
}

bc_status bc_loader_use_sensor(bc_loader *loader, const bc_sensor *sensor, int height, int width) {
    size_t bytes = (size_t)height * (size_t)width * sizeof(float);
    float *pattern = malloc(bytes);
    if (!pattern)
        return bc_fail(bc_host_error(loader->host), BC_E_MEMORY, "no host memory for a sensor's pattern");
    resize_pattern(sensor, height, width, pattern);
    bc_buffer_release(&loader->pattern);
    bc_status status = bc_buffer_create(loader->host, bytes, "a sensor's pattern", &loader->pattern);
    if (status == BC_OK)
        status = bc_buffer_write(loader->host, loader->pattern, 0, pattern, bytes);
    free(pattern);
    loader->sensor = sensor;
    loader->pattern_height = height;
    loader->pattern_width = width;
    return status;
}

static void multiply(float out[9], const float a[9], const float b[9]) {
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
}

/* Towards or away from grey. */
static void saturation_matrix(float out[9], float factor) {
    static const float luma[3] = {0.299f, 0.587f, 0.114f};
    for (int i = 0; i < 9; i++)
        out[i] = (1 - factor) * luma[i % 3] + (i % 4 == 0 ? factor : 0);
}

/* Rotation about the grey axis (1,1,1) by Rodrigues' formula. */
static void hue_matrix(float out[9], float angle) {
    static const float cross[9] = {0, -1, 1, 1, 0, -1, -1, 1, 0};
    float mean = (1 - cosf(angle)) / 3, turn = sinf(angle) / sqrtf(3);
    for (int i = 0; i < 9; i++)
        out[i] = mean + turn * cross[i] + (i % 4 == 0 ? cosf(angle) : 0);
}

/* Saturation, hue, contrast about middle grey, gain, and a gain for each channel; all of about the same
 * strength. */
static void draw_colour(bc_random *r, float strength, float map[12]) {
    float saturation[9], hue[9], both[9];
    saturation_matrix(saturation, 1 + strength * bc_random_range(r, -1, 1));
    hue_matrix(hue, strength * bc_random_range(r, -1, 1));
    multiply(both, hue, saturation);
    float contrast = 1 + strength * bc_random_range(r, -1, 1),
          gain = 1 + strength * bc_random_range(r, -1, 1);
    for (int i = 0; i < 3; i++) {
        float channel = gain * (1 + 0.5f * strength * bc_random_range(r, -1, 1));
        for (int j = 0; j < 3; j++)
            map[4 * i + j] = channel * contrast * both[3 * i + j];
        map[4 * i + 3] = channel * 0.5f * (1 - contrast);
    }
}

/* Gain, and contrast about half of the sensor's full rate. */
static void draw_light(bc_random *r, const bc_augment *a, strengths *s) {
    float gain = powf(1 + a->gain, bc_random_range(r, -1, 1));
    float contrast = 1 + a->contrast * bc_random_range(r, -1, 1);
    s->light = gain * contrast;
    s->offset = 0.5f * gain * (1 - contrast);
}

/* Everything is drawn whether its part is switched on or not, so that switching one part leaves the others as
 * they were. */
static strengths draw_strengths(const bc_augment *augment, uint64_t draw) {
    static const bc_augment none = {0};
    const bc_augment *a = augment ? augment : &none;
    uint32_t keys[4];
    bc_philox(a->seed, BC_STREAM_AUGMENT_KEYS, draw, keys);
    bc_random r = {keys[1], BC_STREAM_AUGMENT_STRENGTHS, 0};
    strengths s = {.key = keys[0], .pattern = a->fixed_pattern};
    s.flip = (bc_random_uniform(&r) < 0.5f && a->flip) != a->mirror;
    s.thin = a->thin * bc_random_uniform(&r);
    s.dark = (uint32_t)lroundf(a->dark * bc_random_uniform(&r) * 4096);
    s.noise = 0.1f * a->colour * bc_random_uniform(&r);
    draw_colour(&r, a->colour, s.colour);
    draw_light(&r, a, &s);
    s.sensor = a->sensor;
    s.strong = a->strong;
    s.share = bc_random_uniform(&r);
    s.place = bc_random_uniform(&r);
    return s;
}

/* The sample's light becomes, by a share, that of an image of the sensor. */
static void take_light(const bc_sensor *sensor, const bc_sample *sample, strengths *s) {
    int image = (int)(s->place * (float)sensor->image_count);
    bc_light own = bc_light_of(sample), other = sensor->images[image < sensor->image_count ? image : 0];
    float low = own.low + s->share * (other.low - own.low),
          high = own.high + s->share * (other.high - own.high);
    float scale = (high - low) / fmaxf(own.high - own.low, 1.0f / BC_SPIKE_FRAMES);
    s->offset = s->light * (low - scale * own.low) + s->offset;
    s->light *= scale;
}

static bc_status check_augment(bc_error *err, const bc_augment *a) {
    const struct {
        const char *name;
        float value;
    } parts[] = {{"gain", a->gain}, {"contrast", a->contrast}, {"colour", a->colour},
                 {"thin", a->thin}, {"dark", a->dark},         {"fixed_pattern", a->fixed_pattern}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!(parts[i].value >= 0 && parts[i].value <= 1))
            return bc_fail(err, BC_E_ARGUMENT, "augmentation %s: expected a strength in [0,1], found %g",
                           parts[i].name, (double)parts[i].value);
    return BC_OK;
}

/* Uploads the rows of the crop at full width. `pixel` is bytes of a pixel. */
static bc_status stage(const job *j, const void *pixels, size_t pixel, bc_buffer *out) {
    bc_loader *loader = j->loader;
    size_t row = (size_t)j->sample->width * pixel, bytes = row * (size_t)j->crop.height;
    if (bytes > INT32_MAX)
        return bc_fail(bc_host_error(loader->host), BC_E_ARGUMENT,
                       "a sample of %d x %d is more than kernels can count: a smaller crop is needed",
                       j->crop.height, j->sample->width);
    return bc_upload_write(&loader->upload, (const uint8_t *)pixels + row * (size_t)j->crop.top, bytes,
                           "the loader's staging buffer", out);
}

/* Makes a part of the batch from what was staged. */
static bc_status make(const job *j, const bc_launch *launch) {
    BC_TRY(bc_run(j->loader->host, launch));
    return bc_upload_is_read(&j->loader->upload);
}

static bc_status load_label(const job *j, const bc_value *to) {
    bc_buffer staged;
    BC_TRY(stage(j, j->sample->depth, sizeof(float), &staged));
    bc_launch launch = {.source = "loader.cl",
                        .kernel = "load_label",
                        .items = {(size_t)to->shape.w, (size_t)to->shape.h},
                        .bytes = 8.0 * to->shape.h * to->shape.w,
                        BC_ARGS(BC_BUFFER(to->data), BC_BUFFER(staged), BC_INT(j->row), BC_INT(to->shape.h),
                                BC_INT(to->shape.w), BC_INT(j->sample->width), BC_INT(j->crop.left),
                                BC_INT(j->random.flip))};
    return make(j, &launch);
}

static bc_status load_rgb(const job *j, const bc_value *to) {
    bc_buffer staged;
    BC_TRY(stage(j, j->sample->rgb, 3, &staged));
    const float *m = j->random.colour;
    float scale = j->loader->unit_rgb ? 1 : 2, offset = j->loader->unit_rgb ? 0 : -1;
    bc_launch launch = {
        .source = "loader.cl",
        .kernel = "load_rgb",
        .items = {(size_t)to->shape.w, (size_t)to->shape.h},
        .flops = 60.0 * to->shape.h * to->shape.w,
        .bytes = 12.0 * to->shape.h * to->shape.w + 3.0 * j->crop.height * j->crop.width,
        BC_ARGS(BC_BUFFER(to->data), BC_BUFFER(staged), BC_INT(j->row), BC_INT(to->shape.h),
                BC_INT(to->shape.w), BC_INT(j->sample->width), BC_INT(j->crop.left), BC_INT(j->crop.height),
                BC_INT(j->crop.width), BC_INT(j->random.flip), BC_UINT(j->random.key), BC_FLOAT(m[0]),
                BC_FLOAT(m[1]), BC_FLOAT(m[2]), BC_FLOAT(m[3]), BC_FLOAT(m[4]), BC_FLOAT(m[5]),
                BC_FLOAT(m[6]), BC_FLOAT(m[7]), BC_FLOAT(m[8]), BC_FLOAT(m[9]), BC_FLOAT(m[10]),
                BC_FLOAT(m[11]), BC_FLOAT(j->random.noise), BC_FLOAT(scale), BC_FLOAT(offset))};
    return make(j, &launch);
}

static bc_status load_spikes(const job *j, const bc_value *to) {
    bc_buffer staged;
    BC_TRY(stage(j, j->sample->spikes, BC_SPIKE_WORDS * sizeof(uint32_t), &staged));
    const strengths *s = &j->random;
    bc_launch launch = {
        .source = "loader.cl",
        .kernel = "load_spikes",
        .items = {((size_t)to->shape.w + 7) / 8, (size_t)to->shape.h},
        .group = {4, 8, 1},
        .bytes = 32.0 * to->shape.h * to->shape.w,
        BC_ARGS(BC_BUFFER(to->data), BC_BUFFER(staged), BC_INT(j->row), BC_INT(to->shape.h),
                BC_INT(to->shape.w), BC_INT(j->sample->width), BC_INT(j->crop.left), BC_INT(j->crop.height),
                BC_INT(j->crop.width), BC_FLOAT(bc_nearest_step(j->crop.height, to->shape.h)),
                BC_FLOAT(bc_nearest_step(j->crop.width, to->shape.w)), BC_INT(s->flip), BC_UINT(s->key),
                BC_BUFFER(s->sensor ? j->loader->pattern : (bc_buffer){0}), BC_FLOAT(s->light),
                BC_FLOAT(s->offset), BC_FLOAT(s->thin), BC_FLOAT(s->pattern), BC_UINT(s->dark))};
    BC_TRY(make(j, &launch));
    return s->strong ? bc_strong_view_apply(j->loader->host, to, j->row, s->key) : BC_OK;
}

static bc_status load_sample(const job *j, const bc_batch *batch) {
    const bc_sample *s = j->sample;
    bc_error *err = bc_host_error(j->loader->host);
    const char *missing = batch->rgb && !s->rgb         ? "rgb"
                          : batch->spikes && !s->spikes ? "spikes"
                          : batch->label && !s->depth   ? "depth"
                                                        : NULL;
    if (missing)
        return bc_fail(err, BC_E_ARGUMENT, "sample %s: expected %s, found none", s->name, missing);
    if (batch->label && (batch->label->shape.h != j->crop.height || batch->label->shape.w != j->crop.width))
        return bc_fail(
            err, BC_E_ARGUMENT,
            "sample %s: expected a label of %d x %d pixels (width x height) after the crop, found %d x %d",
            s->name, batch->label->shape.w, batch->label->shape.h, j->crop.width, j->crop.height);
    if (batch->rgb)
        BC_TRY(load_rgb(j, batch->rgb));
    if (batch->spikes)
        BC_TRY(load_spikes(j, batch->spikes));
    return batch->label ? load_label(j, batch->label) : BC_OK;
}

static bc_status check_value(bc_error *err, const bc_value *value, const char *what, int channels, int rows) {
    if (!value)
        return BC_OK;
    if (value->shape.c != channels || value->shape.n < rows)
        return bc_fail(err, BC_E_ARGUMENT,
                       "%s: expected a batch of at least %d images of %d channels, found %d of %d", what,
                       rows, channels, value->shape.n, value->shape.c);
    if (value->data.bytes < bc_shape_count(value->shape) * sizeof(float))
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected memory for %zu elements, found %zu bytes", what,
                       bc_shape_count(value->shape), value->data.bytes);
    return BC_OK;
}

static bc_status apply_sensor(job *j, const bc_value *spikes) {
    const bc_loader *l = j->loader;
    if (!l->sensor || l->pattern_height != spikes->shape.h || l->pattern_width != spikes->shape.w)
        return bc_fail(bc_host_error(l->host), BC_E_ARGUMENT,
                       "the augmentation sensor needs a sensor for inputs of %d x %d (width x height)",
                       spikes->shape.w, spikes->shape.h);
    take_light(l->sensor, j->sample, &j->random);
    return BC_OK;
}

bc_status bc_loader_put(bc_loader *loader, const bc_sample *sample, int crop_height, int crop_width, int row,
                        const bc_batch *batch, const bc_augment *augment, uint64_t draw) {
    bc_error *err = bc_host_error(loader->host);
    job j = {.loader = loader, .sample = sample, .row = row};
    if (augment)
        BC_TRY(check_augment(err, augment));
    BC_TRY(check_value(err, batch->rgb, "rgb input", 3, row + 1));
    BC_TRY(check_value(err, batch->spikes, "spike input", BC_SPIKE_WORDS, row + 1));
    BC_TRY(check_value(err, batch->label, "label", 1, row + 1));
    BC_TRY(bc_crop_bottom_centre(err, sample->height, sample->width, crop_height, crop_width, &j.crop));
    j.random = draw_strengths(augment, draw);
    if (j.random.sensor && batch->spikes && sample->spikes)
        BC_TRY(apply_sensor(&j, batch->spikes));
    return load_sample(&j, batch);
}

bc_status bc_loader_fill(bc_loader *loader, bc_dataset *dataset, const int *indices, int count, int first_row,
                         const bc_batch *batch, const bc_augment *augment, uint64_t draw) {
    bc_error *err = bc_host_error(loader->host);
    if (count < 0 || first_row < 0)
        return bc_fail(err, BC_E_ARGUMENT, "loading %d samples from row %d on: expected no negative number",
                       count, first_row);
    for (int k = 0; k < count; k++) {
        const bc_sample *sample;
        BC_TRY(bc_dataset_get(dataset, err, indices[k], &sample));
        BC_TRY(bc_loader_put(loader, sample, dataset->crop_height, dataset->crop_width, first_row + k, batch,
                             augment, draw + (uint64_t)k));
    }
    return BC_OK;
}
