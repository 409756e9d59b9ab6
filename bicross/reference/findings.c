/* Findings: summing them up, and what follows from them. */
#include "bicross/reference/findings.h"

#include <string.h>

void bc_finding_note(bc_finding *finding, const char *label, const bc_check *check) {
    finding->checks = 1;
    finding->wrong = check->fault[0] != 0;
    finding->output = check->output;
    finding->output_allowed = check->output_allowed;
    finding->gradient = check->gradient;
    finding->gradient_allowed = check->gradient_allowed;
    if (finding->wrong)
        snprintf(finding->fault, sizeof finding->fault, "%.60s: %.130s", label, check->fault);
}

static bc_finding *find(bc_findings *findings, const bc_finding *like) {
    for (int i = 0; i < findings->count; i++) {
        bc_finding *f = &findings->items[i];
        if (strcmp(f->kernels, like->kernels) == 0 && strcmp(f->operation, like->operation) == 0 &&
            strcmp(f->way, like->way) == 0)
            return f;
    }
    return NULL;
}

/* Keeps the difference that is larger for what was allowed. */
static void worse(double *difference, double *allowed, double other, double other_allowed) {
    if (*allowed > 0 && other * *allowed <= *difference * other_allowed)
        return;
    *difference = other;
    *allowed = other_allowed;
}

bc_status bc_findings_add(bc_error *err, bc_findings *findings, const bc_finding *more) {
    bc_finding *known = find(findings, more);
    if (!known && findings->count == BC_MOST_FINDINGS)
        return bc_fail(err, BC_E_MEMORY, "more than %d ways to compute were checked", BC_MOST_FINDINGS);
    if (!known) {
        findings->items[findings->count++] = *more;
        return BC_OK;
    }
    if (!known->wrong)
        memcpy(known->fault, more->fault, sizeof known->fault);
    known->checks += more->checks;
    known->wrong += more->wrong;
    known->seconds += more->seconds;
    worse(&known->output, &known->output_allowed, more->output, more->output_allowed);
    worse(&known->gradient, &known->gradient_allowed, more->gradient, more->gradient_allowed);
    return BC_OK;
}

static bool has_kind(const bc_finding *f) {
    return strcmp(f->kind, "-") != 0;
}

const char *bc_finding_name(const bc_finding *f, char text[64]) {
    if (has_kind(f))
        snprintf(text, 64, "%s %s", f->operation, f->way);
    else
        snprintf(text, 64, "%s", f->operation);
    return text;
}

const char *bc_finding_why(const bc_finding *f, char text[BC_FINDING_TEXT]) {
    bool output = f->output > f->output_allowed, gradient = f->gradient > f->gradient_allowed;
    if (output || gradient)
        snprintf(text, BC_FINDING_TEXT, "error%s %.2g where %.2g is allowed", output ? "" : " of a gradient",
                 output ? f->output : f->gradient, output ? f->output_allowed : f->gradient_allowed);
    else
        snprintf(text, BC_FINDING_TEXT, "%s", f->fault);
    return text;
}

/* Something else of the family computes it. */
static bool can_be_left_out(const bc_finding *f) {
    return has_kind(f) && !bc_way_is_portable(f->way);
}

static const bc_finding *first_wrong(const bc_findings *findings, const char *kernels) {
    for (int i = 0; i < findings->count; i++) {
        const bc_finding *f = &findings->items[i];
        if (strcmp(f->kernels, kernels) == 0 && f->wrong && !can_be_left_out(f))
            return f;
    }
    return NULL;
}

static bool was_checked(const bc_findings *findings, const char *kernels) {
    for (int i = 0; i < findings->count; i++)
        if (strcmp(findings->items[i].kernels, kernels) == 0)
            return true;
    return false;
}

const bc_finding *bc_findings_judge(const bc_findings *findings, const char *own, bool fixed,
                                    bc_left_out *left_out) {
    const char *taken = own, *other = strcmp(own, "cpu") == 0 ? "gpu" : "cpu";
    if (first_wrong(findings, own) && !fixed && was_checked(findings, other) &&
        !first_wrong(findings, other)) {
        bc_leave_out(left_out, BC_KERNELS_KIND, own);
        taken = other;
    }
    for (int i = 0; i < findings->count; i++) {
        const bc_finding *f = &findings->items[i];
        if (strcmp(f->kernels, taken) == 0 && f->wrong && can_be_left_out(f))
            bc_leave_out(left_out, f->kind, f->way);
    }
    return first_wrong(findings, taken);
}

const bc_finding *bc_findings_reason(const bc_findings *findings, const char *kind, const char *way) {
    if (strcmp(kind, BC_KERNELS_KIND) == 0)
        return first_wrong(findings, way);
    for (int i = 0; i < findings->count; i++) {
        const bc_finding *f = &findings->items[i];
        if (f->wrong && strcmp(f->kind, kind) == 0 && strcmp(f->way, way) == 0)
            return f;
    }
    return NULL;
}
