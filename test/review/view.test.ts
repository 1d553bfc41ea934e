/** What the reader looks at and its link are the same; numbers as words. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readView, writeView } from '../../src/review/view.ts'
import { bytes, duration } from '../../src/review/words.ts'

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })

describe('a view', () => {
  it('is what its link says', () => {
    const filter = fc.record(
      { team: text, identity: text, effect: fc.constantFrom('allow' as const, 'deny' as const), pathText: text },
      { requiredKeys: [] },
    )
    const after = fc.record({ sidecar: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$/), sequence: fc.nat() })
    fc.assert(
      fc.property(fc.record({ filter, after }, { requiredKeys: ['filter'] }), (view) => {
        const { search } = new URL(writeView(view), 'http://localhost')
        expect(readView(search)).toEqual({ view, problems: [] })
      }),
    )
  })

  it.each([
    ['decision=deny', '`deny` is no decision: there are allowed, denied'],
    ['decision=deneid', '`deneid` is no decision; did you mean `denied`?'],
    ['decision=constructor', '`constructor` is no decision: there are allowed, denied'],
    ['taem=quant', '`taem` is no filter; did you mean `team`?'],
    ['team=a&team=b', '`team` is given more than once: the first one counts'],
    ['after=x', '`x` is no place in the records'],
    ['after=../x.1', '`../x.1` is no place in the records'],
  ])('says what it does not understand: %s', (query, problem) => {
    expect(readView(query).problems).toEqual([problem])
  })

  it('is all records where nothing is asked, as a form sends it', () => {
    expect(readView('team=&identity=&path=')).toEqual({ view: { filter: {} }, problems: [] })
    expect(writeView({ filter: {} })).toBe('/')
  })
})

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9_960, '10 kB'],
  [999_600, '1.0 MB'],
  [268_435_456, '268 MB'],
  [Number.MAX_SAFE_INTEGER, '9.0 PB'],
])('%d bytes are %s', (count, words) => {
  expect(bytes(count)).toBe(words)
})

it.each([
  [0.2, '0 ms'],
  [999.6, '1.0 s'],
  [72_300, '72 s'],
  [720_000, '12 min'],
])('%d milliseconds are %s', (ms, words) => {
  expect(duration(ms)).toBe(words)
})
