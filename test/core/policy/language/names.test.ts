/** Names that nothing declares: what is said of them, and that ten thousand of them are told as quickly as one. */
import { expect, test } from 'vitest'
import { Names } from '../../../../src/core/policy/language/names.ts'
import type { Source } from '../../../../src/core/policy/language/problem.ts'
import { declared } from '../../../../src/core/policy/language/read-document.ts'

const source = (value: unknown): Source => ({
  file: 'a.yaml',
  value,
  problems: [],
  isIntact: true,
  place: () => ({ file: 'a.yaml', line: 1, column: 1 }),
})
const dataset = (name: string) => source({ kind: 'Dataset', metadata: { name }, spec: { owner: 'quant' } })
const USER = source({})
const namesOf = (sources: readonly Source[]) => new Names(sources.map(declared))
const hintOf = (names: Names, name: string) => names.missing(USER, 'Dataset', [], name).hint

test('a wrong name is told what was perhaps meant, wherever it stands', () => {
  const names = namesOf([dataset('market'), dataset('weather')])
  expect(names.has('Dataset', 'market')).toBe(true)
  expect(names.has('Dataset', 'marekt')).toBe(false)
  expect(hintOf(names, 'marekt')).toBe('did you mean `market`?')
  expect(hintOf(names, 'marekt')).toBe('did you mean `market`?')
  expect(hintOf(names, 'nothing-like-it')).toBeUndefined()
})

test('a name of one kind is not taken for one of another', () => {
  const names = namesOf([dataset('market')])
  expect(hintOf(names, 'quatn')).toBeUndefined()
  expect(names.missing(USER, 'team', [], 'quatn').hint).toBe('did you mean `quant`?')
})

test('after a thousand wrong names among a thousand, each is still told, and none is compared any more', () => {
  const many = Array.from({ length: 1001 }, (_, index) => dataset(`a-name-that-is-much-longer-${index}`))
  const names = namesOf([dataset('market'), ...many])
  for (let index = 0; index < 1001; index += 1) {
    expect(names.missing(USER, 'Dataset', [], `x${index}`).message).toBe(`no dataset is called \`x${index}\``)
  }
  expect(names.missing(USER, 'Dataset', [], 'marekt').message).toBe('no dataset is called `marekt`')
  expect(hintOf(names, 'marekt')).toBeUndefined()
})

test('of a file that could not be read nobody knows what it declares', () => {
  expect(namesOf([dataset('market'), source(undefined)]).has('Dataset', 'marekt')).toBe(true)
})
