/** Statements laid out as places: our allow ends where a nested dataset begins, so each dataset is told all that reaches it. */
import { type HdfsPath, parentOf, ROOT } from '../../hdfs/path.ts'
import { type Entry, named } from './entry.ts'
import { type Extent, isBelow } from './extent.ts'
import type { Block, Rank, Statement } from './statement.ts'
import { ACCESSES } from './verdict.ts'
import type { Zones } from './zones.ts'

/** A prefix, and what holds from there down to the prefixes below: for each statement its rank, or that it denies. */
export type Place = {
  readonly path: HdfsPath
  readonly allows: ReadonlyMap<Statement, Rank>
  readonly denies: ReadonlySet<Statement>
}

export type Layout = { readonly places: readonly Place[]; readonly entries: readonly Entry[] }

/** @param given blocks that belong to no policy */
export function layOut(statements: readonly Statement[], zones: Zones, given: readonly Block[]): Layout {
  const blocks = [...given, ...statements.flatMap((statement) => statement.blocks)]
  const paths = [
    ...statements.flatMap(({ allowed, denied }) => [...allowed, ...denied]),
    ...blocks.map(({ path }) => path),
    ...zones.paths,
  ]
  const { denied, entries } = withinZones(statements, zones, new Set(paths))
  for (const { statement, path } of denied.across) blocks.push(asBlock(statement, path))

  const allowsFrom = byPath(statements.flatMap((one) => one.allowed.map((path) => [path, one] as const)))
  const deniesFrom = byPath(denied.said.map(({ statement, path }) => [path, statement] as const))
  const blocksFrom = byPath(blocks.map((block) => [block.path, block] as const))
  const places = new Map<HdfsPath, Place>()
  const lost = new Map<Statement, Map<string, HdfsPath[]>>()
  for (const path of new Set(paths.sort((one, other) => one.length - other.length || (one < other ? -1 : 1)))) {
    const zone = zones.zoneAt(path)
    const atOrAbove = selfAndAncestors(path)
    const of = (from: ReadonlyMap<HdfsPath, readonly Statement[]>) =>
      new Set(atOrAbove.flatMap((top) => from.get(top) ?? []).filter(({ policy }) => policy.zoneName === zone))
    const here = atOrAbove
      .flatMap((top) => blocksFrom.get(top) ?? [])
      .filter((block) => (block.isTree || block.path === path) && (block.zone ?? zone) === zone)
    const allows = new Map<Statement, Rank>()
    for (const statement of of(allowsFrom)) {
      const cause = harshest(here, statement.subject)
      const rank = Math.min(statement.rank, cause?.leaves ?? statement.rank) as Rank
      if (cause !== undefined && rank < statement.rank) noteLoss(lost, { statement, policy: cause.policy, path })
      if (rank > 0) allows.set(statement, rank)
    }
    const place = { path, allows, denies: of(deniesFrom) }
    // A place that says what is said around it would be a prefix for nothing.
    if (!isSame(place, around(path, places))) places.set(path, place)
  }
  const losses = [...lost].flatMap(([statement, causes]) =>
    [...causes].map(([because, at]) => cut(statement, 'allow', { reason: 'cut-by-deny', because, paths: at })),
  )
  return { places: [...places.values()], entries: [...entries, ...losses, ...overridden(statements)] }
}

type Denial = { readonly statement: Statement; readonly path: HdfsPath }

/** Denies that can be said, and those that would reach into another zone. */
function withinZones(statements: readonly Statement[], zones: Zones, paths: ReadonlySet<HdfsPath>) {
  const all = statements.flatMap((statement) => statement.denied.map((path): Denial => ({ statement, path })))
  const isAcross = ({ statement, path }: Denial): boolean =>
    zones.paths.length > 0 &&
    [...paths].some((one) => isAtOrBelow(one, path) && zones.zoneAt(one) !== statement.policy.zoneName)
  const across = all.filter(isAcross)
  const entries = across.map(({ statement, path }) => cut(statement, 'deny', { reason: 'across-zones', paths: [path] }))
  return { denied: { said: all.filter((denial) => !across.includes(denial)), across }, entries }
}

