/** Cases of PolicyTests that are gone: a team may take away those about its own pods on its own data, and no others. */
import { parsePath } from '../../hdfs/path.ts'
import type { Bundle } from '../bundle.ts'
import { ofKind } from '../language/link.ts'
import type { State } from './change.ts'
import { type Delegated, mayGrantOn, type Objection } from './delegated.ts'
import type { Changed } from './lost-denies.ts'
import { ownersIn } from './moved-paths.ts'

/** In whichever document a case stands now: to move it is not to lose it. */
export function lostTests(
  { base, now }: Changed,
  team: string,
  delegations: readonly Delegated[],
): readonly Objection[] {
  const left = new Map<string, number>()
  for (const { text } of casesIn(now)) left.set(text, (left.get(text) ?? 0) + 1)
  const owners = ownersIn(base.bundle)
  return casesIn(base).flatMap(({ document, index, text, one }): Objection[] => {
    const count = left.get(text) ?? 0
    left.set(text, count - 1)
    if (count > 0 || isOwn(one, base.bundle)) return []
    const message = `a case that asks about ${one.operation} by \`${one.identity}\` is gone, and is not about this team on its own data`
    return [{ document, path: ['spec', 'cases', index], message }]
  })

  function isOwn({ identity: name, path, destination }: Case, bundle: Bundle): boolean {
    const identity = bundle.identities.get(name)
    return (
      identity?.team === team &&
      [path, ...(destination === undefined ? [] : [destination])].every((text) => {
        const parsed = parsePath(text)
        const owner = 'path' in parsed ? owners(identity.cluster, parsed.path) : undefined
        return owner !== undefined && delegations.some((one) => mayTest(one, owner.dataset.name, bundle))
      })
    )
  }
}

const mayTest = (delegated: Delegated, dataset: string, bundle: Bundle): boolean =>
  delegated.delegation.kinds.includes('PolicyTest') && mayGrantOn(delegated, dataset, bundle)

type Case = {
  readonly identity: string
  readonly operation: string
  readonly path: string
  readonly destination?: string | undefined
}

const casesIn = ({ documents }: State) =>
  ofKind(documents, 'PolicyTest').flatMap((document) =>
    document.spec.cases.map((one, index) => ({
      document,
      index,
      one,
      text: JSON.stringify(Object.entries(one).sort()),
    })),
  )
