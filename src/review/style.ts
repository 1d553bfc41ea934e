/** The page's one stylesheet, and its icon. Served as files of their own, so that the page needs no inline style. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f6f3; --surface: #ffffff; --ink: #1c2430; --soft: #647082; --line: #e3e5e4; --hover: #fafaf8;
  --accent: #0a6c6c; --accent-soft: #e4f1f0;
  --deny: #a52f1c; --deny-soft: #fbe9e5; --deny-row: #fef6f4; --deny-edge: #d8614a;
  --allow: #23693f; --allow-soft: #e6f2ea;
  --warn: #8a5a00; --warn-soft: #fdf3dc;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161b; --surface: #1a1f26; --ink: #e2e6eb; --soft: #92a0b0; --line: #2a313a; --hover: #1f252d;
    --accent: #62c6c0; --accent-soft: #17302f;
    --deny: #ff9f8d; --deny-soft: #43221d; --deny-row: #251b1c; --deny-edge: #d8614a;
    --allow: #83cfa2; --allow-soft: #1c3326;
    --warn: #eec36a; --warn-soft: #352a14;
  }
}
* { box-sizing: border-box; }
html { scrollbar-gutter: stable; }
body {
  margin: 0 auto; max-width: 82rem; padding: 0 1.5rem 4rem; background: var(--ground); color: var(--ink);
  font: 0.9375rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.18em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code { font-family: var(--mono); font-size: 0.88em; }
.unseen:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.sub { color: var(--soft); font-size: 0.8125rem; }
.then::before { content: "· "; }
.then:first-child::before { content: none; }
bdi + .then::before { content: " · "; }

header { display: flex; align-items: baseline; gap: 1rem; padding: 1.5rem 0 1rem; }
h1 { margin: 0; font-size: 1.25rem; font-weight: 650; letter-spacing: -0.01em; }
h1 a { color: inherit; text-decoration: none; }
h1 span { color: var(--soft); font-weight: 400; }
.source { margin: 0 0 0 auto; color: var(--soft); font-size: 0.8125rem; overflow-wrap: anywhere; }

.chains { border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: 8px; background: var(--surface); padding: 0.7rem 1rem; }
.chains.whole { border-left-color: var(--allow); }
.chains.broken { border-color: var(--deny-edge); background: var(--deny-row); }
.chains p, .chains ul { margin: 0; }
.chains.whole .verdict b { color: var(--allow); }
.chains.broken .verdict b { color: var(--deny); }
.verdict .sub { margin-left: 0.6em; }
.chains .fault { margin-top: 0.6rem; }
.chains .fault code { color: var(--deny); overflow-wrap: anywhere; }
details { margin-top: 0.35rem; }
summary { cursor: pointer; color: var(--soft); font-size: 0.8125rem; width: fit-content; }
details ul { list-style: none; padding: 0.4rem 0; }
details li { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: 0.15rem 0; }
details li code { color: var(--soft); }

.filter { display: flex; flex-wrap: wrap; align-items: end; gap: 0.75rem; padding: 1.25rem 0 1rem; }
.filter label { display: grid; gap: 0.2rem; color: var(--soft); font-size: 0.75rem; }
.filter .text { flex: 1 1 12rem; }
.filter select, .filter input, .filter button, .choice {
  height: 2.25rem; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); color: var(--ink); font: inherit; font-size: 0.875rem;
}
.filter select, .filter input { padding: 0 0.6rem; min-width: 9rem; max-width: 22rem; }
.filter .text input { width: 100%; max-width: none; font-family: var(--mono); font-size: 0.8125rem; }
.filter button { padding: 0 1.1rem; background: var(--accent); border-color: var(--accent); color: var(--surface); font-weight: 600; cursor: pointer; }
.filter .clear { height: 2.25rem; display: flex; align-items: center; font-size: 0.875rem; }
.choice { display: flex; overflow: hidden; }
.choice a { display: flex; align-items: center; padding: 0 0.9rem; color: var(--soft); text-decoration: none; }
.choice a + a { border-left: 1px solid var(--line); }
.choice a:focus-visible { outline-offset: -2px; }
.choice a[aria-current] { background: var(--accent-soft); color: var(--accent); font-weight: 600; }
.choice a.deny[aria-current] { background: var(--deny-soft); color: var(--deny); }
.choice a.allow[aria-current] { background: var(--allow-soft); color: var(--allow); }

.notice { margin: 0 0 0.75rem; padding: 0.5rem 0.9rem; border-radius: 6px; background: var(--warn-soft); color: var(--warn); font-size: 0.875rem; }

.rows { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; overflow: clip; table-layout: fixed; }
.rows th { text-align: left; font-weight: 600; }
.rows thead th { padding: 0.6rem 0.9rem; color: var(--soft); font-size: 0.75rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
.rows td { padding: 0.55rem 0.9rem; vertical-align: top; border-bottom: 1px solid var(--line); }
.rows tbody:last-child tr:last-child td { border-bottom: 0; }
.day th { position: sticky; top: 0; z-index: 1; padding: 0.4rem 0.9rem; background: var(--ground); border-bottom: 1px solid var(--line); font-size: 0.8125rem; }
.rows tr.allow:hover td, .rows tr.note:hover td { background: var(--hover); }
.rows thead th:nth-child(1) { width: 8.25rem; }
.rows thead th:nth-child(2) { width: 14.5rem; }
.rows thead th:nth-child(4) { width: 21rem; }
.rows thead th:nth-child(5) { width: 8.5rem; }
.time { white-space: nowrap; }
.ms { color: var(--soft); font-size: 0.8125rem; }
.who { overflow-wrap: anywhere; }
.identity { font-weight: 550; }
.operation { overflow-wrap: anywhere; }
.verb { font-weight: 650; margin-right: 0.35em; }
.to { color: var(--soft); font-size: 0.8125rem; margin-right: 0.35em; }
.chip { display: inline-block; padding: 0.05rem 0.55rem; border-radius: 99px; font-size: 0.8125rem; font-weight: 650; white-space: nowrap; margin-right: 0.35em; }
.chip.allow { background: var(--allow-soft); color: var(--allow); }
.chip.deny { background: var(--deny); color: var(--surface); }
.chip.unknown, .chip.unproved, .chip.shadow { background: var(--warn-soft); color: var(--warn); }
.chip.unproved { display: table; margin-bottom: 0.2rem; }
.reason { font-size: 0.875rem; }
tr.allow .reason { color: var(--soft); }
.grants { list-style: none; margin: 0.15rem 0 0; padding: 0; color: var(--soft); font-size: 0.8125rem; overflow-wrap: anywhere; }
.transfer { white-space: nowrap; text-align: right; }
.rows thead th:last-child { text-align: right; }
.outcome { color: var(--warn); font-size: 0.8125rem; font-weight: 600; }
tr.deny td { background: var(--deny-row); }
tr.deny td:first-child { box-shadow: inset 3px 0 0 var(--deny-edge); }
tr.deny .verb, tr.deny .path { color: var(--deny); }
tr.note td { color: var(--soft); padding-block: 0.35rem; font-size: 0.8125rem; }
tr.note .identity { font-weight: 400; }
tr.note .who .sub { display: none; }
.kind { font-weight: 600; margin-right: 0.35em; }

.empty { padding: 4.5rem 1rem; text-align: center; background: var(--surface); border: 1px dashed var(--line); border-radius: 8px; color: var(--soft); }
.empty h2 { margin: 0 0 0.35rem; font-size: 1.0625rem; color: var(--ink); }
.empty p { margin: 0; }
nav { display: flex; gap: 1rem; padding-top: 1rem; }
nav a { padding: 0.45rem 1.1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); text-decoration: none; font-weight: 600; font-size: 0.875rem; }
nav .older { margin-left: auto; }

@media (max-width: 58rem) {
  body { padding: 0 0.9rem 3rem; }
  .rows, .rows tbody, .rows tr, .rows td { display: block; }
  .rows thead { display: none; }
  .rows tr { display: grid; grid-template-columns: auto 1fr auto; gap: 0.25rem 0.9rem; padding: 0.65rem 0.9rem; border-bottom: 1px solid var(--line); }
  .rows tbody:last-child tr:last-child { border-bottom: 0; }
  .rows td, .rows tr.note td { padding: 0; border: 0; }
  .rows .day { padding: 0; display: block; }
  .day th { display: block; }
  .operation, .decision { grid-column: 1 / -1; }
  tr.note .operation { grid-column: 1 / -1; }
  .who { text-align: left; }
  tr.deny { background: var(--deny-row); box-shadow: inset 3px 0 0 var(--deny-edge); }
  tr.deny td { background: none; }
  tr.deny td:first-child { box-shadow: none; }
  .transfer { grid-column: 3; grid-row: 1; }
  .filter select, .filter input { min-width: 0; }
  .filter label { flex: 1 1 9rem; }
}
@media (max-width: 36rem) {
  header { flex-wrap: wrap; gap: 0.2rem 1rem; }
  .source { margin-left: 0; width: 100%; }
  .choice { width: 100%; }
  .choice a { flex: 1; justify-content: center; }
}
@media print {
  :root { --ground: #fff; }
  body { max-width: none; padding: 0; font-size: 9pt; }
  .filter, nav, details { display: none; }
  .day th { position: static; }
  .rows tr { break-inside: avoid; }
}
`

/** A ring that guards an opening: allowed through, and on record. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0a6c6c"/><path d="M9 7v18M23 7l-9 9 9 9" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>`
