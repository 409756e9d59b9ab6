/* CLBlast's parameters: given from the table of choices, and found by trying a short list. They are written with CLBlast's own
 * names: "GEMMK=0 KREG=1 KWG=16 ...". */
#include "host/gemm/clblast_parameters.h"

#include "host/base/clock.h"
#include "host/gemm/internal.h"

#include <clblast_c.h>
#include <stdio.h>
#include <string.h>

enum { MOST_SETS = 9, MOST_PARAMETERS = 16, SMALL = 16, LARGE = 1 << 14 };

/* Its two kernels of products, and the side of a cube from which on the one for large products is taken. Never GEMMK=1 with MWG
 * other than NWG: wrong results before CLBlast 1.6.3. */
static const struct {
    const char *kernel;
    int side;  /* of the product to measure with */
    int limit; /* of the routine meanwhile: all products are large, or none is */
    const char *sets[MOST_SETS];
} lists[] = {
    {"Xgemm",
     512,
     SMALL,
     {
         "GEMMK=0 KREG=1 KWG=16 KWI=2 MDIMA=8 MDIMC=8 MWG=64 NDIMB=8 NDIMC=8 NWG=64 SA=0 SB=0 STRM=0 STRN=0 "
         "VWM=4 VWN=4",
         "GEMMK=0 KREG=1 KWG=16 KWI=2 MDIMA=8 MDIMC=8 MWG=64 NDIMB=8 NDIMC=8 NWG=64 SA=1 SB=1 STRM=0 STRN=0 "
         "VWM=4 VWN=4",
         "GEMMK=0 KREG=1 KWG=32 KWI=2 MDIMA=16 MDIMC=16 MWG=128 NDIMB=8 NDIMC=8 NWG=64 SA=1 SB=1 STRM=0 "
         "STRN=0 VWM=4 VWN=4",
         "GEMMK=0 KREG=1 KWG=32 KWI=2 MDIMA=16 MDIMC=16 MWG=128 NDIMB=16 NDIMC=16 NWG=128 SA=1 SB=1 STRM=1 "
         "STRN=0 VWM=4 VWN=2",
         "GEMMK=1 KREG=4 KWG=1 KWI=1 MDIMA=16 MDIMC=16 MWG=64 NDIMB=16 NDIMC=16 NWG=64 SA=0 SB=0 STRM=0 "
         "STRN=0 VWM=4 VWN=4",
         "GEMMK=0 KREG=1 KWG=32 KWI=2 MDIMA=1 MDIMC=1 MWG=16 NDIMB=2 NDIMC=2 NWG=64 SA=0 SB=0 STRM=0 STRN=1 "
         "VWM=8 VWN=2",
         "GEMMK=0 KREG=1 KWG=8 KWI=1 MDIMA=2 MDIMC=2 MWG=16 NDIMB=2 NDIMC=2 NWG=128 SA=0 SB=0 STRM=1 STRN=1 "
         "VWM=8 VWN=1",
         "GEMMK=0 KREG=1 KWG=16 KWI=1 MDIMA=2 MDIMC=2 MWG=16 NDIMB=2 NDIMC=2 NWG=16 SA=0 SB=0 STRM=0 STRN=1 "
         "VWM=8 VWN=4",
     }},
    {"XgemmDirect",
     160,
     LARGE,
     {
         "KWID=2 MDIMAD=8 MDIMCD=8 NDIMBD=8 NDIMCD=8 PADA=1 PADB=1 VWMD=1 VWND=1 WGD=8",
         "KWID=2 MDIMAD=8 MDIMCD=8 NDIMBD=8 NDIMCD=8 PADA=1 PADB=1 VWMD=2 VWND=2 WGD=32",
         "KWID=2 MDIMAD=16 MDIMCD=16 NDIMBD=8 NDIMCD=8 PADA=1 PADB=1 VWMD=2 VWND=4 WGD=32",
         "KWID=2 MDIMAD=8 MDIMCD=8 NDIMBD=8 NDIMCD=8 PADA=1 PADB=1 VWMD=2 VWND=2 WGD=16",
     }},
    {"GemmRoutine",
     384,
     0,
     {
         "XGEMM_MIN_INDIRECT_SIZE=128",
         "XGEMM_MIN_INDIRECT_SIZE=512",
     }},
};
enum { LIST_COUNT = sizeof lists / sizeof lists[0] };

static void key_of(int list, char key[BC_TUNING_KEY]) {
    snprintf(key, BC_TUNING_KEY, "clblast %s", lists[list].kernel);
}