const asBlock = ({ policy, subject, leaves }: Statement, path: HdfsPath): Block => ({
  ...{ subject, leaves, path, isTree: true },
  ...{ zone: policy.zoneName, policy: policy.name },
})

function byPath<T>(pairs: readonly (readonly [HdfsPath, T])[]): ReadonlyMap<HdfsPath, readonly T[]> {
  const map = new Map<HdfsPath, T[]>()
  for (const [path, value] of pairs) {
    const list = map.get(path)
    if (list === undefined) map.set(path, [value])
    else list.push(value)
  }
  return map
}

function selfAndAncestors(path: HdfsPath): readonly HdfsPath[] {
  const paths = [path]
  for (let at = path; at !== ROOT; ) {
    at = parentOf(at)
    paths.push(at)
  }
  return paths
}

const isAtOrBelow = (path: HdfsPath, top: HdfsPath): boolean => path === top || isBelow(path, top)

/** Of the blocks that hit a subject at a place, the one that leaves least. */
function harshest(blocks: readonly Block[], subject: string): Block | undefined {
  return blocks
    .filter((block) => block.subject === subject)
    .reduce<Block | undefined>(
      (worst, next) => (worst === undefined || next.leaves < worst.leaves ? next : worst),
      undefined,
    )
}

type Loss = { readonly statement: Statement; readonly policy: string; readonly path: HdfsPath }

function noteLoss(lost: Map<Statement, Map<string, HdfsPath[]>>, { statement, policy, path }: Loss): void {
  const causes = lost.get(statement) ?? new Map<string, HdfsPath[]>()
  lost.set(statement, causes)
  causes.set(policy, [...(causes.get(policy) ?? []), path])
}

/** The nearest place strictly above. */
const around = (path: HdfsPath, places: ReadonlyMap<HdfsPath, Place>): Place | undefined =>
  selfAndAncestors(path)
    .slice(1)
    .map((at) => places.get(at))
    .find((place) => place !== undefined)

function isSame({ allows, denies }: Place, outer: Place | undefined): boolean {
  const other = outer ?? { allows: new Map<Statement, Rank>(), denies: new Set<Statement>() }
  return (
    allows.size === other.allows.size &&
    denies.size === other.denies.size &&
    [...allows].every(([statement, rank]) => other.allows.get(statement) === rank) &&
    [...denies].every((statement) => other.denies.has(statement))
  )
}

/** An allow that has priority wins over a deny in Ranger, and over none here. */
function overridden(statements: readonly Statement[]): readonly Entry[] {
  const winners = statements.filter(({ policy }) => policy.policyPriority > 0)
  return winners.flatMap((winner) =>
    statements.flatMap((loser): readonly Entry[] => {
      if (winner.subject !== loser.subject || winner.policy.zoneName !== loser.policy.zoneName) return []
      if (winner.policy.policyPriority <= loser.policy.policyPriority) return []
      const beaten = ACCESSES.some(
        (one) => winner.verdict.allows[one].is !== 'no' && loser.verdict.denies[one].is !== 'no',
      )
      const paths = beaten ? overlaps(winner.extents, loser.extents) : []
      return paths.length === 0
        ? []
        : [cut(winner, 'allow', { reason: 'beats-deny', because: loser.policy.name, paths })]
    }),
  )
}

/** Tops of what two sets of extents may have in common. */
const overlaps = (some: readonly Extent[], others: readonly Extent[]): readonly HdfsPath[] =>
  some.flatMap((one) =>
    others.flatMap((other) => {
      if (isAtOrBelow(one.path, other.path)) return [one.path]
      return isBelow(other.path, one.path) ? [other.path] : []
    }),
  )

type Cause = Required<Pick<Entry, 'reason'>> & Pick<Entry, 'because'> & { readonly paths: readonly HdfsPath[] }

const cut = ({ policy, subject }: Statement, effect: 'allow' | 'deny', { reason, because, paths }: Cause): Entry => ({
  policy: named(policy),
  who: subject,
  effect,
  status: 'not-carried',
  reason,
  ...(because === undefined ? {} : { because }),
  extents: [...new Set(paths)].map((path) => ({ path, reach: 'tree' })),
  grants: [],
})
