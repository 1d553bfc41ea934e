/** A diff says every difference, and nothing but differences: held against the decision everywhere, and the law at each witness. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccessChange } from '../../../../src/core/policy/access/change.ts'
import { diffPolicies } from '../../../../src/core/policy/access/diff.ts'
import type { Bundle } from '../../../../src/core/policy/bundle.ts'
import { bundleOf, hdfs, NOW } from '../bundle-of.ts'
import { naiveDecide } from '../decision/naive.ts'
import { type Answered, crowdedIn, everywhere } from './everywhere.ts'
import { pair } from './pairs.ts'

const FROM = NOW - 1
const diff = (before: Bundle, after: Bundle) => diffPolicies(before, after, { from: FROM })

const isIn = (path: string, top: string): boolean => path === top || path.startsWith(top === '/' ? '/' : `${top}/`)

function ownerOf({ datasets }: Bundle, path: string): string | undefined {
  const prefixes = [...datasets.values()]
    .filter(({ cluster }) => cluster === 'lab')
    .flatMap(({ name, prefixes: own }) => own.map((prefix) => ({ name, prefix })))
  return prefixes
    .filter(({ prefix }) => isIn(path, prefix))
    .sort((one, other) => other.prefix.length - one.prefix.length)[0]?.name
}

/** Whether a line speaks of a path. */
function speaksOf({ kind, paths, except, dataset }: AccessChange, path: string, owner: string | undefined): boolean {
  if (kind !== 'access') return paths.some((one) => one === path)
  const isUnder = paths.some((top) => isIn(path, top) && !except.some((other) => isIn(other, top) && isIn(path, other)))
  return isUnder && owner === dataset
}

const isTo = ({ team, identity }: AccessChange, asked: string): boolean =>
  identity === undefined ? asked.startsWith(`${team}-`) : identity === asked

const UPROOTING = ['delete', 'setattr', 'acl', 'admin']

describe('of two policies', () => {
  test('it is empty where they decide alike everywhere, and every difference is on a line', () => {
    let [alike, unlike] = [0, 0]
    fc.assert(
      fc.property(pair, ([before, after]) => {
        const { access } = diff(before, after)
        const paths = crowdedIn([before, after])
        let differing = 0
        const missed: unknown[] = []
        const said = new Map(access.map((line) => [line, new Set<string>()]))
        everywhere([before, after], paths, (one) => {
          const [was, is] = one.answers
          if (was?.effect === is?.effect) return
          differing += 1
          if (one.scope === 'subtree') return
          const direction = is?.effect === 'allow' ? 'gained' : 'lost'
          const owner = ownerOf(direction === 'lost' ? before : after, one.path)
          const lines = access.filter(
            (line) =>
              line.direction === direction &&
              isTo(line, one.identity) &&
              line.actions.includes(one.action) &&
              speaksOf(line, one.path, owner),
          )
          for (const line of lines) said.get(line)?.add(`${one.identity} ${one.action} ${one.path}`)
          if (lines.length === 0 && !isLookThatFollows(one, direction, access)) missed.push([direction, one])
        })
        expect(missed.slice(0, 1)).toEqual([])
        expect(access.length > 0).toBe(differing > 0)
        for (const line of access)
          expect(unsaid(line, said.get(line) ?? new Set(), { before, after, paths })).toEqual([])
        if (differing > 0) unlike += 1
        else alike += 1
      }),
      { numRuns: 25 },
    )
    expect(Math.min(alike, unlike)).toBeGreaterThan(0)
  })

  test('each line is true at its witness, by the law', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        for (const { witness, direction, kind } of diff(before, after).access) {
          if (witness === undefined) throw new Error(`${direction} ${kind} has no witness`)
          const { identity, action, path, time, pod } = witness
          const demands = [{ action, path, scope: 'this' as const }]
          const world = { now: time, paths: [], ...(pod.namespace === undefined ? {} : { namespace: pod.namespace }) }
          const effects = [before, after].map((bundle) => naiveDecide(bundle, identity, demands, world))
          const allowed = effects.map(
            ({ effect, reason }) => effect === 'allow' && (kind === 'look' || reason === 'granted'),
          )
          expect(allowed).toEqual(direction === 'gained' ? [false, true] : [true, false])
        }
      }),
      { numRuns: 200 },
    )
  })

  test('the other way round, what was gained is lost', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        const keys = (lines: readonly AccessChange[], direction: string) => {
          const one = ({ kind, team, identity, actions, paths }: AccessChange) =>
            paths.flatMap((path) => actions.map((action) => `${kind} ${identity ?? team} ${action} ${path}`))
          return lines
            .filter((line) => line.direction === direction)
            .flatMap(one)
            .sort()
        }
        const [there, back] = [diff(before, after).access, diff(after, before).access]
        expect(keys(there, 'gained')).toEqual(keys(back, 'lost'))
      }),
      { numRuns: 100 },
    )
  })
})

/** Whoever gains a place gains a look at the directories above it. */
const isLookThatFollows = (
  { action, path, identity }: Answered,
  direction: string,
  access: readonly AccessChange[],
): boolean =>
  (action === 'stat' || action === 'list') &&
  access.some(
    (line) =>
      line.direction === direction && isTo(line, identity) && line.paths.some((top) => top !== path && isIn(top, path)),
  )

type Sides = { readonly before: Bundle; readonly after: Bundle; readonly paths: readonly string[] }

