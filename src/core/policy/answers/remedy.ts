/** The smallest edits that would allow a refused operation: each is tried on the bundle before it is proposed. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Identity } from '../../identity/identity.ts'
import type { Action } from '../action.ts'
import type { Bundle, Dataset, Grant } from '../bundle.ts'
import type { Decision } from '../decision/decision.ts'
import type { Ruling } from '../decision/judge.ts'
import { ownerOf } from './considered.ts'

export type Edit =
  | { readonly kind: 'add-action'; readonly grant: Grant; readonly action: Action }
  | { readonly kind: 'new-grant'; readonly dataset: Dataset; readonly action: Action; readonly team: string }
  | {
      readonly kind: 'new-dataset'
      readonly name: string
      readonly cluster: string
      readonly path: HdfsPath
      readonly team: string
    }
  | { readonly kind: 'move-expiry'; readonly grant: Grant }
  | { readonly kind: 'drop-times'; readonly grant: Grant }
  | { readonly kind: 'narrow-deny'; readonly grant: Grant; readonly action: Action }
  | { readonly kind: 'unprotect'; readonly dataset: Dataset }

/** An operation on a tree can meet as many datasets as there are. */
const MOST_EDITS = 8

/**
 * Edits that together allow it, in the order in which the refusals come up; undefined when there are none, as for a path
 * that no request may have. An allow is only widened where it is this team's alone and on this dataset alone: otherwise
 * a new grant gives less.
 *
 * @param judge the operation put to a bundle
 */
export function remedy(
  bundle: Bundle,
  identity: Identity,
  judge: (bundle: Bundle) => Ruling,
): readonly Edit[] | undefined {
  const edits: Edit[] = []
  let edited = bundle
  for (let ruling = judge(edited); ruling.effect === 'deny'; ruling = judge(edited)) {
    const refused = ruling.decisions.find(({ effect }) => effect === 'deny')
    const edit = refused === undefined ? undefined : editFor(edited, identity, refused)
    if (edit === undefined || edits.length === MOST_EDITS) return undefined
    edits.push(edit)
    edited = apply(edited, edit)
  }
  return edits
}

function editFor(
  bundle: Bundle,
  identity: Identity,
  { reason, demand, dataset: name, grants }: Decision,
): Edit | undefined {
  const { action, path } = demand
  const dataset = name === undefined ? ownerOf(bundle, identity.cluster, path)?.dataset : bundle.datasets.get(name)
  const [grant] = bundle.grants.filter((one) => grants.some((ref) => ref.name === one.name))
  switch (reason) {
    case 'no-dataset':
    case 'no-grant':
    case 'nested-dataset': {
      if (dataset === undefined)
        return { kind: 'new-dataset', name: freeName(bundle), cluster: identity.cluster, path, team: identity.team }
      const own = bundle.grants.find((one) => isTheirsAlone(one, identity, dataset))
      return own === undefined
        ? { kind: 'new-grant', dataset, action, team: identity.team }
        : { kind: 'add-action', grant: own, action }
    }
    case 'grant-expired':
      return grant === undefined ? undefined : { kind: 'move-expiry', grant }
    case 'not-now':
      return grant === undefined ? undefined : { kind: 'drop-times', grant }
    case 'denied-by-grant':
      return grant === undefined ? undefined : { kind: 'narrow-deny', grant, action }
    case 'protected-root':
      return dataset === undefined ? undefined : { kind: 'unprotect', dataset }
    default:
      return undefined
  }
}

/** Whether a further action in this allow would reach nobody else and nothing else. */
function isTheirsAlone(grant: Grant, { team, name }: Identity, dataset: Dataset): boolean {
  const { effect, mode, teams, identities, datasets, paths, startsAt, expiresAt, during, pods } = grant
  const isPlain = effect === 'allow' && mode === 'enforce' && paths.length === 0
  const isAlways = [startsAt, expiresAt, during, pods].every((limit) => limit === undefined)
  const isFor =
    [...teams, ...identities].every((one) => one === team || one === name) &&
    (teams.length > 0 || identities.length > 0)
  return isPlain && isAlways && isFor && datasets.length === 1 && datasets[0] === dataset.name
}

function apply(bundle: Bundle, edit: Edit): Bundle {
  const withGrant = (old: Grant, changed: Grant | undefined): Bundle => ({
    ...bundle,
    grants: bundle.grants.flatMap((grant) => (grant === old ? (changed ?? []) : grant)),
  })
  switch (edit.kind) {
    case 'add-action':
      return withGrant(edit.grant, { ...edit.grant, actions: [...edit.grant.actions, edit.action] })
    case 'narrow-deny':
      return withGrant(edit.grant, {
        ...edit.grant,
        actions: edit.grant.actions.filter((action) => action !== edit.action),
      })
    case 'move-expiry': {
      const { expiresAt: _, ...rest } = edit.grant
      return withGrant(edit.grant, rest)
    }
    case 'drop-times': {
      const { startsAt: _starts, during: _during, ...rest } = edit.grant
      return withGrant(edit.grant, rest)
    }
    case 'new-grant':
      return { ...bundle, grants: [...bundle.grants, newGrant(edit)] }
    case 'new-dataset':
      return { ...bundle, datasets: new Map([...bundle.datasets, [edit.name, newDataset(edit)]]) }
    case 'unprotect':
      return { ...bundle, datasets: new Map([...bundle.datasets, [edit.dataset.name, unprotected(edit.dataset)]]) }
    default:
      return edit satisfies never
  }
}

const unprotected = (dataset: Dataset): Dataset => ({ ...dataset, protect: false, protectedPaths: [] })

const newGrant = ({ dataset, action, team }: Extract<Edit, { kind: 'new-grant' }>): Grant => ({
  name: `${team}-${action}-${dataset.name}`,
  effect: 'allow',
  mode: 'enforce',
  teams: [team],
  identities: [],
  datasets: [dataset.name],
  paths: [],
  actions: [action],
  at: 'proposed',
})

/** For a person to replace: no dataset can be called so. */
const freeName = ({ datasets }: Bundle): string => (datasets.has('NAME') ? `NAME-${datasets.size}` : 'NAME')

const newDataset = ({ name, cluster, path, team }: Extract<Edit, { kind: 'new-dataset' }>): Dataset => ({
  name,
  cluster,
  prefixes: [path],
  owner: team,
  labels: new Map(),
  protect: true,
  protectedPaths: [],
  at: 'proposed',
})
