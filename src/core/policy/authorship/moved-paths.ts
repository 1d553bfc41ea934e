/** Paths that come to belong to another dataset, and with that under other allows: by a prefix placed, moved or taken away. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Bundle, Dataset, Grant } from '../bundle.ts'
import { ofKind } from '../language/link.ts'
import { ancestorsOf, under } from '../places.ts'
import { holdsWhenever, namesAllOf } from '../wider.ts'
import { isSame } from './change.ts'
import { type Delegated, isWithin, mayGive, type Objection } from './delegated.ts'
import type { Changed } from './lost-denies.ts'

type Owner = { readonly dataset: Dataset; readonly prefix: HdfsPath }
type Owners = (cluster: string, path: HdfsPath) => Owner | undefined

export function movedPaths(
  { base, now, changes }: Changed,
  team: string,
  delegations: readonly Delegated[],
): readonly Objection[] {
  const ownedBefore = ownersIn(base.bundle)
  const ownedNow = ownersIn(now.bundle)
  const before = new Map(ofKind(base.documents, 'Grant').map((document) => [document.metadata.name, document]))
  const kept = ofKind(now.documents, 'Grant').flatMap((document, index) => {
    const was = before.get(document.metadata.name)
    const grant = now.bundle.grants[index]
    const isKept = grant?.effect === 'allow' && was !== undefined && isSame(was, document)
    return isKept ? [{ grant, named: document.spec.datasets ?? [] }] : []
  })

  return changes.flatMap(({ was, is }) => {
    const document = is ?? was
    const places = [was, is].flatMap((one) =>
      one?.kind === 'Dataset' ? one.spec.prefixes.map((prefix) => `${one.spec.cluster} ${prefix}`) : [],
    )
    return [...new Set(places)].flatMap((place): Objection[] => {
      const [cluster = '', ...rest] = place.split(' ')
      const path = rest.join(' ') as HdfsPath
      const from = ownedBefore(cluster, path)
      const to = ownedNow(cluster, path)
      if (document === undefined || from?.dataset.name === to?.dataset.name) return []
      const object = (message: string, needs?: string): Objection => {
        const index = is?.kind === 'Dataset' ? is.spec.prefixes.indexOf(path) : -1
        const where = index < 0 ? ['spec', 'prefixes'] : ['spec', 'prefixes', index]
        return {
          document,
          path: where,
          part: index < 0 ? 'key' : 'value',
          message,
          ...(needs === undefined ? {} : { needs }),
        }
      }
      return [
        ...(from !== undefined && from.dataset.owner !== team
          ? [
              object(
                `this takes \`${path}\` away from dataset \`${from.dataset.name}\` of team \`${from.dataset.owner}\``,
              ),
            ]
          : []),
        ...(to !== undefined && to.dataset.owner !== team
          ? [object(`this leaves \`${path}\` to dataset \`${to.dataset.name}\` of team \`${to.dataset.owner}\``)]
          : []),
        ...(to === undefined ? [] : kept)
          .filter(({ grant, named }) => reaches(grant, to as Owner, path) && isByHand(to as Owner, named))
          .filter(({ grant }) => !delegations.some((one) => mayGive(one, grant, now.bundle)))
          .filter(({ grant }) => !gaveBefore(grant, from, path))
          .map(({ grant: { name, at } }) =>
            object(`allow \`${name}\` (${at}) comes to reach \`${path}\`, and is more than team \`${team}\` may give`),
          ),
      ]
    })
  })

  /** A dataset that is new is found by its labels alone, each of which its team may put on it. */
  function isByHand({ dataset }: Owner, named: readonly string[]): boolean {
    return named.includes(dataset.name) || base.bundle.datasets.has(dataset.name)
  }

  function gaveBefore(grant: Grant, from: Owner | undefined, path: HdfsPath): boolean {
    return (
      from !== undefined &&
      base.bundle.grants.some(
        (other) =>
          other.effect === 'allow' &&
          other.datasets.includes(from.dataset.name) &&
          (other.paths.length === 0 || other.paths.some((sub) => isWithin(path, under(from.prefix, sub)))) &&
          grant.actions.every((action) => other.actions.includes(action)) &&
          holdsWhenever(other, grant) &&
          namesAllOf(other, grant, now.bundle.identities),
      )
    )
  }
}

/** Whether an allow says anything at a path, or below it by the same prefix. */
function reaches({ datasets, paths }: Grant, { dataset, prefix }: Owner, path: HdfsPath): boolean {
  if (!datasets.includes(dataset.name)) return false
  return (
    paths.length === 0 ||
    paths.map((sub) => under(prefix, sub)).some((top) => isWithin(path, top) || isWithin(top, path))
  )
}

export function ownersIn({ datasets }: Bundle): Owners {
  const roots = new Map<string, Owner>()
  for (const dataset of datasets.values()) {
    for (const prefix of dataset.prefixes) roots.set(`${dataset.cluster} ${prefix}`, { dataset, prefix })
  }
  return (cluster, path) => {
    const owning = [...ancestorsOf(path), path].findLast((place) => roots.has(`${cluster} ${place}`))
    return roots.get(`${cluster} ${owning}`)
  }
}
