/** One audit entry: who did what, and why it was allowed or not. A closed schema; nothing in it is secret. */
import type { ParameterName } from '../hdfs/parameters.ts'
import type { Reason } from '../reasons.ts'

/** The pod and identity on whose behalf something happened. */
export type Who = {
  readonly team: string
  readonly identity: string
  readonly principal: string
  readonly namespace: string
  readonly pod: string
  readonly serviceAccount: string
  readonly node: string
}

export type What = {
  /** Unique within a sidecar; start and end record of one operation share it. */
  readonly operationId: string
  /** `OPEN`, or the client's own text, cut to 64 characters, when there is no such operation. */
  readonly operation: string
  /** Canonical path; the raw target, cut and escaped, when it had none. */
  readonly path: string
  /** RENAME's destination. */
  readonly destination?: string
  /**
   * Those that can change the decision, such as `recursive`, as the client gave them. Absent where the operation has
   * none, where the request never reached policy, and in records that are older than this field.
   */
  readonly parameters?: { readonly [name in ParameterName]?: string }
  readonly dataset?: string
  /** User-Agent of the client, cut to 128 characters, controls escaped. */
  readonly client?: string
}

export type Why = {
  readonly effect: 'allow' | 'deny'
  readonly reason: Reason
  /** `name@teams/quant.yaml:12` for each grant the decision rests on. */
  readonly grants: readonly string[]
  /** Hash of the policy bundle that was in force. */
  readonly bundle: string
  /** What the decision would have been with everything enforced that is in shadow, where that is another one. */
  readonly shadow?: ShadowWhy
}

export type ShadowWhy = Pick<Why, 'effect' | 'reason' | 'grants'>

export type End = {
  /** HTTP status told to the client; 0 when the client went away before it was told. */
  readonly status: number
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly durationMs: number
  /** Whether the transfer stopped before its end. */
  readonly cut: boolean
  /** How often a read went on at another DataNode; absent where it did not. */
  readonly resumed?: number
  /** What became of an upload that was cut: `removed`, or `left` when it could not be removed. */
  readonly upload?: 'complete' | 'removed' | 'left'
  /** Why what was allowed at its start was refused or cut after all: a limit that showed only on the way, or a policy that changed. */
  readonly reason?: Reason
}

/** What a program says; the chain adds number, time and hashes. */
export type Entry =
  | { readonly kind: 'start'; readonly who: Who; readonly what: What; readonly why: Why }
  | { readonly kind: 'end'; readonly who: Who; readonly what: What; readonly end: End }
  | { readonly kind: 'credential'; readonly who: Who; readonly state: string; readonly detail: string }
  | { readonly kind: 'policy'; readonly who: Who; readonly bundle: string; readonly detail: string }
  | { readonly kind: 'open'; readonly who: Who; readonly detail: string }
  | { readonly kind: 'close'; readonly who: Who; readonly detail: string }

/** A numbered, timed and chained entry: one line of NDJSON. */
export type AuditRecord = Entry & {
  readonly format: 1
  /** Uid of the pod whose sidecar wrote it. */
  readonly sidecar: string
  /** From 0, without gaps, within a sidecar. */
  readonly sequence: number
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string
  /** `hash` of the record before, 64 zeros for the first. */
  readonly previous: string
  /** SHA-256, hex, over the canonical bytes of everything else in the record. */
  readonly hash: string
}
