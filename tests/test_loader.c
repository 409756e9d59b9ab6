/* Samples kept in memory, and batches on the device: crop, resize, mirror and normalisation against plain
 * formulas, and what augmentation may change. */
#include "bicross/data/loader.h"
#include "bicross/data/streams.h"
#include "bicross/data/strong_view.h"
#include "cl_kernels/shared.h"
#include "host/base/random.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NO_RGB = 1, NO_SPIKES = 2, NO_DEPTH = 4 };

/* A data set that makes its samples from a formula. */
typedef struct made {
    bc_dataset base;
    int height, width, absent, loads;
    uint32_t spikes; /* 0 or all ones: constant; else from the formula */
} made;

static int rgb_at(int index, int y, int x, int c) {
    return (index * 50 + y * 17 + x * 31 + c * 71 + x * y) % 256;
}

static float depth_at(int index, int y, int x) {
    return (float)(index * 1000 + y * 30 + x) * 0.25f;
}

static uint32_t word_at(int y, int x, int w) {
    return (uint32_t)(y * 1000 + x * 10 + w) * 2654435761u;
}

static void *allocate(size_t bytes) {
    void *memory = malloc(bytes);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

static bc_status make_sample(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    (void)err;
    made *m = (made *)dataset;
    m->loads++;
    size_t pixels = (size_t)m->height * (size_t)m->width;
    snprintf(out->name, sizeof out->name, "made-%d", index);
    out->height = m->height;
    out->width = m->width;
    out->rgb = m->absent & NO_RGB ? NULL : allocate(3 * pixels);
    out->depth = m->absent & NO_DEPTH ? NULL : allocate(sizeof(float) * pixels);
    out->spikes = m->absent & NO_SPIKES ? NULL : allocate(16 * pixels);
    for (int p = 0; p < (int)pixels; p++) {
        int y = p / m->width, x = p % m->width;
        for (int c = 0; out->rgb && c < 3; c++)
            out->rgb[3 * p + c] = (uint8_t)rgb_at(index, y, x, c);
        for (int w = 0; out->spikes && w < 4; w++)
            out->spikes[4 * p + w] = m->spikes == 1 ? word_at(y, x, w) : m->spikes;
        if (out->depth)
            out->depth[p] = depth_at(index, y, x);
    }
    return BC_OK;
}

static void release_made(bc_dataset *dataset) {
    (void)dataset; /* lives on the stack of the test */
}

static made make_dataset(int height, int width) {
    return (made){.base = {.name = "made", .count = 3, .load = make_sample, .release = release_made},
                  .height = height,
                  .width = width,
                  .spikes = 1};
}

/* Values with memory of their own, as a plan would give inputs. */
typedef struct target {
    bc_value rgb, spikes, label;
    bc_batch batch;
} target;

static void create_value(bc_value *v, int n, int h, int w, int c) {
    *v = (bc_value){.shape = {n, h, w, c}};
    ck_ok(bc_buffer_create(test_host(), bc_shape_count(v->shape) * sizeof(float), "test value", &v->data));
    ck_ok(bc_buffer_fill(test_host(), v->data, 0, v->data.bytes, -77.0f));
}

static void create_target(target *t, int n, int h, int w, int label_height, int label_width) {
    create_value(&t->rgb, n, h, w, 3);
    create_value(&t->spikes, n, h, w, 4);
    create_value(&t->label, n, label_height, label_width, 1);
    t->batch = (bc_batch){&t->rgb, &t->spikes, &t->label};
}

static void release_target(target *t) {
    bc_buffer_release(&t->rgb.data);
    bc_buffer_release(&t->spikes.data);
    bc_buffer_release(&t->label.data);
}

static void *read_value(const bc_value *v) {
    void *data = allocate(v->data.bytes);
    ck_ok(bc_buffer_read(test_host(), v->data, 0, data, v->data.bytes));
    return data;
}

static double bilinear(int index, int c, bc_crop crop, int y, int x, int height, int width) {
    double sy = fmax((y + 0.5) * crop.height / height - 0.5, 0),
           sx = fmax((x + 0.5) * crop.width / width - 0.5, 0);
    int y0 = (int)sy, x0 = (int)sx, y1 = y0 + 1 < crop.height ? y0 + 1 : y0,
        x1 = x0 + 1 < crop.width ? x0 + 1 : x0;
    double ty = sy - y0, tx = sx - x0;
    double upper = (1 - tx) * rgb_at(index, crop.top + y0, crop.left + x0, c) +
                   tx * rgb_at(index, crop.top + y0, crop.left + x1, c);
    double lower = (1 - tx) * rgb_at(index, crop.top + y1, crop.left + x0, c) +
                   tx * rgb_at(index, crop.top + y1, crop.left + x1, c);
    return (((1 - ty) * upper + ty * lower) / 255 - 0.5) / 0.5;
}

static void check_image(const target *t, const float *rgb, const uint32_t *spikes, const float *label,
                        bc_crop crop, int index, int row) {
    int h = t->rgb.shape.h, w = t->rgb.shape.w;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            size_t p = ((size_t)row * h + y) * w + x;
            int sy = y * crop.height / h, sx = x * crop.width / w;
            for (int c = 0; c < 3; c++)
                ck_assert_double_eq_tol(rgb[3 * p + c], bilinear(index, c, crop, y, x, h, w), 2e-5);
            for (int k = 0; k < 4; k++)
                ck_assert_uint_eq(spikes[4 * p + k], word_at(crop.top + sy, crop.left + sx, k));
        }
    for (int y = 0; y < crop.height; y++)
        for (int x = 0; x < crop.width; x++)
            ck_assert_float_eq(label[((size_t)row * crop.height + y) * crop.width + x],
                               depth_at(index, crop.top + y, crop.left + x));
}

