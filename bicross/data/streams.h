/* The random streams of what is drawn under a run's or a data set's seed (host/base/random.h): every use has one of its own, so
 * that no two draw the same numbers. The numbers are part of what a seed means: none of them changes.
 * The streams that kernels draw from are in cl_kernels/shared.h. Three uses need no number: a parameter's stream is a hash of its name (net/store/init.c); the spikes of a rendered sample take
 * a seed and a stream that are themselves drawn (bicross/world/world.c); what is measured with has a seed of its own (host/tuning). */
#ifndef BC_BICROSS_DATA_STREAMS_H
#define BC_BICROSS_DATA_STREAMS_H

typedef enum bc_random_stream {
    BC_STREAM_SIMULATION = 0, /* noise of spikes made from pictures */
    /* Orders in which a stage sees a data set; with them the draws of its augmentation (bc_trainer_fill). */
    BC_STREAM_SUPERVISED =
        1, /* the stages with one data set and its labels: pretrain, neuromorphic, supervised */
    BC_STREAM_CROSSMODALITY = 2,
    BC_STREAM_CROSSDOMAIN_SOURCE = 3,
    BC_STREAM_CROSSDOMAIN_TARGET = 4,
    BC_STREAM_WARM_UP = 5,               /* of crossdomain's, before its first epoch */
    BC_STREAM_WORLD = 0x574c4400,        /* "WLD": scenes; the next 29 too, by scenario, domain and split */
    BC_STREAM_FOLDER = 0x666f6c64,       /* "fold": seeds of the simulation, one a file */
    BC_STREAM_AUGMENT_KEYS = 0x6b657973, /* "keys": seeds of one sample's augmentation */
    BC_STREAM_AUGMENT_STRENGTHS = 0x73747267, /* "strg": under such a seed */
    BC_STREAM_STRONG_VIEW = 0x76696577,       /* "view": likewise */
} bc_random_stream;

#endif
