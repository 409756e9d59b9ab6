/* Depth as points in space. */
#ifndef BC_APPS_CLOUD_H
#define BC_APPS_CLOUD_H

#include "apps/common/say.h"
#include "apps/predictor.h"

typedef struct app_camera {
    float focal_x,
        focal_y; /* pixels; 0: a field of view of APP_FIELD_OF_VIEW degrees across the image is assumed */
    float centre_x, centre_y; /* pixels, 0 the middle of the first one; NaN: the middle of the image */
} app_camera;
#define APP_FIELD_OF_VIEW 70

/* FX[,FY] and CX,CY; NULL where they were not given, which is said on stderr for the focal length. BC_E_ARGUMENT with the option. */
bc_status app_camera_parse(bc_error *err, app_volume volume, const char *focal, const char *centre,
                           app_camera *out);
/* Writes the predictor's last maps as a PLY file: the pixels that the network learned to predict and that are nearer than dmax, in the
 * colours of the picture or the grey of the spikes. */
bc_status app_cloud_write(const app_predictor *predictor, const bc_sample *sample, const app_camera *camera,
                          const char *path);

#endif
