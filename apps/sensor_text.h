/* What a sensor is, or what is known of a camera's pixels, in words. */
#ifndef BC_APPS_SENSOR_TEXT_H
#define BC_APPS_SENSOR_TEXT_H

#include "bicross/data/pixel_maps.h"
#include "bicross/data/sensor.h"

/* Two lines on stdout: its fixed pattern, and the light of its images. */
void app_sensor_print(const bc_sensor *sensor);
/* One line on stdout: the size, and mean and spread of each map. */
void app_maps_print(const bc_pixel_maps *maps);

#endif
