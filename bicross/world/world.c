/* The built-in world as a data set: draws a scene for every sample and renders it. */
#include "bicross/world/world.h"
#include "bicross/data/streams.h"
#include "bicross/world/scene.h"

#include <stdlib.h>
#include <string.h>

static const char *const NAMES[BC_SCENARIO_COUNT] = {"syn2real", "weather", "scene", "realspike", "night"};

const char *bc_scenario_name(bc_scenario scenario) {
    return NAMES[scenario];
}

bc_status bc_scenario_find(bc_error *err, const char *name, bc_scenario *out) {
    for (int i = 0; i < BC_SCENARIO_COUNT; i++)
        if (!strcmp(name, NAMES[i])) {
            *out = (bc_scenario)i;
            return BC_OK;
        }
    return bc_fail(err, BC_E_ARGUMENT, "scenario \"%s\" is not known, expected %s, %s, %s, %s or %s", name,
                   NAMES[0], NAMES[1], NAMES[2], NAMES[3], NAMES[4]);
}

bool bc_scenario_indoor(bc_scenario scenario) {
    return scenario == BC_REALSPIKE;
}

typedef struct world {
    bc_dataset dataset; /* first, so that the data set is the world */
    bc_scenario scenario;
    bc_domain domain;
    bc_split split;
    uint32_t seed;
    bc_renderer *renderer;
    bc_scene scene; /* the one being rendered */
} world;

static uint32_t domain_of(const world *w) {
    return 2 * (uint32_t)w->scenario + (uint32_t)w->domain;
}

/* Every scenario, domain and split draws from a stream of its own, so that none shares a scene with another.
 */
static uint32_t stream_of(const world *w) {
    return (uint32_t)BC_STREAM_WORLD + 3 * domain_of(w) + (uint32_t)w->split;
}

static void draw_scene(world *w, bc_random *random) {
    bc_look look;
    bc_look_draw(w->scenario, w->domain, random, &look);
    bc_look_apply(&look, w->scenario, w->domain, random, &w->scene);
    w->scene.simulator.sensor_seed = w->seed + 16 * domain_of(w); /* one sensor for all splits */
    if (w->scenario == BC_REALSPIKE)
        bc_scene_room(&look, random, &w->scene);
    else if (w->scenario == BC_SCENE && w->domain == BC_TARGET)
        bc_scene_highway(&look, random, &w->scene);
    else
        bc_scene_street(&look, random, &w->scene);
}

static bc_status world_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    world *w = (world *)dataset;
    size_t pixels = (size_t)dataset->height * dataset->width;
    *out = (bc_sample){.height = dataset->height, .width = dataset->width};
    snprintf(out->name, sizeof out->name, "%06d", index);
    out->rgb = malloc(pixels * 3);
    out->depth = malloc(pixels * sizeof *out->depth);
    out->spikes = malloc(pixels * BC_SPIKE_WORDS * sizeof *out->spikes);
    out->objects = malloc(pixels);
    bc_status status;
    if (!out->rgb || !out->depth || !out->spikes || !out->objects) {
        status = bc_fail(err, BC_E_MEMORY, "no memory for sample %d of %s", index, dataset->name);
    } else {
        bc_random random = {.seed = w->seed, .stream = stream_of(w), .index = (uint64_t)index << 32};
        uint32_t noise_seed = bc_random_bits(&random), noise_stream = bc_random_bits(&random);
        draw_scene(w, &random);
        status = bc_render(w->renderer, &w->scene, noise_seed, noise_stream, out);
    }
    if (status != BC_OK)
        bc_sample_release(out);
    return status;
}

static void world_release(bc_dataset *dataset) {
    world *w = (world *)dataset;
    bc_renderer_release(w->renderer);
    free(w);
}

bc_status bc_world_open(bc_host *host, bc_scenario scenario, bc_domain domain, bc_split split, uint32_t seed,
                        int count, int height, int width, bc_dataset **out) {
    static const char *const domains[] = {"source", "target"}, *const splits[] = {"train", "validation",
                                                                                  "test"};
    bc_error *err = bc_host_error(host);
    *out = NULL;
    if (count < 1 || height < 1 || width < 1)
        return bc_fail(err, BC_E_ARGUMENT,
                       "built-in world %s: %d samples of %d x %d pixels, expected at least one of each",
                       bc_scenario_name(scenario), count, height, width);
    world *w = calloc(1, sizeof *w);
    if (!w)
        return bc_fail(err, BC_E_MEMORY, "no memory for the built-in world %s", bc_scenario_name(scenario));
    w->dataset = (bc_dataset){.count = count,
                              .has_rgb = true,
                              .has_depth = true,
                              .has_spikes = true,
                              .height = height,
                              .width = width,
                              .load = world_load,
                              .release = world_release};
    snprintf(w->dataset.name, sizeof w->dataset.name, "world %s %s %s", bc_scenario_name(scenario),
             domains[domain], splits[split]);
    w->scenario = scenario;
    w->domain = domain;
    w->split = split;
    w->seed = seed;
    bc_status status = bc_renderer_create(host, height, width, &w->renderer);
    if (status != BC_OK) {
        free(w);
        return status;
    }
    *out = &w->dataset;
    return BC_OK;
}
