/** How many refusals go on record: enough to see each pod that tries, and never so many that trying fills the disk. */
import { expect, it } from 'vitest'
import { refusalBudget } from '../../src/broker/audit/refusal-budget.ts'

function setUp() {
  const clock = { now: 0 }
  const budget = refusalBudget(() => clock.now)
  const ask = (pod: string | undefined, times: number) => Array.from({ length: times }, () => budget(pod))
  return { clock, ask }
}
const counts = (allowed: readonly string[]) =>
  ['yes', 'the-last', 'no'].map((which) => allowed.filter((one) => one === which).length)

it('of one pod there are twenty a minute, and the last says that there may be more', () => {
  const { clock, ask } = setUp()
  expect(counts(ask('a', 30))).toEqual([19, 1, 10])
  expect(counts(ask('b', 1))).toEqual([1, 0, 0])
  clock.now = 60_000
  expect(counts(ask('a', 30))).toEqual([19, 1, 10])
})

it('of all strangers together there are sixty, and that takes nothing from a pod', () => {
  const { ask } = setUp()
  expect(counts(ask(undefined, 5000))).toEqual([59, 1, 4940])
  expect(counts(ask('a', 1))).toEqual([1, 0, 0])
})

it('of all pods together there are a thousand, and that takes nothing from what is said of strangers', () => {
  const { ask } = setUp()
  const pods = Array.from({ length: 200 }, (_, at) => ask(`pod-${at}`, 10)).flat()
  expect(counts(pods)).toEqual([1000, 0, 1000])
  expect(counts(ask(undefined, 1))).toEqual([1, 0, 0])
})
