/* The style sheet of the page: light or dark as the reader has it, from 500 to 1600 pixels wide. */
#include "bicross/report/report_internal.h"

#include "bicross/formats/svg.h"

static const char layout[] =
    "*{box-sizing:border-box}body{font:16px/1.5 "
    "system-ui,sans-serif;color:var(--ink);background:var(--back);margin:0}"
    "header,nav,main,footer{max-width:1560px;margin:0 auto;padding:0 clamp(14px,2.5vw,36px)}"
    "header{padding-top:22px}main{padding-bottom:30px}h1{font-size:26px;line-height:1.25;margin:0 0 4px}"
    "h2{font-size:21px;margin:38px 0 10px;border-bottom:1px solid var(--edge);padding-bottom:4px}"
    "h3{font-size:17px;margin:22px 0 6px}p{margin:8px 0;max-width:110ch}ul{margin:8px "
    "0;padding-left:22px}li{max-width:110ch;margin:4px 0}"
    ".note,figcaption,footer,small{color:var(--faint)}small{font-size:13px;font-weight:400;display:block;"
    "line-height:1.35}"
    "code,pre{font:13px/1.45 ui-monospace,Consolas,monospace}code{overflow-wrap:anywhere}"
    "a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}"
    ".skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px "
    "12px;z-index:3}"
    "nav ul{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;padding:0;margin:10px 0 0}"
    ".verdict{background:var(--card);border:1px solid var(--edge);border-left:5px solid "
    "var(--link);border-radius:6px;"
    "padding:8px 18px 10px;font-size:17px}";
static const char parts[] =
    ".wide{overflow-x:auto;margin:12px 0;border:1px solid "
    "var(--edge);border-radius:6px;background:var(--card)}"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;padding:10px 0;font-weight:600}caption "
    "span{display:inline-block;position:sticky;left:0;"
    "padding:0 12px;max-width:calc(100vw - 40px)}thead th{white-space:normal;min-width:84px}"
    "th,td{padding:5px 12px;border-top:1px solid "
    "var(--edge);text-align:right;vertical-align:top;white-space:nowrap}"
    "th:first-child,td.text,th.text{text-align:left;white-space:normal}th:first-child{min-width:150px}"
    "td.text{overflow-wrap:anywhere}tbody "
    "th{font-weight:600}th:first-child{position:sticky;left:0;background:var(--card)}td "
    "strong{color:var(--link)}"
    ".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,440px),1fr));gap:14px}"
    ".grid>svg{background:var(--card);border:1px solid "
    "var(--edge);border-radius:6px;padding:8px;width:100%;height:auto}"
    ".pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,700px),1fr));gap:18px}"
    "figure{margin:0;background:var(--card);border:1px solid var(--edge);border-radius:6px;padding:8px}"
    "figure img{display:block;width:100%;height:auto;border-radius:3px}figure "
    ".zoom{cursor:zoom-in;display:block}"
    "figure .close{display:none}"
    "figure:target{position:fixed;inset:0;z-index:2;overflow:auto;border-radius:0;padding:14px}"
    "figure:target img{width:auto;max-width:none;min-width:min(100%,1800px)}figure:target "
    ".close{display:inline-block;position:sticky;left:0;"
    "padding:6px 12px;margin-bottom:8px;border:1px solid var(--edge);border-radius:6px}"
    "details{margin:10px 0}summary{cursor:pointer}pre{background:var(--card);border:1px solid "
    "var(--edge);border-radius:6px;"
    "padding:10px 14px;overflow-x:auto}@media print{nav,.skip{display:none}}";

static void colours(FILE *out, const char *ink, const char *faint, const char *back, const char *card,
                    const char *edge, const char *link) {
    fprintf(out, ":root{--ink:%s;--faint:%s;--back:%s;--card:%s;--edge:%s;--link:%s}\n", ink, faint, back,
            card, edge, link);
}

void bc_report_style(FILE *out) {
    fputs(":root{color-scheme:light dark}\n", out);
    colours(out, "#1c2126", "#59626b", "#f5f6f8", "#ffffff", "#d9dde1", "#0b62a4");
    bc_svg_style(out, false);
    fputs("@media (prefers-color-scheme:dark){", out);
    colours(out, "#e8ebee", "#a3adb7", "#14181c", "#1c2228", "#38414a", "#6cb8ff");
    bc_svg_style(out, true);
    fprintf(out, "}\n%s\n%s\n", layout, parts);
}
