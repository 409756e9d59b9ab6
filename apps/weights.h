/* What the commands that take weights have in common. */
#ifndef BC_APPS_WEIGHTS_H
#define BC_APPS_WEIGHTS_H

#include "apps/common/options.h"
#include "bicross/train/weights.h"
#include "net/store/safetensors.h"
#include "net/store/torch_file.h"

/* What is said of a network by hand. */
typedef struct app_network {
    const char *weights, *model, *scene; /* model, scene: NULL where nothing is said */
    app_size input;                      /* 0 x 0: likewise */
} app_network;
#define APP_NETWORK_OPTIONS(network)                                                                         \
    {"weights",                                                                                              \
     APP_TEXT,                                                                                               \
     &(network).weights,                                                                                     \
     "FILE",                                                                                                 \
     "weights: " BC_SAFETENSORS ", or " BC_PT " and " BC_PTH " of PyTorch",                                  \
     true,                                                                                                   \
     0,                                                                                                      \
     0},                                                                                                     \
        {"model",                                                                                            \
         APP_CHOICE,                                                                                         \
         &(network).model,                                                                                   \
         "hybrid|tiny",                                                                                      \
         "network, where the weights do not say (tiny)",                                                     \
         false,                                                                                              \
         0,                                                                                                  \
         0},                                                                                                 \
        {"scene",                                                                                            \
         APP_CHOICE,                                                                                         \
         &(network).scene,                                                                                   \
         "outdoor|indoor",                                                                                   \
         "scale of the depth output (as trained; where the weights do not say, outdoor)",                    \
         false,                                                                                              \
         0,                                                                                                  \
         0},                                                                                                 \
    {                                                                                                        \
        "input", APP_SIZE, &(network).input, "HxW",                                                          \
            "network input (as trained; else 384x384 for hybrid, 64x128 for tiny)", false, 0, 0              \
    }

/* The options alone, as if said by hand: the weights say the rest (bc_trained_open). BC_E_ARGUMENT for sides that no network takes. */
bc_status app_network_config(bc_error *err, const app_network *network, bc_config *config);

/* One line on stderr: what the network is, or what is assumed; and what was overridden by hand. One more where the file has other
 * tensors than the network. */
void app_weights_print(app_volume volume, const char *path, const bc_trained *network);
/* ", 1 resized (a), 2 of the file left out (b, c)": what a line about loading ends in; nothing when all was as it should. */
void app_load_report_print(const bc_load_report *report, bool missing);
/* Units a metre in 16-bit PNGs of depth. */
float app_depth_scale(const bc_config *config);

#endif
