/* bicross data: what a configuration finds, before anything is trained on it. */
#include "apps/common/app.h"
#include "apps/sheet.h"
#include "bicross/data/layout.h"
#include "bicross/train/sources.h"
#include "host/base/clock.h"

#include <math.h>
#include <string.h>

enum { LOOKED_AT = 8 }; /* samples of a set, evenly spread */

typedef struct arguments {
    app_common common;
    const char *config, *sheet;
    bool kinds;
    int read;
} arguments;

/* --- the kinds there are --- */

static void print_kind(const bc_layout *layout) {
    printf("%-14s %s; depth PNG %g units a metre, crop ", layout->word, layout->title,
           (double)layout->depth_scale);
    if (layout->crop_height)
        printf("%d x %d", layout->crop_width, layout->crop_height);
    else
        printf("none");
    printf(layout->variants ? "; variants %s\n" : "\n", layout->variants);
    for (int i = 0; i < layout->form_count; i++) {
        const bc_layout_split *split = &layout->forms[i].train;
        const char *const patterns[] = {split->pictures, split->spikes, split->depth};
        printf("    %s:", layout->forms[i].whose);
        for (size_t k = 0; k < sizeof patterns / sizeof *patterns; k++)
            if (patterns[k])
                printf(" %.*s", (int)strcspn(patterns[k], ";"), patterns[k]);
        putchar('\n');
    }
}

/* --- what is found --- */

typedef struct findings {
    double rate, labelled; /* means over the samples looked at */
    float nearest, farthest;
    int looked_at;
} findings;

static void look_at(const bc_sample *s, findings *f) {
    size_t pixels = (size_t)s->height * (size_t)s->width, labelled = 0;
    for (size_t i = 0; s->depth && i < pixels; i++)
        if (s->depth[i] > 0) {
            labelled++;
            f->nearest = fminf(f->nearest, s->depth[i]);
            f->farthest = fmaxf(f->farthest, s->depth[i]);
        }
    bc_spike_stream stream = bc_sample_stream(s);
    f->rate += s->spikes ? bc_spikes_rate(&stream) : 0;
    f->labelled += (double)labelled / (double)pixels;
    f->looked_at++;
}

static void print_findings(const bc_dataset *set, const findings *f, const char *first, const char *last) {
    printf("  %d sample%s, the first of %d x %d (width x height)", set->count, set->count == 1 ? "" : "s",
           set->width, set->height);
    if (set->crop_height)
        printf(", of which the bottom centre %d x %d is seen", set->crop_width, set->crop_height);
    printf("\n  %s to %s\n  in %d of them:%s", first, last, f->looked_at, set->has_rgb ? " rgb" : "");
    if (set->has_spikes)
        printf("%s spikes at a rate of %.4f", set->has_rgb ? "," : "", f->rate / f->looked_at);
    if (set->has_depth && f->farthest > 0)
        printf(", depth of %.2f to %.1f m on %.1f %% of the pixels", (double)f->nearest, (double)f->farthest,
               100 * f->labelled / f->looked_at);
    else if (set->has_depth)
        printf(", depth files without any value");
    printf("\n");
    if (set->spikes_note[0])
        printf("  %s\n", set->spikes_note);
}

/* Where a sheet is wanted. */
static bc_status draw(app_sheet *sheet, bc_error *err, const char *role, float dmax,
                      const bc_sample *sample) {
    char caption[APP_CAPTION];
    snprintf(caption, sizeof caption, "%s %.128s", role, sample->name);
    app_sheet_row row = {
        .caption = caption, .sample = sample, .depth = sample->depth, .range = bc_depth_range_for(dmax)};
    return sheet ? app_sheet_add(sheet, err, &row) : BC_OK;
}

/* --- how fast it is read --- */

/* All samples of a set, again and again. */
typedef struct rounds {
    int at, count;
} rounds;

static int next_of_rounds(void *user) {
    rounds *r = user;
    return r->at++ % r->count;
}

/* As a stage of training reads them, from files each time. */
static bc_status read_samples(bc_error *err, bc_dataset *set, int count) {
    rounds ahead = {0, set->count}, now = ahead;
    bc_status status = bc_dataset_read_ahead(set, err, (bc_read_plan){next_of_rounds, &ahead});
    for (int i = 0; i < count && status == BC_OK; i++) {
        const bc_sample *sample;
        status = bc_dataset_get(set, err, next_of_rounds(&now), &sample);
        bc_dataset_forget(set);
    }
    bc_dataset_end_plan(set);
    return status;
}

