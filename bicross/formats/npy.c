/* NPY files: magic, version, a Python dictionary with type, order and shape, then the data. */
#include "bicross/formats/npy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "NPY data are taken as little-endian");

enum { LARGEST_RANK = 8 };

/* Bytes of an element, 0 for a type that is not supported. */
static size_t element_bytes(const char *type) {
    static const char *const known[] = {"|b1", "|u1", "|i1", "<u2", "<i2", "<u4",
                                        "<i4", "<u8", "<i8", "<f4", "<f8"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(type, known[i]) == 0)
            return (size_t)(type[2] - '0');
    return 0;
}

static bc_status fail_type(bc_error *err, const char *path, const char *type) {
    return bc_fail(
        err, BC_E_FORMAT,
        "%s: expected an NPY type |b1, |u1, |i1, <u2, <i2, <u4, <i4, <u8, <i8, <f4 or <f8, found %.40s", path,
        type);
}

/* The text after "'key':" and blanks. */
static bc_status find_value(bc_error *err, const char *path, const char *header, const char *key,
                            const char **value) {
    char quoted[32];
    snprintf(quoted, sizeof quoted, "'%s':", key);
    const char *found = strstr(header, quoted);
    if (!found)
        return bc_fail(err, BC_E_FORMAT, "%s: expected %s in the NPY header, found \"%.80s\"", path, quoted,
                       header);
    found += strlen(quoted);
    *value = found + strspn(found, " \t");
    return BC_OK;
}

static bc_status parse_type(bc_error *err, const char *path, const char *header, bc_npy *out) {
    const char *value = NULL;
    BC_TRY(find_value(err, path, header, "descr", &value));
    size_t length = value[0] == '\'' ? strcspn(value + 1, "'") : 0;
    if (length == 0 || length >= sizeof out->type)
        return fail_type(err, path, value); /* a structure, or nothing we know */
    memcpy(out->type, value + 1, length);
    out->type[length] = 0;
    return element_bytes(out->type) ? BC_OK : fail_type(err, path, out->type);
}

static bc_status parse_order(bc_error *err, const char *path, const char *header) {
    const char *value = NULL;
    BC_TRY(find_value(err, path, header, "fortran_order", &value));
    if (strncmp(value, "False", 5) == 0)
        return BC_OK;
    return bc_fail(err, BC_E_FORMAT, "%s: expected an NPY array in C order, found Fortran order", path);
}

static bc_status fail_shape(bc_error *err, const char *path, const char *value) {
    return bc_fail(err, BC_E_FORMAT, "%s: expected an NPY shape of up to %d sizes, found %.*s", path,
                   LARGEST_RANK, (int)strcspn(value, "\n"), value);
}

static bc_status parse_shape(bc_error *err, const char *path, const char *header, bc_npy *out) {
    const char *value = NULL;
    BC_TRY(find_value(err, path, header, "shape", &value));
    if (*value != '(')
        return fail_shape(err, path, value);
    out->count = 1;
    const char *at = value + 1 + strspn(value + 1, " ");
    while (*at != ')') {
        char *end;
        errno = 0;
        long size = strtol(at, &end, 10);
        if (end == at || errno || size < 0 || out->rank == LARGEST_RANK ||
            __builtin_mul_overflow(out->count, (size_t)size, &out->count))
            return fail_shape(err, path, value);
        out->shape[out->rank++] = size;
        at = end + strspn(end, " ");
        if (*at == ',')
            at += 1 + strspn(at + 1, " ");
        else if (*at != ')')
            return fail_shape(err, path, value);
    }
    return BC_OK;
}

static bc_status parse_header(bc_error *err, const char *path, const char *header, size_t data_bytes,
                              bc_npy *out) {
    BC_TRY(parse_type(err, path, header, out));
    BC_TRY(parse_order(err, path, header));
    BC_TRY(parse_shape(err, path, header, out));
    size_t wanted;
    if (__builtin_mul_overflow(out->count, element_bytes(out->type), &wanted) || wanted != data_bytes)
        return bc_fail(err, BC_E_FORMAT, "%s: expected data for %zu elements of type %s, found %zu bytes",
                       path, out->count, out->type, data_bytes);
    return BC_OK;
}

