/** Whose token it is, is remembered for a minute, and never longer than the token lives; that it is bad is not remembered. */
import { expect, it } from 'vitest'
import { knownWriters } from '../../src/broker/audit/known-writers.ts'
import { refuse } from '../../src/broker/caller.ts'
import type { Claims } from '../../src/broker/claims.ts'

const NOW = 1_000_000
const claims = (expiresAt: number): Claims => ({
  namespace: 'ml-quant',
  serviceAccount: 'trainer',
  pod: 'train-0',
  podUid: 'uid-0',
  expiresAt,
})

function setUp(answer: () => ReturnType<typeof refuse> | Claims, most?: number) {
  const asked: string[] = []
  const clock = { now: NOW }
  const writers = knownWriters(
    async (token) => {
      asked.push(token)
      return answer()
    },
    () => clock.now,
    most,
  )
  return { asked, clock, writers }
}

it('asks once a minute for each token', async () => {
  const { asked, clock, writers } = setUp(() => claims(NOW + 3_600_000))
  expect(await writers('a')).toMatchObject({ pod: 'train-0' })
  clock.now += 59_999
  await writers('a')
  await writers('b')
  expect(asked).toEqual(['a', 'b'])
  clock.now += 1
  await writers('a')
  expect(asked).toEqual(['a', 'b', 'a'])
})

it('asks again when the token has ended', async () => {
  const { asked, clock, writers } = setUp(() => claims(NOW + 10_000))
  await writers('a')
  clock.now += 10_000
  await writers('a')
  expect(asked).toEqual(['a', 'a'])
})

it('asks again about a token that was refused', async () => {
  const { asked, writers } = setUp(() => refuse('bad-token', 'x'))
  expect(await writers('a')).toEqual(refuse('bad-token', 'x'))
  expect(await writers('a')).toEqual(refuse('bad-token', 'x'))
  expect(asked).toEqual(['a', 'a'])
})

it('knows so many at once and no more: whoever was asked about first is asked about again', async () => {
  const { asked, writers } = setUp(() => claims(NOW + 3_600_000), 2)
  for (const token of ['a', 'b', 'c', 'b', 'c', 'a']) await writers(token)
  expect(asked).toEqual(['a', 'b', 'c', 'a'])
})
