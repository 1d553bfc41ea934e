/** The law a second time, slow and obvious, over lists and a small world of paths. Shares no code with `decide`. */
import type { Bundle, Dataset, Grant } from '../../../../src/core/policy/bundle.ts'
import type { Demand } from '../../../../src/core/policy/decision/demand.ts'

export type Verdict = { readonly effect: 'allow' | 'deny'; readonly reason: string; readonly grants: readonly string[] }
export type World = {
  readonly now: number
  /** Of the pod; nothing when it is not known. */
  readonly namespace?: string
  /** Every path that could exist, deep enough to reach into every place. */
  readonly paths: readonly string[]
  /** Whether grants in shadow count as if they were enforced. */
  readonly withShadow?: boolean
}

const isBelow = (path: string, top: string): boolean => path !== top && path.startsWith(top === '/' ? '/' : `${top}/`)
const isAtOrBelow = (path: string, top: string): boolean => path === top || isBelow(path, top)
const topsOf = (prefix: string, { paths }: Grant): string[] =>
  paths.length === 0 ? [prefix] : paths.map((path) => (prefix === '/' ? `/${path}` : `${prefix}/${path}`))

export function naiveDecide(bundle: Bundle, identityName: string, demands: readonly Demand[], world: World): Verdict {
  const identity = bundle.identities.get(identityName)
  const datasets = [...bundle.datasets.values()].filter(({ cluster }) => cluster === identity?.cluster)
  const isForPod = ({ effect, pods }: Grant): boolean =>
    pods?.namespaces === undefined ||
    (world.namespace === undefined ? effect === 'deny' : pods.namespaces.includes(world.namespace))
  const mine = bundle.grants
    .filter(
      ({ teams, identities }) => teams.some((team) => team === identity?.team) || identities.includes(identityName),
    )
    .filter(({ mode }) => mode === 'enforce' || world.withShadow === true)
    .filter(isForPod)

  const ownerOf = (path: string): { dataset: Dataset; prefix: string } | undefined =>
    datasets
      .flatMap((dataset) => dataset.prefixes.map((prefix) => ({ dataset, prefix })))
      .filter(({ prefix }) => isAtOrBelow(path, prefix))
      .sort((one, other) => other.prefix.length - one.prefix.length)[0]
  const isOver = ({ expiresAt }: Grant): boolean => expiresAt !== undefined && world.now >= expiresAt
  const isInForce = (grant: Grant): boolean => !isOver(grant) && world.now >= (grant.startsAt ?? world.now)
  const does = (grant: Grant, action: string): boolean => grant.actions.some((it) => it === action)
  const allowsOn = (path: string): Grant[] =>
    mine.filter(
      ({ effect, datasets: names }) => effect === 'allow' && names.includes(ownerOf(path)?.dataset.name ?? ''),
    )
  const allowsAt = (path: string): Grant[] =>
    allowsOn(path).filter((grant) => topsOf(ownerOf(path)?.prefix ?? '', grant).some((top) => isAtOrBelow(path, top)))
  const deniesAt = (path: string): Grant[] =>
    mine
      .filter(({ effect }) => effect === 'deny')
      .filter((grant) =>
        datasets
          .filter(({ name }) => grant.datasets.includes(name))
          .some(({ prefixes }) =>
            prefixes.some((prefix) => topsOf(prefix, grant).some((top) => isAtOrBelow(path, top))),
          ),
      )
  const inForceFor = (grants: readonly Grant[], action: string): Grant[] =>
    grants.filter((grant) => does(grant, action) && isInForce(grant))
  /** Where an allow begins: prefixes of its datasets, or the sub-paths that belong by those. */
  const startsOf = (grant: Grant): string[] =>
    datasets
      .filter(({ name }) => grant.datasets.includes(name))
      .flatMap(({ prefixes }) =>
        prefixes.flatMap((prefix) => topsOf(prefix, grant).filter((top) => ownerOf(top)?.prefix === prefix)),
      )
  const hasAllowIn = (dataset: string | undefined): boolean =>
    mine.some(
      (grant) => grant.effect === 'allow' && startsOf(grant).some((start) => ownerOf(start)?.dataset.name === dataset),
    )
  const isProtectedRoot = (path: string): boolean => {
    const { dataset, prefix } = ownerOf(path) ?? {}
    const tops = dataset?.protectedPaths.map((sub) => `${prefix === '/' ? '' : prefix}/${sub}`) ?? []
    return dataset?.protect === true && [prefix, ...tops].includes(path)
  }

  function judge({ action, path, scope }: Demand): Verdict {
    const no = (reason: string, grants: readonly Grant[] = []): Verdict => {
      return { effect: 'deny', reason, grants: grants.map(({ name }) => name) }
    }
    const below = world.paths.filter((other) => isBelow(other, path))

    const denies = inForceFor(deniesAt(path), action)
    if (denies.length > 0) return no('denied-by-grant', denies)
    const allows = inForceFor(allowsAt(path), action)
    if (allows.length === 0) {
      const looks = scope === 'this' && (action === 'stat' || action === 'list')
      const starts = mine.filter((grant) => grant.effect === 'allow' && isInForce(grant)).flatMap(startsOf)
      if (looks && starts.some((start) => isBelow(start, path)))
        return { effect: 'allow', reason: 'ancestor', grants: [] }
      const given = allowsAt(path).filter((grant) => does(grant, action))
      if (given.some(isOver)) return no('grant-expired', given.filter(isOver))
      if (given.length > 0) return no('not-now', given)
      const owner = ownerOf(path)
      return no(owner !== undefined && hasAllowIn(owner.dataset.name) ? 'no-grant' : 'no-dataset')
    }
    const uproots = ['delete', 'setattr', 'acl', 'admin'].includes(action)
    if (uproots && isProtectedRoot(path)) return no('protected-root')
    if (scope === 'subtree') {
      if (uproots && below.some(isProtectedRoot)) return no('protected-root')
      if (below.some((other) => inForceFor(deniesAt(other), action).length > 0)) return no('denied-by-grant')
      if (below.some((other) => inForceFor(allowsAt(other), action).length === 0)) return no('nested-dataset')
    }
    return { effect: 'allow', reason: 'granted', grants: allows.map(({ name }) => name) }
  }

  const verdicts = demands.map(judge)
  const first = verdicts.find(({ effect }) => effect === 'deny') ?? verdicts[0]
  if (first === undefined) return { effect: 'deny', reason: 'no-grant', grants: [] }
  if (first.effect === 'deny') return first
  return { ...first, grants: verdicts.flatMap(({ grants }) => grants) }
}
