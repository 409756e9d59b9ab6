/* What `bicross --version` prints. */
#ifndef BC_APPS_COMMON_VERSION_H
#define BC_APPS_COMMON_VERSION_H

/* The version, and which of the libraries that the program can do without it was built with. */
void app_version_print(void);

#endif
