/** The page as a function: no markup but its own, and every state in words. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Row } from '../../src/core/audit/row.ts'
import { toRows } from '../../src/core/audit/row.ts'
import type { Found } from '../../src/io/audit/rows.ts'
import type { Chains } from '../../src/review/chain-watch.ts'
import { html, textOf } from '../../src/review/html.ts'
import type { Shown } from '../../src/review/page.ts'
import { page } from '../../src/review/page.ts'
import { hostileText, records } from '../core/audit/arbitrary.ts'
import { chained, denied, end, start, type Timed, who } from '../io/audit/logs.ts'

const NOON = Date.UTC(2026, 2, 2, 12)

const rowsOf = (sidecar: string, entries: readonly Timed[]) => toRows(chained(sidecar, entries).records.toReversed())

const found = (rows: readonly Row[], more: Partial<Found> = {}): Found => ({
  rows,
  unreadable: 0,
  lines: rows.length,
  isLost: false,
  ...more,
})
const whole: Chains = { reports: [{ sidecar: 'pod-a', records: 5, gaps: [], unfinishedBytes: 0 }], checkedAt: NOON }
const shown = (more: Partial<Shown> = {}): Shown => ({
  directory: '/var/kerbside/audit',
  view: { filter: {} },
  problems: [],
  found: found([]),
  chains: whole,
  ...more,
})
/** What a reader reads: tags taken out, escapes resolved. */
const read = (markup: string) =>
  markup
    .replace(/<wbr>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&#96;/g, '`')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')

describe('markup', () => {
  it('comes from templates alone: text stays text, in content and in attributes', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const made = textOf(html`<p title="${text}">${text}${[text, html`<b>${text}</b>`]}</p>`)
        expect(made.replace(/<\/?[pb]( title="[^"<>]*")?>/g, '')).not.toMatch(/[<>"'`]/)
      }),
    )
  })

  it('cannot be passed off: what looks like markup is shown as an object is, or not at all', () => {
    const forged = { markup: '<script>' } as never
    expect(() => textOf(html`${forged}`)).toThrow()
  })

  it('leaves out what is nothing, and keeps a zero', () => {
    expect(textOf(html`[${undefined}${false}${0}]`)).toBe('[0]')
  })
})

