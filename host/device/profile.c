/* Time per kernel from OpenCL events. Events are kept until many have gathered, so that profiling does not
 * wait after each kernel. */
#include "host/base/grow.h"
#include "host/device/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PENDING = 4096 };

bc_status bc_profile_row_of(bc_host *host, const char *source, const char *kernel, int *row) {
    bc_profile *p = &host->profile;
    bc_profile_row fresh = {0};
    snprintf(fresh.name, sizeof fresh.name, "%s%s%s", source ? source : "", source ? ":" : "", kernel);
    for (*row = 0; *row < p->count; (*row)++)
        if (strcmp(p->rows[*row].name, fresh.name) == 0)
            return BC_OK;
    if (!bc_grow((void **)&p->rows, p->count, &p->capacity, sizeof fresh))
        return bc_fail(host->err, BC_E_MEMORY, "no memory for the profile of %s", kernel);
    p->rows[p->count++] = fresh;
    return BC_OK;
}

void bc_profile_seconds(bc_host *host, int row, double seconds, double flops, double bytes) {
    bc_profile_row *r = &host->profile.rows[row];
    r->calls++;
    r->seconds += seconds;
    r->flops += flops;
    r->bytes += bytes;
}

/* Waits for the pending events, adds up their times and releases them. */
static bc_status drain(bc_host *host) {
    bc_profile *p = &host->profile;
    cl_int failure = clFinish(host->queue);
    for (int i = 0; i < p->pending_count; i++) {
        cl_ulong start = 0, end = 0;
        cl_event event = p->pending[i].event;
        cl_int code = clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof start, &start, NULL);
        if (code == CL_SUCCESS)
            code = clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL);
        if (code == CL_SUCCESS)
            p->rows[p->pending[i].row].seconds += 1e-9 * (double)(end - start);
        else if (failure == CL_SUCCESS)
            failure = code;
        clReleaseEvent(event);
    }
    p->pending_count = 0;
    if (failure != CL_SUCCESS)
        return bc_fail_cl(host, failure, "reading the times of kernels");
    return BC_OK;
}

bc_status bc_profile_event(bc_host *host, int row, cl_event event, double flops, double bytes) {
    bc_profile *p = &host->profile;
    bc_profile_seconds(host, row, 0, flops, bytes);
    if (!bc_grow((void **)&p->pending, p->pending_count, &p->pending_capacity, sizeof *p->pending)) {
        clReleaseEvent(event);
        return bc_fail(host->err, BC_E_MEMORY, "no memory for the profile");
    }
    p->pending[p->pending_count++] = (bc_pending_event){event, row};
    return p->pending_count >= MAX_PENDING ? drain(host) : BC_OK;
}

static int by_time(const void *left, const void *right) {
    const bc_profile_row *a = left, *b = right;
    return a->seconds < b->seconds ? 1 : a->seconds > b->seconds ? -1 : strcmp(a->name, b->name);
}

bc_status bc_profile_rows(bc_host *host, bc_profile_row **rows, int *count) {
    *rows = NULL;
    *count = 0;
    BC_TRY(drain(host));
    const bc_profile *p = &host->profile;
    *rows = calloc((size_t)p->count + 1, sizeof **rows);
    if (!*rows)
        return bc_fail(host->err, BC_E_MEMORY, "no memory for the profile");
    for (int i = 0; i < p->count; i++)
        if (p->rows[i].calls) /* a recorded step may not have run yet */
            (*rows)[(*count)++] = p->rows[i];
    qsort(*rows, (size_t)*count, sizeof **rows, by_time);
    return BC_OK;
}

/* Rows stay, because tapes refer to them by index; only their sums restart. */
void bc_profile_clear(bc_host *host) {
    bc_profile *p = &host->profile;
    for (int i = 0; i < p->pending_count; i++)
        clReleaseEvent(p->pending[i].event);
    p->pending_count = 0;
    for (int i = 0; i < p->count; i++) {
        bc_profile_row *r = &p->rows[i];
        r->calls = 0;
        r->seconds = r->flops = r->bytes = 0;
    }
}

void bc_profile_release(bc_host *host) {
    bc_profile_clear(host);
    free(host->profile.rows);
    free(host->profile.pending);
}

static void print_row(FILE *out, const char *name, long calls, double seconds, double flops, double bytes,
                      double total) {
    double rate = seconds > 0 ? 1e-9 / seconds : 0;
    fprintf(out, "%-44s %8ld %10.2f %9.1f %8.1f %6.1f%%\n", name, calls, 1e3 * seconds, flops * rate,
            bytes * rate, total > 0 ? 100 * seconds / total : 0);
}

bc_status bc_profile_table(bc_host *host, char **text) {
    bc_profile_row *rows;
    int count;
    size_t bytes;
    *text = NULL;
    BC_TRY(bc_profile_rows(host, &rows, &count));
    FILE *out = open_memstream(text, &bytes);
    if (!out) {
        free(rows);
        return bc_fail(host->err, BC_E_MEMORY, "no memory for the table of the profile");
    }
    bc_profile_row sum = {0};
    for (int i = 0; i < count; i++) {
        sum.calls += rows[i].calls;
        sum.seconds += rows[i].seconds;
        sum.flops += rows[i].flops;
        sum.bytes += rows[i].bytes;
    }
    fprintf(out, "%-44s %8s %10s %9s %8s %7s\n", "kernel", "calls", "ms", "GFLOP/s", "GB/s", "share");
    for (int i = 0; i < count; i++)
        print_row(out, rows[i].name, rows[i].calls, rows[i].seconds, rows[i].flops, rows[i].bytes,
                  sum.seconds);
    print_row(out, "all", sum.calls, sum.seconds, sum.flops, sum.bytes, sum.seconds);
    free(rows);
    if (fclose(out) != 0) {
        free(*text);
        *text = NULL;
        return bc_fail(host->err, BC_E_MEMORY, "no memory for the table of the profile");
    }
    return BC_OK;
}

bool bc_profile_switch(bc_host *host, bool on) {
    bool before = host->profiling;
    host->profiling = on;
    return before;
}
