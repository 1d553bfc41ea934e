/** How a sidecar tells the broker that a credential changed, for an Event on its pod. Inverse functions, one for each end. */
import { ERRORS, type ErrorCode } from '../errors.ts'
import { CREDENTIAL_STATES, type CredentialState } from './refresh.ts'

export const CREDENTIAL_KINDS = ['ticket', 'delegation token'] as const
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]

export type ToldChange = {
  readonly kind: CredentialKind
  readonly state: CredentialState
  /** When it ends, milliseconds since the epoch. */
  readonly expiresAt?: number
  readonly code?: ErrorCode
  /** What is wrong and what to do: one printable line without a secret, cut to {@link LONGEST_DETAIL}. */
  readonly detail?: string
}

/** An Event's message may have 1024 bytes in all. */
const LONGEST_DETAIL = 700

export function writeToldChange(change: ToldChange): string {
  const { detail } = change
  return JSON.stringify(detail === undefined ? change : { ...change, detail: printable(detail) })
}

/**
 * Whoever tells is a sidecar in somebody's pod: of what it says only this much is taken, and repeated on that pod alone.
 * Undefined when it tells of no credential.
 */
export function readToldChange(given: unknown): ToldChange | undefined {
  const fields = new Map(Object.entries(Object(given)))
  const kind = CREDENTIAL_KINDS.find((one) => one === fields.get('kind'))
  const state = CREDENTIAL_STATES.find((one) => one === fields.get('state'))
  if (kind === undefined || state === undefined) return undefined
  const code = (Object.keys(ERRORS) as ErrorCode[]).find((one) => one === fields.get('code'))
  const expiresAt = fields.get('expiresAt')
  const detail = fields.get('detail')
  return {
    kind,
    state,
    ...(typeof expiresAt === 'number' && Math.abs(expiresAt) < LATEST_DATE_MS ? { expiresAt } : {}),
    ...(code === undefined ? {} : { code }),
    ...(typeof detail === 'string' ? { detail: printable(detail) } : {}),
  }
}

/** The latest that a Date can be (ECMA-262 §21.4.1.1). */
const LATEST_DATE_MS = 8.64e15

const printable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, LONGEST_DETAIL)
