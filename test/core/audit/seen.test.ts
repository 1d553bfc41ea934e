/** What was taken of a chain is a set of numbers, in whatever order they come. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Ranges, withNumber } from '../../../src/core/audit/seen.ts'

test('a number is new exactly once, in any order, and ranges never touch', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 60 }), (numbers) => {
      const taken = new Set<number>()
      let ranges: Ranges = []
      for (const number of numbers) {
        const more = withNumber(ranges, number)
        expect(more === undefined).toBe(taken.has(number))
        taken.add(number)
        ranges = more ?? ranges
      }
      const inRanges = ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at))
      expect(inRanges).toEqual([...taken].toSorted((one, other) => one - other))
      for (const [at, [from]] of ranges.entries()) expect(from).toBeGreaterThan(ranges[at - 1]?.[1] ?? -1)
    }),
  )
})

test('a chain that comes in order is one range', () => {
  let ranges: Ranges = []
  for (let number = 0; number < 100; number++) ranges = withNumber(ranges, number) ?? ranges
  expect(ranges).toEqual([[0, 100]])
})
