/* A sensor for people. */
#include "apps/sensor_text.h"

#include <math.h>
#include <stdio.h>

/* Of the pixels that are neither dead nor hot: these would outweigh all others. */
typedef struct spread {
    int dead, hot, others;
    double deviation; /* standard deviation */
} spread;

static spread spread_of(const bc_sensor *sensor) {
    spread s = {0};
    double sum = 0, squares = 0;
    for (int i = 0; i < sensor->height * sensor->width; i++) {
        double response = (double)sensor->pattern[i];
        if (response < 0.1) {
            s.dead++;
        } else if (response > 3) {
            s.hot++;
        } else {
            s.others++;
            sum += response;
            squares += response * response;
        }
    }
    double mean = s.others ? sum / s.others : 0;
    s.deviation = s.others ? sqrt(fmax(squares / s.others - mean * mean, 0)) : 0;
    return s;
}

static void print_pattern(const bc_sensor *sensor) {
    spread s = spread_of(sensor);
    printf(
        "fixed pattern: standard deviation %.1f %%, beside %d dead pixels (below 0.1) and %d hot ones (above "
        "3)\n",
        100 * s.deviation, s.dead, s.hot);
}

static void print_light(const bc_sensor *sensor) {
    bc_light least = sensor->images[0], most = least;
    for (int i = 1; i < sensor->image_count; i++) {
        bc_light light = sensor->images[i];
        least = (bc_light){fminf(least.low, light.low), fminf(least.high, light.high)};
        most = (bc_light){fmaxf(most.low, light.low), fmaxf(most.high, light.high)};
    }
    printf(
        "light: 10 %% of an image's pixels have at most a rate of %.4f to %.4f, 90 %% of them %.4f to %.4f\n",
        (double)least.low, (double)most.low, (double)least.high, (double)most.high);
}

static void print_map(const char *name, const float *map, size_t pixels) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < pixels; i++) {
        sum += (double)map[i];
        squares += (double)map[i] * (double)map[i];
    }
    double mean = sum / (double)pixels;
    printf(", %s %.4f with a standard deviation of %.4f", name, mean,
           sqrt(fmax(squares / (double)pixels - mean * mean, 0)));
}

void app_maps_print(const bc_pixel_maps *maps) {
    size_t pixels = (size_t)maps->height * (size_t)maps->width;
    printf("maps of %d x %d pixels (width x height)", maps->width, maps->height);
    if (maps->response)
        print_map("response", maps->response, pixels);
    if (maps->dark)
        print_map("dark current a frame", maps->dark, pixels);
    putchar('\n');
}

void app_sensor_print(const bc_sensor *sensor) {
    print_pattern(sensor);
    print_light(sensor);
}
