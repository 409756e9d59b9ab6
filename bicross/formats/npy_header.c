/* NPY files begin with a magic, a version, and a Python dictionary with type, order and shape. */
#include "bicross/formats/npy_header.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "NPY elements are kept little-endian");

/* numpy pads dictionaries to some hundred bytes; a longer one is no array that anybody wrote. */
enum { SHORTEST = 10, LONGEST_DICTIONARY = BC_NPY_HEADER_MOST - 12 };

size_t bc_npy_type_bytes(const char *type) {
    static const char *const known[] = {"|b1", "|u1", "|i1", "<u2", "<i2", "<u4",
                                        "<i4", "<u8", "<i8", "<f2", "<f4", "<f8"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(type, known[i]) == 0)
            return (size_t)(type[2] - '0');
    return 0;
}

bc_status bc_npy_type_fail(bc_error *err, const char *path, const char *type) {
    return bc_fail(
        err, BC_E_FORMAT,
        "%s: expected an NPY array of booleans, of integers of 1 to 8 bytes or of floats of 2, 4 or 8 "
        "bytes, found %.40s",
        path, type);
}

/* The text after "'key':" and blanks. */
static bc_status find_value(bc_error *err, const char *path, const char *dictionary, const char *key,
                            const char **value) {
    char quoted[32];
    snprintf(quoted, sizeof quoted, "'%s':", key);
    const char *found = strstr(dictionary, quoted);
    if (!found)
        return bc_fail(err, BC_E_FORMAT, "%s: expected %s in the NPY header, found \"%.80s\"", path, quoted,
                       dictionary);
    found += strlen(quoted);
    *value = found + strspn(found, " \t");
    return BC_OK;
}

/* ">f4" is "<f4" with its bytes swapped; of one byte there is no order. */
static bc_status parse_type(bc_error *err, const char *path, const char *dictionary, bc_npy_header *out) {
    const char *value = NULL;
    BC_TRY(find_value(err, path, dictionary, "descr", &value));
    size_t length = value[0] == '\'' ? strcspn(value + 1, "'") : 0;
    if (length == 0 || length >= sizeof out->type || !strchr("<>|=", value[1]))
        return bc_npy_type_fail(err, path, value); /* a structure, or nothing we know */
    memcpy(out->type, value + 1, length);
    out->type[length] = 0;
    bool single = length == 3 && out->type[2] == '1';
    out->swapped = out->type[0] == '>' && !single;
    out->type[0] = single ? '|' : out->type[0] == '|' ? '?' : '<';
    out->element = bc_npy_type_bytes(out->type);
    return out->element ? BC_OK : bc_npy_type_fail(err, path, value);
}

static bc_status parse_order(bc_error *err, const char *path, const char *dictionary, bc_npy_header *out) {
    const char *value = NULL;
    BC_TRY(find_value(err, path, dictionary, "fortran_order", &value));
    out->fortran = strncmp(value, "True", 4) == 0;
    if (out->fortran || strncmp(value, "False", 5) == 0)
        return BC_OK;
    return bc_fail(err, BC_E_FORMAT, "%s: expected 'fortran_order' to be True or False, found %.20s", path,
                   value);
}

static bc_status fail_shape(bc_error *err, const char *path, const char *value) {
    return bc_fail(err, BC_E_FORMAT, "%s: expected an NPY shape of up to %d sizes, found %.*s", path,
                   BC_NPY_RANK, (int)strcspn(value, "\n"), value);
}

