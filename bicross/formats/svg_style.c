/* Colours of charts. Wong's palette for the first six, which people tell apart however they see colours. */
#include "bicross/formats/svg.h"

static const char *const light[BC_SVG_COLOURS] = {"#0072b2", "#d55e00", "#009e73", "#b8508f",
                                                  "#a87000", "#2a90c9", "#444444", "#7a4fae",
                                                  "#8c564b", "#128a99", "#80811a", "#7f7f7f"};
static const char *const dark[BC_SVG_COLOURS] = {"#4aa8e0", "#ff8a3d", "#2fd0a0", "#e39ac4",
                                                 "#f0b429", "#8fd3ff", "#d0d0d0", "#b99be6",
                                                 "#c99a8f", "#4cd3e0", "#d6d74a", "#a5a5a5"};

void bc_svg_style(FILE *out, bool is_dark) {
    fprintf(
        out,
        "svg text{font:12px system-ui,sans-serif;fill:%s}svg .title{font-size:14px;font-weight:600;fill:%s}"
        "svg .grid{stroke:%s;fill:none}svg .tick,svg .axis{stroke:%s;fill:none}svg "
        ".whisker{stroke:%s;fill:none}\n",
        is_dark ? "#c3cad1" : "#4a525a", is_dark ? "#f0f2f4" : "#1c2126", is_dark ? "#353c44" : "#e6e9ec",
        is_dark ? "#8f99a3" : "#6d767e", is_dark ? "#f0f2f4" : "#1c2126");
    if (!is_dark)
        fputs(
            "svg .line,svg .raw,svg .swatch{stroke:currentColor;fill:none;stroke-linejoin:round}svg "
            ".line{stroke-width:1.8}"
            "svg .raw{stroke-width:1;opacity:.3}svg .swatch{stroke-width:3}svg .dashed{stroke-dasharray:5 4}"
            "svg .dot,svg .bar{fill:currentColor}svg .whisker{stroke-width:1.6}\n",
            out);
    for (int i = 0; i < BC_SVG_COLOURS; i++)
        fprintf(out, ".c%d{color:%s}", i, is_dark ? dark[i] : light[i]);
    fputc('\n', out);
}
