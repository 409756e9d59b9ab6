/* Data sets as their publishers lay them out, and as the released code of BiCross wants them: which files make a sample, which samples
 * train and which test (method.md 4). What is known of each is a table, bicross/data/layout_table.c. */
#ifndef BC_BICROSS_DATA_LAYOUT_H
#define BC_BICROSS_DATA_LAYOUT_H

#include "bicross/data/file_set.h"

/* One way in which files may lie. Patterns: bicross/data/path_pattern.h. */
typedef struct bc_layout_split {
    const char *lead;                      /* these files make the samples: one of the next three */
    const char *pictures, *spikes, *depth; /* NULL: there are none */
    const char *part,
        *values;    /* only samples of which this part has one of these values, in a line; NULL: all */
    float from, to; /* this share of them in their order, or of the values of `part`; 0 and 0: all */
    const char *list, *line; /* only samples that a file lists, one a line that begins like this; NULL: all */
    bool list_may_lack;      /* without that file: all */
    const char *spike_times,
        *frame_times; /* where files of a time have different numbers (frame_times.h); NULL: nowhere */
} bc_layout_split;

typedef struct bc_layout_form {
    const char *whose; /* "as published" */
    bc_layout_split train, test;
} bc_layout_form;

typedef struct bc_layout {
    const char *word, *title; /* "vkitti2", "Virtual KITTI 2.0.3" */
    const char *variants;     /* "cloudy foggy rainy sunny", the default first; NULL: none */
    float depth_scale;        /* units a metre in 16-bit depth PNGs */
    int crop_height, crop_width;
    bool indoor;
    bc_spike_format spikes; /* what is special about its spike files */
    bool recordings;        /* which are cut into windows (recording.h) */
    const bc_layout_form *forms;
    int form_count;
    const char *lists_from; /* where its lists are to be had; NULL: it has none */
} bc_layout;

extern const bc_layout bc_layouts[];
extern const int bc_layout_count;

/* What a role of a configuration says: "vkitti2:/data/vkitti", "weather/foggy:/data/weather", or a folder's path. */
typedef struct bc_place {
    const bc_layout *layout; /* NULL: a folder */
    char variant[32], path[256];
} bc_place;
/* BC_E_ARGUMENT: there is no such kind or variant; names the nearest. */
bc_status bc_place_parse(bc_error *err, const char *text, bc_place *out);

/* Rooms; a set that has both says so by its variant. */
bool bc_place_is_indoor(const bc_place *place);

typedef enum bc_layout_role { BC_LAYOUT_TRAIN, BC_LAYOUT_TEST } bc_layout_role;
/* The samples of a split. A sample that lacks a kind of file which others have is passed over, as the released code does, and counted in
 * the data set's note. `list`: a file in place of the published one; "": that. BC_E_FORMAT says which files were looked for. */
bc_status bc_layout_open(bc_host *host, const bc_place *place, bc_layout_role role, const char *list,
                         const bc_file_set_options *options, bc_dataset **out);

#endif