describe('a page', () => {
  const TAGS =
    'html head meta title link body a header h1 span p code bdi wbr main section b details summary ul li form div input label select option button table caption thead tr th tbody td time nav h2'.split(
      ' ',
    )
  const TAG = /<\/?([a-z0-9]+)((?: [a-z-]+(?:="[^"<>]*")?)*)\s*>/g
  const ATTRIBUTES =
    'lang charset name content rel href type class aria-label aria-hidden aria-current role method action value placeholder autocomplete spellcheck selected id scope colspan datetime'.split(
      ' ',
    )

  it('has no tag and no attribute but its own, whatever stands in the records, the filter and the logs', () => {
    fc.assert(
      fc.property(records(), hostileText, hostileText, (list, team, pathText) => {
        const rows = toRows(list)
        const broken = { file: pathText, line: 1, fault: 'changed' as const, detail: team }
        const last = list.at(-1)
        const chains = {
          reports: [{ sidecar: team, records: 1, gaps: [], broken, unfinishedBytes: 0, ...(last && { last }) }, ...whole.reports],
          checkedAt: NOON,
        }
        const problems = [team, pathText]
        const filter = { team, identity: pathText, pathText }
        const text = page(shown({ directory: team, found: found(rows), chains, problems, view: { filter } }))
        const tags = [...text.matchAll(TAG)]
        const attributes = tags.flatMap(([, , given = '']) => [...given.matchAll(/ ([a-z-]+)(?:="[^"]*")?/g)])
        expect(tags.filter(([, tag = '']) => !TAGS.includes(tag))).toEqual([])
        expect(attributes.filter(([, name = '']) => !ATTRIBUTES.includes(name))).toEqual([])
        const rest = text.replace('<!doctype html>', '').replace(TAG, '')
        expect(rest).not.toMatch(/[<>\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
        for (const [, target = ''] of text.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^(\/|#records)/)
      }),
      { numRuns: 40 },
    )
  })

  it('shows an operation once, with who, what, decision, grant and transfer', () => {
    const rows = rowsOf('pod-a', [
      { at: 1250, entry: start('1', { what: { client: 'curl/8.5.0' } }) },
      { at: 5650, entry: end('1') },
    ])
    const text = read(page(shown({ found: found(rows) })))
    expect(text).toContain(
      'Monday 2 March 2026 12:00:01 .250 quant-research quant ml-quant/train-0 OPEN /data/market/prices.csv dataset market curl/8.5.0 ✓ Allowed a grant allows it quant-reads-market quant/grants.yaml:3 1.0 kB read 12 ms',
    )
    expect(text.match(/Allowed a grant/g)).toHaveLength(1)
  })

  it('says why an operation was denied', () => {
    const rows = rowsOf('pod-a', [{ at: 0, entry: start('1', { why: denied }) }])
    const markup = page(shown({ found: found(rows) }))
    expect(markup).toContain('<tr class="deny">')
    expect(read(markup)).toContain('✕ Denied the path is in no dataset that this team was granted')
  })

  it('marks what would have been denied, with the grants that say so, beside what was done', () => {
    const shadow = { effect: 'deny', reason: 'denied-by-grant', grants: ['wall@walls.yaml:9'] } as const
    const rows = rowsOf('pod-a', [{ at: 0, entry: start('1', { why: { shadow } }) }])
    const text = read(page(shown({ found: found(rows) })))
    expect(text).toMatch(/✓ Allowed a grant allows it .* Would be denied a grant denies it, .* wall walls\.yaml:9/)
  })

  it('shows what a sentence quotes as code', () => {
    const rows = rowsOf('pod-a', [{ at: 0, entry: start('1', { why: { ...denied, reason: 'dot-segment' } }) }])
    expect(page(shown({ found: found(rows) }))).toContain('the path has a <code>.</code> or <code>..</code> segment')
  })

  it('shows reasons that are not in its own table as they are', () => {
    for (const reason of ['from-the-future', 'constructor']) {
      const rows = rowsOf('pod-a', [{ at: 0, entry: start('1', { why: { ...denied, reason: reason as never } }) }])
      expect(read(page(shown({ found: found(rows) })))).toContain(`✕ Denied ${reason}`)
    }
  })

  it('marks what the chain does not vouch for', () => {
    const broken = { file: 'pod-a-0.ndjson', line: 2, fault: 'changed' as const, detail: 'it says number 1' }
    const rows = rowsOf('pod-a', [
      { at: 0, entry: start('1') },
      { at: 1, entry: start('2') },
      { at: 2, entry: { kind: 'close', who: who(), detail: 'stopped' } },
    ])
    const chains = { reports: [{ sidecar: 'pod-a', records: 1, gaps: [], broken, unfinishedBytes: 0 }], checkedAt: NOON }
    const text = read(page(shown({ found: found(rows), chains })))
    expect(text).toContain('1 chain is broken of 1')
    expect(text).toContain('pod-a-0.ndjson :2 the record was changed after it was written')
    expect(text.match(/Not proved/g)).toHaveLength(2)
    expect(text.lastIndexOf('Not proved')).toBeLessThan(text.lastIndexOf('12:00:00 .000'))
  })

  it('keeps the filter in every link and in the form', () => {
    const filter = { team: 'quant', effect: 'deny' as const, pathText: 'a&b="c' }
    const more = { sidecar: 'pod-a', sequence: 7 }
    const markup = page(shown({ view: { filter }, found: found([], { more }) }))
    const query = 'team=quant&amp;decision=denied&amp;path=a%26b%3D%22c'
    expect(markup).toContain(`href="/?${query}&amp;after=pod-a.7"`)
    expect(markup).toContain('name="decision" value="denied"')
    expect(markup).toContain('name="path" value="a&amp;b=&quot;c"')
    expect(markup).toContain('<option value="quant" selected>')
  })

  it.each<[string, Partial<Shown>]>([
    ['No records yet', { chains: { reports: [], checkedAt: NOON } }],
    ['Nothing matches', { view: { filter: { team: 'x' } } }],
    [
      'Nothing yet 60,000 records back to 12:00:00 UTC on Monday 2 March 2026 were searched. There are older ones.',
      { found: found([], { lines: 60_000, reached: '2026-03-02T12:00:00.000Z', more: { sidecar: 'a', sequence: 1 } }) },
    ],
    ['That place is not in the records any more', { found: found([], { isLost: true }) }],
    ['No older records', { view: { filter: {}, after: { sidecar: 'a', sequence: 0 } } }],
    ['2 lines here are no records and are left out.', { found: found([], { unreadable: 2 }) }],
    ['The chains are being checked…', { chains: undefined }],
    ['They cannot be checked now: `x` cannot be read', { chains: { ...whole, problem: '`x` cannot be read' } }],
  ])('says in words what there is to say: %s', (words, more) => {
    expect(read(page(shown(more)))).toContain(words)
  })
})
