/* Statuses and the one message that goes with a failure.
 *
 * A function that can fail returns a bc_status. The message is recorded once, where the failure happened, in the
 * bc_error that the function was given (directly, or as the one its bc_host carries); callers only pass the status on.
 * Nothing below apps/ prints or exits. */
#ifndef BC_HOST_BASE_STATUS_H
#define BC_HOST_BASE_STATUS_H

typedef enum bc_status {
    BC_OK = 0,
    BC_E_ARGUMENT,    /* a caller's mistake: unknown key, impossible shape, value out of range */
    BC_E_FILE,        /* a file is missing, unreadable or cannot be written */
    BC_E_FORMAT,      /* a file was read but is not what it should be */
    BC_E_MEMORY,      /* host or device memory does not suffice */
    BC_E_DEVICE,      /* no OpenCL device, or none that fits */
    BC_E_OPENCL,      /* an OpenCL or CLBlast call failed */
    BC_E_NUMERIC,     /* NaN or infinity where a number is needed */
    BC_E_INTERRUPTED, /* the user asked to stop; state was saved */
} bc_status;

enum { BC_ERROR_TEXT = 1024 };

typedef struct bc_error {
    bc_status status;
    char text[BC_ERROR_TEXT]; /* one sentence: what failed, what was expected, what was found, a hint */
} bc_error;

/* Records the message (printf format) and returns `status`, so that `return bc_fail(...)` reads as one step.
 * The first failure wins: a message already recorded is kept until bc_error_clear. `err` may be NULL. What a terminal must not
 * be given (names from files may hold it) is recorded as \xNN (host/base/text.h). */
bc_status bc_fail(bc_error *err, bc_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void bc_error_clear(bc_error *err);

/* Returns the status of a failing call from the calling function. Where there is something to release first, write
 * `if ((status = call) != BC_OK) goto done;` instead. */
#define BC_TRY(call)                                                                                         \
    do {                                                                                                     \
        bc_status bc_try_status_ = (call);                                                                   \
        if (bc_try_status_ != BC_OK)                                                                         \
            return bc_try_status_;                                                                           \
    } while (0)

#endif
