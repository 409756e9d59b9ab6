/* Whole files, written so that a reader never sees half of one. */
#include "host/file.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *bc_trimmed(char *line) {
    while (isspace((unsigned char)*line))
        line++;
    size_t length = strlen(line);
    while (length > 0 && isspace((unsigned char)line[length - 1]))
        line[--length] = 0;
    return line;
}

static bc_status read_stream(bc_error *err, FILE *stream, const char *path, uint8_t **data, size_t *bytes) {
    struct stat info;
    if (fstat(fileno(stream), &info) != 0)
        return bc_fail(err, BC_E_FILE, "cannot read %s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return bc_fail(err, BC_E_FILE, "cannot read %s: not a regular file", path);
    size_t size = (size_t)info.st_size;
    uint8_t *buffer = malloc(size + 1);
    if (!buffer)
        return bc_fail(err, BC_E_MEMORY, "no memory for the %zu bytes of %s", size, path);
    if (fread(buffer, 1, size, stream) != size) {
        free(buffer);
        return bc_fail(err, BC_E_FILE, "cannot read %s: %s", path,
                       ferror(stream) ? strerror(errno) : "it ended early");
    }
    buffer[size] = 0;
    *data = buffer;
    *bytes = size;
    return BC_OK;
}

bc_status bc_file_read(bc_error *err, const char *path, uint8_t **data, size_t *bytes) {
    *data = NULL;
    *bytes = 0;
    FILE *stream = fopen(path, "rb");
    if (!stream)
        return bc_fail(err, BC_E_FILE, "cannot open %s: %s", path, strerror(errno));
    bc_status status = read_stream(err, stream, path, data, bytes);
    fclose(stream);
    return status;
}

bc_status bc_file_write(bc_error *err, const char *path, const void *data, size_t bytes) {
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(err, path, &writer));
    if (bytes)
        fwrite(data, 1, bytes, writer.stream); /* an error shows in ferror at commit */
    return bc_file_writer_commit(err, &writer);
}

bool bc_file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bc_status bc_make_folder(bc_error *err, const char *path) {
    char *partial = strdup(path);
    if (!partial)
        return bc_fail(err, BC_E_MEMORY, "no memory to create the folder %s", path);
    bc_status status = BC_OK;
    for (char *p = partial + 1; status == BC_OK && partial[0]; p++) {
        char separator = *p;
        if (separator != '/' && separator != 0)
            continue;
        *p = 0;
        struct stat info;
        if (mkdir(partial, 0777) != 0 && !(stat(partial, &info) == 0 && S_ISDIR(info.st_mode)))
            status = bc_fail(err, BC_E_FILE, "cannot create the folder %s: %s", partial, strerror(errno));
        if (separator == 0)
            break;
        *p = separator;
    }
    free(partial);
    return status;
}

bc_status bc_file_writer_open(bc_error *err, const char *path, bc_file_writer *out) {
    out->stream = NULL;
    if (strlen(path) >= sizeof out->path)
        return bc_fail(err, BC_E_FILE, "cannot write %.100s...: the path is longer than %zu characters", path,
                       sizeof out->path - 1);
    snprintf(out->path, sizeof out->path, "%s", path);
    snprintf(out->temporary, sizeof out->temporary, "%s.tmp-%ld", path, (long)getpid());
    out->stream = fopen(out->temporary, "wb");
    if (!out->stream)
        return bc_fail(err, BC_E_FILE, "cannot write %s: %s", path, strerror(errno));
    return BC_OK;
}

bc_status bc_file_writer_commit(bc_error *err, bc_file_writer *writer) {
    errno = 0;
    bool good = !ferror(writer->stream) && fflush(writer->stream) == 0 && fsync(fileno(writer->stream)) == 0;
    int reason = errno;
    if (fclose(writer->stream) != 0 && good) {
        good = false;
        reason = errno;
    }
    writer->stream = NULL;
    if (good && rename(writer->temporary, writer->path) != 0) {
        good = false;
        reason = errno;
    }
    if (good)
        return BC_OK;
    unlink(writer->temporary);
    return bc_fail(err, BC_E_FILE, "cannot write %s: %s", writer->path,
                   reason ? strerror(reason) : "the device may be full");
}

void bc_file_writer_abandon(bc_file_writer *writer) {
    if (!writer->stream)
        return;
    fclose(writer->stream);
    writer->stream = NULL;
    unlink(writer->temporary);
}
