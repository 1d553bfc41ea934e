/** The line a broker sends and a sidecar reads: the same slice on both ends, and no line that is half right. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KerbsideError } from '../../../src/core/errors.ts'
import { ACTIONS } from '../../../src/core/policy/action.ts'
import { compile } from '../../../src/core/policy/compile.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { readSlice, writeSlice } from '../../../src/core/policy/slice-line.ts'
import { bundleOf } from './bundle-of.ts'
import { bundle, WORLD } from './near-misses.ts'

const word = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', 'constructor', 'a\nb', '\u2028'))
const path = fc.constantFrom(...WORLD)
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
          effect: fc.constantFrom('allow' as const, 'deny' as const),
          actions: fc.uniqueArray(fc.constantFrom(...ACTIONS)),
          expiresAt: fc.maxSafeInteger(),
        },
        { requiredKeys: ['name', 'at', 'effect', 'actions'] },
      ),
      { minLength: 1, maxLength: 4 },
    ),
    paths: fc.uniqueArray(path, { maxLength: 5 }),
    protect: fc.boolean(),
  })
  .map(({ words, hosts, home, grants, paths, protect }) => {
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
    const prefixes = paths.map((it, index) => ({ path: it, dataset, protect, grants: [index % grants.length] }))
    return { format: 1, bundle, identity, team, principal, secret, home, cluster, grants, prefixes }
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
const [prefix] = good.prefixes

test.each<[string, unknown]>([
  ['not an object', []],
  ['another format', { ...good, format: 2 }],
  ['no identity', { ...good, identity: undefined }],
  ['an empty team', { ...good, team: '' }],
  ['an effect of neither kind', { ...good, grants: [{ ...grant, effect: 'Deny' }] }],
  ['an action of a later version', { ...good, grants: [{ ...grant, effect: 'deny', actions: ['chown'] }] }],
  ['an action that is a name on a prototype', { ...good, grants: [{ ...grant, actions: ['constructor'] }] }],
  ['an expiry that is text', { ...good, grants: [{ ...grant, expiresAt: '2026' }] }],
  ['an expiry that is null', { ...good, grants: [{ ...grant, expiresAt: null }] }],
  ['a grant that is not there', { ...good, prefixes: [{ ...prefix, grants: [1] }] }],
  ['a grant before the first', { ...good, prefixes: [{ ...prefix, grants: [-1] }] }],
  ['half a grant', { ...good, prefixes: [{ ...prefix, grants: [0.5] }] }],
  ['a path with dots', { ...good, prefixes: [{ ...prefix, path: '/data/../x' }] }],
  ['a path with a slash at its end', { ...good, prefixes: [{ ...prefix, path: '/data/' }] }],
  ['a path twice', { ...good, prefixes: [prefix, prefix] }],
  ['no word on protection', { ...good, prefixes: [{ ...prefix, protect: undefined }] }],
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
