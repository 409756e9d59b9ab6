/* The CLBlast provider of a program that was built without CLBlast: never chosen, and who asks for it is told when the device is opened. */
#include "host/gemm/internal.h"

bool bc_gemm_clblast_usable(bc_host *host) {
    (void)host;
    return false;
}

size_t bc_gemm_clblast_workspace(bc_host *host, const bc_gemm *g) {
    return bc_gemm_local_workspace(host, g);
}

bc_status bc_tape_gemm_clblast(bc_tape *tape, const bc_gemm *g, bc_buffer workspace) {
    (void)g;
    (void)workspace;
    return bc_fail(bc_host_error(bc_tape_host(tape)), BC_E_ARGUMENT,
                   "the program was built without CLBlast, which was to compute a product");
}
