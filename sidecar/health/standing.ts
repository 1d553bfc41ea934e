/** What a sidecar needs to be of use, and in plain words what it has of it. No secret is in any of it. */
import type { KerbsideError } from '../../src/core/errors.ts'
import type { Standing as CredentialStanding } from '../credentials/changes.ts'
import type { CredentialStatus } from '../credentials/session.ts'
import type { PolicyStatus } from '../policy/broker-client.ts'

export type Standing = {
  readonly policy: PolicyStatus
  readonly credentials: CredentialStatus
  /** Port that it listens on. */
  readonly gateway: number | undefined
}

export type Line = { readonly part: string; readonly isReady: boolean; readonly says: string }

/** One line for each part, in the order in which they come to be. */
export function linesOf({ policy, credentials, gateway }: Standing): readonly Line[] {
  return [
    line('policy', policyState(policy), policy.state === 'ready' || policy.state === 'stale', policy.lastError),
    credentialLine('ticket', credentials.ticket),
    credentialLine('delegation token', credentials.delegationToken),
    line(
      'gateway',
      gateway === undefined ? 'pending' : `ready on 127.0.0.1:${gateway}`,
      gateway !== undefined,
      undefined,
    ),
  ]
}

function policyState({ state, isShadow, silentMs, maxStaleMs }: PolicyStatus): string {
  const seconds = Math.round(Math.max(0, maxStaleMs - silentMs) / 1000)
  const until = state === 'stale' ? `, counts for another ${seconds} s` : ''
  return `${state}${until}${isShadow ? ', in shadow: nothing is refused' : ''}`
}

/** The state, since when, until when, and why it is not what it should be. */
function credentialLine(part: string, { state, since, expiresAt, lastError }: CredentialStanding): Line {
  const isReady = state === 'ready' || state === 'stale'
  const until = isReady && expiresAt !== undefined ? `, until ${at(expiresAt)}` : ''
  return line(part, `${state} since ${at(since)}${until}`, isReady, lastError)
}

/** `2026-11-26T05:13:00Z`. */
const at = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')

function line(part: string, state: string, isReady: boolean, error: KerbsideError | undefined): Line {
  const why = error === undefined ? '' : `: ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`
  return { part, isReady, says: `${part}: ${state}${why}` }
}
