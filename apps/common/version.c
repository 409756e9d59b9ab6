/* The version, and what is built in. */
#include "apps/common/version.h"

#include "bicross/formats/image.h"
#include "host/team/team.h"
#include "host/tuning/choices.h"

#include <stdio.h>

void app_version_print(void) {
    printf("bicross %s\n", BICROSS_VERSION);
    printf("CLBlast: %s (products on GPUs; without it our own kernels do them all)\n", bc_clblast_version());
    printf("JPEG: %s (reading .jpg pictures)\n", bc_jpeg_version());
    printf("MPI: %s (several devices)\n", bc_team_library());
}
