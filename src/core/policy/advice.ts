/** What a person would change to get another decision: which dataset, which grant, which line. Advice, never a rule. */
import type { HdfsPath } from '../hdfs/path.ts'
import type { Identity } from '../identity/identity.ts'
import { formatInstant } from '../instant.ts'
import type { Bundle, Dataset, Grant } from './bundle.ts'
import type { Decision } from './decision.ts'
import { formatWindow } from './window.ts'

/** Lines about a refused decision; none about an allowed one. The bundle knows datasets that the slice does not. */
export function advise(bundle: Bundle, identity: Identity, decision: Decision): readonly string[] {
  const { demand } = decision
  const dataset = bundle.datasets.get(decision.dataset ?? '') ?? datasetAt(bundle, identity, demand.path)
  const named = dataset === undefined ? '' : `dataset \`${dataset.name}\` (${dataset.at})`
  const reach = demand.scope === 'subtree' ? `${demand.path === '/' ? '' : demand.path}/**` : demand.path
  const responsible = decision.grants.flatMap(({ name }) => bundle.grants.find((grant) => grant.name === name) ?? [])
  switch (decision.reason) {
    case 'no-dataset':
      if (dataset === undefined) {
        return [
          `no dataset of cluster \`${identity.cluster}\` covers \`${demand.path}\``,
          'write a Dataset with a prefix at or above it, and a Grant on that',
        ]
      }
      return [
        `\`${demand.path}\` belongs to ${named} of team \`${dataset.owner}\``,
        `to allow it, its owner writes a Grant of \`${demand.action}\` to team \`${identity.team}\` on \`${dataset.name}\`${besides(bundle, dataset)}`,
      ]
    case 'no-grant':
      return [
        ...(dataset === undefined ? [] : allowsOf(bundle, identity, dataset)).map(
          (grant) => `grant \`${grant.name}\` (${grant.at}) allows ${grant.actions.join(', ')} on \`${dataset?.name}\``,
        ),
        `to allow it, add \`${demand.action}\` to the actions of a grant`,
      ]
    case 'grant-expired':
      return responsible.map(
        ({ name, at, expiresAt = 0 }) =>
          `grant \`${name}\` (${at}) expired at ${formatInstant(expiresAt)}: move its \`expires\``,
      )
    case 'not-now':
      return responsible.map(
        ({ name, at, during, startsAt }) =>
          `grant \`${name}\` (${at}) applies ${during === undefined ? `from ${formatInstant(startsAt ?? 0)} on` : `in ${formatWindow(during)}`}`,
      )
    case 'denied-by-grant':
      return responsible.map(
        ({ name, at, reason }) =>
          `grant \`${name}\` (${at}) denies it${reason === undefined ? '' : `, because ${reason}`}: no allow lifts it, only a change there`,
      )
    case 'nested-dataset':
      return [
        `\`${reach}\` reaches into ${named}, where \`${demand.action}\` is not granted: name a path that does not, or grant it there`,
      ]
    case 'protected-root':
      return [`\`${reach}\` would take away the root of ${named}: work below it, or write \`protect: false\` there`]
    default:
      return []
  }
}

/** The dataset that a path belongs to, over all of the identity's cluster. */
export function datasetAt(bundle: Bundle, { cluster }: Identity, path: HdfsPath): Dataset | undefined {
  let innermost: { readonly dataset: Dataset; readonly prefix: string } | undefined
  for (const dataset of bundle.datasets.values()) {
    for (const prefix of dataset.cluster === cluster ? dataset.prefixes : []) {
      const covers = prefix === '/' || path === prefix || path.startsWith(`${prefix}/`)
      if (covers && prefix.length > (innermost?.prefix.length ?? 0)) innermost = { dataset, prefix }
    }
  }
  return innermost?.dataset
}

const allowsOf = ({ grants }: Bundle, { team, name }: Identity, dataset: Dataset): readonly Grant[] =>
  grants.filter(
    ({ effect, datasets, teams, identities }) =>
      effect === 'allow' && datasets.includes(dataset.name) && (teams.includes(team) || identities.includes(name)),
  )

function besides({ grants }: Bundle, dataset: Dataset): string {
  const near = grants.find(({ datasets }) => datasets.includes(dataset.name))
  return near === undefined ? '' : `, as \`${near.name}\` (${near.at}) does for others`
}
