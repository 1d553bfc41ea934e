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

const withGrant = (change: object) => ({ ...good, grants: [{ ...grant, ...change }] })
const withPlace = (change: object) => ({ ...good, places: [{ ...place, ...change }] })
const withHours = (change: object) => withGrant({ effect: 'deny', during: { ...during, ...change } })

test.each<[string, unknown, string]>([
  ['a list', [], 'field `slice` of the slice is not an object'],
  ['null', null, '`slice` of the slice is not an object'],
  ['text', 'format', '`slice` of the slice is not an object'],
  ['another format', { ...good, format: 1 }, '`format` of the slice is not 2'],
  [
    'an effect of neither kind',
    withGrant({ effect: 'Deny' }),
    '`grants[0].effect` of the slice is neither allow nor deny',
  ],
  [
    'an action of a later version',
    withGrant({ effect: 'deny', actions: ['chown'] }),
    '`grants[0].actions` of the slice has an action that this version does not know',
  ],
  ['an action that is a name on a prototype', withGrant({ actions: ['constructor'] }), '`grants[0].actions`'],
  ['a grant that is no object', { ...good, grants: [grant, 'deny'] }, '`grants[1]` of the slice is not an object'],
  ['a grant without a name', withGrant({ name: '' }), '`name` of the slice is not text'],
  ['a grant from no line', withGrant({ at: 7 }), '`at` of the slice is not text'],
  [
    'an expiry that is text',
    withGrant({ expiresAt: '2026' }),
    '`grants[0].expiresAt` of the slice is not a whole number',
  ],
  ['an expiry that is null', withGrant({ expiresAt: null }), '`grants[0].expiresAt`'],
  ['a start that is text', withGrant({ startsAt: '2026' }), '`grants[0].startsAt`'],
  [
    'no word on whether it is enforced',
    { ...good, mode: undefined },
    '`mode` of the slice is neither enforce nor shadow',
  ],
  ['a grant in a mode of a later version', withGrant({ effect: 'deny', mode: 'warn' }), '`grants[0].mode`'],
  [
    'hours in a zone that is not there',
    withHours({ zone: 'Mars/Olympus' }),
    '`grants[0].during.zone` of the slice is no time zone that this system knows',
  ],
  [
    'hours on a day that is not there',
    withHours({ days: ['someday'] }),
    '`grants[0].during.days` of the slice has something else than a day',
  ],
  ['hours beyond the day', withHours({ toMinute: 1441 }), '`grants[0].during` of the slice is not in a day'],
  [
    'hours that begin beyond the day',
    withHours({ fromMinute: 1441 }),
    '`grants[0].during` of the slice is not in a day',
  ],
  ['hours before the day', withHours({ fromMinute: -1 }), '`grants[0].during` of the slice is not in a day'],
  ['hours that end before the day', withHours({ toMinute: -1 }), '`grants[0].during` of the slice is not in a day'],
  ['hours without a start', withHours({ fromMinute: undefined }), '`grants[0].during` of the slice is not in a day'],
  ['hours without an end', withHours({ toMinute: undefined }), '`grants[0].during` of the slice is not in a day'],
  [
    'hours that are text',
    withHours({ toMinute: '18:00' }),
    '`grants[0].during.toMinute` of the slice is not a whole number',
  ],
  ['hours that are null', withGrant({ during: null }), '`grants[0].during` of the slice is not an object'],
  ['a place that is no object', { ...good, places: ['/data'] }, '`places[0]` of the slice is not an object'],
  [
    'a limit that is text',
    withPlace({ limits: { fileBytes: '1' } }),
    '`places[0].limits.fileBytes` of the slice is not a whole number',
  ],
  ['limits that are null', withPlace({ limits: null }), '`places[0].limits` of the slice is not an object'],
  ['a dataset without a name', withPlace({ dataset: '' }), '`dataset` of the slice is not text'],
  [
    'a grant that is not there',
    withPlace({ grants: [1] }),
    '`places[0].grants` of the slice names a grant that is not there',
  ],
  ['a grant before the first', withPlace({ grants: [-1] }), '`places[0].grants`'],
  ['half a grant', withPlace({ grants: [0.5] }), '`places[0].grants`'],
  ['a grant by its name', withPlace({ grants: ['0'] }), '`places[0].grants`'],
  ['a path with dots', withPlace({ path: '/data/../x' }), '`path` of the slice is not a canonical path (dot-segment)'],
  [
    'a path with a slash at its end',
    withPlace({ path: '/data/' }),
    '`path` of the slice is not a canonical path (empty-segment)',
  ],
  ['a path twice', { ...good, places: [place, place] }, '`places` of the slice has one path twice'],
  [
    'no word on protection',
    withPlace({ protect: undefined }),
    '`places[0].protect` of the slice is neither true nor false',
  ],
  ['a cluster that is a list', { ...good, cluster: [] }, '`cluster` of the slice is not an object'],
])('%s is refused as a whole, and named', (_, given, problem) => {
  expect(() => readSlice(JSON.stringify(given))).toThrow(
    expect.objectContaining({ code: 'bad-slice', message: expect.stringContaining(problem) }),
  )
})