/* False: the text is no list of parameters, or CLBlast refuses it. */
static bool override(bc_host *host, int list, const char *text) {
    char names[MOST_PARAMETERS][32];
    const char *pointers[MOST_PARAMETERS];
    size_t values[MOST_PARAMETERS], gemmk = 0, mwg = 0, nwg = 0, count = 0;
    for (int used = 0; *text; text += used, count++) {
        if (count == MOST_PARAMETERS ||
            sscanf(text, " %31[A-Z_]=%zu %n", names[count], &values[count], &used) != 2)
            return false;
        pointers[count] = names[count];
        gemmk = strcmp(names[count], "GEMMK") ? gemmk : values[count];
        mwg = strcmp(names[count], "MWG") ? mwg : values[count];
        nwg = strcmp(names[count], "NWG") ? nwg : values[count];
    }
    if (gemmk == 1 && mwg != nwg)
        return false;
    return bc_clblast_use(host) &&
           CLBlastOverrideParameters(bc_host_device(host)->id, lists[list].kernel, CLBlastPrecisionSingle,
                                     count, pointers, values) == CLBlastSuccess;
}

void bc_clblast_apply(bc_host *host) {
    for (int i = 0; bc_host_tuning(host) && i < LIST_COUNT; i++) {
        char key[BC_TUNING_KEY];
        key_of(i, key);
        for (const char *text;
             (text = bc_tuning_find(bc_host_tuning(host), key)) && !override(host, i, text);)
            bc_tuning_skip(bc_host_tuning(host), key);
    }
}

bool bc_clblast_tuned(const bc_host *host) {
    char key[BC_TUNING_KEY];
    key_of(0, key);
    return bc_host_tuning(host) && bc_tuning_find(bc_host_tuning(host), key);
}

/* Seconds of one product with these parameters; 0 when they do not work. */
static double try_set(bc_host *host, int list, const char *set, bc_contest_result *result) {
    static const int routine = LIST_COUNT - 1;
    int side = lists[list].side;
    char limit[64];
    snprintf(limit, sizeof limit, "XGEMM_MIN_INDIRECT_SIZE=%d", lists[list].limit);
    if (!override(host, list, set) || (list != routine && !override(host, routine, limit)) ||
        !bc_gemm_clblast_test(host, side + 1, side - 3, side + 5))
        return 0;
    bc_gemm g = {.m = side,
                 .n = side,
                 .k = side,
                 .lda = side,
                 .ldb = side,
                 .ldc = side,
                 .outer = 1,
                 .inner = 1,
                 .alpha = 1};
    bc_gemm_contest contest;
    bc_gemm_contest_of(host, &g, &contest);
    bc_contest_run(host, &contest.contest, result);
    return result->seconds[BC_GEMM_LIBRARY];
}

static bc_status tune_list(bc_host *host, int list, bc_clblast_observer *observe, void *user) {
    const char *best = NULL;
    char key[BC_TUNING_KEY], note[64];
    double fastest = 0, own = 0, flops = 2.0 * lists[list].side * lists[list].side * lists[list].side;
    key_of(list, key);
    if (bc_tuning_find(bc_host_tuning(host), key))
        return BC_OK;
    for (int i = 0; i < MOST_SETS && lists[list].sets[i] && bc_seconds_now() < bc_tuning_deadline(host);
         i++) {
        bc_contest_result result = {0};
        double seconds = try_set(host, list, lists[list].sets[i], &result);
        if (observe && !observe(user, key, lists[list].sets[i], seconds > 0 ? 1e-9 * flops / seconds : 0))
            return bc_fail(bc_host_error(host), BC_E_INTERRUPTED,
                           "interrupted: what was measured so far is in the file");
        if (seconds > 0 && (!best || seconds < fastest)) {
            best = lists[list].sets[i];
            fastest = seconds;
            own = result.seconds[BC_GEMM_OWN];
        }
    }
    if (!best)
        return BC_OK;
    snprintf(note, sizeof note, "%.1f GFLOP/s, our own %.1f", 1e-9 * flops / fastest, 1e-9 * flops / own);
    bc_tuning_enter(host, key, best, note, true);
    return override(host, list, best)
               ? BC_OK
               : bc_fail(bc_host_error(host), BC_E_OPENCL, "CLBlast refuses %s now", best);
}

bc_status bc_clblast_tune(bc_host *host, bc_clblast_observer *observe, void *user) {
    for (int i = 0; i < LIST_COUNT; i++)
        BC_TRY(tune_list(host, i, observe, user));
    bc_clblast_forget_test(host);
    return BC_OK;
}
