/**
 * A policy as large as a bank's: 200 teams, 10,000 datasets, 20,000 grants, a folder a team. Half of the grants give a
 * dataset to its owner; the others cross teams: by name, by label, by sub-path, until a date, for a namespace, as a deny,
 * in shadow. The same files every time. Given an edit, a pull request that touches fifty of the teams.
 */
import { CLUSTER, dataset, grant, identity } from './policy-text.ts'

export type LargePolicy = { readonly teams: number; readonly datasets: number; readonly grants: number }

export const LARGE: LargePolicy = { teams: 200, datasets: 10_000, grants: 20_000 }

const DOMAINS = 20
const SENSITIVITIES = ['public', 'internal', 'restricted', 'secret'] as const
/** Every twentieth dataset lies inside the one before it. */
const NESTED_EVERY = 20
const EDITED_TEAMS = 50

/** Files by name, as lists of documents. */
export function largePolicy(size: LargePolicy = LARGE, edited = false): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, readonly string[]>([['cluster.yaml', [CLUSTER]]])
  const numbers = (count: number, team: number) =>
    Array.from({ length: Math.ceil((count - team) / size.teams) }, (_, at) => team + at * size.teams)
  for (let team = 0; team < size.teams; team++) {
    const name = teamName(team)
    const isEdited = edited && team < EDITED_TEAMS
    files.set(`teams/${name}/identity.yaml`, [identity(`${name}-jobs`, name)])
    files.set(
      `teams/${name}/datasets.yaml`,
      numbers(size.datasets, team).map((index) => datasetOf(index, name)),
    )
    const owned = numbers(size.datasets, team).map((index) => ownerGrant(index, name))
    const crossing = numbers(size.grants - size.datasets, team).map((index) => crossingGrant(index, name, size))
    // One grant less, and one team that may now write what it only read.
    const kept = isEdited ? crossing.slice(1).map((text) => text.replace('[read, append]', '[write]')) : crossing
    files.set(`teams/${name}/grants.yaml`, [...owned, ...kept])
  }
  return files
}

export const teamName = (team: number): string => `team-${String(team).padStart(3, '0')}`
export const datasetName = (index: number): string => `table-${index}`

/** The one prefix of a dataset. */
export function prefixOf(index: number): string {
  const isNested = index % NESTED_EVERY === NESTED_EVERY - 1
  const outer = isNested ? index - 1 : index
  const table = `/data/area-${outer % 10}/desk-${Math.floor(outer / 10) % 20}/table_${outer}`
  return isNested ? `${table}/restricted` : table
}

const datasetOf = (index: number, owner: string): string =>
  dataset(datasetName(index), owner, [
    `prefixes: [${prefixOf(index)}]`,
    'labels:',
    `  domain: domain-${index % DOMAINS}`,
    `  sensitivity: ${SENSITIVITIES[Math.floor(index / DOMAINS) % SENSITIVITIES.length]}`,
  ])

const ownerGrant = (index: number, team: string): string =>
  grant(`${team}-owns-${index}`, 'allow', [`teams: [${team}]`, `datasets: [${datasetName(index)}]`, 'actions: [write]'])

/** What a team has on datasets of others. One in a hundred is by label: it reaches 125 datasets. */
function crossingGrant(index: number, team: string, { teams, datasets }: LargePolicy): string {
  const [one, other] = [(index * 7919 + 13) % datasets, (index * 104_729 + 29) % datasets]
  const named = `datasets: [${datasetName(one)}, ${datasetName(other)}]`
  const kind = Math.floor(index / teams) % 100
  if (kind === 0) {
    const labels = `datasetSelector: { matchLabels: { domain: domain-${index % DOMAINS}, sensitivity: public } }`
    return grant(`${team}-by-label-${index}`, 'allow', [`teams: [${team}]`, labels, 'actions: [read]'])
  }
  const reason = ['reason: a wall that compliance asked for', `ticket: SEC-${index}`]
  if (kind < 6) return grant(`${team}-wall-${index}`, 'deny', [`teams: [${team}]`, named, 'actions: [all]', ...reason])
  const expires = kind < 20 ? `expires: 2099-0${(index % 9) + 1}-01T00:00:00Z` : ''
  const paths = kind < 30 ? 'paths: [curated/2026, export]' : ''
  const when = kind % 25 === 7 ? `when: { namespaces: [ml-${team}] }` : ''
  const mode = kind === 99 ? 'mode: shadow' : ''
  const actions = kind % 2 === 0 ? 'actions: [read]' : 'actions: [read, append]'
  const asked = `ticket: DATA-${index}`
  return grant(`${team}-uses-${index}`, 'allow', [
    mode,
    `teams: [${team}]`,
    named,
    paths,
    actions,
    expires,
    when,
    asked,
  ])
}