/* --- samples kept in memory --- */

static const bc_sample *get(made *m, int index) {
    const bc_sample *sample;
    ck_ok(bc_dataset_get(&m->base, &test_error, index, &sample));
    ck_assert_int_eq(sample->rgb[0], rgb_at(index, 0, 0, 0));
    ck_assert_float_eq(sample->depth[1], depth_at(index, 0, 1));
    return sample;
}

/* Room for two samples of 4 x 5 pixels: the one not asked for the longest goes. */
START_TEST(samples_beyond_the_budget_go) {
    enum { SAMPLE = 4 * 5 * (3 + 4 + 16) };
    made m = make_dataset(4, 5);
    m.base.budget = 2 * SAMPLE + 1;
    get(&m, 0);
    get(&m, 1);
    get(&m, 0); /* kept; now 1 is the oldest */
    ck_assert_int_eq(m.loads, 2);
    get(&m, 2);
    ck_assert_uint_eq(m.base.bytes, 2 * SAMPLE);
    get(&m, 0);
    get(&m, 2);
    ck_assert_int_eq(m.loads, 3);
    get(&m, 1);
    ck_assert_int_eq(m.loads, 4);
    get(&m, 0);
    ck_assert_int_eq(m.loads, 5);
    bc_dataset_release(&m.base);
}
END_TEST

/* A budget smaller than one sample: only the last is kept, and asking for it again does not load it. */
START_TEST(one_sample_is_always_kept) {
    made m = make_dataset(4, 5);
    m.base.budget = 1;
    for (int i = 0; i < 6; i++) {
        const bc_sample *sample = get(&m, i / 2);
        ck_assert_ptr_eq(get(&m, i / 2), sample);
    }
    ck_assert_int_eq(m.loads, 3);
    ck_assert_uint_eq(m.base.bytes, 4 * 5 * (3 + 4 + 16));
    bc_dataset_release(&m.base);
}
END_TEST

