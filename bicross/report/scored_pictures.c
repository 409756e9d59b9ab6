#include "bicross/report/scored_pictures.h"

#include "bicross/data/labels.h"
#include "bicross/formats/image.h"
#include "bicross/report/picture.h"

enum { PATH_BYTES = 1200 };

/* Number 0: the folder that they lie in. */
static bc_status file_of(bc_error *err, const char *folder, int number, char path[PATH_BYTES]) {
    int length = number ? snprintf(path, PATH_BYTES, "%s/pictures/test-%d" BC_PNG, folder, number)
                        : snprintf(path, PATH_BYTES, "%s/pictures", folder);
    return length < PATH_BYTES ? BC_OK : bc_fail(err, BC_E_FILE, "the path %.200s... is too long", folder);
}

bc_status bc_scored_pictures_remove(bc_error *err, const char *folder) {
    char path[PATH_BYTES];
    for (int number = 1; number <= BC_SCORED_PICTURES; number++) {
        BC_TRY(file_of(err, folder, number, path));
        BC_TRY(bc_file_remove(err, path));
    }
    return BC_OK;
}

bc_status bc_scored_pictures_begin(bc_scored_pictures *p) {
    char path[PATH_BYTES];
    BC_TRY(bc_scored_pictures_remove(p->err, p->folder));
    BC_TRY(file_of(p->err, p->folder, 0, path));
    return bc_make_folder(p->err, path);
}

/* Of several ranks one has not every image: the next one that it has will do. */
static bool wanted(const bc_scored_pictures *p, int index) {
    int step = p->test->count / BC_SCORED_PICTURES;
    return p->taken < BC_SCORED_PICTURES && index >= p->taken * (step > 0 ? step : 1);
}

bc_status bc_scored_pictures_add(void *user, const bc_evaluated *image) {
    bc_scored_pictures *p = user;
    const bc_sample *s = image->sample;
    char path[PATH_BYTES];
    bc_picture picture;
    if (!wanted(p, image->index))
        return BC_OK;
    BC_TRY(file_of(p->err, p->folder, ++p->taken, path));
    bc_window learnt = bc_learnt_window(s->height, s->width, p->test->crop_height, p->test->crop_width,
                                        p->config->whole_image);
    BC_TRY(bc_picture_evaluated(p->err, image, p->config->dmax, learnt, &picture));
    bc_status status = bc_png_write_rgb(p->err, path, picture.width, picture.height, picture.rgb);
    bc_picture_release(&picture);
    return status;
}
