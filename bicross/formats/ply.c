#include "bicross/formats/ply.h"

#include <string.h>

static void write_header(FILE *out, const char *comment, bool uncertainty, int count) {
    fprintf(out, "ply\nformat binary_little_endian 1.0\ncomment %s\nelement vertex %d\n", comment, count);
    fputs("property float x\nproperty float y\nproperty float z\nproperty uchar red\nproperty uchar "
          "green\nproperty uchar blue\n",
          out);
    fprintf(out, "%send_header\n", uncertainty ? "property float uncertainty\n" : "");
}

static uint8_t *put_float(uint8_t *to, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 4; i++)
        *to++ = (uint8_t)(bits >> (8 * i));
    return to;
}

bc_status bc_ply_write(bc_error *err, const char *path, const char *comment, bool uncertainty, int count,
                       const bc_point *points) {
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(err, path, &writer));
    write_header(writer.stream, comment, uncertainty, count);
    for (int i = 0; i < count; i++) {
        uint8_t bytes[19],
            *to = put_float(put_float(put_float(bytes, points[i].x), points[i].y), points[i].z);
        memcpy(to, points[i].rgb, 3);
        if (uncertainty)
            put_float(to + 3, points[i].uncertainty);
        fwrite(bytes, uncertainty ? 19 : 15, 1, writer.stream);
    }
    return bc_file_writer_commit(err, &writer);
}
