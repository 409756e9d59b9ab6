/* bicross inspect: what is in a file. */
#include "apps/app.h"
#include "apps/spike_file.h"
#include "bicross/image.h"
#include "bicross/npy.h"
#include "bicross/path.h"
#include "net/safetensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    app_spike_format format;
    const char *file;
} arguments;

static void print_shape(int rank, const long *shape) {
    for (int i = 0; i < rank; i++)
        printf("%s%ld", i ? " x " : "", shape[i]);
}

static bc_status inspect_safetensors(bc_error *err, const arguments *a) {
    bc_safetensors file;
    BC_TRY(bc_safetensors_open(err, a->file, &file));
    size_t elements = 0;
    for (int i = 0; i < file.count; i++) {
        const bc_tensor_entry *e = &file.entries[i];
        size_t count = 1;
        for (int d = 0; d < e->rank; d++)
            count *= (size_t)e->shape[d];
        elements += count;
        printf("%-72s %-5s ", e->name, e->dtype);
        print_shape(e->rank, e->shape);
        putchar('\n');
    }
    printf("%d tensors, %zu elements\n", file.count, elements);
    if (file.metadata)
        printf("metadata %s\n", file.metadata);
    bc_safetensors_close(&file);
    return BC_OK;
}

/* Least, mean and largest of the finite values. */
static void print_range(const float *values, size_t count) {
    double low = INFINITY, high = -INFINITY, sum = 0;
    size_t finite = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            continue;
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
        sum += values[i];
        finite++;
    }
    if (finite > 0)
        printf("least %g, mean %g, largest %g", low, sum / (double)finite, high);
    printf("%s%zu of %zu values are not finite\n", finite > 0 ? "; " : "", count - finite, count);
}

static bc_status inspect_npy(bc_error *err, const arguments *a) {
    bc_npy npy;
    BC_TRY(bc_npy_open(err, a->file, &npy));
    printf("NPY %s, ", npy.type);
    print_shape(npy.rank, npy.shape);
    putchar('\n');
    float *values = malloc((npy.count + 1) * sizeof *values);
    bc_status status =
        values ? bc_npy_floats(err, a->file, &npy, values)
               : bc_fail(err, BC_E_MEMORY, "no memory for the %zu values of %s", npy.count, a->file);
    if (status == BC_OK)
        print_range(values, npy.count);
    free(values);
    bc_npy_close(&npy);
    return status;
}

static bc_status inspect_dat(bc_error *err, const arguments *a) {
    bc_spike_stream s;
    bc_dat_format format = app_dat_format(&a->format);
    BC_TRY(bc_spikes_read(err, a->file, &format, &s));
    size_t words = (size_t)s.height * (size_t)s.width * (size_t)s.words_per_pixel;
    long spikes = 0;
    for (size_t i = 0; i < words; i++)
        spikes += __builtin_popcount(s.words[i]);
    double cells = (double)s.frames * s.height * s.width;
    printf("raw spikes, %d frames of %d x %d (width x height), mean firing rate %.4f\n", s.frames, s.width,
           s.height, cells > 0 ? (double)spikes / cells : 0);
    bc_spikes_release(&s);
    return BC_OK;
}

static bc_status inspect_pfm(bc_error *err, const arguments *a) {
    int width, height;
    float *values;
    BC_TRY(bc_pfm_read(err, a->file, &width, &height, &values));
    printf("PFM, %d x %d (width x height)\n", width, height);
    print_range(values, (size_t)width * (size_t)height);
    free(values);
    return BC_OK;
}

/* A 16-bit grey PNG is a depth map; anything else is a picture. */
static bc_status inspect_png(bc_error *err, const arguments *a) {
    int width, height;
    uint16_t *depth;
    uint8_t *rgb;
    if (bc_png_read_16(NULL, a->file, &width, &height, &depth) == BC_OK) {
        size_t pixels = (size_t)width * (size_t)height, labelled = 0;
        int largest = 0;
        for (size_t i = 0; i < pixels; i++) {
            labelled += depth[i] > 0;
            largest = depth[i] > largest ? depth[i] : largest;
        }
        printf("PNG, 16-bit grey, %d x %d (width x height); %zu of %zu pixels have a value, largest %d (%.2f "
               "m at 256, "
               "%.2f m at 1000 a metre)\n",
               width, height, labelled, pixels, largest, largest / 256.0, largest / 1000.0);
        free(depth);
        return BC_OK;
    }
    BC_TRY(bc_png_read_rgb(err, a->file, &width, &height, &rgb));
    free(rgb);
    printf("PNG, 8-bit, %d x %d (width x height)\n", width, height);
    return BC_OK;
}

static bc_status inspect(bc_error *err, const arguments *a) {
    static const struct {
        const char *ending;
        bc_status (*inspect)(bc_error *err, const arguments *a);
    } kinds[] = {{".safetensors", inspect_safetensors},
                 {".npy", inspect_npy},
                 {".dat", inspect_dat},
                 {".pfm", inspect_pfm},
                 {".png", inspect_png}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (bc_path_ends(a->file, kinds[i].ending))
            return kinds[i].inspect(err, a);
    return bc_fail(err, BC_E_ARGUMENT,
                   "%s: expected a file that ends in .safetensors, .npy, .dat, .pfm or .png", a->file);
}

static int run(int argc, char **argv) {
    arguments a = {.format = APP_SPIKE_FORMAT_DEFAULTS};
    const app_option options[] = {
        {NULL, APP_TEXT, &a.file, "FILE", ".safetensors, .npy, .dat, .pfm or .png", true, 0, 0},
        APP_SPIKE_FORMAT_OPTIONS(a.format),
    };
    int exit_status;
    if (!APP_PARSE(&app_inspect, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&app_inspect, &err, inspect(&err, &a));
}

const app_command app_inspect = {"inspect", "Say what is in a weight, spike, depth or picture file.",
                                 "bicross inspect runs/demo/seed-0/bicross/weights.safetensors", run};