/* What is absent counts nothing and is copied as absent. */
START_TEST(copies_stay) {
    made m = make_dataset(4, 5);
    m.absent = NO_SPIKES;
    m.base.budget = 1;
    bc_sample copy;
    ck_ok(bc_sample_copy(&test_error, get(&m, 1), &copy));
    ck_assert_uint_eq(m.base.bytes, 4 * 5 * (3 + 4));
    get(&m, 2);
    ck_assert_str_eq(copy.name, "made-1");
    ck_assert(copy.height == 4 && copy.width == 5);
    ck_assert_int_eq(copy.rgb[3 * 19 + 2], rgb_at(1, 3, 4, 2));
    ck_assert_float_eq(copy.depth[19], depth_at(1, 3, 4));
    ck_assert_ptr_null(copy.spikes);
    bc_sample_release(&copy);
    bc_dataset_release(&m.base);
}
END_TEST

/* A batch larger than what is kept is filled sample by sample. */
START_TEST(batches_beyond_the_budget) {
    made m = make_dataset(7, 9);
    m.base.budget = 1;
    target t;
    bc_loader *loader;
    create_target(&t, 3, 6, 5, 7, 9);
    ck_ok(bc_loader_create(test_host(), &loader));
    ck_ok(bc_loader_fill(loader, &m.base, (int[]){2, 0, 1}, 3, 0, &t.batch, NULL, 0));
    float *rgb = read_value(&t.rgb), *label = read_value(&t.label);
    uint32_t *spikes = read_value(&t.spikes);
    for (int row = 0; row < 3; row++)
        check_image(&t, rgb, spikes, label, (bc_crop){0, 0, 7, 9}, (row + 2) % 3, row);
    free(rgb);
    free(label);
    free(spikes);
    bc_loader_release(loader);
    release_target(&t);
    bc_dataset_release(&m.base);
}
END_TEST

/* --- batches --- */

/* Sizes that grow, shrink and stay; crops with an odd rest; rows beside those written keep what they held. */
START_TEST(plain_batches) {
    static const int cases[][6] = {/* image, crop, input */
                                   {20, 31, 17, 26, 9, 12},
                                   {9, 7, 0, 0, 20, 33},
                                   {11, 13, 11, 13, 11, 13},
                                   {5, 64, 5, 1, 3, 3}};
    bc_loader *loader;
    ck_ok(bc_loader_create(test_host(), &loader));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int *size = cases[i];
        made m = make_dataset(size[0], size[1]);
        bc_crop crop;
        target t;
        m.base.crop_height = size[2];
        m.base.crop_width = size[3];
        ck_ok(bc_crop_bottom_centre(&test_error, size[0], size[1], size[2], size[3], &crop));
        create_target(&t, 4, size[4], size[5], crop.height, crop.width);
        ck_ok(bc_loader_fill(loader, &m.base, (int[]){2, 0}, 2, 1, &t.batch, NULL, 5));
        float *rgb = read_value(&t.rgb), *label = read_value(&t.label);
        uint32_t *spikes = read_value(&t.spikes);
        check_image(&t, rgb, spikes, label, crop, 2, 1);
        check_image(&t, rgb, spikes, label, crop, 0, 2);
        size_t image = (size_t)size[4] * (size_t)size[5] * 3;
        for (size_t p = 0; p < image; p++)
            ck_assert(rgb[p] == -77.0f && rgb[3 * image + p] == -77.0f);
        free(rgb);
        free(label);
        free(spikes);
        release_target(&t);
        bc_dataset_release(&m.base);
    }
    bc_loader_release(loader);
}
END_TEST

/* Exactly what is normalised otherwise, before it is. */
START_TEST(rgb_without_normalisation) {
    enum { H = 12, W = 17, VALUES = H * W * 3 };
    made m = make_dataset(H, W);
    bc_loader *loader;
    bc_value value;
    float *seen[3];
    create_value(&value, 1, H, W, 3);
    ck_ok(bc_loader_create(test_host(), &loader));
    for (int i = 0; i < 3; i++) {
        bc_loader_use_unit_rgb(loader, i == 1);
        ck_ok(bc_loader_fill(loader, &m.base, (int[]){1}, 1, 0, &(bc_batch){.rgb = &value}, NULL, 0));
        seen[i] = read_value(&value);
    }
    for (int i = 0; i < VALUES; i++)
        ck_assert_float_eq(2 * seen[1][i] - 1, seen[0][i]);
    ck_assert_float_eq_tol(seen[1][2], rgb_at(1, 0, 0, 2) / 255.0f, 1e-6f);
    ck_assert_mem_eq(seen[2], seen[0], VALUES * sizeof(float));
    for (int i = 0; i < 3; i++)
        free(seen[i]);
    bc_buffer_release(&value.data);
    bc_loader_release(loader);
    bc_dataset_release(&m.base);
}
END_TEST

