/* What the files of the library share. */
#ifndef BC_LIBRARY_INTERNAL_H
#define BC_LIBRARY_INTERNAL_H

#include "host/open.h"
#include "library/bicross.h"

struct bicross_device {
    bc_error err; /* of the call that runs */
    bc_host *host;
};

/* Hands the caller what a call ended with. */
bicross_status bicross_finish(const bc_error *err, bc_status status, bicross_error *out);

#endif
