/* The results of `bicross bench` as files: JSON, and charts of growth as one SVG. */
#include "apps/bench/bench.h"
#include "apps/common/app.h"
#include "bicross/formats/svg.h"
#include "host/base/file.h"
#include "host/base/text.h"
#include "host/tuning/choices.h"

#include <stdlib.h>
#include <string.h>

static bc_status write_file(const bench *b, const char *path, bc_status (*print)(const bench *b, FILE *out)) {
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(b->err, path, &writer));
    bc_status status = print(b, writer.stream);
    if (status == BC_OK)
        return bc_file_writer_commit(b->err, &writer);
    bc_file_writer_abandon(&writer);
    return status;
}

/* --- JSON --- */

static void text_field(FILE *out, const char *name, const char *text) {
    if (!text)
        return;
    fprintf(out, ", \"%s\": ", name);
    bc_json_text(out, text);
}

static void number_field(FILE *out, const char *name, double value) {
    if (value > 0)
        fprintf(out, ", \"%s\": %.9g", name, value);
}

/* [n, h, w, c], or null for an input that is absent. */
static void print_shape(FILE *out, bc_shape s) {
    if (s.n)
        fprintf(out, "[%d, %d, %d, %d]", s.n, s.h, s.w, s.c);
    else
        fputs("null", out);
}

static void print_shapes(FILE *out, const bench_row *row) {
    if (row->input_count == 0)
        return;
    fputs(", \"inputs\": [", out);
    for (int i = 0; i < row->input_count; i++) {
        fputs(i ? ", " : "", out);
        print_shape(out, row->inputs[i]);
    }
    fputs("], \"output\": ", out);
    print_shape(out, row->output);
}

/* A bucket: [bytes, seconds until its values were there, until they were added up]. */
static void print_shared(FILE *out, const bench_row *row) {
    const bench_shared *s = &row->shared;
    if (s->ranks == 0)
        return;
    fprintf(
        out,
        ", \"ranks\": %d, \"pass_seconds\": %.9g, \"sum_seconds\": %.9g, \"hidden\": %.4g, \"buckets\": [",
        s->ranks, s->pass_seconds, s->sum_seconds, s->hidden);
    for (int i = 0; i < s->bucket_count; i++)
        fprintf(out, "%s[%zu, %.4f, %.4f]", i ? ", " : "", s->buckets[i].bytes, s->buckets[i].there,
                s->buckets[i].summed);
    fputc(']', out);
}

static void print_row(const bench *b, FILE *out, const bench_row *row) {
    bool memory;
    fputs("  {\"name\": ", out);
    bc_json_text(out, row->name);
    text_field(out, "kind", row->kind);
    text_field(out, "operation", row->operation);
    text_field(out, "pass", row->pass);
    print_shapes(out, row);
    number_field(out, "uses", row->uses);
    number_field(out, "flops", row->flops);
    number_field(out, "bytes", row->bytes);
    number_field(out, "repetitions", row->repetitions);
    number_field(out, "seconds", row->seconds);
    number_field(out, "least_seconds", bench_least_seconds(b, row, &memory));
    number_field(out, "bound_seconds", row->bound_seconds);
    number_field(out, "images", row->images);
    number_field(out, "plan_bytes", row->plan_bytes);
    number_field(out, "process_bytes", row->process_bytes);
    text_field(out, "axis", row->axis);
    text_field(out, "series", row->series);
    number_field(out, "at", row->at);
    print_shared(out, row);
    fputc('}', out);
}