/* Whether eight columns of `input` that a spike map of `width` is resized to, from `first` on, are these. */
static void check_nearest(int width, int input, int first, const int expected[8]) {
    made m = make_dataset(1, width);
    bc_loader *loader;
    bc_value value;
    ck_ok(bc_loader_create(test_host(), &loader));
    create_value(&value, 1, 1, input, 4);
    ck_ok(bc_loader_fill(loader, &m.base, (int[]){0}, 1, 0, &(bc_batch){.spikes = &value}, NULL, 0));
    uint32_t *words = read_value(&value);
    for (int x = 0; x < 8; x++)
        ck_assert_uint_eq(words[4 * (first + x)], word_at(0, expected[x], 0));
    free(words);
    bc_buffer_release(&value.data);
    bc_loader_release(loader);
    bc_dataset_release(&m.base);
}

/* method.md 4.3; in exact arithmetic output 119 of 480 -> 224 would read 255. */
START_TEST(nearest_columns) {
    check_nearest(1216, 384, 0, (const int[]){0, 3, 6, 9, 12, 15, 19, 22});
    check_nearest(480, 224, 116, (const int[]){248, 250, 252, 254, 257, 259, 261, 263});
}
END_TEST

/* Fills one image of the given size with this augmentation. */
static void load_one(made *m, target *t, const bc_augment *augment, uint64_t draw) {
    bc_loader *loader;
    ck_ok(bc_loader_create(test_host(), &loader));
    ck_ok(bc_loader_fill(loader, &m->base, (int[]){1}, 1, 0, &t->batch, augment, draw));
    bc_loader_release(loader);
}

START_TEST(flips_together) {
    enum { H = 6, W = 9 };
    made m = make_dataset(H, W);
    target t, f;
    bc_augment augment = {.flip = true, .seed = 4};
    int flipped = 0, draws = 40;
    create_target(&t, 1, H, W, H, W);
    create_target(&f, 1, H, W, H, W);
    load_one(&m, &t, NULL, 0);
    float *rgb = read_value(&t.rgb), *label = read_value(&t.label);
    uint32_t *spikes = read_value(&t.spikes);
    for (int draw = 0; draw < draws; draw++) {
        load_one(&m, &f, &augment, (uint64_t)draw);
        float *rgb2 = read_value(&f.rgb), *label2 = read_value(&f.label);
        uint32_t *spikes2 = read_value(&f.spikes);
        bool flip = label2[0] != label[0];
        flipped += flip;
        for (int p = 0; p < H * W; p++) {
            int q = flip ? p / W * W + (W - 1 - p % W) : p;
            ck_assert_float_eq(label2[p], label[q]);
            ck_assert_mem_eq(rgb2 + 3 * p, rgb + 3 * q, 12);
            ck_assert_mem_eq(spikes2 + 4 * p, spikes + 4 * q, 16);
        }
        free(rgb2);
        free(label2);
        free(spikes2);
    }
    ck_assert_int_ge(flipped, draws / 4);
    ck_assert_int_le(flipped, draws * 3 / 4);
    free(rgb);
    free(label);
    free(spikes);
    release_target(&t);
    release_target(&f);
    bc_dataset_release(&m.base);
}
END_TEST

