/* The pictures of the folders. A click, or Enter, shows one at its full size; no script is needed for that. */
#include "bicross/report/report_internal.h"

#include "bicross/formats/html.h"
#include "bicross/formats/image.h"
#include "host/base/path.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { CAPTION = 640 };

static int visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static int by_number(const struct dirent **a, const struct dirent **b) {
    return bc_path_order((*a)->d_name, strlen((*a)->d_name), (*b)->d_name, strlen((*b)->d_name));
}

/* "target-1.png" is "target 1"; of several folders with the folder's name. */
static void caption(const bc_report *r, const bc_report_folder *f, const char *name, char text[CAPTION]) {
    int stem = (int)(bc_path_ending(name) - name);
    const char *folder = r->count > 1 ? f->name : "";
    snprintf(text, CAPTION, "%s%s%.*s", folder, *folder ? ": " : "",
             stem < BC_REPORT_NAME ? stem : BC_REPORT_NAME, name);
    for (char *c = text; *c; c++)
        if (*c == '-' || *c == '_')
            *c = ' ';
}

static void figure(bc_report *r, int number, const char *words, const uint8_t *png, size_t bytes) {
    fprintf(r->out,
            "<figure id=\"picture-%d\"><a class=\"close\" href=\"#pictures\">Close</a><a class=\"zoom\" "
            "href=\"#picture-%d\"><img alt=\"",
            number, number);
    bc_html_text(r->out, words);
    fputs(": labelled panels of the input, depth in metres, ground truth, relative error and predicted "
          "uncertainty, as far as they are known, each "
          "with its scale of colours. Opens at full size.\" src=\"data:image/png;base64,",
          r->out);
    bc_base64(r->out, png, bytes);
    fputs("\"></a><figcaption>", r->out);
    bc_html_text(r->out, words);
    fputs("</figcaption></figure>\n", r->out);
}

static bc_status show(bc_report *r, const bc_report_folder *f, const char *name, int number) {
    char file[BC_REPORT_PATH], path[BC_REPORT_PATH], words[CAPTION];
    uint8_t *png;
    size_t bytes;
    BC_TRY(bc_report_path(r->err, "pictures", name, file));
    BC_TRY(bc_report_path(r->err, f->path, file, path));
    BC_TRY(bc_file_read(r->err, path, &png, &bytes));
    caption(r, f, name, words);
    figure(r, number, words, png, bytes);
    free(png);
    return BC_OK;
}

static bc_status show_folder(bc_report *r, const bc_report_folder *f, int *shown) {
    char path[BC_REPORT_PATH];
    struct dirent **entries = NULL;
    BC_TRY(bc_report_path(r->err, f->path, "pictures", path));
    int count = scandir(path, &entries, visible, by_number);
    bc_status status = BC_OK;
    for (int i = 0; i < count; i++) {
        if (status == BC_OK && bc_kind_find(&bc_image_kind, entries[i]->d_name))
            status = show(r, f, entries[i]->d_name, ++*shown);
        free(entries[i]);
    }
    free(entries);
    return status;
}

bc_status bc_report_pictures(bc_report *r) {
    int shown = 0;
    fputs("<div class=\"pictures\">\n", r->out);
    for (int i = 0; i < r->count; i++)
        BC_TRY(show_folder(r, &r->folders[i], &shown));
    fputs("</div>\n", r->out);
    bc_report_note(r, shown ? "Images of the test set, evenly spread. Grey lies outside the crop that was "
                              "learned from and is "
                              "scored; black has no label. Choose a picture to see it at full size."
                            : "There are no pictures in this folder.");
    return BC_OK;
}
