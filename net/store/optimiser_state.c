/* Optimiser state in files: safetensors with a tensor "step" and, for every trained parameter, flat tensors
 * in device order: "m.NAME" and "v.NAME" (Adam) or "momentum.NAME" (SGD). Names rather than whole vectors:
 * the gaps between tensors depend on the device, the file does not. */
#include "net/store/optimiser_internal.h"
#include "net/store/safetensors.h"

#include <stdio.h>
#include <stdlib.h>

/* One tensor of the state: a part of a slot's moment. */
typedef struct piece {
    bc_buffer buffer;
    size_t offset, count; /* floats in `buffer` */
    long shape[1];
    char name[160];
} piece;

typedef struct pieces {
    piece *list;
    int count;
    float *staging; /* room for the largest */
} pieces;

static void release(pieces *p) {
    free(p->list);
    free(p->staging);
}

static void add_slot(bc_optimiser *o, const bc_slot *slot, pieces *p, size_t *largest) {
    bool adam = o->options.kind == BC_ADAM;
    for (int i = 0; i < bc_params_count(o->params); i++) {
        const bc_param *param = bc_params_at(o->params, i);
        if (param->spec.group != slot->group)
            continue;
        for (int k = 0; k < (adam ? 2 : 1); k++) {
            piece *next = &p->list[p->count++];
            *next = (piece){
                slot->moments[k], param->offset - slot->first, param->count, {(long)param->count}, ""};
            snprintf(next->name, sizeof next->name, "%s%s.%s", slot->prefix,
                     adam ? (k ? "v" : "m") : "momentum", param->name);
            *largest = param->count > *largest ? param->count : *largest;
        }
    }
}

static bc_status list_pieces(bc_optimiser *o, pieces *out) {
    size_t most = 2 * (size_t)bc_params_count(o->params) * (size_t)o->slot_count, largest = 1;
    *out = (pieces){.list = calloc(most, sizeof *out->list)};
    for (int i = 0; out->list && i < o->slot_count; i++)
        add_slot(o, &o->slots[i], out, &largest);
    out->staging = malloc(largest * sizeof *out->staging);
    if (out->list && out->staging)
        return BC_OK;
    release(out);
    return bc_fail(bc_host_error(bc_params_host(o->params)), BC_E_MEMORY,
                   "no host memory to list the optimiser's state");
}

static bc_status write_pieces(bc_optimiser *o, const pieces *p, bc_safetensors_writer *writer) {
    bc_host *host = bc_params_host(o->params);
    bc_error *err = bc_host_error(host);
    float step = (float)o->step; /* exact to 16 million */
    BC_TRY(bc_safetensors_write_next(err, writer, &step, 1));
    for (int i = 0; i < p->count; i++) {
        const piece *part = &p->list[i];
        BC_TRY(bc_buffer_read(host, part->buffer, part->offset * sizeof(float), p->staging,
                              part->count * sizeof(float)));
        BC_TRY(bc_safetensors_write_finite(err, writer, part->name, p->staging, part->count));
    }
    return BC_OK;
}

static bc_status save(bc_optimiser *o, const pieces *p, const char *path, bc_tensor_entry *entries) {
    static const long one[1] = {1};
    bc_error *err = bc_host_error(bc_params_host(o->params));
    entries[0] = (bc_tensor_entry){.name = "step", .rank = 1, .shape = one};
    for (int i = 0; i < p->count; i++)
        entries[i + 1] = (bc_tensor_entry){.name = p->list[i].name, .rank = 1, .shape = p->list[i].shape};
    bc_safetensors_writer *writer;
    BC_TRY(bc_safetensors_write_open(err, path, p->count + 1, entries, NULL, 0, &writer));
    bc_status status = write_pieces(o, p, writer);
    bc_status closed = bc_safetensors_write_close(err, writer, status == BC_OK);
    return status == BC_OK ? closed : status;
}

bc_status bc_optimiser_save(bc_optimiser *optimiser, const char *path) {
    pieces p;
    BC_TRY(list_pieces(optimiser, &p));
    bc_tensor_entry *entries = calloc((size_t)p.count + 1, sizeof *entries);
    bc_status status = entries ? save(optimiser, &p, path, entries)
                               : bc_fail(bc_host_error(bc_params_host(optimiser->params)), BC_E_MEMORY,
                                         "no host memory to save %s", path);
    free(entries);
    release(&p);
    return status;
}

static bc_status read_floats(bc_error *err, const bc_tensor_file *file, const char *name, float *out,
                             size_t count) {
    const bc_tensor_entry *entry = bc_tensor_file_find(file, name);
    if (!entry)
        return bc_fail(err, BC_E_FORMAT, "%s has no %s: it is not the state of this optimiser", file->path,
                       name);
    return bc_tensor_file_floats(err, file, entry, out, count);
}

static bc_status read_pieces(bc_optimiser *o, const pieces *p, const bc_tensor_file *file) {
    bc_host *host = bc_params_host(o->params);
    float step;
    for (int i = 0; i < p->count; i++) {
        const piece *part = &p->list[i];
        BC_TRY(read_floats(bc_host_error(host), file, part->name, p->staging, part->count));
        BC_TRY(bc_buffer_write(host, part->buffer, part->offset * sizeof(float), p->staging,
                               part->count * sizeof(float)));
    }
    BC_TRY(read_floats(bc_host_error(host), file, "step", &step, 1));
    o->step = (long)step;
    return BC_OK;
}

bc_status bc_optimiser_load(bc_optimiser *optimiser, const char *path) {
    pieces p;
    bc_tensor_file file;
    BC_TRY(list_pieces(optimiser, &p));
    bc_status status = bc_safetensors_open(bc_host_error(bc_params_host(optimiser->params)), path, &file);
    if (status == BC_OK) {
        status = read_pieces(optimiser, &p, &file);
        bc_tensor_file_close(&file);
    }
    release(&p);
    return status;
}
