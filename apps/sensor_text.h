/* What a sensor is, in words. */
#ifndef BC_APPS_SENSOR_TEXT_H
#define BC_APPS_SENSOR_TEXT_H

#include "bicross/data/sensor.h"

/* Two lines on stdout: its fixed pattern, and the light of its images. */
void app_sensor_print(const bc_sensor *sensor);

#endif
