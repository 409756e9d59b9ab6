/* Spikes in .npz files: the member that was asked for (FILE.npz:NAME), else `spk`, as published streams call it, else the only one
 * that has three dimensions. */
#include "bicross/data/spike_files.h"

#include <stdlib.h>
#include <string.h>

static const char usual[] = "spk";

/* Opens the member and reads its header. */
static bc_status open_member(bc_error *err, bc_spike_reader *r, const char *name) {
    bc_npz_stream_close(&r->member);
    BC_TRY(bc_npz_stream_open(err, r->path, r->npz, name, &r->member));
    return bc_npz_stream_header(err, &r->member, &r->array);
}

/* The names of members that fit, for messages, and the last of them. */
static int find_fitting(bc_spike_reader *r, char found[BC_NPZ_NAME], char list[BC_NPZ_NAME]) {
    char name[BC_NPZ_NAME];
    int fitting = 0, members = bc_npz_count(r->npz);
    list[0] = 0;
    for (int i = 0; i < members; i++) {
        bc_error ignored = {0}; /* a member that cannot be read does not fit */
        if (!bc_npz_name(r->npz, i, name) || open_member(&ignored, r, name) != BC_OK ||
            !bc_spike_array_fits(&r->array))
            continue;
        snprintf(list + strlen(list), BC_NPZ_NAME - strlen(list), "%s%.60s", fitting++ ? ", " : "", name);
        memcpy(found, name, sizeof name);
        if (strcmp(name, usual) == 0)
            return 1;
    }
    return fitting;
}

static bc_status open_any(bc_error *err, bc_spike_reader *r) {
    char found[BC_NPZ_NAME], list[BC_NPZ_NAME];
    int fitting = find_fitting(r, found, list);
    if (fitting == 1)
        return open_member(err, r, found);
    if (fitting == 0)
        return bc_fail(
            err, BC_E_FORMAT,
            "%s: expected an array of three dimensions (frames, height, width), found none among %d "
            "members",
            r->path, bc_npz_count(r->npz));
    return bc_fail(err, BC_E_ARGUMENT, "%s: which of its arrays are the spikes: %s? Say %s:NAME", r->path,
                   list, r->path);
}

bc_status bc_spike_npz_open(bc_error *err, bc_spike_reader *r, const bc_spike_format *format,
                            bool described) {
    (void)described;
    BC_TRY(bc_npz_open(err, r->path, BC_FILE_STREAM, &r->npz));
    BC_TRY(r->wanted ? open_member(err, r, r->wanted) : open_any(err, r));
    return bc_spike_array_open(err, r, format);
}

bc_status bc_spike_npz_write(bc_error *err, const char *path, const bc_spike_format *format,
                             const bc_spike_stream *s) {
    uint8_t *values;
    (void)format;
    BC_TRY(bc_spike_array_make(err, path, s, &values));
    const bc_npz_member member = {usual, {"|u1", 3, (long[]){s->frames, s->height, s->width}, values}};
    bc_status status = bc_npz_write(err, path, &member, 1);
    free(values);
    return status;
}
