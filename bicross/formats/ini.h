/* INI files through iniparser, which must not print. */
#ifndef BC_BICROSS_FORMATS_INI_H
#define BC_BICROSS_FORMATS_INI_H

#include "host/base/file.h"

#include <iniparser.h>

/* BC_E_FILE where it cannot be read; BC_E_FORMAT names the first line that is no comment, section or assignment. The dictionary is
 * the caller's (iniparser_freedict). */
bc_status bc_ini_read(bc_error *err, const char *path, dictionary **out);

#endif
