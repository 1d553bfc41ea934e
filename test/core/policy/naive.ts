/** The law a second time, slow and obvious, over lists and a small world of paths. Shares no code with `decide`. */
import type { Bundle, Dataset, Grant } from '../../../src/core/policy/bundle.ts'
import type { Demand } from '../../../src/core/policy/demand.ts'

export type Verdict = { readonly effect: 'allow' | 'deny'; readonly reason: string; readonly grants: readonly string[] }

const isBelow = (path: string, top: string): boolean => path !== top && path.startsWith(top === '/' ? '/' : `${top}/`)
const isAtOrBelow = (path: string, top: string): boolean => path === top || isBelow(path, top)

/** `world` holds every path that could exist, deep enough to reach into every dataset. */
export function naiveDecide(
  bundle: Bundle,
  identityName: string,
  demands: readonly Demand[],
  now: number,
  world: readonly string[],
): Verdict {
  const identity = bundle.identities.get(identityName)
  const datasets = [...bundle.datasets.values()].filter(({ cluster }) => cluster === identity?.cluster)
  const mine = bundle.grants.filter(
    ({ teams, identities }) => teams.some((team) => team === identity?.team) || identities.includes(identityName),
  )

  const ownerOf = (path: string): Dataset | undefined =>
    datasets
      .flatMap((dataset) => dataset.prefixes.map((prefix) => ({ dataset, prefix })))
      .filter(({ prefix }) => isAtOrBelow(path, prefix))
      .sort((one, other) => other.prefix.length - one.prefix.length)[0]?.dataset
  const isInForce = (grant: Grant): boolean => grant.expiresAt === undefined || now < grant.expiresAt
  const allowsAt = (path: string, action?: string): Grant[] =>
    mine.filter(
      (grant) =>
        grant.effect === 'allow' &&
        grant.datasets.includes(ownerOf(path)?.name ?? '') &&
        (action === undefined || grant.actions.some((it) => it === action)),
    )
  const deniesAt = (path: string, action: string): Grant[] =>
    mine.filter(
      (grant) =>
        grant.effect === 'deny' &&
        grant.actions.some((it) => it === action) &&
        datasets.some(
          ({ name, prefixes }) => grant.datasets.includes(name) && prefixes.some((top) => isAtOrBelow(path, top)),
        ),
    )
  const isProtectedRoot = (path: string): boolean =>
    datasets.some(({ protect, prefixes }) => protect && prefixes.some((prefix) => prefix === path))

  function judge({ action, path, scope }: Demand): Verdict {
    const namesOf = (grants: readonly Grant[]) => grants.map(({ name }) => name)
    const no = (reason: string, grants: readonly Grant[] = []): Verdict => ({
      effect: 'deny',
      reason,
      grants: namesOf(grants),
    })
    const below = world.filter((other) => isBelow(other, path))

    const denies = deniesAt(path, action).filter(isInForce)
    if (denies.length > 0) return no('denied-by-grant', denies)
    const allows = allowsAt(path, action).filter(isInForce)
    if (allows.length === 0) {
      const looks = scope === 'this' && (action === 'stat' || action === 'list')
      const leads = below.some(
        (other) =>
          datasets.some(({ prefixes }) => prefixes.some((it) => it === other)) && allowsAt(other).some(isInForce),
      )
      if (looks && leads) return { effect: 'allow', reason: 'ancestor', grants: [] }
      if (allowsAt(path, action).length > 0) return no('grant-expired', allowsAt(path, action))
      return no(allowsAt(path).length > 0 ? 'no-grant' : 'no-dataset')
    }
    const uproots = ['delete', 'setattr', 'acl', 'admin'].includes(action)
    if (uproots && isProtectedRoot(path)) return no('protected-root')
    if (scope === 'subtree') {
      if (uproots && below.some(isProtectedRoot)) return no('protected-root')
      if (below.some((other) => deniesAt(other, action).some(isInForce))) return no('denied-by-grant')
      if (below.some((other) => !allowsAt(other, action).some(isInForce))) return no('nested-dataset')
    }
    return { effect: 'allow', reason: 'granted', grants: namesOf(allows) }
  }

  const verdicts = demands.map(judge)
  const first = verdicts.find(({ effect }) => effect === 'deny') ?? verdicts[0]
  if (first === undefined) return { effect: 'deny', reason: 'no-grant', grants: [] }
  if (first.effect === 'deny') return first
  return { ...first, grants: verdicts.flatMap(({ grants }) => grants) }
}
