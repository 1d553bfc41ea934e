/** Asks a policy everything there is to ask in a small world: each identity, action, path, moment and pod. */
import { ACTIONS, type Action } from '../../../../src/core/policy/action.ts'
import type { Bundle } from '../../../../src/core/policy/bundle.ts'
import type { PodContext } from '../../../../src/core/policy/decision/pod-condition.ts'
import { ancestorsOf, under } from '../../../../src/core/policy/places.ts'
import { hdfs, NOW, policyFor } from '../bundle-of.ts'

export const IDENTITIES = ['quant-research', 'climate-models'] as const
export const TIMES = [NOW - 1, NOW, NOW + 1, NOW + 2] as const
export const PODS: readonly PodContext[] = [
  { namespace: 'ml-quant' },
  { namespace: 'ml-climate' },
  { namespace: 'x' },
  {},
]

/** Every place of some policies, what lies above it, and one path below it. */
export function crowdedIn(bundles: readonly Bundle[]): readonly string[] {
  const places = bundles.flatMap(({ datasets, grants }) => {
    const subs = [...datasets.values()].flatMap(({ protectedPaths }) => protectedPaths)
    const all = new Set([...subs, ...grants.flatMap(({ paths }) => paths)])
    const prefixes = [...datasets.values()].flatMap((dataset) => dataset.prefixes)
    return prefixes.flatMap((prefix) => [prefix, ...[...all].map((sub) => under(prefix, sub))])
  })
  return [...new Set(places.flatMap((place) => [...ancestorsOf(place), place, under(place, 'below')]))]
}

export type Asked = {
  readonly identity: string
  readonly action: Action
  readonly path: string
  readonly scope: 'this' | 'subtree'
  readonly time: number
  readonly pod: PodContext
}

export type Answered = Asked & { readonly answers: readonly { readonly effect: string; readonly reason: string }[] }

/** What each of some policies answers to every question. */
export function everywhere(
  bundles: readonly Bundle[],
  paths: readonly string[],
  take: (one: Answered) => void,
  scopes: readonly Asked['scope'][] = ['this', 'subtree'],
): void {
  for (const identity of IDENTITIES) {
    for (const pod of PODS) {
      const policies = bundles.map((bundle) => policyFor(bundle, identity, pod))
      for (const time of TIMES) {
        for (const path of paths.map(hdfs)) {
          for (const action of ACTIONS) {
            for (const scope of scopes) {
              const answers = policies.map((policy) => policy.decide([{ action, path, scope }], time))
              take({ identity, action, path, scope, time, pod, answers })
            }
          }
        }
      }
    }
  }
}
