/* Putting a network's map in its place in a map of the whole image. */
#ifndef BC_BICROSS_TRAIN_PASTE_H
#define BC_BICROSS_TRAIN_PASTE_H

#include "bicross/data/dataset.h"
#include "net/graph/graph.h"

typedef struct bc_pasting {
    bc_crop crop;    /* the map's place, of the map's size */
    float fill;      /* around it */
    float low, high; /* values are clamped to them; what is not finite becomes NaN */
} bc_pasting;

/* Its input: the map. */
typedef struct bc_paste_attributes {
    int height, width;
    bc_pasting how;
} bc_paste_attributes;
extern const bc_op bc_paste_op;

/* The map (1,h,w,1) in one of (1,height,width,1). Forward only. */
bc_value *bc_paste(bc_graph *g, bc_value *map, int height, int width, const bc_pasting *how);

#endif
