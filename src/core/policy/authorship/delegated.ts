/** What one Delegation lets its team write, document by document: everything that speaks against it. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Bundle, Grant } from '../bundle.ts'
import { matches, type Selector, toSelector } from '../decision/selector.ts'
import { DELEGATED_KINDS, type Delegation } from '../delegation.ts'
import type { Of } from '../language/link.ts'
import type { PolicyDocument } from '../language/read-document.ts'
import { prefixesByCluster, topsOf } from '../lint/tops.ts'
import { selectsAllOf } from '../wider.ts'
import type { Change, State } from './change.ts'

/** A Delegation as it stands in the base, so that nobody delegates to himself. */
export type Delegated = { readonly delegation: Delegation; readonly selector: Selector | undefined }

export type Objection = {
  readonly document: PolicyDocument
  readonly path: readonly PropertyKey[]
  readonly part?: 'key' | 'value'
  readonly message: string
  /** What the delegation would have to say. */
  readonly needs?: string
}

export function delegationsOf(team: string, { documents, bundle }: State): readonly Delegated[] {
  const written = documents.filter((document) => document.kind === 'Delegation')
  return bundle.delegations.flatMap((delegation, index) => {
    const selector = written[index]?.spec.datasetSelector
    if (delegation.team !== team) return []
    return [{ delegation, selector: selector === undefined ? undefined : toSelector(selector) }]
  })
}

/**
 * Whether grants of the delegation may be on a dataset. One that its selector finds only now is a dataset that the same
 * change labels or places: that is held against the delegation, too, and could have come one change earlier.
 */
export function mayGrantOn({ delegation, selector }: Delegated, name: string, { datasets }: Bundle): boolean {
  const dataset = datasets.get(name)
  if (dataset?.cluster !== delegation.cluster) return false
  return delegation.datasets.includes(name) || (selector !== undefined && matches(selector, dataset.labels))
}

export const isWithin = (path: string, top: string): boolean =>
  top === '/' || path === top || path.startsWith(`${top}/`)

/** Whether the delegation's team could write this allow by itself. */
export function mayGive(delegated: Delegated, grant: Grant, bundle: Bundle): boolean {
  const { kinds, teams, actions } = delegated.delegation
  const named = [...grant.teams, ...grant.identities.map((name) => bundle.identities.get(name)?.team ?? '')]
  return (
    kinds.includes('Grant') &&
    grant.datasets.every((name) => mayGrantOn(delegated, name, bundle)) &&
    named.every((team) => teams === undefined || teams.includes(team)) &&
    grant.actions.every((action) => actions.includes(action))
  )
}

/** What speaks against writing a document, or against taking it away, in the state where it stands. */
export function objectionsTo(
  document: PolicyDocument,
  { delegated, state, change }: { readonly delegated: Delegated; readonly state: State; readonly change: Change },
): readonly Objection[] {
  const { delegation } = delegated
  const kind = DELEGATED_KINDS.find((one) => one === document.kind)
  if (kind === undefined)
    return [{ document, path: ['kind'], message: `documents of kind \`${document.kind}\` are no team's to write` }]
  if (!delegation.kinds.includes(kind)) {
    const message = `documents of kind \`${kind}\` are not its to write`
    return [{ document, path: ['kind'], message, needs: `\`${kind}\` in its \`kinds\`` }]
  }
  switch (document.kind) {
    case 'Grant':
      return toGrant(document, delegated, state.bundle)
    case 'Dataset':
      return toDataset(document, delegation, change)
    case 'Identity':
      return toIdentity(document, delegation)
    default:
      return []
  }
}

