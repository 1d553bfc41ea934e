/** What the webhook counts. Reasons come from a closed list, so no user text becomes a label. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ErrorCode } from '../src/core/errors.ts'
import type { Admission, Verdict } from '../src/core/identity/admission.ts'
import type { Mode } from '../src/core/policy/slice.ts'
import type { RefusalReason } from './refusals.ts'

export type WebhookMetrics = {
  readonly registry: Registry
  decided(stage: Admission['stage'], verdict: Verdict, seconds: number): void
  /** A request that was not decided on. */
  refused(reason: RefusalReason): void
  /** A policy is in force from now on; a signed one has a sequence. */
  policyTaken(sequence: number | undefined): void
  /** A change of policy is not taken over, and the one before stays in force. */
  policyRefused(code: ErrorCode): void
  /** Of the policy that is in force from now on. */
  policyMode(mode: Mode): void
  certificateExpires(atMs: number): void
  /** The last of those that the API server is to trust. */
  authorityExpires(atMs: number): void
  /** So many decisions will not be on record. */
  recordsLost(count: number): void
  /** Whether the webhook configurations carry our CA. */
  trustPublished(isPublished: boolean): void
}

export function webhookMetrics(): WebhookMetrics {
  const registry = new Registry()
  const registers = [registry]
  const decisions = new Counter({
    name: 'kerbside_admission_decisions_total',
    help: 'Pods decided on; a denial counts once for each of its reasons',
    labelNames: ['stage', 'effect', 'reason'],
    registers,
  })
  const refused = new Counter({
    name: 'kerbside_admission_refusals_total',
    help: 'Requests that were not decided on, and so are denials, by why',
    labelNames: ['reason'],
    registers,
  })
  const latency = new Histogram({
    name: 'kerbside_admission_duration_seconds',
    help: 'Time from the last byte of the request to the answer',
    labelNames: ['stage'],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
    registers,
  })
  const recordsLost = new Counter({
    name: 'kerbside_admission_records_lost_total',
    help: 'Decisions that could not be put on record',
    registers,
  })
  const reloads = new Counter({
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
  const authorityExpiry = new Gauge({
    name: 'kerbside_authority_expiry_timestamp_seconds',
    help: 'When the last of the authorities expires that the API server is to trust, seconds since the epoch',
    registers,
  })
  const trust = new Gauge({
    name: 'kerbside_trust_published',
    help: '1 when the webhook configurations carry our CA, else 0',
    registers,
  })
  return {
    registry,
    decided(stage, verdict, seconds) {
      const reasons = verdict.effect === 'deny' ? new Set(verdict.denials.map(({ reason }) => reason)) : ['']
      for (const reason of reasons) decisions.inc({ stage, effect: verdict.effect, reason })
      latency.observe({ stage }, seconds)
    },
    refused: (reason) => refused.inc({ reason }),
    recordsLost: (count) => recordsLost.inc(count),
    policyTaken(taken) {
      reloads.inc({ outcome: 'taken' })
      sequence.set(taken ?? 0)
      stale.set(0)
    },
    policyRefused(code) {
      reloads.inc({ outcome: 'refused' })
      refusals.inc({ code })
      stale.set(1)
    },
    policyMode: (mode) => shadow.set(mode === 'shadow' ? 1 : 0),
    certificateExpires: (atMs) => expiry.set(Math.floor(atMs / 1000)),
    authorityExpires: (atMs) => authorityExpiry.set(Math.floor(atMs / 1000)),
    trustPublished: (isPublished) => trust.set(isPublished ? 1 : 0),
  }
}
