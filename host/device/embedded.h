/* Kernel sources embedded at build time (cmake/embed.cmake): no include path is needed at run time. */
#ifndef BC_HOST_DEVICE_EMBEDDED_H
#define BC_HOST_DEVICE_EMBEDDED_H

typedef struct bc_embedded_source {
    const char *name; /* "norm.cl"; a NULL name ends the table */
    const char *text;
} bc_embedded_source;

extern const bc_embedded_source bc_embedded_sources[];

#endif
