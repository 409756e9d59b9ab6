/* One's own data set: a folder with rgb/ (or image_02/), spikes/ and depth/. */
#ifndef BC_BICROSS_DATA_FOLDER_H
#define BC_BICROSS_DATA_FOLDER_H

#include "bicross/data/file_set.h"

/* Files of equal stems below rgb/ (or image_02/), spikes/ and depth/, in the order of the numbers in them (bc_path_order), in folders
 * of their own or not (bc_folder_tree_read). rgb/ or spikes/ must exist. A stem that is missing in one of the folders is an error that
 * names it. `host` is needed to simulate; which frames follow each other is told by their
 * names (bicross/data/sequence.h). */
bc_status bc_folder_open(bc_host *host, const char *path, const bc_file_set_options *options,
                         bc_dataset **out);

#endif
