/** Tables: wide ones become cards where there is no room, and stay readable in print. */

export const TABLES = `
table { width: 100%; border-collapse: separate; border-spacing: 0; }
th { text-align: left; font-weight: 600; }
thead th { padding: 0.45rem 0.75rem; color: var(--soft); font-size: 0.75rem; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: bottom; }
td { padding: 0.55rem 0.75rem; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody:last-child tr:last-child td { border-bottom: 0; }
.num { text-align: right; white-space: nowrap; }
.when { white-space: nowrap; font-size: 0.875rem; }
.list td { overflow-wrap: anywhere; }
.list td:first-child, .list th:first-child { padding-left: 0.25rem; }
.list tr:hover td { background: var(--hover); }
.idle { table-layout: fixed; max-width: 60rem; }
.idle td { padding-block: 0.3rem; font-size: 0.875rem; }
.plain-table { width: auto; }
.plain-table td, .plain-table th { padding: 0.2rem 1.5rem 0.2rem 0; border: 0; font-weight: 400; }

.rows { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; overflow: clip; table-layout: fixed; }
.day th { position: sticky; top: 0; z-index: 1; padding: 0.4rem 0.75rem; background: var(--ground); border-bottom: 1px solid var(--line); font-size: 0.8125rem; }
.rows tr.allow:hover td, .rows tr.note:hover td { background: var(--hover); }
.rows thead th:nth-child(1) { width: 7.5rem; }
.rows thead th:nth-child(2) { width: 22%; }
.rows thead th:nth-child(4) { width: 26%; }
.rows thead th:nth-child(5) { width: 9rem; text-align: right; }
.time { white-space: nowrap; }
.time a { color: inherit; text-decoration-color: var(--edge); }
.ms { color: var(--soft); font-size: 0.8125rem; }
.who, .operation { overflow-wrap: anywhere; }
.identity { font-weight: 560; }
.list .identity { overflow-wrap: break-word; }
.verb { font-weight: 650; margin-right: 0.25em; }
.to { color: var(--soft); font-size: 0.8125rem; margin-right: 0.25em; }
.chip { display: inline-block; padding: 0.02rem 0.55rem; border-radius: 99px; font-size: 0.8125rem; font-weight: 650; white-space: nowrap; margin-right: 0.3em; }
.chip.allow { background: var(--allow-soft); color: var(--allow); }
.chip.deny { background: var(--deny-soft); color: var(--deny); }
.chip.unknown, .chip.shadow { background: var(--warn-soft); color: var(--warn); white-space: normal; }
.reason { font-size: 0.875rem; }
tr.allow .reason { color: var(--soft); }
.grants { color: var(--soft); font-size: 0.8125rem; overflow-wrap: anywhere; }
.why, .fix { font-size: 0.8125rem; }
.shadowed { margin-top: 0.25rem; }
.transfer { white-space: nowrap; text-align: right; }
.outcome { color: var(--warn); font-size: 0.8125rem; font-weight: 600; white-space: normal; }
.rows tr.deny td { background: var(--deny-row); }
.rows tr.deny td:first-child { box-shadow: inset 3px 0 0 var(--deny-edge); }
tr.deny .verb, tr.deny .path { color: var(--deny); }
tr.note td { color: var(--soft); padding-block: 0.35rem; font-size: 0.8125rem; }
.kind { font-weight: 600; margin-right: 0.35em; }

@media (max-width: 62rem) {
  .search { grid-template-columns: minmax(0, 1fr); gap: 1rem; }
  .search .filter { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
  #show-facets, [for=show-facets] { display: inline-flex; }
  #show-facets:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }
  .facets { display: none; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); margin-top: 0.9rem; }
  #show-facets:checked ~ .facets { display: grid; }
}
@media (max-width: 58rem) {
  .rows, .rows tbody, .rows tr, .rows td, .rows .day th { display: block; }
  .rows thead { display: none; }
  .rows tr { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 0.2rem 0.9rem; padding: 0.65rem 0.9rem; border-bottom: 1px solid var(--line); }
  .rows tbody:last-child tr:last-child { border-bottom: 0; }
  .rows td, .rows tr.note td { padding: 0; border: 0; }
  .rows .day { display: block; padding: 0; }
  .operation, .decision { grid-column: 1 / -1; }
  .transfer { grid-column: 3; grid-row: 1; }
  .rows tr.deny { background: var(--deny-row); box-shadow: inset 3px 0 0 var(--deny-edge); }
  .rows tr.deny td { background: none; }
  .rows tr.deny td:first-child { box-shadow: none; }
}
@media (max-width: 44rem) {
  main { padding: 1.1rem 0.9rem 2rem; }
  .top { padding: 0 0.9rem; gap: 0 1rem; }
  .top nav { order: 3; width: 100%; overflow-x: auto; }
  .top nav a { padding: 0.5rem 0.55rem calc(0.5rem - 3px); }
  main > section:not(.health), .pair > section, .steps > li { padding: 0.9rem; }
  footer { padding: 0 0.9rem 1.5rem; }
  .fields > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .list, .list tbody, .list tr, .list td { display: block; }
  .list thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .list tr { padding: 0.55rem 0; border-bottom: 1px solid var(--line); }
  .list tbody:last-child tr:last-child { border-bottom: 0; }
  .list td { padding: 0.1rem 0.25rem; border: 0; text-align: left; }
  .list td.num, .list td.when { display: inline-block; }
  .list td[data-of]::before { content: attr(data-of) " "; color: var(--soft); font-size: 0.8125rem; }
}
@media print {
  :root {
    color-scheme: light;
    --ground: #fff; --surface: #fff; --ink: #000; --soft: #444; --line: #bbb; --edge: #999; --hover: #fff; --accent: #000; --accent-soft: #eee;
    --deny: #9c2a18; --deny-soft: #fff; --deny-row: #fff; --allow: #1f6239; --allow-soft: #fff; --warn: #7a4f00; --warn-soft: #fff;
  }
  body { font-size: 9pt; }
  main { max-width: none; padding: 0; }
  .top nav, .who-is-here, footer, .filters, .onward, .exports, .choice, .actions, .skip, button, details { display: none; }
  .search { display: block; }
  .rows, .figures, main > section { border-radius: 0; }
  .day th { position: static; }
  tr, .figures > div, .chart { break-inside: avoid; }
  .chip { border: 1px solid currentcolor; }
  .bars, .bars rect { print-color-adjust: exact; }
  pre { max-height: none; }
  a { color: inherit; }
}
`
