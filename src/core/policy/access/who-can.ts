/** Everyone who may do one thing to one path, now or in another moment or pod: computed from the path, and complete. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Identity } from '../../identity/identity.ts'
import type { Action } from '../action.ts'
import type { Bundle, Grant } from '../bundle.ts'
import type { GrantRef } from '../decision/decision.ts'
import type { Answer, Asked } from './answer.ts'
import { narrowing } from './grants-for.ts'
import { podsFor } from './pods.ts'
import { situationsOf } from './situations.ts'
import { subtreeAnswers } from './subtree.ts'
import { thisAnswers } from './this-path.ts'
import { grouped } from './together.ts'

/** `now`: every pod, at the moment asked for; `some-pods`: some pods then; `later`: none then, but some later on. */
export const STANDINGS = ['now', 'some-pods', 'later'] as const
export type Standing = (typeof STANDINGS)[number]

export type Who = {
  readonly cluster: string
  readonly team: string
  /** Absent when it is so for all identities of the team in the cluster. */
  readonly identity?: string
  readonly standing: Standing
  readonly by: Answer['by']
  readonly dataset?: string
  readonly when: string
  readonly allows: readonly GrantRef[]
  readonly denies: readonly GrantRef[]
}

export type WhoCanOptions = {
  /** The moment that `now` is, milliseconds since the epoch. What was before it is over. */
  readonly at: number
  readonly scope: 'this' | 'subtree'
  /** One cluster only. */
  readonly cluster?: string
  readonly withShadow?: boolean
}

/** Those who may come first. Whoever is not in it may not, at no moment from then on and for no pod. */
export function whoCan(bundle: Bundle, action: Action, path: HdfsPath, options: WhoCanOptions): readonly Who[] {
  const { at, scope, cluster: only, withShadow = false } = options
  const answers = scope === 'subtree' ? subtreeAnswers : thisAnswers
  const found = [...bundle.clusters.keys()]
    .filter((cluster) => only === undefined || cluster === only)
    .flatMap((cluster) => {
      const asked: Asked = { action, path, cluster, at }
      const { bundle: near, answerOf } = answers(bundle, asked)
      const narrow = narrowing(near, withShadow)
      const members = [...bundle.identities.values()].filter((identity) => identity.cluster === cluster)
      return together(members, (identity) => {
        const answer = answerOf(identity, narrow(identity))
        return answer === undefined ? undefined : standing(answer, at, { identity, cluster })
      })
    })
  const order = ({ standing: it, team, identity = '', cluster }: Who): string =>
    [STANDINGS.indexOf(it), team, identity, cluster].join('\n')
  return found.sort((one, other) => (order(one) < order(other) ? -1 : 1))
}

type Member = { readonly identity: Identity; readonly cluster: string }

function standing(answer: Answer, at: number, { identity, cluster }: Member): Who | undefined {
  const { by, dataset, when, allows, denies, holdsIn } = answer
  const grants = [...allows, ...denies]
  const asksFor = (what: 'namespaces' | 'selector') => grants.some(({ pods }) => pods?.[what] !== undefined)
  // Whoever asks has a namespace and labels: what is said of pods of which that is not known is for `explain`.
  const pods = podsFor(grants).pods.filter(
    ({ namespace, labels }) =>
      (namespace !== undefined || !asksFor('namespaces')) && (labels !== undefined || !asksFor('selector')),
  )
  const moment = { time: at, from: at, until: at }
  const holding = pods.filter((pod) => holdsIn({ moment, pod })).length
  const isLater = () => situationsOf(grants, at).all.some(holdsIn)
  if (holding === 0 && !isLater()) return undefined
  const ref = ({ name, at: where }: Grant): GrantRef => ({ name, at: where })
  return {
    cluster,
    team: identity.team,
    identity: identity.name,
    standing: holding === 0 ? 'later' : holding === pods.length ? 'now' : 'some-pods',
    by,
    ...(dataset === undefined ? {} : { dataset }),
    when,
    allows: allows.map(ref),
    denies: denies.map(ref),
  }
}

/** One entry for a team where all of its identities in the cluster have the same. */
function together(members: readonly Identity[], whoOf: (identity: Identity) => Who | undefined): readonly Who[] {
  return [...grouped(members, ({ team }) => team).values()].flatMap((identities) => {
    const all = identities.flatMap((identity) => whoOf(identity) ?? [])
    const same = grouped(all, ({ identity: _identity, ...said }) => JSON.stringify(said))
    const [first] = all
    if (first === undefined || same.size > 1 || all.length < identities.length) return all
    const { identity: _identity, ...team } = first
    return [team]
  })
}