/* The same draw gives the same bits, in whichever row and call it comes; another draw gives others. */
START_TEST(draws) {
    enum { H = 8, W = 16 };
    bc_augment augment = {
        .flip = true, .colour = 0.3f, .thin = 0.4f, .dark = 0.1f, .fixed_pattern = 0.05f, .seed = 11};
    made m = make_dataset(H, W);
    target a, b;
    bc_loader *loader;
    create_target(&a, 3, H, W, H, W);
    create_target(&b, 1, H, W, H, W);
    ck_ok(bc_loader_create(test_host(), &loader));
    ck_ok(bc_loader_fill(loader, &m.base, (int[]){1, 1, 1}, 3, 0, &a.batch, &augment, 100));
    ck_ok(bc_loader_fill(loader, &m.base, (int[]){1}, 1, 0, &b.batch, &augment, 102));
    float *many = read_value(&a.rgb), *one = read_value(&b.rgb);
    uint32_t *many_words = read_value(&a.spikes), *one_words = read_value(&b.spikes);
    ck_assert_mem_eq(many + 2 * H * W * 3, one, H * W * 12);
    ck_assert_mem_eq(many_words + 2 * H * W * 4, one_words, H * W * 16);
    ck_assert_mem_ne(many + H * W * 3, one, H * W * 12);
    ck_assert_mem_ne(many_words + H * W * 4, one_words, H * W * 16);
    free(many);
    free(one);
    free(many_words);
    free(one_words);
    release_target(&a);
    release_target(&b);
    bc_loader_release(loader);
    bc_dataset_release(&m.base);
}
END_TEST

static int bits_of(const uint32_t *words) {
    int sum = 0;
    for (int k = 0; k < 4; k++)
        sum += __builtin_popcount(words[k]);
    return sum;
}

typedef struct shares {
    double mean, deviation, lowest, highest; /* of the pixels' share of frames that fire */
} shares;

/* Loads one constant stream with the augmentation and measures what comes out. */
static shares measure(uint32_t spikes, const bc_augment *augment, uint64_t draw) {
    enum { SIDE = 48 };
    made m = make_dataset(SIDE, SIDE);
    m.spikes = spikes;
    target t;
    create_target(&t, 1, SIDE, SIDE, SIDE, SIDE);
    t.batch = (bc_batch){.spikes = &t.spikes};
    load_one(&m, &t, augment, draw);
    uint32_t *words = read_value(&t.spikes);
    shares s = {0, 0, 1, 0};
    double squares = 0;
    for (int p = 0; p < SIDE * SIDE; p++) {
        double share = bits_of(words + 4 * p) / 128.0;
        s.mean += share / (SIDE * SIDE);
        squares += share * share / (SIDE * SIDE);
        s.lowest = fmin(s.lowest, share);
        s.highest = fmax(s.highest, share);
    }
    s.deviation = sqrt(fmax(squares - s.mean * s.mean, 0));
    free(words);
    release_target(&t);
    bc_dataset_release(&m.base);
    return s;
}

/* Thinning drops at most 1.5 times the share, on average over images 0.375 of it (half the rate, field mean
 * 0.75); it adds nothing. */
START_TEST(thinning) {
    bc_augment augment = {.thin = 0.4f, .seed = 2};
    double total = 0, least = 1, most = 0;
    for (int draw = 0; draw < 40; draw++) {
        shares s = measure(UINT32_MAX, &augment, (uint64_t)draw);
        ck_assert(s.mean >= 1 - 1.5 * 0.4);
        total += (1 - s.mean) / 40;
        least = fmin(least, 1 - s.mean);
        most = fmax(most, 1 - s.mean);
    }
    ck_assert_double_eq_tol(total, 0.4 * 0.375, 0.04);
    ck_assert(least < 0.05 && most > 0.22);
    ck_assert_double_eq(measure(0, &augment, 1).highest, 0);
}
END_TEST

/* Without a field every pixel has the same chance: counts are binomial. */
START_TEST(dark_spikes) {
    bc_augment augment = {.dark = 0.2f, .seed = 7};
    double total = 0;
    for (int draw = 0; draw < 40; draw++) {
        shares s = measure(0, &augment, (uint64_t)draw);
        ck_assert(s.mean <= 0.2);
        ck_assert_double_eq_tol(s.deviation, sqrt(s.mean * (1 - s.mean) / 128), 0.0015);
        total += s.mean / 40;
    }
    ck_assert_double_eq_tol(total, 0.1, 0.03);
    ck_assert_double_eq(measure(UINT32_MAX, &augment, 1).lowest, 1);
}
END_TEST

