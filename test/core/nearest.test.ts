/** What counts as a near miss of a word, and what does not. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest } from '../../src/core/nearest.ts'

test.each([
  ['marekt', ['weather', 'market'], 'market'],
  ['Market', ['market'], 'market'],
  ['raed', ['stat', 'read'], 'read'],
  ['datasets', ['dataset', 'teams'], 'dataset'],
  ['quant', ['climate', 'energy'], undefined],
  ['', ['stat', 'read'], undefined],
  ['x', [], undefined],
])('%s among %j is %s', (given, choices, expected) => {
  expect(nearest(given, choices)).toBe(expected)
})

test('what was given is never suggested back', () => {
  expect(nearest('market', ['market'])).toBeUndefined()
})

test('a very long word is not compared at all', () => {
  expect(nearest('a'.repeat(101), ['a'.repeat(100)])).toBeUndefined()
})

/** Optimal string alignment, by its definition. */
function slips(from: string, to: string): number {
  if (from === '' || to === '') return from.length + to.length
  const [a, b] = [from.slice(0, -1), to.slice(0, -1)]
  const swap = from.length > 1 && to.length > 1 && from.slice(-2) === `${to.at(-1)}${to.at(-2)}`
  return Math.min(
    slips(a, to) + 1,
    slips(from, b) + 1,
    slips(a, b) + (from.at(-1) === to.at(-1) ? 0 : 1),
    ...(swap ? [slips(from.slice(0, -2), to.slice(0, -2)) + 1] : []),
  )
}

test('of any words, the nearest is the first with the fewest slips', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 5 }), (given, choices) => {
      const most = Math.max(1, Math.floor(given.length / 3))
      const near = choices
        .filter((choice) => choice !== given)
        .map((choice) => ({ choice, count: slips(given, choice) }))
        .filter(({ count }) => count <= most)
      const fewest = Math.min(...near.map(({ count }) => count))
      expect(nearest(given, choices)).toBe(near.find(({ count }) => count === fewest)?.choice)
    }),
  )
})