function toGrant(document: Of<'Grant'>, delegated: Delegated, bundle: Bundle): readonly Objection[] {
  const { delegation, selector } = delegated
  const grant = bundle.grants.find(({ name }) => name === document.metadata.name)
  if (grant === undefined) throw new Error(`no grant \`${document.metadata.name}\` in its bundle`)
  const { datasets = [], datasetSelector, teams = [], identities = [] } = document.spec
  const objections: Objection[] = []
  const object = (path: readonly PropertyKey[], message: string, needs: string, part: 'key' | 'value' = 'value') =>
    objections.push({ document, path: ['spec', ...path], part, message, needs })

  for (const name of grant.datasets) {
    if (mayGrantOn(delegated, name, bundle)) continue
    const index = datasets.indexOf(name)
    const path = index < 0 ? ['datasetSelector'] : ['datasets', index]
    object(
      path,
      `dataset \`${name}\` is not one of its datasets`,
      `\`${name}\` among its datasets`,
      index < 0 ? 'key' : 'value',
    )
  }
  if (
    datasetSelector !== undefined &&
    (selector === undefined || !selectsAllOf(selector, toSelector(datasetSelector)))
  ) {
    const message = 'this selector could one day find datasets that are not its own'
    object(['datasetSelector'], message, 'all conditions of its own `datasetSelector` here, or names instead', 'key')
  }
  const isGrantee = (team: string) => delegation.teams === undefined || delegation.teams.includes(team)
  for (const [index, team] of teams.entries()) {
    if (!isGrantee(team))
      object(['teams', index], `team \`${team}\` is not one that it may grant to`, `\`${team}\` in its \`teams\``)
  }
  for (const [index, name] of identities.entries()) {
    const team = bundle.identities.get(name)?.team ?? ''
    if (!isGrantee(team))
      object(
        ['identities', index],
        `\`${name}\` is of team \`${team}\`, to which it may not grant`,
        `\`${team}\` in its \`teams\``,
      )
  }
  const beyond = grant.actions.filter((action) => !delegation.actions.includes(action))
  if (grant.effect === 'allow' && beyond.length > 0) {
    const words = beyond.map((action) => `\`${action}\``).join(', ')
    object(
      ['actions'],
      `${words} ${beyond.length === 1 ? 'is' : 'are'} beyond its actions`,
      `${words} in its \`actions\``,
      'key',
    )
  }
  for (const name of grant.effect === 'deny' ? nestedUnder(grant, document, bundle) : []) {
    if (grant.datasets.includes(name) || mayGrantOn(delegated, name, bundle)) continue
    object(['effect'], `this deny reaches dataset \`${name}\` too, which lies below`, `\`${name}\` among its datasets`)
  }
  return objections
}

/** Datasets that lie at or below where a deny begins. */
function nestedUnder(grant: Grant, document: Of<'Grant'>, bundle: Bundle): readonly string[] {
  const tops = topsOf({ grant, document }, bundle, prefixesByCluster(bundle))
  return [...bundle.datasets.values()]
    .filter(({ cluster, prefixes }) =>
      tops.some((top) => top.cluster === cluster && prefixes.some((prefix) => isWithin(prefix, top.path))),
    )
    .map(({ name }) => name)
}

function toDataset(document: Of<'Dataset'>, delegation: Delegation, change: Change): readonly Objection[] {
  const { cluster, owner, prefixes, labels = {} } = document.spec
  const other = document === change.is ? change.was : change.is
  const kept = other?.kind === 'Dataset' ? new Map(Object.entries(other.spec.labels ?? {})) : new Map<string, string>()
  const objections: Objection[] = []
  if (cluster !== delegation.cluster) {
    objections.push({ document, path: ['spec', 'cluster'], message: `it is for cluster \`${delegation.cluster}\`` })
  }
  if (owner !== delegation.team) {
    objections.push({ document, path: ['spec', 'owner'], message: `the dataset is of team \`${owner}\`` })
  }
  for (const [index, prefix] of prefixes.entries()) {
    if (delegation.prefixes.some((top: HdfsPath) => isWithin(prefix, top))) continue
    const message = `\`${prefix}\` is not at or below one of its prefixes`
    objections.push({
      document,
      path: ['spec', 'prefixes', index],
      message,
      needs: `\`${prefix}\` in its \`prefixes\``,
    })
  }
  for (const [key, value] of Object.entries(labels)) {
    if (kept.get(key) === value || delegation.labels.get(key)?.includes(value) === true) continue
    const message = `\`${key}: ${value}\` is not one of its labels`
    objections.push({
      document,
      path: ['spec', 'labels', key],
      message,
      needs: `\`${key}: [${value}]\` in its \`labels\``,
    })
  }
  return objections
}

function toIdentity(document: Of<'Identity'>, delegation: Delegation): readonly Objection[] {
  const { cluster, team } = document.spec
  const objections: Objection[] = []
  if (cluster !== delegation.cluster) {
    objections.push({ document, path: ['spec', 'cluster'], message: `it is for cluster \`${delegation.cluster}\`` })
  }
  if (team !== delegation.team) {
    objections.push({ document, path: ['spec', 'team'], message: `the identity is of team \`${team}\`` })
  }
  return objections
}
