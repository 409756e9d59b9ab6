/* Files that list the samples of a split, one a line: those of KITTI by Eigen et al., of NYUv2. */
#ifndef BC_BICROSS_DATA_LAYOUT_LIST_H
#define BC_BICROSS_DATA_LAYOUT_LIST_H

#include "bicross/data/path_pattern.h"

typedef struct bc_listed bc_listed;

/* Lines of the file that begin, in whole words, as one of the patterns says; others are passed over. BC_E_FORMAT: no line does. */
bc_status bc_listed_read(bc_error *err, const char *path, const char *patterns, bc_listed **out);
void bc_listed_release(bc_listed *listed);
int bc_listed_count(const bc_listed *listed);
/* Makes ready for bc_listed_find with samples that have such parts. */
void bc_listed_sort(bc_listed *listed, const bc_path_parts *sample);
/* Whether a line has the same values in all parts that it shares with these (numbers may differ in leading zeros); what else it says is
 * added to them. */
bool bc_listed_find(const bc_listed *listed, bc_path_parts *parts);

#endif
