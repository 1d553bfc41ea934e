/** A denial: what was asked and refused, what today's policy says of it, and which line to change. */
import type { Item, Place } from './item.ts'

export type DenialAsked = Pick<Place, 'sidecar' | 'sequence'>

export type Denial = {
  readonly item: Item
  /** Absent when no policy is known. */
  readonly today?: Today
}

export type Today = {
  /** Hash of today's policy. */
  readonly bundle: string
  /** Whether it is the one that refused. */
  readonly isSame: boolean
  readonly effect: 'allow' | 'deny'
  readonly reason: string
  /** `name@teams/quant.yaml:12`. */
  readonly grants: readonly string[]
  /** What the record does not say and the answer hangs on: labels of the pod, parameters, size of the file. */
  readonly dependsOn?: string
  /** The smallest edits that together allow it; absent when it is allowed, or no edit allows it. */
  readonly fix?: readonly Fix[]
}

/** One edit, as lines for a person; the first says where, the others are YAML to type. Not made printable. */
export type Fix = {
  readonly kind: string
  /** `teams/quant.yaml:12`; absent for what is new. */
  readonly at?: string
  readonly lines: readonly string[]
}
