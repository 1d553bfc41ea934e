/** What the parts say of themselves at this moment; those that are not started yet are pending. */
import type { Shipper } from '../../src/io/audit/shipper.ts'
import type { Standing as CredentialStanding } from '../credentials/changes.ts'
import type { Credentials } from '../credentials/credentials.ts'
import type { CredentialStatus } from '../credentials/session.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { BrokerClient } from '../policy/broker-client.ts'
import type { Measured } from './metrics.ts'

export class Live {
  readonly #slices: BrokerClient
  readonly #startedAt: number
  credentials: Credentials | undefined
  gateway: Gateway | undefined
  delivery: Pick<Shipper, 'status'> | undefined

  /** @param clock milliseconds since the epoch */
  constructor(slices: BrokerClient, clock: () => number) {
    this.#slices = slices
    this.#startedAt = clock()
  }

  measure(): Measured {
    return {
      standing: {
        policy: this.#slices.status(),
        credentials: this.credentials?.status() ?? noCredentials(this.#startedAt),
        gateway: this.gateway?.port,
      },
      counters: this.gateway?.counters(),
      delivery: this.delivery?.status(),
    }
  }
}

/** Before there is a slice nobody knows whose credentials to fetch. */
function noCredentials(since: number): CredentialStatus {
  const nothing = { ageMs: undefined, leftMs: undefined, expiresAt: undefined, lastError: undefined }
  const pending: CredentialStanding = { state: 'pending', since, ...nothing }
  return {
    ticket: pending,
    delegationToken: pending,
    kvno: undefined,
    kdcs: [],
    clockOffsetMs: undefined,
    failures: [],
  }
}
