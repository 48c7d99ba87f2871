#include "advisor/cli/page/style.hpp"

namespace amorsize::cli::page {

const char* const kStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f5f6f8; --ink: #1c2126; --quiet: #5a6570; --rule: #d3d9df;
  --main: #1f5fbf; --band: #bcd3f3; --accent: #b4470e; --good: #1d7a46; --bad: #b3261e;
  --other: #6f42a8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --panel: #1d2329; --ink: #e6eaee; --quiet: #a0abb6; --rule: #3a444e;
    --main: #78aef8; --band: #24436e; --accent: #f0a060; --good: #62c98d; --bad: #ff8a80;
    --other: #c4a4f2;
  }
}
@media print {
  :root {
    --paper: #ffffff; --panel: #ffffff; --ink: #000000; --quiet: #444444; --rule: #aaaaaa;
    --main: #1f5fbf; --band: #cfdef2; --accent: #b4470e; --good: #1d7a46; --bad: #b3261e;
    --other: #6f42a8;
  }
  tr { break-inside: avoid; }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.25rem; max-width: 64rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, "Liberation Sans", sans-serif;
}
h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.15rem; }
p, ul, dl { margin: 0.25rem 0; }
ul { padding-left: 1.2rem; }
li { margin: 0.3rem 0; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.mono, pre { font-family: ui-monospace, "Liberation Mono", monospace; font-size: 0.875rem; }
.mono { overflow-wrap: anywhere; }
.verdict {
  margin: 1rem 0; padding: 0.9rem 1.1rem; background: var(--panel);
  border-left: 0.3rem solid var(--good);
}
.verdict.serial { border-color: var(--main); }
.verdict.infeasible { border-color: var(--bad); }
.verdict .what { font-size: 1.15rem; font-weight: 600; }
.verdict dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.warnings li::marker { color: var(--accent); content: "! "; }
.pictures { columns: 22rem 2; column-gap: 1rem; margin-top: 1.5rem; }
figure { margin: 0 0 1rem; padding: 0.75rem; background: var(--panel); break-inside: avoid; }
figcaption { font-weight: 600; }
figure p { color: var(--quiet); font-size: 0.85rem; }
svg { display: block; width: 100%; height: auto; margin: 0.4rem 0; }
details { font-size: 0.85rem; }
summary { cursor: pointer; color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { min-width: 4rem; padding: 0.25rem 0.8rem 0.25rem 0; text-align: left; vertical-align: top; }
th { color: var(--quiet); font-weight: 400; border-bottom: 1px solid var(--rule); }
td { border-bottom: 1px solid var(--rule); }
td:first-child { min-width: 7rem; }
td:last-child { min-width: 9rem; }
td.number, th.number { text-align: right; white-space: nowrap; }
tr.chosen td { font-weight: 600; }
pre { margin: 0; padding: 0.75rem; overflow-x: auto; background: var(--panel); }
svg text { fill: var(--ink); font-size: 12px; }
svg .tick, svg .label { fill: var(--quiet); }
svg .tick { font-size: 11px; }
svg .value { font-weight: 600; }
svg .over-curve { paint-order: stroke; stroke: var(--panel); stroke-width: 4px; }
svg .warn-text { fill: var(--accent); font-size: 11px; }
.axis { stroke: var(--quiet); }
.grid { stroke: var(--rule); }
.ideal { stroke: var(--quiet); stroke-dasharray: 3 4; }
.limit { stroke: var(--accent); stroke-width: 1.5; stroke-dasharray: 5 3; }
.curve { fill: none; stroke: var(--main); stroke-width: 2; }
.band { fill: var(--band); }
.point, .sample { fill: var(--main); }
.sample.beside { fill: var(--paper); stroke: var(--other); stroke-width: 1.5; }
.chosen { fill: var(--accent); stroke: var(--panel); stroke-width: 1.5; }
.room { fill: var(--paper); stroke: var(--rule); }
.headroom { fill: var(--rule); }
.taken, .core.used { fill: var(--main); }
.over { fill: var(--bad); }
.request { fill: none; stroke: var(--ink); stroke-width: 1.5; }
.package { fill: none; stroke: var(--quiet); stroke-dasharray: 2 3; }
.domain { fill: var(--paper); stroke: var(--rule); }
.domain.used { stroke: var(--main); stroke-width: 1.5; }
.core { fill: var(--rule); }
.core.some { fill: var(--paper); stroke: var(--main); stroke-width: 1.5; }
)css";

}  // namespace amorsize::cli::page