/* A factor of mean 1 - 2 * 0.08 and deviation 0.08, seen through 128 coin tosses. */
START_TEST(fixed_pattern) {
    bc_augment augment = {.fixed_pattern = 0.08f, .seed = 9};
    for (int draw = 0; draw < 3; draw++) {
        shares s = measure(UINT32_MAX, &augment, (uint64_t)draw);
        double tosses = 0.84 * 0.16 / 128;
        ck_assert_double_eq_tol(s.mean, 0.84, 0.01);
        ck_assert_double_eq_tol(s.deviation, sqrt(0.08 * 0.08 + tosses), 0.006);
    }
}
END_TEST

/* All 128 frames are equally likely to be hit, and neighbouring frames independently. */
START_TEST(bits_are_independent) {
    enum { SIDE = 48, N = SIDE * SIDE };
    bc_augment augment = {.dark = 1, .seed = 21};
    made m = make_dataset(SIDE, SIDE);
    m.spikes = 0;
    target t;
    create_target(&t, 1, SIDE, SIDE, SIDE, SIDE);
    t.batch = (bc_batch){.spikes = &t.spikes};
    load_one(&m, &t, &augment, 3);
    uint32_t *words = read_value(&t.spikes);
    double mean = 0, pairs = 0;
    for (int p = 0; p < N; p++) {
        mean += bits_of(words + 4 * p) / (128.0 * N);
        for (int k = 0; k < 4; k++)
            pairs += __builtin_popcount(words[4 * p + k] & (words[4 * p + k] >> 1)) / (124.0 * N);
    }
    for (int frame = 0; frame < 128; frame++) {
        double share = 0;
        for (int p = 0; p < N; p++)
            share += (words[4 * p + frame / 32] >> (frame % 32) & 1) / (double)N;
        ck_assert_double_eq_tol(share, mean, 5 * 0.5 / sqrt(N));
    }
    ck_assert_double_eq_tol(pairs, mean * mean, 0.006);
    free(words);
    release_target(&t);
    bc_dataset_release(&m.base);
}
END_TEST

/* Colours stay in range and change within the strength; one image differs from the next; noise differs from
 * pixel to pixel. */
START_TEST(colours) {
    enum { SIDE = 16 };
    made m = make_dataset(SIDE, SIDE);
    target t;
    bc_augment augment = {.colour = 0.2f, .seed = 5};
    create_target(&t, 1, SIDE, SIDE, SIDE, SIDE);
    t.batch = (bc_batch){.rgb = &t.rgb};
    load_one(&m, &t, NULL, 0);
    float *plain = read_value(&t.rgb);
    double least = 1e9, most = 0;
    for (int draw = 0; draw < 30; draw++) {
        load_one(&m, &t, &augment, (uint64_t)draw);
        float *rgb = read_value(&t.rgb);
        double change = 0;
        for (int i = 0; i < SIDE * SIDE * 3; i++) {
            ck_assert(rgb[i] >= -1 && rgb[i] <= 1);
            change += fabs(rgb[i] - plain[i]) / 2 / (SIDE * SIDE * 3);
        }
        least = fmin(least, change);
        most = fmax(most, change);
        free(rgb);
    }
    ck_assert(least > 0.005 && least < 0.06 && most > 0.06 && most < 0.3);
    free(plain);
    release_target(&t);
    bc_dataset_release(&m.base);
}
END_TEST

/* --- the strong view --- */

