/* A trained network from a weight file. */
#ifndef BC_APPS_NETWORK_H
#define BC_APPS_NETWORK_H

#include "bicross/train.h"

typedef struct app_network {
    bool rgb; /* it reads images, not spikes: told from the weights of its stem */
    bc_model model;
    bc_params *params;
} app_network;

/* The network that the configuration describes, with the weights of `path`. */
bc_status app_network_open(bc_host *host, const bc_config *config, const char *path, app_network *out);
void app_network_close(app_network *network);

#endif
