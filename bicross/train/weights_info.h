/* What a weight file says of itself, in the metadata of the safetensors header: which network, trained how, for which input and
 * range. A file without it is somebody else's: what it is must then be said, or is assumed. */
#ifndef BC_BICROSS_TRAIN_WEIGHTS_INFO_H
#define BC_BICROSS_TRAIN_WEIGHTS_INFO_H

#include "bicross/config/config.h"

typedef struct bc_weights_info {
    bool known;                                                 /* the file has it */
    char version[32], stage[32], method[16], configuration[24]; /* hash of the run's configuration */
    char preset[32], scene[16], front_end[16];
    int input_channels, stem, groups, mid[3], blocks[3], width, depth, heads, tap3, tap4, classes, grid,
        features, head[2];
    float weight_epsilon, stem_epsilon, depth_scale, depth_shift, depth_floor;
    int input_height, input_width, spike_frames; /* 0 frames: it reads pictures */
    int crop_height, crop_width; /* bottom-centre crop that it learned from; 0: the whole image, */
    int whole_image;             /* 0: and of that the crop of Garg et al. alone */
    float dmax;
    int normalise_rgb; /* 0: pictures are in [0,1], not in [-1,1] */
} bc_weights_info;

/* Of a network that `stage` trains with this configuration. */
bc_status bc_weights_info_of(bc_error *err, const bc_config *config, const char *stage, const bc_model *model,
                             int crop_height, int crop_width, bc_weights_info *info);
/* Saves the parameters with it (bc_params_save). */
bc_status bc_weights_save(bc_params *params, const char *path, const bc_weights_info *info);
/* BC_E_FORMAT when a value is damaged, or missing where there are others. */
bc_status bc_weights_info_read(bc_error *err, const bc_tensor_file *file, bc_weights_info *out);

/* Gives the configuration what the file says where nothing else was said. What the configuration's file says otherwise is
 * BC_E_ARGUMENT and names both; what was said by hand (--set, an option) stays, but for what the network is (preset, front end).
 * `text` (may be NULL) lists what was overridden by hand, or, for a file that says nothing, what is assumed; else it is empty. */
bc_status bc_weights_info_adopt(bc_error *err, const bc_weights_info *info, const char *path,
                                bc_config *config, size_t size, char *text);
/* The sizes must be those that the file was trained with; scale and shift of the depth output are taken from it when the scene is its
 * own. */
bc_status bc_weights_info_apply(bc_error *err, const bc_weights_info *info, const char *path,
                                bc_model_scene scene, bc_model *model);

#endif
