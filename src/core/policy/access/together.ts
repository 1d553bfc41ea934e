/** Differences of identities told together: by team where all of its identities agree, by dataset where all of its prefixes do. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Dataset } from '../bundle.ts'
import { type AccessChange, DIRECTIONS } from './change.ts'
import type { Told } from './upward.ts'

export type Member = {
  readonly identity: string
  readonly cluster: string
  /** Absent on a side that has no such identity in the cluster. */
  readonly teamBefore?: string
  readonly teamAfter?: string
}
export type MemberTold = Member & { readonly told: readonly Told[] }

type Line = {
  readonly identity: string
  readonly cluster: string
  readonly team: string
  readonly isTeam: boolean
  readonly one: Told
}

/** @param datasetOf the one of that name, where the access is or was */
export function tellTogether(
  members: readonly MemberTold[],
  datasetOf: (name: string, change: Told) => Dataset | undefined,
): readonly AccessChange[] {
  const byDataset = grouped(byTeam(members), ({ isTeam, identity, team, cluster, one }) =>
    JSON.stringify([isTeam ? team : identity, isTeam, cluster, saidOf(one), below(one.path, one), exceptOf(one)]),
  )
  return [...byDataset.values()]
    .flatMap((lines) => toChange(lines, datasetOf))
    .sort((one, other) => compareText(sortKey(one), sortKey(other)))
}

/** One line for a team where each of its identities in the cluster has it. What was lost is lost by who was in the team. */
function byTeam(members: readonly MemberTold[]): readonly Line[] {
  return DIRECTIONS.flatMap((direction) => {
    const isLost = direction === 'lost'
    const inTeam = members.flatMap(({ identity, cluster, teamBefore, teamAfter, told }) => {
      const team = isLost ? teamBefore : teamAfter
      const here = told.filter((one) => one.direction === direction)
      return team === undefined ? [] : [{ identity, cluster, team, here }]
    })
    return [...grouped(inTeam, ({ team, cluster }) => JSON.stringify([team, cluster])).values()].flatMap((all) => {
      const lines = all.flatMap(({ here, ...member }) => here.map((one) => ({ ...member, isTeam: false, one })))
      const alike = grouped(lines, ({ one }) => JSON.stringify([saidOf(one), one.path, one.except]))
      return [...alike.values()].flatMap((same) => {
        const [first] = same
        return first !== undefined && same.length === all.length ? [{ ...first, isTeam: true }] : same
      })
    })
  })
}

function toChange(
  lines: readonly Line[],
  datasetOf: (name: string, change: Told) => Dataset | undefined,
): AccessChange[] {
  const [first] = lines
  if (first === undefined) return []
  const { one, team, identity, cluster, isTeam } = first
  const paths = lines.map((line) => line.one.path).sort()
  const dataset = one.dataset === undefined ? undefined : datasetOf(one.dataset, one)
  const isWhole =
    one.kind === 'access' && dataset !== undefined && dataset.prefixes.every((prefix) => paths.includes(prefix))
  return [
    {
      direction: one.direction,
      kind: one.kind,
      cluster,
      team,
      ...(isTeam ? {} : { identity }),
      actions: one.actions,
      ...(one.dataset === undefined ? {} : { dataset: one.dataset }),
      paths,
      isWhole: isWhole && paths.length === dataset.prefixes.length,
      except: lines.flatMap((line) => line.one.except).sort(),
      was: one.was,
      is: one.is,
      causes: one.causes,
      ...(one.witness === undefined ? {} : { witness: { identity, ...one.witness } }),
    },
  ]
}

const saidOf = ({ kind, direction, actions, was, is, causes, dataset }: Told) =>
  JSON.stringify([kind, direction, actions, was, is, causes, dataset])

/** What comes after the prefix: alike for all prefixes of a dataset. */
const below = (path: HdfsPath, { prefix }: Told): string => (prefix === undefined ? path : path.slice(prefix.length))
const exceptOf = (one: Told): readonly string[] => one.except.map((path) => below(path, one))

const sortKey = ({
  direction,
  team,
  identity = '',
  cluster,
  dataset = '',
  paths,
  kind,
  actions,
}: AccessChange): string =>
  [DIRECTIONS.indexOf(direction), team, identity, cluster, dataset, paths[0], kind, actions.join()].join('\n')

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

export function grouped<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}
