/* What a run ran on. */
#include "bicross/report/report.h"
#include "bicross/report/report_internal.h"

#include "host/tuning/choices.h"

#include <png.h>
#include <sys/utsname.h>

bc_status bc_report_device(bc_host *host, const char *folder) {
    bc_error *err = bc_host_error(host);
    const bc_device_info *d = bc_host_device(host);
    char path[BC_REPORT_PATH];
    struct utsname system;
    BC_TRY(bc_report_path(err, folder, "device.txt", path));
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(err, path, &writer));
    fprintf(writer.stream, "device      %s (%s)\n", d->name, d->kind == BC_CLASS_GPU ? "GPU" : "CPU");
    fprintf(writer.stream, "vendor      %s\n", d->vendor);
    fprintf(writer.stream, "platform    %s, %s\n", d->platform_name, d->platform_version);
    fprintf(writer.stream, "driver      %s\n", d->driver_version);
    fprintf(writer.stream, "units       %d compute units, %.1f GiB memory\n", d->compute_units,
            (double)d->global_bytes / (1024.0 * 1024 * 1024));
    if (uname(&system) == 0)
        fprintf(writer.stream, "system      %s %s, %s\n", system.sysname, system.release, system.machine);
    char tuning[BC_TUNING_TEXT];
    bc_host_tuning_text(host, tuning);
    fprintf(writer.stream, "tuning      %s\n", tuning);
    fprintf(writer.stream, "bicross     %s, compiler %s, libpng %s\n", BICROSS_VERSION, __VERSION__,
            PNG_LIBPNG_VER_STRING);
    return bc_file_writer_commit(err, &writer);
}