/* Bit by bit, each 1 with probability level / 4096: a comparison of the level with 12 random digits of it. */
static bool toss(int level, uint32_t key, uint32_t pixel, int frame) {
    int drawn = 0;
    for (uint64_t digit = 0; digit < 12; digit++) {
        uint32_t bits[4];
        bc_philox(key, BC_STREAM_AUGMENT_STRONG, digit << 32 | pixel, bits);
        drawn |= (int)(bits[frame / 32] >> (frame % 32) & 1) << digit;
    }
    return (4095 - drawn) < level;
}

static bool fires(const uint32_t *words, int pixel, int frame) {
    return words[4 * pixel + frame / 32] >> (frame % 32) & 1;
}

START_TEST(strong_views_are_as_described) {
    enum { H = 7, W = 13 };
    bc_augment strong = {.strong = true, .seed = 4};
    made m = make_dataset(H, W);
    target plain, seen;
    create_target(&plain, 1, H, W, H, W);
    create_target(&seen, 1, H, W, H, W);
    load_one(&m, &plain, NULL, 0);
    uint32_t *before = read_value(&plain.spikes), keys[4];
    float *label = read_value(&plain.label);
    for (uint64_t draw = 0; draw < 4; draw++) {
        load_one(&m, &seen, &strong, draw);
        uint32_t *after = read_value(&seen.spikes);
        float *same_label = read_value(&seen.label);
        bc_philox(strong.seed, BC_STREAM_AUGMENT_KEYS, draw, keys);
        bc_strong_view v = bc_strong_view_draw(keys[0], H, W);
        for (int p = 0; p < H * W; p++) {
            int y = p / W, x = p % W;
            bool erased = y >= v.top && y < v.bottom && x >= v.left && x < v.right;
            for (int f = 0; f < 128; f++) {
                bool wanted =
                    !erased && fires(before, p, v.order[f]) && toss(BC_STRONG_KEPT, keys[0], (uint32_t)p, f);
                ck_assert_msg(fires(after, p, f) == wanted, "draw %d, pixel %d, frame %d", (int)draw, p, f);
            }
        }
        ck_assert_mem_eq(same_label, label, sizeof(float) * H * W);
        free(after);
        free(same_label);
    }
    free(before);
    free(label);
    release_target(&plain);
    release_target(&seen);
    bc_dataset_release(&m.base);
}
END_TEST

/* Frames stay in their 16 and change places there; a rectangle in half of the images, of 1 to 5 % of each. */
START_TEST(strong_views_are_drawn_as_described) {
    enum { H = 384, W = 384, DRAWS = 400 };
    int erased = 0, moved = 0;
    double least = 1, most = 0;
    for (uint32_t key = 0; key < DRAWS; key++) {
        bc_strong_view v = bc_strong_view_draw(key * 7919, H, W);
        bool taken[128] = {false};
        for (int f = 0; f < 128; f++) {
            ck_assert(v.order[f] / 16 == f / 16 && !taken[v.order[f]]);
            taken[v.order[f]] = true;
            moved += v.order[f] != f;
        }
        double share = (double)(v.bottom - v.top) * (v.right - v.left) / (H * W);
        ck_assert(v.top >= 0 && v.left >= 0 && v.bottom <= H && v.right <= W);
        if (share == 0)
            continue;
        erased++;
        least = fmin(least, share);
        most = fmax(most, share);
    }
    ck_assert_double_eq_tol(moved / (128.0 * DRAWS), 15.0 / 16, 0.01);
    ck_assert(erased > DRAWS * 2 / 5 && erased < DRAWS * 3 / 5);
    ck_assert(least > 0.0095 && least < 0.012 && most > 0.048 && most < 0.0505);
}
END_TEST

/* A tenth of what fires is lost outside the rectangle. */
START_TEST(strong_views_lose_a_tenth) {
    bc_augment strong = {.strong = true, .seed = 6};
    double highest = 0;
    for (uint64_t draw = 0; draw < 8; draw++)
        highest = fmax(highest, measure(UINT32_MAX, &strong, draw).mean);
    ck_assert_double_eq_tol(highest, 0.9, 0.003);
    ck_assert_double_eq(measure(0, &strong, 1).highest, 0);
}
END_TEST

