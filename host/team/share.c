#include "host/team/share.h"

#include <math.h>

static double wanted(int whole, int ranks, const double *speeds, int rank) {
    double sum = 0;
    for (int r = 0; r < ranks; r++)
        sum += speeds[r];
    return whole * speeds[rank] / sum;
}

/* Whose count is farthest below (sign 1) what is wanted, or farthest above it (-1) and not the last sample of its rank. */
static int farthest(int whole, int ranks, const double *speeds, const int *counts, int sign) {
    int best = -1;
    double most = -INFINITY;
    for (int r = 0; r < ranks; r++) {
        double lack = sign * (wanted(whole, ranks, speeds, r) - counts[r]);
        if (lack > most && (sign > 0 || counts[r] > 1)) {
            most = lack;
            best = r;
        }
    }
    return best;
}

bc_status bc_share_divide(bc_error *err, int whole, int ranks, const double *speeds, int *counts) {
    int left = whole;
    if (whole < ranks)
        return bc_fail(err, BC_E_ARGUMENT,
                       "a batch of %d has no sample for each of %d ranks: set batch to %d or more, or start "
                       "fewer ranks",
                       whole, ranks, ranks);
    for (int r = 0; r < ranks; r++) {
        counts[r] = (int)fmax(1, floor(wanted(whole, ranks, speeds, r)));
        left -= counts[r];
    }
    for (; left > 0; left--)
        counts[farthest(whole, ranks, speeds, counts, 1)]++;
    for (; left < 0; left++)
        counts[farthest(whole, ranks, speeds, counts, -1)]--;
    return BC_OK;
}

bc_share bc_share_of(bc_team *team, const int *counts) {
    bc_share share = {.team = team, .count = counts[bc_team_rank(team)], .counts = counts};
    for (int r = 0; r < bc_team_size(team); r++) {
        share.first += r < bc_team_rank(team) ? counts[r] : 0;
        share.whole += counts[r];
    }
    return share;
}
