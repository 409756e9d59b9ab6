/* The strong view of an image's spikes, which the released code has, commented out (method.md 2.8): the frames are shuffled in each
 * group of 16, a random tenth of all entries and, with RandomErasing, a rectangle of 1 to 5 % of the image become -1. To the network -1 is a
 * frame without a spike, a bit of 0: that can be said exactly. What RandomErasing is given no value for is as torchvision has it: in
 * one of two images, its sides in a ratio of 0.3 to 3.3. */
#ifndef BC_BICROSS_DATA_STRONG_VIEW_H
#define BC_BICROSS_DATA_STRONG_VIEW_H

#include "bicross/data/spikes.h"
#include "net/graph/graph.h"

typedef struct bc_strong_view {
    int order[BC_SPIKE_FRAMES];   /* frame f becomes what frame order[f] was, of its own 16 */
    int top, left, bottom, right; /* the rectangle, without its last row and column; empty: none */
} bc_strong_view;
/* What `key` draws for an input of this size; the tenth is drawn on the device. */
bc_strong_view bc_strong_view_draw(uint32_t key, int height, int width);
/* Makes it of image `row` of packed spikes (n,h,w,4), in place. */
bc_status bc_strong_view_apply(bc_host *host, const bc_value *spikes, int row, uint32_t key);

#endif