static bc_status print_json(const bench *b, FILE *out) {
    fputs("{\"version\": \"" BICROSS_VERSION "\"", out);
    if (b->host) {
        const bc_device_info *device = bc_host_device(b->host);
        text_field(out, "device", device->name);
        text_field(out, "platform", device->platform_name);
        text_field(out, "driver", device->driver_version);
        char tuning[BC_TUNING_TEXT];
        bc_host_tuning_text(b->host, tuning);
        text_field(out, "tuning", tuning);
        number_field(out, "compute_units", device->compute_units);
        number_field(out, "ceiling_flops", b->ceiling.flops);
        number_field(out, "ceiling_copied_bytes", b->ceiling.copied_bytes);
        number_field(out, "ceiling_read_bytes", b->ceiling.read_bytes);
    }
    fputs(", \"results\": [", out);
    for (int i = 0; i < b->row_count; i++) {
        fputs(i ? ",\n" : "\n", out);
        print_row(b, out, &b->rows[i]);
    }
    fputs("\n]}\n", out);
    return BC_OK;
}

bc_status bench_write_json(const bench *b, const char *path) {
    return write_file(b, path, print_json);
}

/* --- charts --- */

enum { CHART_WIDTH = 480, CHART_HEIGHT = 340, MOST_LINES = 8 };

/* Seconds of a run, or GiB that the process took. */
static double quantity(const bench_row *row, bool memory) {
    return memory ? row->process_bytes / 1073741824 : row->seconds;
}

/* The rows of one axis and one series are consecutive, and ascend. */
static int take_lines(const bench *b, const char *axis, bool memory, bc_svg_line *lines, double *at,
                      double *values) {
    int count = 0;
    for (int i = 0; i < b->row_count; i++) {
        const bench_row *row = &b->rows[i];
        if (!row->axis || strcmp(row->axis, axis) != 0)
            continue;
        bc_svg_line *last = count > 0 ? &lines[count - 1] : NULL;
        if (!last || strcmp(last->label, row->series) != 0) {
            if (count == MOST_LINES)
                break;
            lines[count] = (bc_svg_line){
                .label = row->series, .colour = count, .x = at + i, .y = values + i, .points = true};
            last = &lines[count++];
        }
        at[i] = row->at;
        values[i] = quantity(row, memory);
        last->count++;
    }
    return count;
}

/* True when no earlier row has this row's axis. */
static bool is_new_axis(const bench *b, int index) {
    if (!b->rows[index].axis)
        return false;
    for (int i = 0; i < index; i++)
        if (b->rows[i].axis && strcmp(b->rows[i].axis, b->rows[index].axis) == 0)
            return false;
    return true;
}

static bc_status print_charts(const bench *b, FILE *out) {
    double *at = calloc((size_t)b->row_count + 1, sizeof *at);
    double *values = calloc((size_t)b->row_count + 1, sizeof *values);
    int row = 0, charts = 0;
    for (int i = 0; i < b->row_count; i++)
        charts += is_new_axis(b, i);
    fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\"><style>\n",
            2 * CHART_WIDTH, charts * CHART_HEIGHT);
    bc_svg_style(out, false);
    fputs("</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", out);
    for (int i = 0; at && values && i < b->row_count; i++) {
        if (!is_new_axis(b, i))
            continue;
        for (int memory = 0; memory < 2; memory++) {
            bc_svg_line lines[MOST_LINES];
            int count = take_lines(b, b->rows[i].axis, memory, lines, at, values);
            fprintf(out, "<g transform=\"translate(%d %d)\">", memory * CHART_WIDTH, row * CHART_HEIGHT);
            bc_svg_chart_write(out, &(bc_svg_chart){.title = memory ? "memory of the process, GiB"
                                                                    : "time of a run, seconds",
                                                    .x_title = b->rows[i].axis,
                                                    .logarithmic_x = true,
                                                    .logarithmic_y = true,
                                                    .line_count = count,
                                                    .lines = lines});
            fputs("</g>\n", out);
        }
        row++;
    }
    fputs("</svg>\n", out);
    bc_status status = at && values ? BC_OK : bc_fail(b->err, BC_E_MEMORY, "no memory for the charts");
    free(at);
    free(values);
    return status;
}

bc_status bench_write_svg(const bench *b, const char *path) {
    return write_file(b, path, print_charts);
}
