/* Opening spike files, of whatever format, as their descriptions and the caller say. */
#include "bicross/data/spike_reader.h"

#include "bicross/data/spike_files.h"

#include <stdlib.h>
#include <string.h>

/* --- opening --- */

static bc_status open_format(bc_error *err, const bc_spike_format *format, bc_spike_reader *r) {
    const bc_spike_format unsaid = {0};
    bc_spike_format both;
    const bc_spike_file *file = bc_spike_file_of(r->path);
    if (!file)
        return bc_kind_fail(err, &bc_spike_kind, r->path);
    BC_TRY(bc_spike_description_read(err, r->path, &r->described));
    BC_TRY(bc_spike_description_join(err, r->path, &r->described, format ? format : &unsaid, &both));
    BC_TRY(file->open(err, r, &both, r->described.format.width > 0));
    return bc_spike_description_check(err, r->path, &r->described, &r->info);
}

/* FILE.npz:NAME into its two names. */
static bool take_path(bc_spike_reader *r, const char *path) {
    const char *member = bc_spike_member_of(path);
    r->path = strdup(path);
    if (r->path && member) {
        r->path[member - path - 1] = 0;
        r->wanted = r->path + (member - path);
    }
    return r->path;
}

bc_status bc_spike_reader_open(bc_error *err, const char *path, const bc_spike_format *format,
                               bc_spike_reader **out) {
    bc_spike_reader *r = calloc(1, sizeof *r);
    *out = NULL;
    if (!r || !take_path(r, path)) {
        free(r);
        return bc_fail(err, BC_E_MEMORY, "no memory to open %s", path);
    }
    r->file.fd = -1;
    bc_status status = open_format(err, format, r);
    if (status == BC_OK)
        *out = r;
    else
        bc_spike_reader_close(r);
    return status;
}

void bc_spike_reader_close(bc_spike_reader *r) {
    if (!r)
        return;
    bc_file_parts_close(&r->file);
    bc_npz_stream_close(&r->member);
    bc_npz_close(r->npz);
    free(r->whole);
    free(r->block);
    free(r->path);
    free(r);
}

bc_spike_info bc_spike_reader_info(const bc_spike_reader *r) {
    return r->info;
}