static void expect_failure(bc_status status, const char *first, const char *second) {
    test_expect_failure(status, BC_E_ARGUMENT, &test_error, first, second);
}

START_TEST(errors) {
    made m = make_dataset(6, 8);
    target t;
    bc_loader *loader;
    int one = 0, beyond = 3;
    create_target(&t, 1, 4, 4, 6, 8);
    ck_ok(bc_loader_create(test_host(), &loader));
    static const char *const parts[] = {"rgb", "spikes", NULL, "depth"};
    for (int absent = NO_RGB; absent <= NO_DEPTH; absent *= 2) {
        made without = make_dataset(6, 8);
        without.absent = absent;
        expect_failure(bc_loader_fill(loader, &without.base, &one, 1, 0, &t.batch, NULL, 0), "sample made-0",
                       parts[absent - 1]);
        bc_dataset_release(&without.base);
    }
    m.base.crop_height = 5;
    m.base.crop_width = 8;
    expect_failure(bc_loader_fill(loader, &m.base, &one, 1, 0, &t.batch, NULL, 0), "sample made-0",
                   "8 x 6 pixels (width x height) after the crop, found 8 x 5");
    m.base.crop_height = m.base.crop_width = 0;
    expect_failure(bc_loader_fill(loader, &m.base, &one, 1, 1, &t.batch, NULL, 0), "rgb input",
                   "at least 2 images");
    expect_failure(bc_loader_fill(loader, &m.base, &one, 1, -1, &t.batch, NULL, 0), "row -1", "negative");
    expect_failure(bc_loader_fill(loader, &m.base, &beyond, 1, 0, &t.batch, NULL, 0), "0 to 2", "found 3");
    expect_failure(bc_loader_fill(loader, &m.base, &one, 1, 0, &(bc_batch){.rgb = &t.spikes}, NULL, 0),
                   "3 channels", "of 4");
    bc_value unplanned = {.shape = {1, 4, 4, 3}};
    expect_failure(bc_loader_fill(loader, &m.base, &one, 1, 0, &(bc_batch){.rgb = &unplanned}, NULL, 0),
                   "rgb input", "memory");
    expect_failure(bc_loader_fill(loader, &m.base, &one, 1, 0, &t.batch, &(bc_augment){.thin = 1.5f}, 0),
                   "thin", "1.5");
    expect_failure(bc_loader_fill(loader, &m.base, &one, 1, 0, &t.batch, &(bc_augment){.dark = NAN}, 0),
                   "dark", "nan");
    bc_loader_release(loader);
    release_target(&t);
    bc_dataset_release(&m.base);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("loader");
    TCase *kept = tcase_create("kept");
    tcase_add_test(kept, samples_beyond_the_budget_go);
    tcase_add_test(kept, one_sample_is_always_kept);
    tcase_add_test(kept, copies_stay);
    tcase_add_test(kept, batches_beyond_the_budget);
    suite_add_tcase(s, kept);
    TCase *exact = tcase_create("exact");
    tcase_set_timeout(exact, 120);
    tcase_add_test(exact, plain_batches);
    tcase_add_test(exact, rgb_without_normalisation);
    tcase_add_test(exact, nearest_columns);
    tcase_add_test(exact, flips_together);
    tcase_add_test(exact, draws);
    tcase_add_test(exact, strong_views_are_as_described);
    tcase_add_test(exact, strong_views_are_drawn_as_described);
    tcase_add_test(exact, errors);
    suite_add_tcase(s, exact);
    if (test_tiny()) /* statistics need many pixels; "draws" runs the same kernels */
        return s;
    TCase *random = tcase_create("random");
    tcase_set_timeout(random, 120);
    tcase_add_test(random, thinning);
    tcase_add_test(random, dark_spikes);
    tcase_add_test(random, fixed_pattern);
    tcase_add_test(random, bits_are_independent);
    tcase_add_test(random, colours);
    tcase_add_test(random, strong_views_lose_a_tenth);
    suite_add_tcase(s, random);
    return s;
}

int main(void) {
    return test_run(suite());
}
