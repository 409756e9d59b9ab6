/* Comparing a run with a table of shares, and keeping it as one. */
#include "apps/bench/check.h"

#include "apps/common/app.h"
#include "host/base/file.h"
#include "host/base/path.h"
#include "host/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* --- the table --- */

static bool speaks(const bench *b, const bench_shares *shares) {
    char own[BC_TUNING_SECTION];
    bc_tuning_section(bc_host_device(b->host), own);
    return bc_tuning_speaks(shares->device, own);
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static int is_table(const struct dirent *entry) {
    return entry->d_name[0] != '.' && bc_path_ends(entry->d_name, ".txt");
}

/* c->path and c->before: this file of the folder. */
static bc_status read_in_folder(const bench *b, bench_check *c, const char *name) {
    if (snprintf(c->path, sizeof c->path, "%s/%s", c->check, name) >= (int)sizeof c->path)
        return bc_fail(b->err, BC_E_FILE, "the path %.100s.../%s is too long", c->check, name);
    bench_shares_release(&c->before);
    return bench_shares_read(b->err, c->path, &c->before);
}

static bc_status search_folder(const bench *b, bench_check *c) {
    struct dirent **entries = NULL;
    int count = scandir(c->check, &entries, is_table, alphasort);
    if (count < 0)
        return bc_fail(b->err, BC_E_FILE, "cannot read the folder %s: %s", c->check, strerror(errno));
    bc_status status = BC_OK;
    bool found = false;
    for (int i = 0; i < count && status == BC_OK && !found; i++) {
        status = read_in_folder(b, c, entries[i]->d_name);
        found = status == BC_OK && speaks(b, &c->before);
    }
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    if (status != BC_OK || found)
        return status;
    char own[BC_TUNING_SECTION];
    bc_tuning_section(bc_host_device(b->host), own);
    return bc_fail(b->err, BC_E_FILE,
                   "no table in %s speaks for '%s': bicross bench --keep %s/NAME.txt makes one", c->check,
                   own, c->check);
}

static bc_status open_compared(const bench *b, bench_check *c) {
    if (is_folder(c->check))
        return search_folder(b, c);
    snprintf(c->path, sizeof c->path, "%s", c->check);
    BC_TRY(bench_shares_read(b->err, c->check, &c->before));
    if (!speaks(b, &c->before)) {
        char device[2 * sizeof c->before.device];
        app_warn(APP_NORMAL,
                 "%s is of '%s', which is another device or driver: its shares say little of this one",
                 c->check, bc_text_shown(device, sizeof device, c->before.device));
    }
    return BC_OK;
}

static bc_status open_kept(const bench *b, bench_check *c) {
    bool exists;
    BC_TRY(bc_file_present(b->err, c->keep, &exists));
    if (!exists) {
        bc_tuning_section(bc_host_device(b->host), c->before.device);
        return BC_OK;
    }
    BC_TRY(bench_shares_read(b->err, c->keep, &c->before));
    if (!speaks(b, &c->before))
        return bc_fail(b->err, BC_E_ARGUMENT,
                       "%s is of '%s', which is another device or driver: keep this one's in another file",
                       c->keep, c->before.device);
    return BC_OK;
}

bc_status bench_check_open(bench *b, bench_check *c) {
    if (c->check)
        return open_compared(b, c);
    return c->keep ? open_kept(b, c) : BC_OK;
}

void bench_check_release(bench_check *c) {
    bench_shares_release(&c->before);
}

/* --- what was measured --- */

/* False: nothing is known that bounds it. */
static bool share_of(const bench *b, const bench_row *row, bench_share *out) {
    bool memory;
    double least = bench_least_seconds(b, row, &memory);
    *out = (bench_share){.share = least / row->seconds, .seconds = row->seconds};
    snprintf(out->name, sizeof out->name, "%s", row->name);
    return least > 0 && row->seconds > 0;
}

int bench_check_mark(bench *b, const bench_check *c) {
    int count = 0;
    for (int i = 0; i < b->row_count; i++) {
        bench_share now;
        bool known = share_of(b, &b->rows[i], &now);
        const bench_share *before = c->check && known ? bench_shares_find(&c->before, now.name) : NULL;
        b->rows[i].again = c->keep || (before && bench_share_fell(before, &now));
        count += b->rows[i].again;
    }
    return count;
}

/* Sorted. Release also after a failure. */
static bc_status collect(const bench *b, bench_shares *out) {
    *out = (bench_shares){0};
    for (int i = 0; i < b->row_count; i++) {
        bench_share share;
        if (share_of(b, &b->rows[i], &share))
            BC_TRY(bench_shares_add(b->err, out, &share));
    }
    bench_shares_sort(out);
    return BC_OK;
}

/* --- comparing --- */

static void print_case(const bench_compared *c) {
    if (c->change == BENCH_FELL)
        printf("fell: %.1f %%, was %.1f %% (%.3f ms, was %.3f ms): %s\n", 100 * c->now->share,
               100 * c->before->share, 1e3 * c->now->seconds, 1e3 * c->before->seconds, c->now->name);
    else if (c->change == BENCH_NEW)
        printf("new, not in the table: %s\n", c->now->name);
    else if (c->change == BENCH_MISSING) {
        fputs("missing, only in the table: ", stdout);
        app_shown(stdout, c->before->name, 0);
        putchar('\n');
    }
}

static bc_status report(const bench *b, const bench_check *c, const bench_compared *cases, int count) {
    int changes[BENCH_HELD + 1] = {0}, lower = 0;
    printf("compared with %s:\n", c->path);
    for (int i = 0; i < count; i++) {
        changes[cases[i].change]++;
        lower += cases[i].change == BENCH_HELD && bench_ceiling_fell(cases[i].before, cases[i].now);
        print_case(&cases[i]);
    }
    int steady = changes[BENCH_FELL] + changes[BENCH_HELD];
    printf("compared: %d; too short for that (under 0.1 ms): %d; new: %d; missing: %d\n", steady,
           changes[BENCH_SHORT], changes[BENCH_NEW], changes[BENCH_MISSING]);
    if (lower)
        printf(
            "for %d of them the device's ceiling is now more than 15 %% below the table's, which may hide a "
            "fall: measure again when nothing else runs\n",
            lower);
    fflush(stdout); /* the verdict comes last, also where it is a failure on stderr */
    if (changes[BENCH_FELL])
        return bc_fail(b->err, BC_E_OPENCL,
                       "%d of %d cases: the share of the ceiling fell by more than 15 %%",
                       changes[BENCH_FELL], steady);
    puts(steady ? "no share fell by more than 15 %" : "nothing was compared");
    return BC_OK;
}

static bc_status compare(const bench *b, const bench_check *c, const bench_shares *now) {
    bench_compared *cases;
    int count;
    BC_TRY(bench_compare(b->err, &c->before, now, &c->scope, &cases, &count));
    bc_status status = report(b, c, cases, count);
    free(cases);
    return status;
}

/* --- keeping --- */

static bc_status keep(const bench *b, const bench_check *c, bench_shares *now) {
    const bc_device_info *device = bc_host_device(b->host);
    char date[16], platform[300], notes[1024];
    time_t seconds = time(NULL);
    struct tm utc;
    strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&seconds, &utc));
    for (int i = 0; i < c->before.count; i++)
        if (!bench_scope_has(&c->scope, c->before.items[i].name))
            BC_TRY(bench_shares_add(b->err, now, &c->before.items[i]));
    bench_shares_sort(now);
    strcpy(now->device, c->before.device);
    snprintf(notes, sizeof notes,
             "Shares of the device's ceiling and times, written by `bicross bench --keep`;\n"
             "comments of one's own are lost when it is written again.\n"
             "Measured last on %s by bicross %s: %d compute units, %s\n"
             "ceilings: %.1f GFLOP/s, %.1f GB/s copied, %.1f GB/s read",
             date, BICROSS_VERSION, device->compute_units,
             bc_text_shown(platform, sizeof platform, device->platform_version), 1e-9 * b->ceiling.flops,
             1e-9 * b->ceiling.copied_bytes, 1e-9 * b->ceiling.read_bytes);
    BC_TRY(bench_shares_write(b->err, c->keep, now, notes));
    printf("kept in %s: %d shares\n", c->keep, now->count);
    return BC_OK;
}

bc_status bench_check_finish(bench *b, const bench_check *c) {
    bench_shares now;
    if (!c->check && !c->keep)
        return BC_OK;
    bc_status status = collect(b, &now);
    if (status == BC_OK)
        status = c->check ? compare(b, c, &now) : keep(b, c, &now);
    bench_shares_release(&now);
    return status;
}
