/* bicross inspect: what is in a file. */
#include "apps/common/app.h"
#include "apps/sensor_text.h"
#include "apps/spike_file.h"
#include "bicross/data/spike_statistics.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "bicross/formats/npz.h"
#include "net/store/safetensors.h"
#include "net/store/torch_file.h"
#include "net/store/weight_file.h"

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

static void print_pair(const bc_metadata *pair) {
    printf("metadata ");
    app_shown(stdout, pair->key, 0);
    printf(": ");
    app_shown(stdout, pair->value, 0);
    putchar('\n');
}

static bc_status inspect_weights(bc_error *err, const arguments *a) {
    bc_tensor_file file;
    BC_TRY(bc_weight_file_open(err, a->file, &file));
    size_t elements = 0;
    for (int i = 0; i < file.count; i++) {
        const bc_tensor_entry *e = &file.entries[i];
        size_t count = 1;
        for (int d = 0; d < e->rank; d++)
            count *= (size_t)e->shape[d];
        elements += count;
        app_shown(stdout, e->name, 72);
        putchar(' ');
        app_shown(stdout, e->dtype, 5);
        putchar(' ');
        print_shape(e->rank, e->shape);
        putchar('\n');
    }
    printf("%d tensors, %zu elements\n", file.count, elements);
    for (int i = 0; i < file.metadata_count; i++)
        print_pair(&file.metadata[i]);
    bc_tensor_file_close(&file);
    return BC_OK;
}

/* Least, mean and largest of the finite values. */
typedef struct range {
    double low, high, sum;
    size_t finite, count;
} range;

static const range empty_range = {.low = INFINITY, .high = -INFINITY};

static void widen(range *r, const float *values, size_t count) {
    r->count += count;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            continue;
        r->low = fmin(r->low, values[i]);
        r->high = fmax(r->high, values[i]);
        r->sum += values[i];
        r->finite++;
    }
}

static void print_range(const range *r) {
    if (r->finite > 0)
        printf("least %g, mean %g, largest %g; ", r->low, r->sum / (double)r->finite, r->high);
    printf("%zu of %zu values are not finite\n", r->count - r->finite, r->count);
}

/* Whether an array can be spikes: three dimensions of 0 and 1. */
static bool looks_like_spikes(const bc_npy *npy) {
    bool bytes = strcmp(npy->type, "|u1") == 0 || strcmp(npy->type, "|b1") == 0;
    for (size_t i = 0; bytes && i < npy->count; i++)
        bytes = npy->data[i] <= 1;
    return bytes && npy->rank == 3 && npy->count > 0;
}

static void print_measured(const char *name, double value, double scale, const char *unit) {
    if (isnan(value))
        printf(", %s not measured", name);
    else
        printf(", %s %.3g%s", name, scale * value, unit);
}

/* bicross/data/spike_statistics.h */
static bc_status print_statistics(bc_error *err, const bc_spike_stream *stream) {
    bc_spike_statistics s;
    BC_TRY(bc_spike_statistics_of(err, stream, &s));
    printf("statistics: rate %.4f", s.rate);
    print_measured("interval", s.interval, 1, " frames");
    print_measured("its variation within a pixel", s.variation, 100, " %");
    print_measured("fixed pattern", s.fixed_pattern, 100, " %");
    print_measured("Fano factor of 50 frames", s.fano, 1, "");
    putchar('\n');
    return BC_OK;
}

/* An array of 0 and 1 need not be spikes, so that a doubt about them is said and no failure; where the command
 * line says that they are, it is one. */
static bc_status inspect_as_spikes(bc_error *err, const arguments *a) {
    bc_spike_stream s;
    bc_error doubt = {0};
    bool said = a->format.axes || a->format.size.height;
    bc_status status = app_spikes_read(said ? err : &doubt, APP_NORMAL, a->file, &a->format, &s);
    if (status == BC_OK) {
        status = print_statistics(err, &s);
        bc_spikes_release(&s);
        return status;
    }
    if (!said)
        app_warn(APP_NORMAL, "not read as spikes: %s", doubt.text);
    return said ? status : BC_OK;
}

static bc_status inspect_npy(bc_error *err, const arguments *a) {
    enum { PART = 4096 };
    float values[PART];
    bc_npy npy;
    BC_TRY(app_spike_options_check(err, a->file, &a->format));
    BC_TRY(bc_npy_open(err, a->file, &npy));
    printf("NPY %s, ", npy.type);
    print_shape(npy.rank, npy.shape);
    putchar('\n');
    range all = empty_range;
    bc_status status = BC_OK;
    for (size_t first = 0; status == BC_OK && first < npy.count; first += PART) {
        size_t count = npy.count - first < PART ? npy.count - first : PART;
        status = bc_npy_part(err, a->file, &npy, first, count, values);
        if (status == BC_OK)
            widen(&all, values, count);
    }
    if (status == BC_OK)
        print_range(&all);
    bool spikes = looks_like_spikes(&npy) || a->format.axes || a->format.size.height;
    bc_npy_close(&npy);
    return status == BC_OK && spikes ? inspect_as_spikes(err, a) : status;
}

static bc_status inspect_stream(bc_error *err, const arguments *a, const char *what) {
    bc_spike_stream s;
    BC_TRY(app_spikes_read(err, APP_NORMAL, a->file, &a->format, &s));
    printf("%s, %d frames of %d x %d (width x height), mean firing rate %.4f\n", what, s.frames, s.width,
           s.height, bc_spikes_rate(&s));
    bc_status status = print_statistics(err, &s);
    bc_spikes_release(&s);
    return status;
}

