/** Names that nothing declares: what is said of them, and that ten thousand of them are told as quickly as one. */
import { expect, test } from 'vitest'
import { Names } from '../../../../src/core/policy/language/names.ts'
import type { Source } from '../../../../src/core/policy/language/problem.ts'

const source = (value: unknown): Source => ({
  file: 'a.yaml',
  value,
  problems: [],
  isIntact: true,
  place: () => ({ file: 'a.yaml', line: 1, column: 1 }),
})
const dataset = (name: string) => source({ kind: 'Dataset', metadata: { name }, spec: { owner: 'quant' } })
const USER = source({})
const hintsOf = (names: Names, name: string) => names.missing(USER, 'Dataset', () => [], name).map(({ hint }) => hint)

test('a wrong name is told what was perhaps meant, wherever it stands', () => {
  const names = new Names([dataset('market'), dataset('weather')])
  expect(hintsOf(names, 'market')).toEqual([])
  expect(hintsOf(names, 'marekt')).toEqual(['did you mean `market`?'])
  expect(hintsOf(names, 'marekt')).toEqual(['did you mean `market`?'])
  expect(hintsOf(names, 'nothing-like-it')).toEqual([undefined])
})

test('a name of one kind is not taken for one of another', () => {
  const names = new Names([dataset('market')])
  expect(hintsOf(names, 'quatn')).toEqual([undefined])
  expect(names.missing(USER, 'team', () => [], 'quatn')[0]?.hint).toBe('did you mean `quant`?')
})

test('after a thousand wrong names among a thousand, each is still told, and none is compared any more', () => {
  const many = Array.from({ length: 1001 }, (_, index) => dataset(`a-name-that-is-much-longer-${index}`))
  const names = new Names([dataset('market'), ...many])
  for (let index = 0; index < 1001; index += 1)
    expect(names.missing(USER, 'Dataset', () => [], `x${index}`)).toHaveLength(1)
  expect(names.missing(USER, 'Dataset', () => [], 'marekt')).toMatchObject([
    { message: 'no dataset is called `marekt`' },
  ])
  expect(hintsOf(names, 'marekt')).toEqual([undefined])
})
