/** What the broker counts. Outcomes come from a closed list, so no user text becomes a label. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ErrorCode } from '../core/errors.ts'
import type { Mode } from '../core/policy/slice.ts'
import type { BrokerReason } from '../core/reasons.ts'
import type { BatchOutcome } from './audit/route.ts'

/** What sidecars ask for. */
export type Served = 'slices' | 'secrets' | 'events'
/** Served, refused with a reason, or not answerable now. */
export type Outcome = 'served' | 'unavailable' | BrokerReason

export type BrokerMetrics = {
  readonly registry: Registry
  asked(what: Served, outcome: Outcome, seconds: number): void
  /** A secret that a sidecar was given, or why its store did not give it. */
  secretAsked(outcome: 'given' | ErrorCode): void
  /** A batch of records, by what became of it. */
  batch(outcome: BatchOutcome): void
  /** Records that were acknowledged, and how long ago the newest of them was written. */
  recordsTaken(count: number, lagSeconds: number): void
  sliceSent(): void
  streamRevoked(): void
  /** A policy is in force from now on; a signed one has a sequence. */
  policyTaken(sequence: number | undefined): void
  /** A change of policy is not taken over, and the one before stays in force. */
  policyRefused(code: ErrorCode): void
  /** Of the policy that is in force from now on. */
  policyMode(mode: Mode): void
  certificateExpires(atMs: number): void
}

export function brokerMetrics(openStreams: () => number): BrokerMetrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'kerbside_broker_requests_total',
    help: 'Requests of sidecars, by what they asked for, and by outcome: served, unavailable, or the reason of the refusal',
    labelNames: ['what', 'outcome'],
    registers,
  })
  const latency = new Histogram({
    name: 'kerbside_broker_request_duration_seconds',
    help: 'Time until the caller was known, or refused',
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })
  const secrets = new Counter({
    name: 'kerbside_broker_secrets_total',
    help: 'Secrets that sidecars asked for and might have, by outcome: given, or the code of the store',
    labelNames: ['outcome'],
    registers,
  })
  const batches = new Counter({
    name: 'kerbside_broker_audit_batches_total',
    help: 'Batches of records, by outcome: taken, known from before, again, unavailable, busy, or why it was refused',
    labelNames: ['outcome'],
    registers,
  })
  const records = new Counter({
    name: 'kerbside_broker_audit_records_total',
    help: 'Records of sidecars that are on disk and acknowledged',
    registers,
  })
  const lag = new Histogram({
    name: 'kerbside_broker_audit_lag_seconds',
    help: 'Age of the newest record of a batch when it is on disk here',
    buckets: [1, 2, 5, 10, 30, 60, 300, 3600, 86_400],
    registers,
  })
  const slices = new Counter({
    name: 'kerbside_broker_slices_sent_total',
    help: 'Slices written to sidecars',
    registers,
  })
  const revocations = new Counter({
    name: 'kerbside_broker_streams_revoked_total',
    help: 'Streams ended because policy no longer allows their identity',
    registers,
  })
  const reads = new Counter({
    name: 'kerbside_policy_reads_total',
    help: 'Changes of the policy, by whether they were taken over',
    labelNames: ['outcome'],
    registers,
  })
  const refusals = new Counter({
    name: 'kerbside_policy_refusals_total',
    help: 'Changes of the policy that were not taken over, by the code of the error',
    labelNames: ['code'],
    registers,
  })
  const sequence = new Gauge({
    name: 'kerbside_policy_sequence',
    help: 'Sequence of the signed policy in force; 0 while there is none',
    registers,
  })
  const stale = new Gauge({
    name: 'kerbside_policy_stale',
    help: '1 while a change of the policy is not taken over and the one before stays in force, else 0',
    registers,
  })
  const shadow = new Gauge({
    name: 'kerbside_policy_shadow',
    help: '1 when the policy in force is in shadow as a whole and nothing is refused by it, else 0',
    registers,
  })
  const expiry = new Gauge({
    name: 'kerbside_certificate_expiry_timestamp_seconds',
    help: 'When the serving certificate expires, seconds since the epoch',
    registers,
  })
  new Gauge({
    name: 'kerbside_broker_streams',
    help: 'Sidecars that are connected',
    registers,
    collect() {
      this.set(openStreams())
    },
  })
  return {
    registry,
    asked(what, outcome, seconds) {
      requests.inc({ what, outcome })
      latency.observe(seconds)
    },
    secretAsked: (outcome) => secrets.inc({ outcome }),
    batch: (outcome) => batches.inc({ outcome }),
    recordsTaken(count, lagSeconds) {
      records.inc(count)
      lag.observe(Math.max(0, lagSeconds))
    },
    sliceSent: () => slices.inc(),
    streamRevoked: () => revocations.inc(),
    policyTaken(taken) {
      reads.inc({ outcome: 'taken' })
      sequence.set(taken ?? 0)
      stale.set(0)
    },
    policyRefused(code) {
      reads.inc({ outcome: 'refused' })
      refusals.inc({ code })
      stale.set(1)
    },
    policyMode: (mode) => shadow.set(mode === 'shadow' ? 1 : 0),
    certificateExpires: (atMs) => expiry.set(Math.floor(atMs / 1000)),
  }
}
