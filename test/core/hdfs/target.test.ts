/** Laws of the canonicaliser: what it lets through is what HDFS will see, and nothing that was refused hides in it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { segmentsOf } from '../../../src/core/hdfs/path.ts'
import { canonicalize, canonicalizeText, encodePath, sentPath, type Target } from '../../../src/core/hdfs/target.ts'

const accepted = (raw: string): Target => {
  const target = canonicalize(raw)
  if ('refuse' in target) throw new Error(`\`${raw}\` was refused: ${target.refuse}`)
  return target
}

describe('the attacker writes one path in many ways', () => {
  const REFUSED = [
    ['/data/market/../weather', 'dot-segment'],
    ['/data/market/./x', 'dot-segment'],
    ['/data/market/..', 'dot-segment'],
    ['/data/market/%2e%2e/weather', 'dot-segment'],
    ['/data/market/%2E./weather', 'dot-segment'],
    ['/data/market/..%2fweather', 'dot-segment'],
    ['/data/market%2f..%2fweather', 'dot-segment'],
    ['/data/market/%252e%252e/weather', 'double-encoding'],
    ['/data/%6d%2561rket', 'double-encoding'],
    ['/data/market%252Fx', 'double-encoding'],
    ['/data/market/%2500', 'double-encoding'],
    ['/data/market;x/secret', 'matrix-parameter'],
    ['/data;/market', 'matrix-parameter'],
    ['/.reserved/raw/data/weather', 'reserved-path'],
    ['/.reserved/.inodes/16386', 'reserved-path'],
    ['//.reserved/raw', 'reserved-path'],
    ['/%2ereserved/raw', 'reserved-path'],
    ['/%2Freserved/../.reserved', 'dot-segment'],
    ['/.snapshot/s0/.reserved/raw', 'reserved-path'],
    ['/data/.snapshot/s0/.snapshot/s1/x', 'snapshot-path'],
    ['/data/.snapshot/../weather', 'dot-segment'],
    ['/data/.snapshot/%2e%2e/weather', 'dot-segment'],
    ['/data/x%00.csv', 'control-character'],
    ['/data/x%0a.csv', 'control-character'],
    ['/data/x%7f.csv', 'control-character'],
    ['/data/x%c2%85.csv', 'control-character'],
    ['/data/%ff', 'bad-encoding'],
    ['/data/%c0%ae%c0%ae/weather', 'bad-encoding'],
    ['/data/%c0%af', 'bad-encoding'],
    ['/data/%ed%a0%80', 'bad-encoding'],
    ['/data/%f4%90%80%80', 'bad-encoding'],
    ['/data/%', 'bad-encoding'],
    ['/data/%2', 'bad-encoding'],
    ['/data/%zz', 'bad-encoding'],
    ['/data/\u00e9', 'bad-encoding'],
    ['/data/a b', 'bad-encoding'],
    ['/data/x#y', 'bad-target'],
    ['data/x', 'bad-target'],
    [`/${'a'.repeat(8000)}`, 'path-too-long'],
    [`/${'%c3%a9'.repeat(4000)}`, 'path-too-long'],
    ['/a'.repeat(1001), 'path-too-long'],
  ] as const
  test.each(REFUSED)('%s is refused as %s', (raw, reason) => {
    expect(canonicalize(raw)).toEqual({ refuse: reason })
  })

  const SAME = [
    ['', '/'],
    ['/', '/'],
    ['///', '/'],
    ['/data/market/', '/data/market'],
    ['//data///market', '/data/market'],
    ['/data%2Fmarket', '/data/market'],
    ['/d%61ta/market', '/data/market'],
    ['/data/a%3Bb', '/data/a;b'],
    ['/data/a+b', '/data/a+b'],
    ['/data/a%2Bb', '/data/a+b'],
    ['/data/a%20b', '/data/a b'],
    ['/data/a\\b', '/data/a\\b'],
    ['/data/50%25', '/data/50%'],
    ['/data/50%25g0', '/data/50%g0'],
    ['/data/...', '/data/...'],
    ['/data/..x', '/data/..x'],
    ['/data/.reserved', '/data/.reserved'],
    ['/.reservedx', '/.reservedx'],
    ['/data/.snapshots', '/data/.snapshots'],
    ['/data/e%CC%81', '/data/e\u0301'],
    ['/data/%C3%A9', '/data/\u00e9'],
    ['/data/year=2024/*.csv', '/data/year=2024/*.csv'],
    [`/${'a'.repeat(7999)}`, `/${'a'.repeat(7999)}`],
    ['/a'.repeat(1000), '/a'.repeat(1000)],
  ] as const
  test.each(SAME)('%s is taken as %s', (raw, path) => {
    expect(accepted(raw)).toEqual({ path })
  })

  test('a composed and a decomposed letter stay two names', () => {
    expect(accepted('/%C3%A9').path).not.toBe(accepted('/e%CC%81').path)
  })
})

describe('a snapshot is another name for a live path', () => {
  test.each([
    ['/data/.snapshot/s0/weather/x', { path: '/data/weather/x', snapshot: { root: '/data', name: 's0' } }],
    ['/data/.snapshot/s0', { path: '/data', snapshot: { root: '/data', name: 's0' } }],
    ['/data/.snapshot', { path: '/data', snapshot: { root: '/data' } }],
    ['/data/.snapshot/', { path: '/data', snapshot: { root: '/data' } }],
    ['/.snapshot/s0/data', { path: '/data', snapshot: { root: '/', name: 's0' } }],
    ['/data/%2esnapshot/s0/x', { path: '/data/x', snapshot: { root: '/data', name: 's0' } }],
  ])('%s', (raw, target) => {
    expect(canonicalize(raw)).toEqual(target)
  })
})

test('a destination must be absolute, and is decoded no second time', () => {
  expect(canonicalizeText('data/x')).toEqual({ refuse: 'relative-path' })
  expect(canonicalizeText('')).toEqual({ refuse: 'relative-path' })
  expect(canonicalizeText('hdfs://nn/x')).toEqual({ refuse: 'relative-path' })
  expect(canonicalizeText('//evil/x')).toEqual({ path: '/evil/x' })
  expect(canonicalizeText('/data/a/../secret')).toEqual({ refuse: 'dot-segment' })
  expect(canonicalizeText('/data/%2e%2e/secret')).toEqual({ refuse: 'double-encoding' })
})

/** Names as people, Spark and attackers write them; near misses of what is refused are made on purpose. */
const name = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '...',
      '..a',
      '.snapshots',
      '.reserved',
      'a;b',
      'a+b',
      'a%b',
      'dt=2024-01-01',
      '\\',
      '"',
      '?',
      '#',
    ),
  },
)
const target = fc
  .record({ names: fc.array(name, { maxLength: 6 }), snapshotAt: fc.option(fc.nat(6)) })
  .map(({ names, snapshotAt }) =>
    canonicalizeText(
      `/${(snapshotAt === null ? names : [...names.slice(0, snapshotAt), '.snapshot', ...names.slice(snapshotAt)]).join('/')}`,
    ),
  )

