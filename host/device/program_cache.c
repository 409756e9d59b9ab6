/* Program binaries on disk, so that a second start compiles nothing.
 *
 * Key: all that a binary depends on (program.c, cache_key): platform, device, driver, options and the whole source. Layout: a header with
 * the sizes and the binary's hash, the key, the binary. Concurrency: a file is written beside its place and renamed, so that
 * of processes that store the same program the last one wins, and a reader sees a whole file or none.
 *
 * A file holds the whole key beside the binary, hence an accidental match of the hash in its name does no
 * harm, and a checksum, because some drivers abort on a damaged binary instead of refusing it. Nothing here
 * is ever an error: the worst case is a build from source. */
#include "host/base/file.h"
#include "host/base/hash.h"
#include "host/device/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct cache_header {
    char magic[8];
    uint64_t key_bytes, binary_bytes, binary_hash;
} cache_header;

static const char magic[8] = "BCPROG1";

static void entry_path(const bc_host *host, const char *key, char *path, size_t capacity) {
    snprintf(path, capacity, "%s/%016llx.bin", host->cache_dir,
             (unsigned long long)bc_hash(key, strlen(key)));
}

/* The binary inside a cache file, or NULL when the file is not whole or is for another key. */
static const uint8_t *find_binary(const uint8_t *data, size_t bytes, const char *key, size_t *binary_bytes) {
    cache_header header;
    size_t key_bytes = strlen(key);
    if (bytes < sizeof header)
        return NULL;
    memcpy(&header, data, sizeof header);
    if (memcmp(header.magic, magic, sizeof magic) != 0 || header.key_bytes != key_bytes ||
        bytes - sizeof header < key_bytes || bytes - sizeof header - key_bytes != header.binary_bytes)
        return NULL;
    const uint8_t *binary = data + sizeof header + key_bytes;
    if (memcmp(data + sizeof header, key, key_bytes) != 0 ||
        bc_hash(binary, header.binary_bytes) != header.binary_hash)
        return NULL;
    *binary_bytes = header.binary_bytes;
    return binary;
}

void bc_program_cache_load(bc_host *host, const char *key, cl_program *out) {
    char path[1024];
    uint8_t *data;
    size_t bytes, binary_bytes;
    *out = NULL;
    entry_path(host, key, path, sizeof path);
    if (bc_file_read(NULL, path, &data, &bytes) != BC_OK)
        return;
    const uint8_t *binary = find_binary(data, bytes, key, &binary_bytes);
    if (binary) {
        cl_int loaded, code;
        cl_program program = clCreateProgramWithBinary(host->context, 1, &host->device.id, &binary_bytes,
                                                       &binary, &loaded, &code);
        if (code == CL_SUCCESS && loaded == CL_SUCCESS &&
            clBuildProgram(program, 1, &host->device.id, NULL, NULL, NULL) == CL_SUCCESS) {
            *out = program;
            host->account.loaded++;
        } else if (program)
            clReleaseProgram(program);
    }
    free(data);
}

static uint8_t *pack(const char *key, cl_program program, size_t binary_bytes, size_t *bytes) {
    cache_header header = {.key_bytes = strlen(key), .binary_bytes = binary_bytes};
    memcpy(header.magic, magic, sizeof magic);
    *bytes = sizeof header + header.key_bytes + binary_bytes;
    uint8_t *data = malloc(*bytes);
    if (!data)
        return NULL;
    uint8_t *binary = data + sizeof header + header.key_bytes;
    if (clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL) != CL_SUCCESS) {
        free(data);
        return NULL;
    }
    header.binary_hash = bc_hash(binary, binary_bytes);
    memcpy(data, &header, sizeof header);
    memcpy(data + sizeof header, key, header.key_bytes);
    return data;
}

void bc_program_cache_store(bc_host *host, const char *key, cl_program program) {
    size_t binary_bytes = 0, bytes;
    if (bc_make_folder(NULL, host->cache_dir) != BC_OK ||
        clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof binary_bytes, &binary_bytes, NULL) !=
            CL_SUCCESS ||
        binary_bytes == 0)
        return;
    uint8_t *data = pack(key, program, binary_bytes, &bytes);
    if (!data)
        return;
    char path[1024];
    entry_path(host, key, path, sizeof path);
    (void)bc_file_write(NULL, path, data, bytes);
    free(data);
}