/* Python 2 wrote sizes as 128L. */
static bc_status parse_shape(bc_error *err, const char *path, const char *dictionary, bc_npy_header *out) {
    const char *value = NULL;
    BC_TRY(find_value(err, path, dictionary, "shape", &value));
    if (*value != '(')
        return fail_shape(err, path, value);
    out->count = 1;
    const char *at = value + 1 + strspn(value + 1, " ");
    while (*at != ')') {
        char *end;
        errno = 0;
        long size = strtol(at, &end, 10);
        if (end == at || errno || size < 0 || out->rank == BC_NPY_RANK ||
            __builtin_mul_overflow(out->count, (size_t)size, &out->count))
            return fail_shape(err, path, value);
        out->shape[out->rank++] = size;
        end += *end == 'L';
        at = end + strspn(end, " ");
        if (*at == ',')
            at += 1 + strspn(at + 1, " ");
        else if (*at != ')')
            return fail_shape(err, path, value);
    }
    return BC_OK;
}

static bc_status parse_dictionary(bc_error *err, const char *path, const char *dictionary, size_t data_bytes,
                                  bc_npy_header *out) {
    BC_TRY(parse_type(err, path, dictionary, out));
    BC_TRY(parse_order(err, path, dictionary, out));
    BC_TRY(parse_shape(err, path, dictionary, out));
    size_t wanted;
    if (__builtin_mul_overflow(out->count, out->element, &wanted) || wanted != data_bytes)
        return bc_fail(err, BC_E_FORMAT, "%s: expected data for %zu elements of type %s, found %zu bytes",
                       path, out->count, out->type, data_bytes);
    return BC_OK;
}

/* Where the dictionary begins and how long it is, from the first bytes. */
static bc_status find_dictionary(bc_error *err, const char *path, const uint8_t *bytes, size_t have,
                                 size_t size, size_t *first, size_t *length) {
    if (have < SHORTEST || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return bc_fail(err, BC_E_FORMAT, "%s: expected an NPY file, found %s", path,
                       have >= 2 && memcmp(bytes, "PK", 2) == 0 ? "a zip archive such as .npz"
                                                                : "another start than \"\\x93NUMPY\"");
    if (bytes[6] < 1 || bytes[6] > 3)
        return bc_fail(err, BC_E_FORMAT, "%s: expected NPY format 1 to 3, found %d.%d", path, bytes[6],
                       bytes[7]);
    *first = bytes[6] == 1 ? 10 : 12; /* the length has two or four bytes */
    *length = bytes[8] | (size_t)bytes[9] << 8;
    if (*first == 12 && have >= 12)
        *length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (size < *first || *length > size - *first)
        return bc_fail(err, BC_E_FORMAT, "%s: expected an NPY header of %zu bytes, found a file of %zu bytes",
                       path, *length, size);
    if (*length > LONGEST_DICTIONARY)
        return bc_fail(err, BC_E_FORMAT, "%s: expected an NPY header of at most %d bytes, found %zu", path,
                       LONGEST_DICTIONARY, *length);
    return BC_OK;
}

bc_status bc_npy_header_parse(bc_error *err, const char *path, const uint8_t *bytes, size_t have, size_t size,
                              bc_npy_header *out) {
    size_t first = 0, length = 0;
    *out = (bc_npy_header){0};
    BC_TRY(find_dictionary(err, path, bytes, have, size, &first, &length));
    if (first + length > have)
        return bc_fail(err, BC_E_FORMAT, "%s: expected an NPY header of %zu bytes, found %zu of the file",
                       path, length, have);
    char *dictionary = strndup((const char *)bytes + first, length);
    if (!dictionary)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for its header of %zu bytes", path, length);
    bc_status status = parse_dictionary(err, path, dictionary, size - first - length, out);
    out->start = first + length;
    free(dictionary);
    return status;
}

bc_status bc_npy_header_read(bc_error *err, const bc_file_parts *file, bc_npy_header *out) {
    size_t have = file->bytes < BC_NPY_HEADER_MOST ? file->bytes : BC_NPY_HEADER_MOST;
    uint8_t *bytes = malloc(have + 1);
    if (!bytes)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for its header", file->path);
    bc_status status = bc_file_part_read(err, file, 0, have, bytes);
    if (status == BC_OK)
        status = bc_npy_header_parse(err, file->path, bytes, have, file->bytes, out);
    free(bytes);
    return status;
}