test.each(['bundle', 'identity', 'team', 'principal', 'secret', 'home'])(
  'a slice without its %s is refused',
  (name) => {
    for (const wrong of [undefined, '', 7, null]) {
      expect(() => readSlice(JSON.stringify({ ...good, [name]: wrong }))).toThrow(
        `field \`${name}\` of the slice is not text`,
      )
    }
  },
)

test.each(['name', 'nameservice', 'realm', 'secret'])('a cluster without its %s is refused', (name) => {
  for (const wrong of [undefined, '', 7, null]) {
    const given = { ...good, cluster: { ...good.cluster, [name]: wrong } }
    expect(() => readSlice(JSON.stringify(given))).toThrow(`field \`${name}\` of the slice is not text`)
  }
})

test.each(['nameNodes', 'dataNodeHosts', 'kdcs'])('a cluster whose %s are no list of text is refused', (name) => {
  const put = (hosts: unknown) => () =>
    readSlice(JSON.stringify({ ...good, cluster: { ...good.cluster, [name]: hosts } }))
  expect(put('https://nn1')).toThrow(`field \`${name}\` of the slice is not a list`)
  expect(put(undefined)).toThrow(`field \`${name}\` of the slice is not a list`)
  expect(put(['nn1', ''])).toThrow(`field \`${name}\` of the slice has something else than text`)
  expect(put(['nn1', 7])).toThrow(`field \`${name}\` of the slice has something else than text`)
})

const withCluster = (change: object) => JSON.stringify({ ...good, cluster: { ...good.cluster, ...change } })

test('a cluster without TLS is refused unless it says so, whoever sent the slice', () => {
  const nameNodes = ['https://nn1.lab:9871', 'http://nn2.lab:9870']
  expect(() => readSlice(withCluster({ nameNodes }))).toThrow('field `nameNodes` of the slice has plain HTTP')
  for (const insecureHttp of [false, 'true', null]) {
    const said = 'field `insecureHttp` of the slice is something else than true'
    expect(() => readSlice(withCluster({ nameNodes, insecureHttp }))).toThrow(said)
  }
  expect(readSlice(withCluster({ nameNodes, insecureHttp: true })).cluster).toMatchObject({
    nameNodes,
    insecureHttp: true,
  })
})

test('that a cluster decodes once is said by `true`, and by nothing that looks like it', () => {
  for (const decodesOnce of [false, 'true', null]) {
    const said = 'field `decodesOnce` of the slice is something else than true'
    expect(() => readSlice(withCluster({ decodesOnce }))).toThrow(said)
  }
  expect(readSlice(withCluster({ decodesOnce: true })).cluster).toMatchObject({ decodesOnce: true })
  for (const absent of ['decodesOnce', 'insecureHttp'])
    expect(readSlice(JSON.stringify(good)).cluster).not.toHaveProperty(absent)
})

test('a cluster may say where its Hadoop configuration is, and nothing but text', () => {
  expect(readSlice(withCluster({ configuration: 'hdfs/lab-site' })).cluster.configuration).toBe('hdfs/lab-site')
  expect(readSlice(JSON.stringify(good)).cluster).not.toHaveProperty('configuration')
  for (const wrong of ['', 1, null, ['x']]) {
    expect(() => readSlice(withCluster({ configuration: wrong }))).toThrow('field `configuration`')
  }
})

test.each(['grants', 'places'])('a slice without its %s is refused, since no list is not an empty one', (name) => {
  expect(() => readSlice(JSON.stringify({ ...good, [name]: undefined }))).toThrow(
    `field \`${name}\` of the slice is not a list`,
  )
})

test('a line that was cut is refused', () => {
  const line = writeSlice(good)
  expect(() => readSlice(line.slice(0, -1))).toThrow('the slice is not JSON')
  expect(() => readSlice('')).toThrow(KerbsideError)
  expect(() => readSlice('')).toThrow(expect.objectContaining({ code: 'bad-slice', cause: expect.any(SyntaxError) }))
})

test('a field that only a later version knows is passed over, and reaches nothing', () => {
  const line = `{"later":1,"__proto__":{"team":"climate"},${writeSlice(good).slice(1)}`
  expect(readSlice(line)).toEqual(good)
})
