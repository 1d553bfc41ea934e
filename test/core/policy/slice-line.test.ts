/** The line a broker sends and a sidecar reads: the same slice on both ends, and no line that is half right. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KerbsideError } from '../../../src/core/errors.ts'
import { ACTIONS } from '../../../src/core/policy/action.ts'
import { compile } from '../../../src/core/policy/compile.ts'
import { DAYS, MINUTES_A_DAY } from '../../../src/core/policy/decision/window.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { readSlice, writeSlice } from '../../../src/core/policy/slice-line.ts'
import { bundleOf } from './bundle-of.ts'
import { bundle, WORLD } from './decision/near-misses.ts'

const word = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', 'constructor', 'a\nb', '\u2028'))
const path = fc.constantFrom(...WORLD)
const mode = fc.constantFrom('enforce' as const, 'shadow' as const)
const slice: fc.Arbitrary<Slice> = fc
  .record({
    words: fc.array(word, { minLength: 10, maxLength: 10 }),
    hosts: fc.array(word, { maxLength: 3 }),
    home: path,
    grants: fc.array(
      fc.record(
        {
          name: word,
          at: word,
          mode,
          effect: fc.constantFrom('allow' as const, 'deny' as const),
          actions: fc.uniqueArray(fc.constantFrom(...ACTIONS)),
          startsAt: fc.maxSafeInteger(),
          expiresAt: fc.maxSafeInteger(),
          during: fc.record({
            days: fc.uniqueArray(fc.constantFrom(...DAYS)),
            fromMinute: fc.nat(MINUTES_A_DAY),
            toMinute: fc.nat(MINUTES_A_DAY),
            zone: fc.constantFrom('UTC', 'Europe/Zurich'),
          }),
        },
        { requiredKeys: ['name', 'at', 'mode', 'effect', 'actions'] },
      ),
      { minLength: 1, maxLength: 4 },
    ),
    paths: fc.uniqueArray(path, { maxLength: 5 }),
    protect: fc.boolean(),
    mode,
    limits: fc.record(
      { fileBytes: fc.maxSafeInteger(), replication: fc.nat(512), blockBytes: fc.nat() },
      { requiredKeys: [] },
    ),
  })
  .map(({ words, hosts, home, grants, paths, protect, mode, limits }) => {
    const [bundle, identity, team, principal, secret, name, nameservice, realm, at, dataset] = words as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ]
    const cluster = { name, nameservice, nameNodes: hosts, dataNodeHosts: hosts, realm, kdcs: hosts, secret: at }
    const places = paths.map((it, index) => ({
      path: it,
      ...(index % 2 === 0 ? { dataset, limits } : {}),
      protect,
      grants: [index % grants.length],
    }))
    return { format: 2, mode, bundle, identity, team, principal, secret, home, cluster, grants, places }
  })

test('what is written is what is read', () => {
  fc.assert(
    fc.property(slice, (given) => {
      const line = writeSlice(given)
      expect(line).not.toContain('\n')
      expect(readSlice(line)).toEqual(given)
    }),
  )
})

test('what compile gives can be read back', () => {
  fc.assert(
    fc.property(bundle, (policy) => {
      const given = compile(policy, 'quant-research') as Slice
      expect(readSlice(writeSlice(given))).toEqual(given)
    }),
  )
})

const good = compile(
  bundleOf({ market: { prefixes: ['/data/market'] } }, [{ datasets: ['market'], actions: ['read'] }]),
  'quant-research',
) as Slice
const [grant] = good.grants
const [place] = good.places
const during = { days: ['mon'], fromMinute: 480, toMinute: 1080, zone: 'Europe/Zurich' }

test.each<[string, unknown]>([
  ['not an object', []],
  ['another format', { ...good, format: 1 }],
  ['no identity', { ...good, identity: undefined }],
  ['an empty team', { ...good, team: '' }],
  ['an effect of neither kind', { ...good, grants: [{ ...grant, effect: 'Deny' }] }],
  ['an action of a later version', { ...good, grants: [{ ...grant, effect: 'deny', actions: ['chown'] }] }],
  ['an action that is a name on a prototype', { ...good, grants: [{ ...grant, actions: ['constructor'] }] }],
  ['an expiry that is text', { ...good, grants: [{ ...grant, expiresAt: '2026' }] }],
  ['an expiry that is null', { ...good, grants: [{ ...grant, expiresAt: null }] }],
  ['a grant that is not there', { ...good, places: [{ ...place, grants: [1] }] }],
  ['a grant before the first', { ...good, places: [{ ...place, grants: [-1] }] }],
  ['no word on whether it is enforced', { ...good, mode: undefined }],
  ['a grant in a mode of a later version', { ...good, grants: [{ ...grant, effect: 'deny', mode: 'warn' }] }],
  ['a start that is text', { ...good, grants: [{ ...grant, startsAt: '2026' }] }],
  [
    'hours in a zone that is not there',
    { ...good, grants: [{ ...grant, during: { ...during, zone: 'Mars/Olympus' } }] },
  ],
  ['hours on a day that is not there', { ...good, grants: [{ ...grant, during: { ...during, days: ['someday'] } }] }],
  ['hours beyond the day', { ...good, grants: [{ ...grant, during: { ...during, toMinute: 1441 } }] }],
  ['hours without an end', { ...good, grants: [{ ...grant, during: { ...during, toMinute: undefined } }] }],
  ['hours that are null', { ...good, grants: [{ ...grant, during: null }] }],
  ['a limit that is text', { ...good, places: [{ ...place, limits: { fileBytes: '1' } }] }],
  ['a dataset without a name', { ...good, places: [{ ...place, dataset: '' }] }],
  ['half a grant', { ...good, places: [{ ...place, grants: [0.5] }] }],
  ['a path with dots', { ...good, places: [{ ...place, path: '/data/../x' }] }],
  ['a path with a slash at its end', { ...good, places: [{ ...place, path: '/data/' }] }],
  ['a path twice', { ...good, places: [place, place] }],
  ['no word on protection', { ...good, places: [{ ...place, protect: undefined }] }],
  ['a cluster that is a list', { ...good, cluster: [] }],
  ['NameNodes that are no list', { ...good, cluster: { ...good.cluster, nameNodes: 'https://nn1' } }],
])('%s is refused as a whole', (_, given) => {
  expect(() => readSlice(JSON.stringify(given))).toThrow(KerbsideError)
})

test('a line that was cut is refused', () => {
  const line = writeSlice(good)
  expect(() => readSlice(line.slice(0, -1))).toThrow('the slice is not JSON')
  expect(() => readSlice('')).toThrow(KerbsideError)
})

test('a field that only a later version knows is passed over, and reaches nothing', () => {
  const line = `{"later":1,"__proto__":{"team":"climate"},${writeSlice(good).slice(1)}`
  expect(readSlice(line)).toEqual(good)
})