/* One that is not of numbers is said, and no failure. */
static bool print_array(const char *path, bc_npz *npz, const char *name) {
    bc_error other = {0};
    bc_npz_stream array;
    bc_npy_header header;
    bool good = bc_npz_stream_open(&other, path, npz, name, &array) == BC_OK &&
                bc_npz_stream_header(&other, &array, &header) == BC_OK;
    bc_npz_stream_close(&array);
    if (!good) {
        app_warn(APP_NORMAL, "not read: %s", other.text);
        return false;
    }
    printf("NPZ %s, %s, ", name, header.type);
    if (header.rank > 0)
        print_shape(header.rank, header.shape);
    else
        printf("one value");
    putchar('\n');
    return header.rank >= 3;
}

/* Where there are any. */
static void inspect_maps(const arguments *a) {
    bc_pixel_maps maps;
    bc_error none = {0};
    if (bc_pixel_maps_read(&none, a->file, &maps) == BC_OK) {
        app_maps_print(&maps);
        bc_pixel_maps_release(&maps);
    }
}

/* What arrays there are, and what they are together: a sensor's calibration, maps of a camera's pixels, or spikes. */
static bc_status inspect_npz(bc_error *err, const arguments *a) {
    bc_npz *npz;
    bc_sensor sensor;
    char name[BC_NPZ_NAME];
    bc_error no_sensor = {0};
    bool spikes = false;
    BC_TRY(bc_npz_open(err, a->file, BC_FILE_STREAM, &npz));
    for (int i = 0; i < bc_npz_count(npz); i++)
        if (bc_npz_name(npz, i, name))
            spikes |= print_array(a->file, npz, name);
    bc_npz_close(npz);
    if (bc_sensor_read(&no_sensor, a->file, &sensor) != BC_OK) {
        inspect_maps(a);
        return spikes ? inspect_stream(err, a, "spikes") : BC_OK;
    }
    printf("sensor, %d x %d pixels (width x height), light of %d images\n", sensor.width, sensor.height,
           sensor.image_count);
    app_sensor_print(&sensor);
    bc_sensor_release(&sensor);
    return BC_OK;
}

static bc_status inspect_dat(bc_error *err, const arguments *a) {
    return inspect_stream(err, a, "raw spikes");
}

static bc_status inspect_pfm(bc_error *err, const arguments *a) {
    int width, height;
    float *values;
    BC_TRY(bc_pfm_read(err, a->file, &width, &height, &values));
    printf("PFM, %d x %d (width x height)\n", width, height);
    range all = empty_range;
    widen(&all, values, (size_t)width * (size_t)height);
    print_range(&all);
    free(values);
    return BC_OK;
}

static void print_depth(const uint16_t *depth, int width, int height) {
    size_t pixels = (size_t)width * (size_t)height, labelled = 0;
    int largest = 0;
    for (size_t i = 0; i < pixels; i++) {
        labelled += depth[i] > 0;
        largest = depth[i] > largest ? depth[i] : largest;
    }
    printf("PNG, 16-bit grey, %d x %d (width x height); %zu of %zu pixels have a value, largest %d (%.2f m "
           "at %d, %.2f m at %d a metre)\n",
           width, height, labelled, pixels, largest, (double)largest / BC_UNITS_OUTDOOR, BC_UNITS_OUTDOOR,
           (double)largest / BC_UNITS_INDOOR, BC_UNITS_INDOOR);
}

/* A 16-bit grey PNG is a depth map; anything else is a picture. */
static bc_status inspect_png(bc_error *err, const arguments *a) {
    int width, height;
    uint16_t *depth;
    uint8_t *rgb;
    BC_TRY(bc_png_read_either(err, a->file, &width, &height, &rgb, &depth));
    if (depth)
        print_depth(depth, width, height);
    else
        printf("PNG, 8-bit, %d x %d (width x height)\n", width, height);
    free(depth);
    free(rgb);
    return BC_OK;
}

typedef struct format {
    const char *ending;
    bc_status (*inspect)(bc_error *err, const arguments *a);
} format;
static const format formats[] = {
    {BC_SAFETENSORS, inspect_weights},
    {BC_PT, inspect_weights},
    {BC_PTH, inspect_weights},
    {BC_NPY, inspect_npy},
    {BC_NPZ, inspect_npz},
    {BC_DAT, inspect_dat},
    {BC_PFM, inspect_pfm},
    {BC_PNG, inspect_png},
};
static const bc_kind kind = BC_KIND("a file", formats);

static bc_status inspect(bc_error *err, const arguments *a) {
    const format *found = bc_kind_find(&kind, a->file);
    return found ? found->inspect(err, a) : bc_kind_fail(err, &kind, a->file);
}

static int run(int argc, char **argv) {
    arguments a = {0};
    char endings[BC_KIND_TEXT];
    const app_option options[] = {
        APP_GROUP("File"),
        {NULL, APP_TEXT, &a.file, "FILE", bc_kind_endings(&kind, endings), true, 0, 0},
        APP_GROUP("Format of a stream"),
        APP_SPIKE_FORMAT_OPTIONS(a.format),
    };
    int exit_status;
    if (!APP_PARSE(&app_inspect, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&err, inspect(&err, &a));
}

const app_command app_inspect = {"inspect", "Say what is in a weight, spike, sensor, depth or picture file.",
                                 "bicross inspect runs/own/crossdomain/weights.safetensors", run};
