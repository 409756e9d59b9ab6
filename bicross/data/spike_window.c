/* Windows of open spike files: bytes are fetched from where a format has them, 32 frames at a time, made 0 and 1, and packed. */
#include "bicross/data/spike_files.h"

#include <stdlib.h>

static bc_status make_block(bc_error *err, bc_spike_reader *r, size_t bytes) {
    if (r->block)
        return BC_OK;
    BC_TRY(bc_file_memory_check(err, r->path, bytes));
    r->block = calloc(1, bytes + BC_SPIKE_SLACK);
    return r->block ? BC_OK
                    : bc_fail(err, BC_E_MEMORY, "%s: no memory for %d frames", r->path, BC_SPIKE_BLOCK);
}

void bc_spike_reader_forget(bc_spike_reader *r) {
    free(r->block);
    r->block = NULL;
}

/* At most BC_SPIKE_BLOCK frames from frame t on, as the reader's source has them. */
static bc_status block_at(bc_error *err, bc_spike_reader *r, int t, int count, const uint8_t **out) {
    if (r->whole) {
        *out = r->whole + (size_t)t * r->source.frame_step;
        return BC_OK;
    }
    BC_TRY(make_block(err, r, BC_SPIKE_BLOCK * r->frame_bytes));
    *out = r->block;
    size_t first = r->start + (size_t)t * r->frame_bytes;
    BC_TRY(bc_spike_reader_fetch(err, r, first, (size_t)count * r->frame_bytes, r->block));
    if (r->source.bits)
        return BC_OK;
    size_t pixels = (size_t)r->info.height * (size_t)r->info.width;
    return bc_spike_array_values(err, r, (size_t)t * pixels, (size_t)count * pixels, r->block, r->block);
}

/* At most BC_SPIKE_BLOCK frames become word `word` of the pixels. */
static void pack_block(const bc_spike_reader *r, const uint8_t *data, int count, int word,
                       bc_spike_stream *out) {
    bc_spike_source source = r->source;
    for (int i = 0; i < r->parts; i++) {
        source.first = r->part[i].first;
        bc_spikes_pack(&source, data, count, r->part[i].left, r->part[i].width, word, out);
    }
}

void bc_spike_reader_pack(const bc_spike_reader *r, const uint8_t *data, int count, bc_spike_stream *out) {
    for (int done = 0; done < count; done += BC_SPIKE_BLOCK) {
        int frames = count - done < BC_SPIKE_BLOCK ? count - done : BC_SPIKE_BLOCK;
        pack_block(r, data + (size_t)done * r->source.frame_step, frames, done / BC_SPIKE_BLOCK, out);
    }
}

bc_status bc_spike_reader_window(bc_spike_reader *r, bc_error *err, int first, int count,
                                 bc_spike_stream *out) {
    *out = (bc_spike_stream){0};
    BC_TRY(bc_spike_window_check(err, r->info.frames, first, count));
    BC_TRY(bc_spikes_create(err, count, r->info.height, r->info.width, out));
    bc_status status = BC_OK;
    for (int done = 0; done < count && status == BC_OK; done += BC_SPIKE_BLOCK) {
        int frames = count - done < BC_SPIKE_BLOCK ? count - done : BC_SPIKE_BLOCK;
        const uint8_t *data;
        status = block_at(err, r, first + done, frames, &data);
        if (status == BC_OK)
            pack_block(r, data, frames, done / BC_SPIKE_BLOCK, out);
    }
    out->size_assumed = r->info.size_assumed;
    out->cut = r->info.cut;
    if (status != BC_OK)
        bc_spikes_release(out);
    return status;
}
