/** Holds a quick reader of YAML against the careful one: whatever it takes, both give the same documents, values and places. */
import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Source } from '../../../src/core/policy/language/problem.ts'
import { readCarefully } from '../../../src/io/policy/yaml-careful.ts'
import { pathsOf } from './texts.ts'

export type QuickReader = (file: string, text: string) => readonly Source[] | undefined

/** Whether the quick reader took it; fails where it took something else than the careful one. */
export function agrees(read: QuickReader, text: string): boolean {
  const quick = read('a.yaml', text)
  if (quick === undefined) return false
  const careful = [...readCarefully('a.yaml', text)].map((source) => {
    if (source === 'too-deep') throw new Error('the quick reader took what is too deep')
    return source
  })
  expect(careful.flatMap(({ problems }) => problems)).toEqual([])
  expect(careful.map(({ isIntact }) => isIntact)).not.toContain(false)
  const [mine, theirs] = [quick, careful].map((sources) => sources.map(({ value }) => value))
  // The library's own comparison takes a field `constructor` for a type; this one tells `0` from `-0`, too.
  if (!isDeepStrictEqual(mine, theirs)) throw new Error(`${inspect(mine)} by the quick one is ${inspect(theirs)}`)
  for (const [index, source] of quick.entries()) {
    for (const path of pathsOf(source.value)) {
      for (const part of ['value', 'key'] as const) {
        expect([path, part, source.place(path, part)]).toEqual([path, part, careful[index]?.place(path, part)])
      }
    }
  }
  return true
}

/** Fails where the two do not agree on a text that both take, or where the texts are all of one kind. */
export function agreeWhereBothSpeak(read: QuickReader, texts: fc.Arbitrary<string>, numRuns: number): void {
  let taken = 0
  let left = 0
  fc.assert(
    fc.property(texts, (text) => {
      if (agrees(read, text)) taken += 1
      else left += 1
    }),
    { numRuns },
  )
  // Neither side of the property is empty.
  expect(Math.min(taken, left)).toBeGreaterThan(100)
}
