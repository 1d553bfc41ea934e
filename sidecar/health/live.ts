/** What the parts say of themselves at this moment; those that are not started yet are pending. */
import type { Credentials } from '../credentials/credentials.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { BrokerClient } from '../policy/broker-client.ts'
import type { Measured } from './metrics.ts'

export class Live {
  readonly #slices: BrokerClient
  readonly #clock: () => number
  credentials: Credentials | undefined
  gateway: Gateway | undefined

  constructor(slices: BrokerClient, clock: () => number) {
    this.#slices = slices
    this.#clock = clock
  }

  measure(): Measured {
    const { ticket, delegationToken } = this.credentials?.session ?? {
      ticket: { state: 'pending' as const, expiresAt: undefined, lastError: undefined },
      delegationToken: { expiresAt: undefined, lastError: undefined },
    }
    return {
      standing: { policy: this.#slices.status(), ticket, delegationToken, gateway: this.gateway?.port },
      counters: this.gateway?.counters(),
      now: this.#clock(),
    }
  }
}
