#include "host/team/launcher.h"

#include <stdlib.h>

/* Open MPI's mpirun, MPICH's and Intel's (Hydra), MVAPICH's, Slurm's srun with PMIx. srun alone sets SLURM_NTASKS also for a batch script, in
 * which nobody was started together: only its step's tasks count. */
int bc_launched_size(void) {
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE",
                                        "SLURM_STEP_NUM_TASKS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = getenv(names[i]);
        int size = text ? atoi(text) : 0;
        if (size > 0)
            return size;
    }
    return 1;
}
