/** The flat nodes find what a tree of maps finds, for paths made to collide and to miss nearly. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HdfsPath } from '../../../../src/core/hdfs/path.ts'
import { find, hashOf, layOut, TAG } from '../../../../src/core/policy/decision/segments.ts'
import { hdfs } from '../bundle-of.ts'

const segment = fc.oneof(
  fc.constantFrom('a', 'b', 'ab', 'ba', 'aa', 'constructor', '__proto__', 'Ä', '日本', '\u{1f600}', '\u{1f601}a'),
  fc.stringMatching(/^[a-c]{1,3}$/),
)
const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`)

test('a path is found where it or an ancestor was laid out, and nowhere else', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(path, { maxLength: 40 }),
      fc.array(path, { minLength: 10, maxLength: 10 }),
      (given, asked) => {
        const { segments, nodeAt } = layOut(given.map(hdfs))
        const known = new Map<string, number>([['/', 0]])
        for (const [index, one] of given.entries()) known.set(one, nodeAt[index] ?? -1)
        for (const one of [...given, ...asked]) {
          const found = find(segments, hdfs(one))
          if (known.has(one)) expect(found).toBe(known.get(one))
          else {
            const isOnTheWay = given.some((other) => other.startsWith(`${one}/`))
            expect(found >= 0, one).toBe(isOnTheWay)
          }
          const parent = one.slice(0, one.lastIndexOf('/')) || '/'
          if (found < 0) expect([find(segments, hdfs(parent)), ~find(segments, hdfs(parent))]).toContain(~found)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('ten thousand siblings are told apart', () => {
  const paths = Array.from({ length: 10_000 }, (_, index) => hdfs(`/data/set-${index}`))
  const { segments, nodeAt } = layOut(paths)
  expect(new Set(nodeAt).size).toBe(10_000)
  for (const [index, one] of paths.entries()) expect(find(segments, one)).toBe(nodeAt[index])
  expect(find(segments, hdfs('/data/set-10000'))).toBeLessThan(0)
  expect(find(segments, hdfs('/data/set-'))).toBeLessThan(0)
})

test('more segments than a node has numbers for are refused, not mistaken for others', () => {
  const paths = ['/a/b', '/a/c'].map(hdfs)
  expect(layOut(paths, 4).segments.count).toBe(4)
  expect(() => layOut(paths, 3)).toThrow(new RangeError('the prefixes of a slice have more than 3 segments'))
})

/** Whether an entry of the table keeps the same of both, so that only what is behind it tells them apart. */
const areAlike = (one: number, other: number): boolean => ((one ^ other) & TAG) === 0

test('a name is never taken for another of the same hash, neither for one as long nor for a longer one', () => {
  let tried = 0
  for (let index = 0; index < 100_000; index += 1) {
    const name = `n${(index + 100_000).toString(36)}`
    for (const other of [`m${name.slice(1)}`, name.slice(0, -1)]) {
      if (!areAlike(hashOf(1, name), hashOf(1, other))) continue
      tried += 1
      expect(find(layOut([`/a/${name}`, '/a/-'].map(hdfs)).segments, hdfs(`/a/${other}`))).toBe(~1)
    }
  }
  expect(tried).toBeGreaterThan(20)
})

test('a name is never taken for the same one in another directory', () => {
  let tried = 0
  for (let index = 0; index < 200_000; index += 1) {
    const name = `n${(index + 100_000).toString(36)}`
    if (!areAlike(hashOf(1, name), hashOf(2, name))) continue
    tried += 1
    expect(find(layOut([`/a/${name}`, '/a/-', '/b/-', '/b/+'].map(hdfs)).segments, hdfs(`/b/${name}`))).toBe(~2)
    for (const behind of [
      ['/b/-', `/b/${name}`],
      [`/b/${name}`, '/b/-'],
    ])
      expect(find(layOut(['/a/-', '/a/+', ...behind].map(hdfs)).segments, hdfs(`/a/${name}`))).toBe(~1)
  }
  expect(tried).toBeGreaterThan(5)
})

test('an only child is taken for its whole name alone, as one of many is', () => {
  for (const names of [['ab'], ['ab', 'x']]) {
    const { segments } = layOut(names.map((name) => hdfs(`/d/${name}/in`)))
    expect(find(segments, hdfs('/d/ab/in')), 'itself').toBeGreaterThan(0)
    for (const other of ['a', 'abc', 'b', 'aB', 'ba', 'ab.', 'a/b', 'abin']) {
      expect(find(segments, hdfs(`/d/${other}`)), other).toBe(~1)
      expect(find(segments, hdfs(`/d/${other}/in`)), other).toBe(~1)
    }
    for (const other of ['i', 'ins', 'on', 'in.']) {
      expect(find(segments, hdfs(`/d/ab/${other}`)), other).toBe(~find(segments, hdfs('/d/ab')))
    }
  }
})

test('names that only look alike are others: composed and decomposed, and halves of what is beyond 16 bits', () => {
  const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301']
  const [smile, grin] = ['\u{1f600}', '\u{1f601}']
  for (const beside of [[], ['/-']]) {
    const first = layOut([`/${composed}`, ...beside].map(hdfs)).segments
    expect(find(first, hdfs(`/${composed}`))).toBe(1)
    expect(find(first, hdfs(`/${decomposed}`))).toBe(~0)
    const second = layOut([`/${smile}`, ...beside].map(hdfs)).segments
    expect(find(second, hdfs(`/${smile}`))).toBe(1)
    expect(find(second, hdfs(`/${grin}`))).toBe(~0)
    expect(find(second, `/${smile.slice(0, 1)}` as HdfsPath)).toBe(~0)
  }
})

test('two hundred levels are gone down to the last, and no further', () => {
  const deep = `/${Array.from({ length: 200 }, () => 'd').join('/')}`
  const { segments } = layOut([deep, `${deep}/a`, `${deep}/b`].map(hdfs))
  expect(find(segments, hdfs(deep))).toBe(200)
  expect(find(segments, hdfs(`${deep}/c`))).toBe(~200)
  expect(find(segments, hdfs(`${deep}/a/x`))).toBe(~find(segments, hdfs(`${deep}/a`)))
  expect(find(segments, hdfs(deep.slice(0, -2)))).toBe(199)
  expect(find(segments, hdfs(`${deep.slice(0, -1)}x`))).toBe(~199)
})

test('text that is no path is not taken for the root', () => {
  for (const text of ['', 'a']) expect(find(layOut([]).segments, text as HdfsPath)).toBe(~0)
  expect(find(layOut([]).segments, hdfs('/'))).toBe(0)
})
