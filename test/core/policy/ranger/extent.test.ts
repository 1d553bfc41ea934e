/** What a path of Ranger reaches, value by value; that Ranger's own matcher agrees is for differential.test.ts. */
import { expect, test } from 'vitest'
import { covers, extentOf, extentsOf } from '../../../../src/core/policy/ranger/extent.ts'
import { hdfs } from '../bundle-of.ts'

const told = (value: string, isRecursive: boolean) => {
  const extent = extentOf(value, isRecursive)
  return extent === undefined ? 'nothing' : [extent.reach, extent.path, extent.why].filter(Boolean).join(' ')
}

test.each([
  ['/data/a', true, 'tree /data/a'],
  ['/data/a', false, 'self /data/a'],
  ['/data/a/', true, 'below /data/a'],
  ['/data/a/', false, 'nothing'],
  ['/data/a/*', true, 'below /data/a'],
  ['/data/a/*', false, 'below /data/a'],
  ['/data/a/**', true, 'below /data/a'],
  ['/', true, 'tree /'],
  ['/', false, 'self /'],
  ['/*', false, 'tree /'],
  ['*', false, 'tree /'],
  ['/data/a*', true, 'unclear /data wildcard'],
  ['/data/*/b', true, 'unclear /data wildcard'],
  ['/data/?', false, 'unclear /data wildcard'],
  ['*/b', true, 'unclear / wildcard'],
  ['/user/{USER}', true, 'unclear /user macro'],
  ['/user/{USER}/*', true, 'unclear /user macro'],
  ['data/a', true, 'nothing'],
  ['/data//a', true, 'nothing'],
  ['/data/../a', true, 'nothing'],
  // HDFS may ask about them, and no prefix of ours can say them.
  ['/data/%41', true, 'unclear /data resource'],
  ['/data/.snapshot/s1', true, 'unclear /data resource'],
])('`%s`, recursive %s: %s', (value, isRecursive, expected) => {
  expect(told(value, isRecursive)).toBe(expected)
})

test('a resource without a value may be everything', () => {
  const path = { values: ['', ''], isExcludes: false, isRecursive: true }
  expect(extentsOf([{ path }])).toEqual([{ path: '/', reach: 'unclear', why: 'resource' }])
})

test('what a policy excludes, or is on beside a path, is not guessed', () => {
  const path = { values: ['/a'], isExcludes: true, isRecursive: true }
  expect(extentsOf([{ path }])).toEqual([{ path: '/', reach: 'unclear', why: 'excludes' }])
  expect(extentsOf([{ path: { ...path, isExcludes: false }, tag: path }])[0]?.why).toBe('resource')
  expect(extentsOf([{ path: { ...path, isExcludes: false, isRegex: true } }])[0]?.why).toBe('unknown-field')
})

test('a sibling that begins alike is not covered', () => {
  expect(covers({ path: hdfs('/data/sales'), reach: 'tree' }, hdfs('/data/salesforce'))).toBe(false)
  expect(covers({ path: hdfs('/data/sales'), reach: 'below' }, hdfs('/data/sales'))).toBe(false)
  expect(covers({ path: hdfs('/data/sales'), reach: 'self' }, hdfs('/data/sales/eu'))).toBe(false)
})
