/* The files of one kind in a folder, in the order of the numbers in their stems (bc_path_order). The stem, the name without its
 * ending, ties RGB, spikes and depth together. */
#ifndef BC_BICROSS_DATA_FOLDER_LIST_H
#define BC_BICROSS_DATA_FOLDER_LIST_H

#include "bicross/formats/kind.h"

typedef struct bc_folder_file {
    char *path;
    const char *stem; /* in the same memory, after path */
    size_t stem_length;
} bc_folder_file;

typedef struct bc_folder_list {
    char *folder; /* NULL: there is no such folder */
    bc_folder_file *files;
    int count, capacity;
} bc_folder_list;

/* Lists PATH/NAME, with files of one kind; other and hidden files are passed over. An absent folder gives an empty list with folder
 * NULL. A folder without such files, or with two files of one stem, is an error. */
bc_status bc_folder_list_read(bc_error *err, const char *path, const char *name, const bc_kind *kind,
                              bc_folder_list *out);
/* The same with all folders in it. Stems are paths below it without what only says the kind of file, so that those of one sample agree:
 * Scene01/rgb/rgb_00012.jpg and Scene01/depth/depth_00012.png are both Scene01/00012. */
bc_status bc_folder_tree_read(bc_error *err, const char *path, const char *name, const bc_kind *kind,
                              bc_folder_list *out);
/* Lists made by hand: begin, add files NAME below the folder whose stems are STEM without its ending, sort. */
bc_status bc_folder_list_begin(bc_error *err, const char *folder, bc_folder_list *out);
bc_status bc_folder_list_add(bc_error *err, bc_folder_list *list, const char *name, const char *stem);
void bc_folder_list_sort(bc_folder_list *list);
void bc_folder_list_release(bc_folder_list *list);
/* Negative, zero or positive as the stem of `a` sorts before, with or after that of `b`. */
int bc_folder_compare(const bc_folder_file *a, const bc_folder_file *b);

#endif
