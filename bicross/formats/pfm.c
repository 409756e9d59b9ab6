/* PFM files: "Pf", width and height, a scale whose sign tells the byte order, then floats from the bottom row
 * up. The size of the scale is ignored and line ends may be CR LF, as readers commonly do. */
#include "bicross/formats/image.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "PFM files are written as little-endian");

enum { LARGEST_SIDE = 32768 };

/* The next word of the header after white space, at most 31 characters. False when there is none, or none ends. */
static bool next_word(const uint8_t **at, const uint8_t *end, char word[32]) {
    int length = 0;
    while (*at < end && isspace(**at))
        ++*at;
    while (*at < end && !isspace(**at) && length < 31)
        word[length++] = (char)*(*at)++;
    word[length] = 0;
    return length > 0 && *at < end && isspace(**at);
}

/* The one line end behind the header, after blanks. What follows it is data, also where it looks like white space. */
static bool line_end(const uint8_t **at, const uint8_t *end) {
    while (*at < end && (**at == ' ' || **at == '\t'))
        ++*at;
    *at += *at < end && **at == '\r';
    return *at < end && *(*at)++ == '\n';
}

static bool positive_side(const char *word, int *side) {
    long value = word[strspn(word, "0123456789")] ? 0 : strtol(word, NULL, 10);
    *side = value > 0 && value <= LARGEST_SIDE ? (int)value : 0;
    return *side > 0;
}

static bc_status read_scale(bc_error *err, const char *path, const uint8_t **at, const uint8_t *end,
                            bool *swap) {
    char scale[32], *rest;
    bool complete = next_word(at, end, scale);
    double value = strtod(scale, &rest);
    if (!complete || *rest || strpbrk(scale, "xX") || value == 0 || !isfinite(value))
        return bc_fail(err, BC_E_FORMAT, "%s: expected a PFM scale other than 0, found \"%s\"", path, scale);
    if (!line_end(at, end))
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected a line end after the PFM scale %s, found something else", path, scale);
    *swap = value > 0;
    return BC_OK;
}

static bc_status read_header(bc_error *err, const char *path, const uint8_t **at, const uint8_t *end,
                             int *width, int *height, bool *swap) {
    char magic[32], columns[32], rows[32];
    if (!next_word(at, end, magic) || strcmp(magic, "Pf") != 0)
        return bc_fail(err, BC_E_FORMAT, "%s: expected a PFM file of one channel (\"Pf\"), found %s", path,
                       strcmp(magic, "PF") == 0 ? "three channels (\"PF\")" : "another start");
    if (!next_word(at, end, columns) || !positive_side(columns, width) || !next_word(at, end, rows) ||
        !positive_side(rows, height))
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected a PFM width and height of 1 to %d, found something else", path,
                       LARGEST_SIDE);
    return read_scale(err, path, at, end, swap);
}

static void copy_row(float *row, const uint8_t *from, int width, bool swap) {
    memcpy(row, from, (size_t)width * sizeof *row);
    for (int x = 0; swap && x < width; x++) {
        uint32_t bits;
        memcpy(&bits, &row[x], sizeof bits);
        bits = __builtin_bswap32(bits);
        memcpy(&row[x], &bits, sizeof bits);
    }
}

static bc_status parse(bc_error *err, const char *path, const uint8_t *file, size_t bytes, int *width,
                       int *height, float **values) {
    const uint8_t *at = file, *end = file + bytes;
    bool swap = false;
    BC_TRY(read_header(err, path, &at, end, width, height, &swap));
    size_t row = (size_t)*width * sizeof(float), wanted = row * (size_t)*height, found = (size_t)(end - at);
    if (found != wanted)
        return bc_fail(err, BC_E_FORMAT, "%s: expected %zu bytes of data for %d x %d floats, found %zu", path,
                       wanted, *width, *height, found);
    *values = malloc(wanted);
    if (!*values)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for %zu bytes", path, wanted);
    for (int y = 0; y < *height; y++)
        copy_row(*values + (size_t)y * (size_t)*width, at + row * (size_t)(*height - 1 - y), *width, swap);
    return BC_OK;
}

bc_status bc_pfm_read(bc_error *err, const char *path, int *width, int *height, float **values) {
    *values = NULL;
    uint8_t *file;
    size_t bytes;
    BC_TRY(bc_file_read_within(err, path, BC_FILE_PICTURE, &file, &bytes));
    bc_status status = parse(err, path, file, bytes, width, height, values);
    free(file);
    return status;
}

bc_status bc_pfm_write(bc_error *err, const char *path, int width, int height, const float *values) {
    if (width <= 0 || height <= 0 || width > LARGEST_SIDE || height > LARGEST_SIDE)
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected an image of 1 to %d pixels a side, found %d x %d",
                       path, LARGEST_SIDE, width, height);
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(err, path, &writer));
    fprintf(writer.stream, "Pf\n%d %d\n-1.0\n", width, height);
    for (int y = height - 1; y >= 0; y--)
        fwrite(values + (size_t)y * (size_t)width, sizeof *values, (size_t)width, writer.stream);
    return bc_file_writer_commit(err, &writer); /* an error of any write shows here */
}