/** What a line says that no question showed. Of roots that are protected nothing is said by a line about what is below them. */
function unsaid(line: AccessChange, said: ReadonlySet<string>, { before, after, paths }: Sides): readonly string[] {
  const side = line.direction === 'lost' ? before : after
  const identities =
    line.identity === undefined ? [`${line.team}-${line.team === 'quant' ? 'research' : 'models'}`] : [line.identity]
  return paths
    .filter((path) => speaksOf(line, path, ownerOf(side, path)))
    .flatMap((path) =>
      line.actions
        .filter(
          (action) => line.kind !== 'access' || !(UPROOTING.includes(action) || action === 'stat' || action === 'list'),
        )
        .map((action) => `${action} ${path}`),
    )
    .flatMap((text) => identities.map((identity) => `${identity} ${text}`))
    .filter((text) => !said.has(text))
}

const MARKET = { market: { prefixes: ['/data/market'] } }
const READS = { name: 'reads', datasets: ['market'], actions: ['stat', 'list', 'read'] } as const

describe('a line', () => {
  test('names the whole dataset, the team and the grant', () => {
    const [line, ...more] = diff(bundleOf(MARKET, []), bundleOf(MARKET, [READS])).access
    expect(more).toEqual([])
    expect(line).toMatchObject({
      direction: 'gained',
      team: 'quant',
      dataset: 'market',
      isWhole: true,
      was: 'never',
      is: 'always',
      causes: [{ side: 'after', effect: 'allow', name: 'reads' }],
    })
    expect(line?.identity).toBeUndefined()
  })

  test('of a deny that is added names the deny, and of one that is taken away, too', () => {
    const deny = { ...READS, name: 'wall', effect: 'deny' as const }
    const [without, within] = [bundleOf(MARKET, [READS]), bundleOf(MARKET, [READS, deny])]
    expect(diff(without, within).access).toMatchObject([
      { direction: 'lost', causes: [{ side: 'after', effect: 'deny', name: 'wall' }] },
    ])
    expect(diff(within, without).access).toMatchObject([
      { direction: 'gained', causes: [{ side: 'before', effect: 'deny', name: 'wall' }] },
    ])
  })

  test('hours in one grant are those of two that join', () => {
    const hours = (fromMinute: number, toMinute: number) => ({
      days: ['mon', 'tue'] as const,
      fromMinute,
      toMinute,
      zone: 'Europe/Zurich',
    })
    const whole = bundleOf(MARKET, [{ ...READS, during: hours(480, 1080) }])
    const halves = [
      { ...READS, during: hours(480, 720) },
      { ...READS, during: hours(720, 1080) },
    ]
    expect(diff(whole, bundleOf(MARKET, halves)).access).toEqual([])
    const gap = [halves[0], { ...READS, during: hours(721, 1080) }] as typeof halves
    expect(diff(whole, bundleOf(MARKET, gap)).access).toMatchObject([{ direction: 'lost' }])
  })

  test('labels that are asked for in pieces are one', () => {
    const asks = (values: string[]) => ({
      ...READS,
      pods: { selector: [{ key: 'stage', operator: 'In' as const, values }] },
    })
    const one = bundleOf(MARKET, [asks(['dev', 'prod'])])
    expect(diff(one, bundleOf(MARKET, [asks(['prod']), asks(['dev'])])).access).toEqual([])
    expect(diff(one, bundleOf(MARKET, [asks(['prod'])])).access).toMatchObject([
      { direction: 'lost', witness: { pod: { labels: new Map([['stage', 'dev']]) } } },
    ])
  })

  test('too many labels to try are said to be open, never equal', () => {
    const asks = (value: string) => (_: unknown, index: number) => ({
      ...READS,
      name: `label-${index}`,
      pods: {
        selector: [
          { key: `key-${index}`, operator: 'In' as const, values: [value] },
          { key: `also-${index}`, operator: 'Exists' as const, values: [] },
        ],
      },
    })
    const many = (value: string) => [{ ...READS, effect: 'deny' as const }, ...Array.from({ length: 12 }, asks(value))]
    expect(diff(bundleOf(MARKET, many('a')), bundleOf(MARKET, many('b'))).access).toContainEqual(
      expect.objectContaining({ direction: 'changed', dataset: 'market' }),
    )
    expect(diff(bundleOf(MARKET, many('a')), bundleOf(MARKET, many('a').toReversed())).access).toEqual([])
  })

  test('what is over is not compared', () => {
    const before = bundleOf(MARKET, [{ ...READS, expiresAt: FROM }])
    expect(diff(before, bundleOf(MARKET, [])).access).toEqual([])
    expect(diffPolicies(before, bundleOf(MARKET, []), { from: FROM - 1 }).access).toMatchObject([{ direction: 'lost' }])
  })

  test('a root that is no longer protected may be deleted', () => {
    const may = { ...READS, actions: ['delete'] as const }
    const open = { market: { prefixes: ['/data/market'], protect: false } }
    expect(diff(bundleOf(MARKET, [may]), bundleOf(open, [may])).access).toMatchObject([
      { kind: 'root', direction: 'gained', actions: ['delete'], paths: [hdfs('/data/market')] },
    ])
  })

  test('a dataset cut out of another takes what was allowed there', () => {
    const cut = { ...MARKET, secret: { prefixes: ['/data/market/secret'] } }
    expect(diff(bundleOf(MARKET, [READS]), bundleOf(cut, [READS])).access).toMatchObject([
      { direction: 'lost', dataset: 'market', paths: ['/data/market/secret'], isWhole: false },
    ])
  })
})
