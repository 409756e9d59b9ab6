/* Ways to compute that are not taken on a device, because they were seen to fail there (`bicross selftest`), and what may stand in for
 * them.
 *
 * A way has a kind and a word: "conv" and "gemm" with the words of tuning.h, "attention" with "tiled" and "plain", and "kernels" with
 * "cpu" and "gpu", the two families as a whole. Each kind has a portable way, which is never left out but with its family. */
#ifndef BC_HOST_TUNING_LEFT_OUT_H
#define BC_HOST_TUNING_LEFT_OUT_H

#include <stdbool.h>

#define BC_KERNELS_KIND "kernels"
enum { BC_MOST_LEFT_OUT = 32 };

typedef struct bc_left_out {
    struct {
        char kind[16], way[24];
    } items[BC_MOST_LEFT_OUT];
    int count;
} bc_left_out;

/* Nothing else of its family can stand in for it. */
bool bc_way_is_portable(const char *way);
/* Adds a way that is not there yet. A list that is full stays as it is: there are fewer ways. */
void bc_leave_out(bc_left_out *list, const char *kind, const char *way);
/* NULL is an empty list. */
bool bc_is_left_out(const bc_left_out *list, const char *kind, const char *way);

#endif
