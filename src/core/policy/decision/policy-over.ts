/** A slice over time: the policy of each moment, made when it is first asked for, and what grants in shadow would say. */

import type { Mode, Slice } from '../slice.ts'
import { decide } from './decide.ts'
import type { Decision, ShadowDecision } from './decision.ts'
import type { Demand } from './demand.ts'
import { isInForce, isOver, type Stretch, stretchAround } from './in-force.ts'
import { layOutSlice } from './layout.ts'
import { markTrie, type Trie } from './trie.ts'

/** So many moments are kept: a replay goes back and forth between a few, a sidecar has one. */
const MOST_KEPT = 16

export type PolicyOver = {
  readonly mode: Mode
  /** @param now milliseconds since the epoch */
  decide(demands: readonly Demand[], now: number): Decision
  /** The policy as it is enforced at a moment. */
  at(now: number): Trie
}

type Moment = Stretch & { readonly enforced: Trie; readonly asIf: Trie | undefined }

export function policyOver(slice: Slice): PolicyOver {
  const layout = layOutSlice(slice)
  // Nothing below keeps the slice itself.
  const { mode } = slice
  const hasShadow = slice.grants.some(({ mode }) => mode === 'shadow')
  const timed = [...layout.timed.values()]
  const marked = new Map<string, Pick<Moment, 'enforced' | 'asIf'>>()
  let current: Moment = momentAt(0)

  function momentAt(now: number): Moment {
    const states = timed.map((grant) => (isInForce(grant, now) ? 'y' : isOver(grant, now) ? 'x' : 'n'))
    const state = `${Number.isNaN(now)} ${states.join('')}`
    const known = marked.get(state)
    const tries = known ?? {
      enforced: markTrie(layout, now),
      asIf: hasShadow ? markTrie(layout, now, true) : undefined,
    }
    const [oldest] = marked.keys()
    if (known === undefined && marked.size >= MOST_KEPT && oldest !== undefined) marked.delete(oldest)
    marked.set(state, tries)
    return { ...stretchAround(timed, now), ...tries }
  }

  function moment(now: number): Moment {
    // No stretch holds a moment that is not a number, so that one is marked anew, as denying as can be.
    if (!(now >= current.from && now < current.until)) current = momentAt(now)
    return current
  }

  return {
    mode,
    at: (now) => moment(now).enforced,
    decide(demands, now) {
      const { enforced, asIf } = moment(now)
      const decision = decide(enforced, demands)
      const shadow = asIf === undefined ? undefined : decide(asIf, demands)
      if (mode === 'shadow') return inShadow(decision, shadow ?? decision)
      return shadow === undefined || shadow.effect === decision.effect
        ? decision
        : { ...decision, shadow: whatOf(shadow) }
    },
  }
}

/** A policy in shadow as a whole refuses nothing, and says of each refusal that it would have been one. */
function inShadow(decision: Decision, shadow: Decision): Decision {
  const told = {
    ...decision,
    effect: 'allow' as const,
    reason: decision.effect === 'allow' ? decision.reason : ('shadow' as const),
  }
  return shadow.effect === 'allow' ? told : { ...told, shadow: whatOf(shadow) }
}

const whatOf = ({ effect, reason, grants }: Decision): ShadowDecision => ({ effect, reason, grants })
