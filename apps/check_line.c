/* The lines, and the child's side of them. */
#include "apps/check_line.h"

#include "apps/check_device.h"
#include "apps/common/interrupt.h"
#include "bicross/reference/selftest.h"
#include "host/open.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static const char *const words[] = {[CHECK_BEGINS] = "begins", [CHECK_ENDS] = "ends", [CHECK_DONE] = "done"};

bool check_line_send(const check_line *line) {
    printf("%s\t%d\t", words[line->kind], line->number);
    bc_finding_print(stdout, &line->finding);
    return fflush(stdout) == 0;
}

bool check_line_parse(char *text, check_line *out) {
    const char *word = strsep(&text, "\t"), *number = strsep(&text, "\t");
    *out = (check_line){0};
    if (!text)
        return false;
    for (int i = 0; i < 3; i++)
        if (strcmp(word, words[i]) == 0)
            out->kind = i;
    out->number = atoi(number);
    return strcmp(word, words[out->kind]) == 0 && bc_finding_parse(text, &out->finding);
}

static bool tell_begin(void *user, int number, const bc_finding *about) {
    (void)user;
    return check_line_send(&(check_line){CHECK_BEGINS, number, *about}) && !app_interrupted();
}

static bool tell_end(void *user, int number, const bc_finding *found) {
    (void)user;
    return check_line_send(&(check_line){CHECK_ENDS, number, *found}) && !app_interrupted();
}

static const bc_finding nothing = {.kernels = "-", .operation = "-", .kind = "-", .way = "-"};

bc_status app_check_as_child(bc_error *err, const char *device, bool whole, int from, const char *const *skip,
                             int skip_count) {
    bc_host *host;
    bc_selftest job = {.whole = whole,
                       .from = from,
                       .skip = skip,
                       .skip_count = skip_count,
                       .begin = tell_begin,
                       .end = tell_end};
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a kernel that hangs would outlive the parent */
    BC_TRY(bc_host_open(&(bc_host_options){.device = device}, err, &host));
    bc_status status = bc_selftest_run(host, &job);
    if (status == BC_OK)
        check_line_send(&(check_line){CHECK_DONE, 0, nothing});
    bc_host_close(host);
    return status;
}