test('what HDFS is sent reads back as exactly the target that was decided on', () => {
  fc.assert(
    fc.property(target, (made) => {
      fc.pre(!('refuse' in made))
      expect(canonicalize(encodePath(made))).toEqual(made)
    }),
  )
})

/** Raw targets from pieces that an attacker would put together. */
const raw = fc
  .array(
    fc.constantFrom(
      '/',
      '//',
      '.',
      '..',
      '%2e',
      '%2E',
      '%252e',
      '%2f',
      '%5c',
      '\\',
      ';',
      '%3b',
      '%00',
      '%ff',
      '%c0%ae',
      'a',
      'data',
      '.reserved',
      '.snapshot',
      '%',
      '%25',
      '+',
      '?',
      '#',
      '\u00e9',
      '%c3%a9',
    ),
    { maxLength: 10 },
  )
  .map((pieces) => `/${pieces.join('')}`)

test('nothing that is refused hides in what is let through', () => {
  fc.assert(
    fc.property(raw, (text) => {
      const made = canonicalize(text)
      fc.pre(!('refuse' in made))
      const segments = segmentsOf(made.path)
      expect(segments).not.toContain('')
      expect(segments).not.toContain('.')
      expect(segments).not.toContain('..')
      expect(segments).not.toContain('.snapshot')
      expect(segments[0]).not.toBe('.reserved')
      expect(sentPath(made)).not.toMatch(/%[0-9a-f]{2}|\p{Cc}/iu)
      expect(encodePath(made)).toMatch(/^\/[A-Za-z0-9\-_.!~*'()%/]*$/)
    }),
    { numRuns: 500 },
  )
})
