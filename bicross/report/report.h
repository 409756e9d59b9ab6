/* One self-contained HTML page for a run folder (of `demo` or of `train`): table, curves as inline SVG, pictures as data URLs,
 * device, versions, configuration. */
#ifndef BC_BICROSS_REPORT_REPORT_H
#define BC_BICROSS_REPORT_REPORT_H

#include "host/device/host.h"

/* Reads what is in the folder (results.json, table.txt, pictures/, every log.csv and config.ini below it, device.txt) and writes
 * folder/report.html. A part that is missing is left out with a word. */
bc_status bc_report_write(bc_error *err, const char *folder);
/* Writes folder/device.txt: device, driver, versions of the program and libraries. */
bc_status bc_report_device(bc_host *host, const char *folder);

#endif
