/* Writing NPY files: format 1.0, C order. */
#include "bicross/formats/npy.h"

#include <stdlib.h>

/* "(3, 4)", and "(3,)" for one size, as Python writes them. */
static void format_shape(char *text, size_t bytes, int rank, const long *shape) {
    size_t at = (size_t)snprintf(text, bytes, "(");
    for (int i = 0; i < rank; i++)
        at += (size_t)snprintf(text + at, bytes - at, i ? ", %ld" : "%ld", shape[i]);
    snprintf(text + at, bytes - at, rank == 1 ? ",)" : ")");
}

static bc_status check_array(bc_error *err, const char *path, const bc_npy_array *array) {
    if (!bc_npy_type_bytes(array->type))
        return bc_npy_type_fail(err, path, array->type);
    if (array->rank < 0 || array->rank > BC_NPY_RANK)
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected an NPY array of 0 to %d dimensions, found %d", path,
                       BC_NPY_RANK, array->rank);
    return BC_OK;
}

/* An error of any write shows where the stream is closed. */
static void put(FILE *stream, const bc_npy_array *array) {
    size_t count = 1;
    for (int i = 0; i < array->rank; i++)
        count *= (size_t)array->shape[i];
    char sizes[32 * BC_NPY_RANK], header[512];
    format_shape(sizes, sizeof sizes, array->rank, array->shape);
    int used = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                        array->type, sizes);
    int length = (10 + used + 1 + 63) / 64 * 64 - 10; /* data begin at a multiple of 64 */
    uint8_t start[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)length, (uint8_t)(length >> 8)};
    fwrite(start, 1, sizeof start, stream);
    fprintf(stream, "%s%*s", header, length - used, "\n");
    fwrite(array->data, bc_npy_type_bytes(array->type), count, stream);
}

bc_status bc_npy_write(bc_error *err, const char *path, const char *type, int rank, const long *shape,
                       const void *data) {
    const bc_npy_array array = {type, rank, shape, data};
    bc_file_writer writer;
    BC_TRY(check_array(err, path, &array));
    BC_TRY(bc_file_writer_open(err, path, &writer));
    put(writer.stream, &array);
    return bc_file_writer_commit(err, &writer);
}

bc_status bc_npy_encode(bc_error *err, const char *path, const bc_npy_array *array, uint8_t **bytes,
                        size_t *size) {
    char *text = NULL;
    *bytes = NULL;
    BC_TRY(check_array(err, path, array));
    FILE *stream = open_memstream(&text, size);
    if (stream)
        put(stream, array);
    bool failed = !stream || ferror(stream);
    if ((stream && fclose(stream) != 0) || failed) {
        free(text);
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for an array of it", path);
    }
    *bytes = (uint8_t *)text;
    return BC_OK;
}