static bc_status print_speed(bc_error *err, bc_dataset *set, int count) {
    bc_dataset_forget(set);
    double started = bc_seconds_now();
    BC_TRY(read_samples(err, set, count));
    double spent = bc_seconds_now() - started;
    int threads = set->read ? set->threads : 0;
    printf("  %d samples read in %.2f s, %.1f a second, with %d thread%s that read%s ahead\n", count, spent,
           count / spent, threads, threads == 1 ? "" : "s", threads == 1 ? "s" : "");
    return BC_OK;
}

/* --- all of it --- */

static bc_status look_at_set(bc_error *err, bc_dataset *set, const char *role, float dmax, app_sheet *sheet) {
    int count = set->count < LOOKED_AT ? set->count : LOOKED_AT;
    findings f = {.nearest = INFINITY};
    char first[sizeof((bc_sample *)0)->name] = "", last[sizeof first] = "";
    for (int i = 0; i < count; i++) {
        const bc_sample *sample;
        int index = count > 1 ? (int)((long)i * (set->count - 1) / (count - 1)) : 0;
        BC_TRY(bc_dataset_get(set, err, index, &sample));
        memcpy(i == 0 ? first : last, sample->name, sizeof first);
        look_at(sample, &f);
        if (i == 0 || i + 1 == count)
            BC_TRY(draw(sheet, err, role, dmax, sample));
    }
    print_findings(set, &f, first, count > 1 ? last : first);
    return BC_OK;
}

static bc_status look_at_role(bc_host *host, const bc_config *c, bc_source_role role, const char *name,
                              const char *said, int read, app_sheet *sheet) {
    bc_dataset *set;
    if (c->kind == BC_DATA_FOLDER && !said[0])
        return BC_OK;
    bc_status status = bc_source_open(host, c, role, &set);
    if (status == BC_OK && !set)
        return BC_OK;
    printf("%s: %s\n", name, status == BC_OK ? set->name : said);
    if (status == BC_OK) {
        status = look_at_set(bc_host_error(host), set, name, c->dmax, sheet);
        if (status == BC_OK && read > 0)
            status = print_speed(bc_host_error(host), set, read);
        bc_dataset_release(set);
    }
    return status;
}

static bc_status look_at_all(bc_host *host, const bc_config *c, int read, app_sheet *sheet) {
    const struct {
        bc_source_role role;
        const char *name, *said;
    } roles[] = {{BC_ROLE_SOURCE, "source", c->source},
                 {BC_ROLE_VALIDATION, "validation", c->validation},
                 {BC_ROLE_TARGET, "target", c->target},
                 {BC_ROLE_TEST, "test", c->test}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        BC_TRY(look_at_role(host, c, roles[i].role, roles[i].name, roles[i].said, read, sheet));
    return BC_OK;
}

static bc_status show(bc_error *err, const arguments *a) {
    bc_config config;
    bc_host *host;
    app_sheet sheet = {.count = 0};
    if (!a->config)
        return bc_fail(err, BC_E_ARGUMENT, "expected a configuration, or --kinds");
    BC_TRY(app_config(err, &a->common, a->config, false, &config));
    BC_TRY(app_host(err, &a->common, &config, false, &host));
    bc_status status = look_at_all(host, &config, a->read, a->sheet ? &sheet : NULL);
    if (status == BC_OK && a->sheet) {
        status = app_sheet_write(&sheet, bc_host_error(host), a->sheet);
        if (status == BC_OK)
            printf("wrote %s: the first and the last sample of each\n", a->sheet);
    }
    app_sheet_release(&sheet);
    app_host_close(&a->common, host);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS};
    const app_option options[] = {
        APP_GROUP("What is looked at"),
        {NULL, APP_TEXT, &a.config, "CONFIG", "INI file that names the data", false, 0, 0},
        {"sheet", APP_PICTURE, &a.sheet, "FILE",
         "picture with the first and the last sample of each set:", false, 0, 0},
        {"read", APP_INT, &a.read, "N", "also read N samples of each set, as training does, and say how fast",
         false, 1, 1 << 24},
        {"kinds", APP_FLAG, &a.kinds, NULL,
         "list the data sets that are known as they are published, and their files", false, 0, 0},
        APP_GROUP("General"),
        APP_SET_OPTION(a.common),
        APP_SEED_OPTION(a.common),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_data, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    for (int i = 0; a.kinds && i < bc_layout_count; i++)
        print_kind(&bc_layouts[i]);
    return app_exit(&err, a.kinds ? BC_OK : show(&err, &a));
}

const app_command app_data = {
    "data", "Show what a configuration finds: counts, sizes, labels, spike rates, pictures.",
    "bicross data own.ini --sheet data.png", run};