static bc_status parse(bc_error *err, const char *path, size_t bytes, bc_npy *out) {
    const uint8_t *file = out->bytes;
    if (bytes < 10 || memcmp(file, "\x93NUMPY", 6) != 0)
        return bc_fail(err, BC_E_FORMAT, "%s: expected an NPY file, found %s", path,
                       bytes >= 2 && memcmp(file, "PK", 2) == 0 ? "a zip archive such as .npz"
                                                                : "another start than \"\\x93NUMPY\"");
    if (file[6] < 1 || file[6] > 3)
        return bc_fail(err, BC_E_FORMAT, "%s: expected NPY format 1 to 3, found %d.%d", path, file[6],
                       file[7]);
    size_t start = file[6] == 1 ? 10 : 12; /* the length has two or four bytes */
    size_t length = file[8] | (size_t)file[9] << 8;
    if (start == 12 && bytes >= 12)
        length |= (size_t)file[10] << 16 | (size_t)file[11] << 24;
    if (bytes < start || length > bytes - start)
        return bc_fail(err, BC_E_FORMAT, "%s: expected an NPY header of %zu bytes, found a file of %zu bytes",
                       path, length, bytes);
    char *header = strndup((const char *)file + start, length);
    if (!header)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for its header of %zu bytes", path, length);
    bc_status status = parse_header(err, path, header, bytes - start - length, out);
    out->data = file + start + length;
    free(header);
    return status;
}

bc_status bc_npy_decode(bc_error *err, const char *path, uint8_t *bytes, size_t size, bc_npy *out) {
    *out = (bc_npy){.bytes = bytes};
    bc_status status = parse(err, path, size, out);
    if (status != BC_OK)
        bc_npy_close(out);
    return status;
}

bc_status bc_npy_open(bc_error *err, const char *path, bc_npy *out) {
    uint8_t *bytes;
    size_t size;
    *out = (bc_npy){0};
    BC_TRY(bc_file_read_within(err, path, BC_FILE_STREAM, &bytes, &size));
    return bc_npy_decode(err, path, bytes, size, out);
}

void bc_npy_close(bc_npy *npy) {
    free(npy->bytes);
    *npy = (bc_npy){0};
}

/* Elements are copied out one by one: data need not be aligned. */
#define CONVERT(type)                                                                                        \
    for (size_t i = 0; i < count; i++) {                                                                     \
        type element;                                                                                        \
        memcpy(&element, npy->data + (first + i) * sizeof element, sizeof element);                          \
        out[i] = (float)element;                                                                             \
    }

bc_status bc_npy_part(bc_error *err, const char *path, const bc_npy *npy, size_t first, size_t count,
                      float *out) {
    switch (npy->type[1] << 8 | npy->type[2]) {
    case 'b' << 8 | '1':
    case 'u' << 8 | '1':
        CONVERT(uint8_t) break;
    case 'i' << 8 | '1':
        CONVERT(int8_t) break;
    case 'u' << 8 | '2':
        CONVERT(uint16_t) break;
    case 'i' << 8 | '2':
        CONVERT(int16_t) break;
    case 'u' << 8 | '4':
        CONVERT(uint32_t) break;
    case 'i' << 8 | '4':
        CONVERT(int32_t) break;
    case 'u' << 8 | '8':
        CONVERT(uint64_t) break;
    case 'i' << 8 | '8':
        CONVERT(int64_t) break;
    case 'f' << 8 | '4':
        CONVERT(float) break;
    case 'f' << 8 | '8':
        CONVERT(double) break;
    default:
        return fail_type(err, path, npy->type);
    }
    return BC_OK;
}

bc_status bc_npy_floats(bc_error *err, const char *path, const bc_npy *npy, float *out) {
    return bc_npy_part(err, path, npy, 0, npy->count, out);
}

/* "(3, 4)", and "(3,)" for one size, as Python writes them. */
static void format_shape(char *text, size_t bytes, int rank, const long *shape) {
    size_t at = (size_t)snprintf(text, bytes, "(");
    for (int i = 0; i < rank; i++)
        at += (size_t)snprintf(text + at, bytes - at, i ? ", %ld" : "%ld", shape[i]);
    snprintf(text + at, bytes - at, rank == 1 ? ",)" : ")");
}

static bc_status check_array(bc_error *err, const char *path, const bc_npy_array *array) {
    if (!element_bytes(array->type))
        return fail_type(err, path, array->type);
    if (array->rank < 0 || array->rank > LARGEST_RANK)
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected an NPY array of 0 to %d dimensions, found %d", path,
                       LARGEST_RANK, array->rank);
    return BC_OK;
}

/* An error of any write shows where the stream is closed. */
static void put(FILE *stream, const bc_npy_array *array) {
    size_t count = 1;
    for (int i = 0; i < array->rank; i++)
        count *= (size_t)array->shape[i];
    char sizes[32 * LARGEST_RANK], header[512];
    format_shape(sizes, sizeof sizes, array->rank, array->shape);
    int used = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                        array->type, sizes);
    int length = (10 + used + 1 + 63) / 64 * 64 - 10; /* data begin at a multiple of 64 */
    uint8_t start[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)length, (uint8_t)(length >> 8)};
    fwrite(start, 1, sizeof start, stream);
    fprintf(stream, "%s%*s", header, length - used, "\n");
    fwrite(array->data, element_bytes(array->type), count, stream);
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
