/** Panels, figures, the chart, filters and states. */

export const PARTS = `
section { margin: 0 0 1.25rem; }
main > section:not(.health), .pair > section, .steps > li, .broken-chain { padding: 1.1rem 1.25rem; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1.25rem; margin-bottom: 1.25rem; }
.pair > section { margin: 0; min-width: 0; }

.health { padding: 0.75rem 1.25rem; border: 1px solid var(--line); border-left: 4px solid var(--edge); border-radius: 10px; background: var(--surface); }
.health p { margin: 0; }
.health.whole { border-left-color: var(--allow); }
.health.whole b { color: var(--allow); }
.health.gaps { border-left-color: var(--warn); }
.health.gaps b { color: var(--warn); }
.health.broken { border-color: var(--deny-edge); background: var(--deny-row); }
.health.broken b, .fault code { color: var(--deny); }
.verdict { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.8rem; }
.verdict .more { margin-left: auto; font-size: 0.875rem; }
.health .fault, .health .verdict ~ .sub { margin-top: 0.3rem; }

.choice { display: flex; border: 1px solid var(--edge); border-radius: 6px; overflow: hidden; background: var(--surface); }
.choice a { padding: 0.4rem 1rem; color: var(--soft); font-size: 0.875rem; text-decoration: none; }
.choice a + a { border-left: 1px solid var(--line); }
.choice a:focus-visible { outline-offset: -2px; }
.choice a[aria-current] { background: var(--accent-soft); color: var(--accent); font-weight: 600; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(11rem, 46%), 1fr)); gap: 1px; margin: 0 0 1.25rem; border: 1px solid var(--line); border-radius: 10px; overflow: hidden; background: var(--line); }
.figures > div { padding: 0.8rem 1.25rem; background: var(--surface); }
.figures dt { color: var(--soft); font-size: 0.8125rem; }
.figures dd { margin: 0; }
.figures b { display: block; font-size: 1.375rem; font-weight: 650; letter-spacing: -0.01em; line-height: 1.3; overflow-wrap: anywhere; }
.figures b time, .figures b bdi { font-size: 1.0625rem; }
.figures a { color: inherit; }

.chart { margin: 0; }
.track { margin: 0.3rem 0 0.2rem; font-weight: 600; font-size: 0.875rem; }
.bars { display: block; width: 100%; border-bottom: 1px solid var(--edge); }
.bars.allowed { height: 7rem; }
.bars.denied { height: 4rem; }
.bars.allowed rect { fill: var(--bar-allow); }
.bars.denied rect { fill: var(--bar-deny); }
.axis span { flex: 1; white-space: nowrap; }
.axis { display: flex; padding-top: 0.25rem; color: var(--soft); font-size: 0.75rem; }
details { margin-top: 0.6rem; }
summary { width: fit-content; color: var(--soft); font-size: 0.8125rem; cursor: pointer; }
.scroll { max-height: 20rem; overflow: auto; margin-top: 0.4rem; }

.filter { display: grid; gap: 0.6rem; align-items: end; margin-bottom: 0.9rem; }
.filter label { display: grid; gap: 0.15rem; color: var(--soft); font-size: 0.8125rem; }
main > .filter, .filter[aria-label=Time] { display: flex; flex-wrap: wrap; margin: 0 0 1.25rem; }
.search { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 1.75rem; align-items: start; }
.facets { display: grid; gap: 1rem; }
#show-facets, [for=show-facets] { display: none; }
.facet { margin: 0; }
.facet h2 { margin: 0 0 0.15rem; color: var(--soft); font-size: 0.8125rem; font-weight: 600; }
.facet ul { margin: 0; padding: 0; list-style: none; }
.facet a { display: flex; justify-content: space-between; gap: 0.75rem; margin: 0 -0.5rem; padding: 0.18rem 0.5rem; border-radius: 5px; color: var(--ink); font-size: 0.875rem; text-decoration: none; }
.facet a:hover { background: var(--accent-soft); }
.facet a[aria-current] { background: var(--accent-soft); color: var(--accent); font-weight: 600; }
.facet .value { min-width: 0; overflow-wrap: anywhere; }
.facet .count { color: var(--soft); font-weight: 400; }
.total { display: flex; flex-wrap: wrap; align-items: center; gap: 0.35rem 0.6rem; min-height: 2rem; }
.total b { font-size: 1.0625rem; margin-right: 0.4rem; }
.total #live { margin-left: auto; }
.token { padding: 0.1rem 0.6rem; border: 1px solid var(--edge); border-radius: 99px; background: var(--surface); color: var(--ink); font-size: 0.8125rem; text-decoration: none; overflow-wrap: anywhere; }
.token:hover { border-color: var(--deny-edge); }
.onward { display: flex; gap: 0.75rem; margin-top: 0.9rem; }
.onward .older { margin-left: auto; }
.exports { margin-top: 0.9rem; color: var(--soft); font-size: 0.875rem; }

.fields { margin: 0 0 1.1rem; }
.fields:last-child { margin-bottom: 0; }
.fields > div { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: 0.75rem; padding: 0.35rem 0; border-top: 1px solid var(--line); }
.fields > div:first-child { border-top: 0; }
.fields dt { color: var(--soft); font-size: 0.875rem; }
.fields dd { margin: 0; overflow-wrap: anywhere; }
.proof, .chain, .plain-list, .grants { margin: 0.2rem 0 0; padding: 0; list-style: none; }
.proof li { padding: 0.15rem 0; }
.proof .good { color: var(--allow); }
.proof .bad { color: var(--deny); font-weight: 600; }
.proof .open { color: var(--soft); }
.chain li { padding: 0.25rem 0 0.25rem 0.9rem; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
.chain li[aria-current] { border-left-color: var(--accent); background: var(--accent-soft); }
.plain-list li { padding: 0.12rem 0; }
.steps { display: grid; gap: 1rem; margin: 0; padding: 0; list-style: none; counter-reset: step; }
.steps h2::before { counter-increment: step; content: counter(step) "  "; color: var(--soft); font-weight: 400; }
.fixes { margin: 0.3rem 0 0; padding-left: 1.3rem; }
.at { color: var(--accent); }
.radio { margin-right: 0.9rem; font-size: 0.875rem; white-space: nowrap; }
.broken-chain { border-color: var(--deny-edge); margin-bottom: 0.75rem; }
.notice { padding: 0.5rem 0.9rem; border-radius: 6px; background: var(--warn-soft); color: var(--warn); font-size: 0.875rem; }
.nothing { margin: 0.3rem 0; color: var(--soft); }
.empty { padding: 3.5rem 1rem; text-align: center; border: 1px dashed var(--edge); border-radius: 10px; background: var(--surface); color: var(--soft); }
.empty h2 { color: var(--ink); }
.empty p { margin: 0; }
`
