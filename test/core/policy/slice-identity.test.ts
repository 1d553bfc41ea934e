/** What an identity says of itself, in the line that a sidecar reads: within its bounds, and in words that are known. */
import { expect, test } from 'vitest'
import { compile } from '../../../src/core/policy/compile.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { readSlice, writeSlice } from '../../../src/core/policy/slice-line.ts'
import { bundleOf } from './bundle-of.ts'

const good = compile(
  bundleOf({ market: { prefixes: ['/data/market'] } }, [{ datasets: ['market'], actions: ['read'] }]),
  'quant-research',
) as Slice

test('a slice says how long it counts in silence: at least a second, at most a day', () => {
  const saying = (maxStaleSeconds: unknown) => readSlice(JSON.stringify({ ...good, maxStaleSeconds }))
  expect([1, 60, 86_400].map((seconds) => saying(seconds).maxStaleSeconds)).toEqual([1, 60, 86_400])
  expect(saying(undefined)).toEqual(good)
  expect(saying(undefined)).not.toHaveProperty('maxStaleSeconds')
  for (const wrong of [0, -1, 86_401])
    expect(() => saying(wrong)).toThrow('field `maxStaleSeconds` of the slice is not in a day')
  for (const wrong of [0.5, '60', null])
    expect(() => saying(wrong)).toThrow('field `slice.maxStaleSeconds` of the slice is not a whole number')
})

test('a slice says who asks the secret store, and no other word counts as one of the two', () => {
  const saying = (secretsThrough: unknown) => readSlice(JSON.stringify({ ...good, secretsThrough }))
  expect([saying('broker').secretsThrough, saying('sidecar').secretsThrough, saying(undefined)]).toEqual([
    'broker',
    'sidecar',
    good,
  ])
  for (const wrong of ['Broker', '', 'constructor', true, null]) {
    expect(() => saying(wrong)).toThrow('field `secretsThrough` of the slice is neither sidecar nor broker')
  }
})

test('what an identity says of itself stands in its slice', () => {
  const one = bundleOf({}, [])
  const identities = new Map(
    [...one.identities].map(([name, it]) => [name, { ...it, secretsThrough: 'broker' as const, maxStaleSeconds: 60 }]),
  )
  const cut = compile({ ...one, identities }, 'quant-research')
  expect(readSlice(writeSlice(cut as Slice))).toMatchObject({ secretsThrough: 'broker', maxStaleSeconds: 60 })
  expect(compile(one, 'quant-research')).not.toHaveProperty('secretsThrough')
})
