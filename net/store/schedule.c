/* Learning-rate schedules. */
#include "net/store/optimiser.h"

#include <math.h>

void bc_plateau_init(bc_plateau *p) {
    *p = (bc_plateau){.best = INFINITY, .patience = 10, .factor = 0.1f, .threshold = 1e-4f, .scale = 1.0f};
}

void bc_plateau_step(bc_plateau *p, float metric) {
    if (metric < p->best * (1.0f - p->threshold)) {
        p->best = metric;
        p->bad_epochs = 0;
    } else {
        p->bad_epochs++;
    }
    if (p->bad_epochs > p->patience) {
        p->scale *= p->factor;
        p->bad_epochs = 0;
    }
}

float bc_cosine_scale(long step, long warm, long total) {
    if (step < warm)
        return (float)(step + 1) / (float)warm;
    if (step >= total)
        return 0.0f;
    return (float)(0.5 * (1 + cos(M_PI * (double)(step - warm) / (double)(total - warm))));
}
