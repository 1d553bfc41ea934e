/** Who has a turn, who waits for one, and who is sent away. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { turns } from '../../src/broker/turns.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const WAIT_MS = 10_000

/** Work that lasts until it is ended. */
function desk(atOnce = 2) {
  const inTurn = turns({ atOnce, waitMs: WAIT_MS })
  const begun: string[] = []
  const ends = new Map<string, PromiseWithResolvers<string>>()
  const ask = (name: string) =>
    inTurn(() => {
      begun.push(name)
      const end = Promise.withResolvers<string>()
      ends.set(name, end)
      return end.promise
    })
  return { begun, ask, ends }
}

const settle = () => vi.advanceTimersByTimeAsync(0)

test('no more than may be at once, and the others in the order in which they came', async () => {
  const { begun, ask, ends } = desk()
  const answers = ['a', 'b', 'c', 'd'].map(ask)
  await settle()
  expect(begun).toEqual(['a', 'b'])
  for (const name of ['b', 'a', 'c', 'd']) {
    ends.get(name)?.resolve(name)
    await settle()
  }
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd'])
})

test('a turn that fails is over as well, and is told to its own caller alone', async () => {
  const { begun, ask, ends } = desk(1)
  const [first, second] = [ask('a'), ask('b')]
  await settle()
  ends.get('a')?.reject(new Error('no API server'))
  await expect(first).rejects.toThrow('no API server')
  ends.get('b')?.resolve('b')
  expect([await second, begun]).toEqual(['b', ['a', 'b']])
})

test('who has waited too long is sent away and never begins; whoever comes after him is not held up by him', async () => {
  const { begun, ask, ends } = desk(1)
  void ask('a')
  const late = expect(ask('b')).rejects.toMatchObject({ code: 'not-ready' })
  await vi.advanceTimersByTimeAsync(WAIT_MS)
  await late
  const third = ask('c')
  ends.get('a')?.resolve('a')
  await settle()
  ends.get('c')?.resolve('c')
  expect([await third, begun]).toEqual(['c', ['a', 'c']])
})

test('who begins in time has as long as he needs, and leaves no timer behind', async () => {
  const { ask, ends } = desk(1)
  const [first, second] = [ask('a'), ask('b')]
  await vi.advanceTimersByTimeAsync(WAIT_MS - 1)
  ends.get('a')?.resolve('a')
  await first
  expect(vi.getTimerCount()).toBe(0)
  await vi.advanceTimersByTimeAsync(WAIT_MS)
  ends.get('b')?.resolve('b')
  expect(await second).toBe('b')
})

test('turns that are over are there again: as many as before', async () => {
  const { begun, ask, ends } = desk(2)
  for (const round of ['1', '2', '3']) {
    const answers = ['a', 'b', 'c'].map((name) => ask(name + round))
    await settle()
    for (const name of ['a', 'b', 'c']) {
      ends.get(name + round)?.resolve(name)
      await settle()
    }
    await Promise.all(answers)
  }
  expect(begun).toHaveLength(9)
  void ask('x')
  void ask('y')
  void ask('z')
  await settle()
  expect(begun.slice(9)).toEqual(['x', 'y'])
})
