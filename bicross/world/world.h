/* The built-in world: procedural scenes with a moving camera, rendered by OpenCL kernels (cl_kernels/world.cl): RGB, exact
 * depth and 128 spike frames from sub-frame renders. Every sample is a function of (scenario, domain, seed, index, size). */
#ifndef BC_BICROSS_WORLD_WORLD_H
#define BC_BICROSS_WORLD_WORLD_H

#include "bicross/data/dataset.h"

typedef enum bc_scenario {
    BC_SYN2REAL,
    BC_WEATHER,
    BC_SCENE,
    BC_REALSPIKE,
    BC_NIGHT,
    BC_SCENARIO_COUNT
} bc_scenario;
typedef enum bc_domain { BC_SOURCE, BC_TARGET } bc_domain;
/* Splits never share a scene. */
typedef enum bc_split { BC_SPLIT_TRAIN, BC_SPLIT_VALIDATION, BC_SPLIT_TEST } bc_split;

const char *bc_scenario_name(bc_scenario scenario); /* "syn2real", "weather", "scene", "realspike", "night" */
bc_status bc_scenario_find(bc_error *err, const char *name,
                           bc_scenario *out);  /* lists the known ones on failure */
bool bc_scenario_indoor(bc_scenario scenario); /* depth 0.5-10 m; else 1-80 m */

/* `count` samples of height x width, rendered at first use and cached. */
bc_status bc_world_open(bc_host *host, bc_scenario scenario, bc_domain domain, bc_split split, uint32_t seed,
                        int count, int height, int width, bc_dataset **out);

#endif
