/* SPDX-License-Identifier: BSD-3-Clause */
/* report_style: the style sheet of the HTML report, for light and dark screens and for paper.
 *
 * Curves also differ by their dashes, for readers and printers without colour.
 *
 * Threads    read-only.
 */
#ifndef APP_LOAD_REPORT_STYLE_H
#define APP_LOAD_REPORT_STYLE_H

/* clang-format off */
static const char report_style[] =
":root{color-scheme:light dark;--ink:#1c2330;--dim:#5b6577;--page:#fff;--card:#f4f6f9;"
"--line:#d5dae3;--good:#0b7a3b;--bad:#c0262d;--c0:#1565c0;--c1:#c25e00;--c2:#00796b;"
"--c3:#c62828;--c4:#7b1fa2;--c5:#5d4037;--c6:#558b2f;--c7:#455a64}\n"
"@media (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--dim:#9aa4b5;--page:#14181f;"
"--card:#1e242e;--line:#343c4a;--good:#4cc07c;--bad:#ff6b6b;--c0:#64a8ff;--c1:#ffa04d;"
"--c2:#4dd0bd;--c3:#ff7373;--c4:#cf8be8;--c5:#c9a08f;--c6:#a5cf72;--c7:#9fb4c0}}\n"
"@media print{:root{--ink:#000;--dim:#444;--page:#fff;--card:#fff;--line:#bbb;--good:#0b7a3b;"
"--bad:#c0262d;--c0:#1565c0;--c1:#c25e00;--c2:#00796b;--c3:#c62828;--c4:#7b1fa2;--c5:#5d4037;"
"--c6:#558b2f;--c7:#455a64}section{break-inside:avoid}}\n"
"*{box-sizing:border-box}\n"
"body{margin:0 auto;max-width:960px;padding:24px 20px 48px;background:var(--page);"
"color:var(--ink);font:15px/1.5 system-ui,sans-serif}\n"
"h1{font-size:24px;margin:0;line-height:1.25;overflow-wrap:anywhere}\n"
"h2{font-size:17px;margin:32px 0 8px}\n"
"p{margin:6px 0}.dim,.none{color:var(--dim)}.none{font-style:italic}\n"
".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:10px;"
"margin:18px 0}\n"
".six{grid-template-columns:repeat(auto-fit,minmax(min(260px,45%),1fr))}\n"
".figure{background:var(--card);border:1px solid var(--line);border-radius:8px;"
"padding:10px 14px}\n"
".figure b{display:block;font-size:21px;line-height:1.25;font-weight:650}\n"
".figure span{color:var(--dim);font-size:13px}\n"
".limit{border-left:4px solid var(--c0);padding:8px 14px;background:var(--card)}\n"
".good{color:var(--good);font-weight:600}.bad{color:var(--bad);font-weight:600}\n"
".plot,.wide{overflow-x:auto}.plot svg{display:block;width:100%;min-width:620px;height:auto}\n"
"table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
"th,td{padding:4px 18px 4px 0;text-align:left;border-bottom:1px solid var(--line);"
"vertical-align:top}\n"
"th{color:var(--dim);font-weight:600;font-size:13px}\n"
"td.n,th.n{text-align:right;white-space:nowrap}td.t{overflow-wrap:anywhere}\n"
"svg text{fill:var(--ink);font:12.5px system-ui,sans-serif}svg .axis{fill:var(--dim)}\n"
".grid{stroke:var(--line);stroke-width:1}.frame{fill:none;stroke:var(--dim)}\n"
".curve{fill:none;stroke-width:2;stroke-linejoin:round}\n"
".mean{fill:none;stroke:var(--ink);stroke-width:1.5;stroke-dasharray:7 4}\n"
".warmup{fill:var(--dim);fill-opacity:.16}.away{fill:var(--bad);fill-opacity:.22}.heat{fill:var(--c0)}\n"
".h0{fill-opacity:0;stroke:var(--line)}.h25{fill-opacity:.25}.h50{fill-opacity:.5}"
".h75{fill-opacity:.75}\n"
".c0{stroke:var(--c0)}.c1{stroke:var(--c1);stroke-dasharray:9 3}"
".c2{stroke:var(--c2);stroke-dasharray:3 3}.c3{stroke:var(--c3);stroke-dasharray:12 3 3 3}"
".c4{stroke:var(--c4);stroke-dasharray:6 2}.c5{stroke:var(--c5)}"
".c6{stroke:var(--c6);stroke-dasharray:9 3}.c7{stroke:var(--c7);stroke-dasharray:3 3}\n";
/* clang-format on */

#endif
