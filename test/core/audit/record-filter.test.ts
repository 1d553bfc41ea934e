/** A filter and its link say the same, and a link that is not understood says nothing. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordFilter } from '../../../src/core/audit/record-filter.ts'
import { FACETS, readFilter, windowOf, writeFilter } from '../../../src/core/audit/record-filter.ts'
import { KINDS } from '../../../src/core/audit/schema.ts'

/** What strangers put into names: markup, quotes, SQL, separators of a query, turns of direction, half a character. */
const hostile = fc.constantFrom(
  "'",
  '"; drop table records; --',
  '<b>',
  '&',
  '=',
  '%',
  '+',
  '\u202e',
  '\u0000',
  '\n',
  '/',
)
const word = fc
  .array(fc.oneof(hostile, fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' })), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
const setOf = <T extends string>(of: fc.Arbitrary<T>) =>
  fc.uniqueArray(of, { minLength: 1, maxLength: 5 }).map((values) => values.sort())
const moment = fc.integer({ min: 0, max: 253_402_300_799_999 })
const times = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 9999 }), fc.constantFrom(60_000, 3_600_000, 86_400_000))
    .map(([count, each]) => ({ lastMs: count * each })),
  fc.record({ from: moment, until: moment }, { requiredKeys: [] }),
)
const filters: fc.Arbitrary<RecordFilter> = fc
  .tuple(
    fc.record(
      {
        team: setOf(word),
        identity: setOf(word),
        namespace: setOf(word),
        dataset: setOf(word),
        operation: setOf(word),
        reason: setOf(word),
        decision: setOf(fc.constantFrom('allow', 'deny')),
        kind: setOf(fc.constantFrom(...Object.keys(KINDS))),
        job: setOf(fc.tuple(word, word).map((parts) => parts.join('/'))),
        path: word.map((text) => `/${text}`),
        text: word,
        sidecar: fc.uuid(),
      },
      { requiredKeys: [] },
    ),
    times,
  )
  .map(([one, other]) => ({ ...one, ...other }))

const link = (filter: RecordFilter) => new URLSearchParams(writeFilter(filter)).toString()

test('what a link was made of is what is read from it, whatever stands in it', () => {
  fc.assert(
    fc.property(filters, (filter) => {
      expect(readFilter(new URLSearchParams(link(filter)))).toEqual({ filter })
    }),
  )
})

test('two filters that differ have links that differ', () => {
  fc.assert(
    fc.property(filters, filters, (one, other) => {
      expect(link(one) === link(other)).toBe(JSON.stringify(readBack(one)) === JSON.stringify(readBack(other)))
    }),
  )
})
const readBack = (filter: RecordFilter) => Object.entries(filter).toSorted(([one], [other]) => (one < other ? -1 : 1))

test.each([
  ['teem=quant', '`teem` is no filter; did you mean `team`?'],
  ['constructor=x', '`constructor` is no filter'],
  ['__proto__=x', '`__proto__` is no filter'],
  ['decision=denied', '`denied` is no decision'],
  ['kind=record', '`record` is no kind'],
  ['path=data', '`path` does not begin with a slash'],
  ['path=/a&path=/b', '`path` is given more than once'],
  ['last=7', '`last` is not a time back'],
  ['last=0d', '`last` is not a time back'],
  ['from=2026-02-30T00:00:00Z', '`from` is not a moment'],
  ['until=2026-03-01', '`until` is not a moment'],
  ['until=9999-12-31T23:59:59-23:59', '`until` is not a moment'],
  ['last=7d&until=2026-03-01T00:00:00Z', '`last` and `from` or `until` are given together'],
  ['sidecar=../x', '`sidecar` cannot name a chain'],
  ['job=train', '`job` is not `KIND/NAME`'],
  [`text=${'x'.repeat(8193)}`, '`text` is longer'],
  [Array.from({ length: 51 }, (_, at) => `team=t${at}`).join('&'), '`team` has more than 50 values'],
])('%s is refused', (query, problem) => {
  const read = readFilter(new URLSearchParams(query))
  expect('problems' in read ? read.problems.join('\n') : read).toContain(problem)
})

test('a form that sends empty fields asks for everything, and the keys of the page are its own', () => {
  const form = `${FACETS.map((facet) => `${facet}=`).join('&')}&path=&last=&after=x`
  expect(readFilter(new URLSearchParams(form), ['after'])).toEqual({ filter: {} })
  expect(readFilter(new URLSearchParams('after=x'))).toHaveProperty('problems')
})

test('doubles are one, and the order does not matter', () => {
  const read = (query: string) => readFilter(new URLSearchParams(query))
  expect(read('team=b&team=a&team=b')).toEqual(read('team=a&team=b'))
})

test('a time back is counted from now', () => {
  expect(windowOf({ lastMs: 60_000 }, 1_000_000)).toEqual({ from: 940_000 })
  expect(windowOf({ until: 5 }, 1_000_000)).toEqual({ until: 5 })
})
