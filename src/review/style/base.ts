/** Colours, letters, and what is around every page. */

/** Text has a contrast of 4.5 to 1 or more on every ground that it stands on, in both schemes: axe-core holds it to that. */
export const BASE = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f4; --surface: #ffffff; --ink: #1b2330; --soft: #566273; --line: #dfe3e2; --edge: #c3cac9; --hover: #f4f8f7;
  --accent: #0a6666; --accent-soft: #e0f0ef; --on-accent: #ffffff;
  --deny: #9c2a18; --deny-soft: #fbe7e2; --deny-row: #fef7f5; --deny-edge: #d8614a;
  --allow: #1f6239; --allow-soft: #e3f2e8; --bar-allow: #4a9a94; --bar-deny: #d8614a;
  --warn: #7a4f00; --warn-soft: #fdf2d8;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11151a; --surface: #191e25; --ink: #e3e7ec; --soft: #9fabb9; --line: #2a313a; --edge: #414b57; --hover: #1e242c;
    --accent: #6accc6; --accent-soft: #17302f; --on-accent: #0d1a1a;
    --deny: #ffa896; --deny-soft: #46231d; --deny-row: #241b1c; --deny-edge: #d8614a;
    --allow: #8ad5a8; --allow-soft: #1a3325; --bar-allow: #3d8f89; --bar-deny: #e0705a;
    --warn: #f0c970; --warn-soft: #362b14;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.18em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
code, pre { font-family: var(--mono); font-size: 0.875em; }
code { overflow-wrap: anywhere; }
pre { margin: 0.4rem 0; padding: 0.7rem 0.9rem; border: 1px solid var(--line); border-radius: 6px; background: var(--ground); white-space: pre-wrap; overflow-wrap: anywhere; max-height: 22rem; overflow-y: auto; }
h2 { margin: 0 0 0.5rem; font-size: 1.0625rem; font-weight: 650; }
h3 { margin: 1.1rem 0 0.3rem; font-size: 0.9375rem; font-weight: 650; }
p { margin: 0 0 0.5rem; }
.unseen:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.sub { color: var(--soft); font-size: 0.8125rem; }

.skip { position: absolute; left: 0.5rem; top: -4rem; z-index: 3; padding: 0.5rem 1rem; border-radius: 0 0 6px 6px; background: var(--accent); color: var(--on-accent); }
.skip:focus { top: 0; }
.top { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1.75rem; padding: 0 1.5rem; background: var(--surface); border-bottom: 1px solid var(--line); }
.brand { display: flex; align-items: center; gap: 0.55rem; padding: 0.7rem 0; color: var(--ink); font-weight: 680; font-size: 1.0625rem; letter-spacing: -0.01em; text-decoration: none; }
.logo .plate { fill: #0a6c6c; }
.logo .mark { fill: none; stroke: #fff; stroke-width: 4; stroke-linecap: round; stroke-linejoin: round; }
.top nav ul { display: flex; gap: 0.25rem; margin: 0; padding: 0; list-style: none; }
.top nav a { display: block; padding: 0.85rem 0.7rem calc(0.85rem - 3px); border-bottom: 3px solid transparent; color: var(--soft); font-weight: 550; text-decoration: none; white-space: nowrap; }
.top nav a:hover { color: var(--ink); }
.top nav a[aria-current] { color: var(--accent); border-bottom-color: var(--accent); }
.who-is-here { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1rem; margin-left: auto; font-size: 0.875rem; }
.who-is-here form { display: flex; align-items: center; gap: 0.4rem; }
.scope { font-weight: 600; }

main { max-width: 88rem; margin: 0 auto; padding: 1.5rem 1.5rem 2.5rem; }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: end; gap: 0.5rem 2rem; margin-bottom: 1.1rem; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; font-weight: 680; letter-spacing: -0.015em; overflow-wrap: anywhere; }
.lede { margin: 0.15rem 0 0; color: var(--soft); overflow-wrap: anywhere; }
footer { max-width: 88rem; margin: 0 auto; padding: 0 1.5rem 2rem; color: var(--soft); font-size: 0.8125rem; }
.bare { max-width: 34rem; padding-top: 12vh; }
.bare .brand { padding: 0 0 2rem; }
.bare h1 { margin-bottom: 0.75rem; }

.button, .filter button, .actions button { display: inline-flex; align-items: center; min-height: 2.25rem; padding: 0 1.05rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--surface); color: var(--accent); font: inherit; font-size: 0.875rem; font-weight: 600; text-decoration: none; cursor: pointer; }
.button:hover { background: var(--hover); }
.filter button, .actions button { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.plain { padding: 0.2rem 0.4rem; border: 0; border-radius: 4px; background: none; color: var(--accent); font: inherit; font-size: 0.8125rem; font-weight: 600; text-decoration: underline; text-underline-offset: 0.18em; cursor: pointer; }
select, input[type=search] { height: 2.25rem; width: 100%; padding: 0 0.6rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--surface); color: var(--ink); font: inherit; font-size: 0.875rem; }
input[type=search] { font-family: var(--mono); font-size: 0.8125rem; }
::placeholder { color: var(--soft); opacity: 1; }
.scope select { width: auto; height: 1.9rem; }
`
