/** One audit entry: who did what, and why it was allowed or not. A closed schema; nothing in it is secret. */
import type { ParameterName } from '../hdfs/parameters.ts'
import type { Reason } from '../reasons.ts'
import type { DeliveryReason } from './delivery.ts'

/** What made a pod, as its owner references say: whoever may create a pod can write them. */
export type Owner = {
  /** `Job`, `Deployment`, `Notebook`. */
  readonly kind: string
  readonly name: string
}

/** The pod and identity on whose behalf something happened. A text is empty where it is not known. */
export type Who = {
  readonly team: string
  readonly identity: string
  readonly principal: string
  readonly namespace: string
  readonly pod: string
  readonly serviceAccount: string
  readonly node: string
  /** Absent where it is not known, and in records of format 1. */
  readonly owner?: Owner
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

export type Admission = {
  /** What was asked of the API server. */
  readonly operation: 'CREATE' | 'UPDATE'
  readonly stage: 'mutate' | 'validate'
  readonly effect: 'admit' | 'deny'
  /** Why not; none for a pod that was admitted. */
  readonly reasons: readonly Reason[]
  /** Uid of the AdmissionReview, as in the audit log of the API server. */
  readonly review: string
}

export type Release = {
  /** Where policy says that the secret is, and which part of it: names, and no byte of what is there. */
  readonly path: string
  readonly key: string
  /** As the store counts; absent where nothing was given. */
  readonly version?: string
  /** `given`, or the code of what the store answered. */
  readonly outcome: string
}

export type Refused = {
  /** What was asked for. */
  readonly asked: 'slices' | 'secrets' | 'events' | 'audit'
  /** Or why a batch of records was not taken. */
  readonly reason: Reason | DeliveryReason
  /** What was found, for the operator. The caller was not told. */
  readonly detail: string
}

export type Gap = {
  /** Whose records are not there. */
  readonly of: string
  /** The first number that is missing, and the first that is there again. */
  readonly from: number
  readonly to: number
  readonly detail: string
}

export type Viewed = {
  /** Who looked: issuer and subject of the login, or `local` where the page has none. */
  readonly reader: string
  readonly role: 'reviewer' | 'team-lead' | 'auditor' | 'none'
  /** Path and query that were asked for, cut to 8,192 characters. */
  readonly url: string
  readonly effect: 'allow' | 'deny'
}

/** What a program says; the chain adds number, time and hashes. */
export type Entry =
  | { readonly kind: 'start'; readonly who: Who; readonly what: What; readonly why: Why }
  | { readonly kind: 'end'; readonly who: Who; readonly what: What; readonly end: End }
  | { readonly kind: 'credential'; readonly who: Who; readonly state: string; readonly detail: string }
  | { readonly kind: 'policy'; readonly who: Who; readonly bundle: string; readonly detail: string }
  | { readonly kind: 'admission'; readonly who: Who; readonly admission: Admission; readonly bundle: string }
  | { readonly kind: 'release'; readonly who: Who; readonly release: Release; readonly bundle: string }
  | { readonly kind: 'refusal'; readonly who: Who; readonly refusal: Refused }
  | { readonly kind: 'gap'; readonly who: Who; readonly gap: Gap }
  | { readonly kind: 'view'; readonly who: Who; readonly view: Viewed }
  | { readonly kind: 'open'; readonly who: Who; readonly detail: string }
  | { readonly kind: 'close'; readonly who: Who; readonly detail: string }

export type Format = 1 | 2

/** A numbered, timed and chained entry: one line of NDJSON. */
export type AuditRecord = Entry & {
  /** 1 is read; 2 is written. */
  readonly format: Format
  /** Whose chain it is: the uid of the pod whose sidecar wrote it, or the name that a broker or webhook goes by. */
  readonly sidecar: string
  /** From 0, without gaps, within a chain. */
  readonly sequence: number
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string
  /** `hash` of the record before, 64 zeros for the first. */
  readonly previous: string
  /** SHA-256, hex, over the canonical bytes of everything else in the record. */
  readonly hash: string
}
