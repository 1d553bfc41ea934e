/** What a sidecar needs to be of use, and in plain words what it has of it. No secret is in any of it. */
import type { KerbsideError } from '../../src/core/errors.ts'
import type { CredentialState } from '../../src/core/kerberos/refresh.ts'
import type { PolicyStatus } from '../policy/broker-client.ts'

export type Standing = {
  readonly policy: PolicyStatus
  readonly ticket: {
    readonly state: CredentialState
    readonly expiresAt: number | undefined
    readonly lastError: KerbsideError | undefined
  }
  readonly delegationToken: { readonly expiresAt: number | undefined; readonly lastError: KerbsideError | undefined }
  /** Port that it listens on. */
  readonly gateway: number | undefined
}

export type Line = { readonly part: string; readonly isReady: boolean; readonly says: string }

/** One line for each part, in the order in which they come to be. */
export function linesOf({ policy, ticket, delegationToken, gateway }: Standing): readonly Line[] {
  const tokenState = delegationToken.expiresAt === undefined ? 'pending' : 'ready'
  return [
    line('policy', policyState(policy), policy.state === 'ready' || policy.state === 'stale', policy.lastError),
    line('ticket', ticket.state, ticket.state === 'ready' || ticket.state === 'stale', ticket.lastError),
    line('delegation token', tokenState, tokenState === 'ready', delegationToken.lastError),
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

function line(part: string, state: string, isReady: boolean, error: KerbsideError | undefined): Line {
  const why = error === undefined ? '' : `: ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`
  return { part, isReady, says: `${part}: ${state}${why}` }
}
