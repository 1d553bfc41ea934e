/** What a team may change by itself, and every way round that was thought of. */
import { describe, expect, test } from 'vitest'
import { authorship } from '../../../../src/core/policy/authorship/authorship.ts'
import { dataset, document, grant, identity } from '../../../io/policy/folder.ts'
import { BASE, delegation, NOW, OWN_CASE, scratch, stateOf, THEIR_CASE, tests, told, WALL_CASE } from './states.ts'

describe('what is delegated passes', () => {
  test.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['nothing changed', {}],
    [
      'the same, in other words',
      { reads: BASE['reads']?.replace('"effect":"allow",', '').replace('}}', ',"effect":"allow"}}') },
    ],
    ['a grant on its dataset', { new: grant('new', { teams: ['risk'], actions: ['write'] }) }],
    ['a grant to one identity', { new: grant('new', { teams: undefined, identities: ['risk-batch'] }) }],
    ['a grant of it taken away', { writes: undefined }],
    ['a grant of it renamed', { writes: grant('written', { datasets: ['scratch'], actions: ['write'] }) }],
    ['a deny on its dataset', { new: grant('new', { effect: 'deny', actions: ['all'] }) }],
    [
      'a deny made stronger',
      {
        lock: grant('lock', {
          effect: 'deny',
          identities: ['quant-research'],
          datasets: ['scratch'],
          actions: ['write'],
        }),
      },
    ],
    [
      'a dataset placed in its area, inside its own',
      { new: dataset('new', '/team/quant/scratch/x', { labels: { stage: 'clean' } }) },
    ],
    [
      'a label changed that it may put there',
      { scratch: scratch({ labels: { stage: 'clean', sensitivity: 'restricted' } }) },
    ],
    ['limits and protection of its dataset', { scratch: scratch({ protect: ['x'], limits: { largestFile: '1Gi' } }) }],
    [
      'another identity of its own, with its keytab',
      {
        new: identity('quant-two', { home: '/x' }),
        lock: BASE['lock']?.replace('["quant-research"]', '["quant-research","quant-two"]'),
      },
    ],
    ['a test more, about anyone', { new: document('PolicyTest', 'more', { cases: [THEIR_CASE] }) }],
    ['a test of its own taken away', { tests: tests(WALL_CASE, THEIR_CASE) }],
    [
      'tests moved to another document',
      { tests: tests(THEIR_CASE), new: document('PolicyTest', 'b', { cases: [WALL_CASE] }) },
    ],
  ])('%s', (_, changes) => {
    expect(told(changes)).toEqual([])
  })
})

describe('kinds', () => {
  const withKinds = (...kinds: readonly string[]) => ({
    ...BASE,
    delegation: delegation({ kinds, ...(kinds.includes('Dataset') ? {} : { prefixes: undefined }) }),
  })
  test.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['Grant', { new: grant('new') }],
    ['Dataset', { new: dataset('new', '/team/quant/scratch/x') }],
    ['PolicyTest', { new: document('PolicyTest', 'more', { cases: [OWN_CASE] }) }],
    ['Identity', { quant: identity('quant-research', { home: '/x' }) }],
  ])('%s is written only by who may', (kind, changes) => {
    expect(told(changes, withKinds(kind))).toEqual([])
    const others = ['Grant', 'Dataset', 'PolicyTest', 'Identity'].filter((other) => other !== kind)
    expect(told(changes, withKinds(...others)).join()).toContain(`kind \`${kind}\` are not its to write`)
  })
})

test('without any delegation nothing may be written, and who changed nothing is told nothing', () => {
  const { delegation: _, ...base } = BASE
  expect(told({ new: grant('new') }, base)).toEqual([
    'not-delegated team `quant` may not do this: no delegation is for it; it would need a Delegation',
  ])
  expect(told({}, base)).toEqual([])
})

test('a delegation that comes with the change does not count', () => {
  const { delegation: _, ...base } = BASE
  const said = told({ new: grant('new'), delegation: delegation() }, base)
  expect(said).toHaveLength(2)
})

test('a grant on a dataset that the same change places, where the delegation would find it by its label', () => {
  const selecting = { ...BASE, delegation: delegation({ datasetSelector: { matchLabels: { stage: 'clean' } } }) }
  const placed = (stage: string) => ({
    new: dataset('new', '/team/quant/scratch/x', { labels: { stage } }),
    grant: grant('new', { datasets: ['new'] }),
  })
  expect(told(placed('clean'), selecting)).toEqual([])
  expect(told(placed('raw'), selecting).join()).toContain('dataset `new` is not one of its datasets')
})

test('an expired deny may be taken away, a day after its end', () => {
  const ended = (expires: string) => ({
    ...BASE,
    lock: BASE['lock']?.replace('"effect":"deny"', `"effect":"deny","expires":"${expires}"`) ?? '',
  })
  expect(told({ lock: undefined }, ended('2026-05-31T12:00:00Z'))).toEqual([])
  expect(told({ lock: undefined }, ended('2026-05-31T12:00:01Z')).join()).toContain('deny-lost')
})

test('without a base every document is held against the delegations beside it', () => {
  const now = stateOf([...Object.values(BASE)])
  const said = now === undefined ? [] : authorship({ now, team: 'quant', at: NOW })
  expect(said.some(({ message }) => message.includes('kind `HadoopCluster` are no team'))).toBe(true)
  expect(said.some(({ line }) => line === 12)).toBe(false)
})
