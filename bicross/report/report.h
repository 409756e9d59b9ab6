/* One self-contained HTML page for run folders (of `demo`, `train` or `eval`): the verdict in words, tables, pictures as data URLs, what the
 * uncertainty is worth, curves as inline SVG, commands, device, configurations. */
#ifndef BC_BICROSS_REPORT_REPORT_H
#define BC_BICROSS_REPORT_REPORT_H

#include "host/device/host.h"

/* Reads what is in the folder (results.json, table.txt, pictures/, every log.csv and config.ini below it, history.txt, device.txt) and
 * writes folder/report.html. A part that is missing is left out with a word; results.json of earlier versions will do. The same files give
 * the same bytes. */
bc_status bc_report_write(bc_error *err, const char *folder);
/* One page of several folders. Results of one scenario with other seeds are brought together; scores of single networks stand in one table.
 * BC_E_ARGUMENT for a seed that two folders have. */
bc_status bc_report_write_of(bc_error *err, int count, const char *const *folders, const char *path);
/* Writes folder/device.txt: device, driver, versions of the program and libraries. */
bc_status bc_report_device(bc_host *host, const char *folder);

#endif
