/** What counts as a near miss of a word, and what does not. */
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
