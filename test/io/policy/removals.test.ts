/** Cutting documents and items of lists out of a file: the rest stays, byte for byte. */
import { expect, test } from 'vitest'
import { withoutRemovals } from '../../../src/io/policy/removals.ts'

const TEXT = `# head
kind: One # first
spec:
  teams: [a, 'a', b,  a]
  paths:
    - x # why
    - y
    - y
    - x # again
  nested: [{ values: [v, v] }]
---
# about two
kind: Two
--- # three
kind: Three
`
const remove = (...removals: readonly (readonly [number, ...PropertyKey[]])[]) =>
  withoutRemovals(
    TEXT,
    removals.map(([line, ...path]) => ({ line, path })),
  )

test('items in brackets', () => {
  const { text, left } = remove([2, 'spec', 'teams', 1], [2, 'spec', 'teams', 3], [2, 'spec', 'nested', 0, 'values', 1])
  expect(text).toBe(TEXT.replace("[a, 'a', b,  a]", '[a, b]').replace('[v, v]', '[v]'))
  expect(left).toEqual([])
})

test('items on lines of their own; one with a comment is left to a person', () => {
  const { text, left } = remove([2, 'spec', 'paths', 2], [2, 'spec', 'paths', 3])
  expect(text).toBe(TEXT.replace('    - y\n    - y\n', '    - y\n'))
  expect(left).toEqual([{ line: 2, path: ['spec', 'paths', 3] }])
})

test('whole documents, and items of another at once', () => {
  expect(remove([13]).text).toBe(TEXT.replace('---\n# about two\nkind: Two\n', ''))
  expect(remove([15], [2, 'spec', 'teams', 1]).text).toBe(
    TEXT.replace('--- # three\nkind: Three\n', '').replace("'a', ", ''),
  )
  expect(remove([2]).text).toBe(`# head\n${TEXT.slice(TEXT.indexOf('# about'))}`)
  expect(remove([2], [2, 'spec', 'teams', 1], [13], [15]).text).toBe('')
})

test('what is not there is left', () => {
  for (const [line, ...path] of [
    [3, 'spec', 'teams', 1],
    [2, 'spec', 'teams', 9],
    [2, 'spec', 'teams', 0],
    [2, 'kind', 1],
  ] as const) {
    expect(withoutRemovals(TEXT, [{ line, path }])).toEqual({ text: TEXT, left: [{ line, path }] })
  }
})
