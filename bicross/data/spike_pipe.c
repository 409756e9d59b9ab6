#include "bicross/data/spike_pipe.h"

#include "bicross/data/dat_geometry.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct bc_spike_pipe {
    bc_spike_reader layout; /* how frames lie in the bytes; it has no file */
    int fd;
    size_t room; /* bytes that `bytes` has, without the slack */
    uint8_t *bytes;
};

bool bc_spike_is_pipe(const char *path) {
    struct stat info;
    if (strcmp(path, "-") == 0)
        return true;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static bc_status lay_out(bc_error *err, const char *path, const bc_spike_format *format, bc_spike_pipe *p) {
    const bc_spike_format unsaid = {0};
    const bc_spike_format *f = format ? format : &unsaid;
    const bc_dat_geometry camera = *bc_dat_known(0);
    bool said = f->width || f->height;
    if (f->layout == BC_DAT_PCIE)
        return bc_fail(err, BC_E_ARGUMENT,
                       "%s: frames in the layout pcie are read from files, not from a pipe", path);
    bc_dat_geometry geometry = {said ? f->width : camera.width, said ? f->height : camera.height, f->layout};
    BC_TRY(bc_dat_geometry_check(err, path, geometry));
    bc_dat_lay(&p->layout, geometry, 0, f);
    p->layout.info.size_assumed = !said;
    return BC_OK;
}

/* Not blocking: a FIFO's writer may come later, and reading must end when it is asked to. */
static bc_status open_descriptor(bc_error *err, const char *path, bc_spike_pipe *p) {
    p->fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    return p->fd >= 0 ? BC_OK : bc_fail(err, BC_E_FILE, "cannot open %s: %s", path, strerror(errno));
}

bc_status bc_spike_pipe_open(bc_error *err, const char *path, const bc_spike_format *format,
                             bc_spike_pipe **out) {
    bc_spike_pipe *p = calloc(1, sizeof *p);
    *out = NULL;
    if (!p || !(p->layout.path = strdup(path))) {
        free(p);
        return bc_fail(err, BC_E_MEMORY, "no memory to open %s", path);
    }
    p->fd = -1;
    bc_status status = lay_out(err, path, format, p);
    if (status == BC_OK)
        status = open_descriptor(err, path, p);
    if (status == BC_OK)
        *out = p;
    else
        bc_spike_pipe_close(p);
    return status;
}

void bc_spike_pipe_close(bc_spike_pipe *p) {
    if (!p)
        return;
    if (p->fd >= 0)
        close(p->fd);
    free(p->layout.path);
    free(p->bytes);
    free(p);
}

bc_spike_info bc_spike_pipe_info(const bc_spike_pipe *p) {
    return p->layout.info;
}

/* --- reading --- */

static bc_status make_room(bc_error *err, bc_spike_pipe *p, size_t bytes) {
    if (bytes <= p->room)
        return BC_OK;
    free(p->bytes);
    p->room = 0;
    p->bytes = calloc(1, bytes + BC_SPIKE_SLACK);
    if (!p->bytes)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for %zu bytes of frames", p->layout.path, bytes);
    p->room = bytes;
    return BC_OK;
}

/* What there is of `bytes` bytes, after at most a tenth of a second; *end: no more will come. */
static bc_status read_some(bc_error *err, bc_spike_pipe *p, uint8_t *to, size_t bytes, size_t *got,
                           bool *end) {
    enum { PATIENCE_MS = 100 };
    struct pollfd waiting = {.fd = p->fd, .events = POLLIN};
    *got = 0;
    if (poll(&waiting, 1, PATIENCE_MS) <= 0)
        return BC_OK; /* nothing yet, or a signal */
    ssize_t count = read(p->fd, to, bytes);
    if (count < 0 && errno != EAGAIN && errno != EINTR)
        return bc_fail(err, BC_E_FILE, "cannot read %s: %s", p->layout.path, strerror(errno));
    *got = count > 0 ? (size_t)count : 0;
    *end = count == 0;
    return BC_OK;
}

bc_status bc_spike_pipe_read(bc_spike_pipe *p, bc_error *err, int count, bool (*stopped)(void *user),
                             void *user, bc_spike_stream *out) {
    size_t wanted = (size_t)count * p->layout.frame_bytes, have = 0;
    bool end = false;
    *out = (bc_spike_stream){0};
    BC_TRY(make_room(err, p, wanted));
    while (have < wanted && !end && !stopped(user)) {
        size_t got;
        BC_TRY(read_some(err, p, p->bytes + have, wanted - have, &got, &end));
        have += got;
    }
    if (have < wanted) {
        p->layout.info.cut = have % p->layout.frame_bytes;
        return BC_OK;
    }
    BC_TRY(bc_spikes_create(err, count, p->layout.info.height, p->layout.info.width, out));
    bc_spike_reader_pack(&p->layout, p->bytes, count, out);
    return BC_OK;
}
