/** All that the sidecar measures of itself, as Prometheus reads it. */
import type { DeliveryStatus } from '../../src/io/audit/delivery-status.ts'
import type { Counters } from '../gateway/counters.ts'
import { credentialMetrics } from './credential-metrics.ts'
import { deliveryMetrics } from './delivery-metrics.ts'
import { metric } from './metric.ts'
import { linesOf, type Standing } from './standing.ts'

export type Measured = {
  readonly standing: Standing
  /** Undefined before the gateway has started. */
  readonly counters: Counters | undefined
  /** Undefined before there is an audit log. */
  readonly delivery: DeliveryStatus | undefined
}

export function metricsText({ standing, counters, delivery }: Measured): string {
  const { policy, credentials } = standing
  const count = (value: number | undefined) => [{ value: value ?? 0 }]
  return [
    metric(
      'kerbside_operations_total counter operations by what became of them',
      (counters?.operations ?? []).map(({ operation, effect, reason, count: value }) => ({
        labels: { operation, effect, reason },
        value,
      })),
    ),
    metric('kerbside_bytes_total counter bytes of files', [
      { labels: { direction: 'read' }, value: counters?.bytesRead ?? 0 },
      { labels: { direction: 'written' }, value: counters?.bytesWritten ?? 0 },
    ]),
    metric('kerbside_streams gauge transfers under way', count(counters?.activeStreams)),
    metric('kerbside_streams_cut_total counter transfers that stopped before their end', count(counters?.cutStreams)),
    metric(
      'kerbside_audit_end_records_lost_total counter end records that could not be written',
      count(counters?.lostEndRecords),
    ),
    ...(delivery === undefined ? [] : deliveryMetrics(delivery)),
    metric(
      'kerbside_ready gauge whether a part is of use',
      linesOf(standing).map(({ part, isReady }) => ({ labels: { part }, value: isReady ? 1 : 0 })),
    ),
    metric('kerbside_policy_shadow gauge whether nothing is refused by policy, only recorded', [
      { value: policy.isShadow ? 1 : 0 },
    ]),
    ...credentialMetrics(credentials),
    metric(
      'kerbside_policy_age_seconds gauge since the broker last stood behind the policy slice',
      Number.isFinite(policy.silentMs) ? [{ value: policy.silentMs / 1000 }] : [],
    ),
    metric('kerbside_policy_max_age_seconds gauge age from which everything is refused', [
      { value: policy.maxStaleMs / 1000 },
    ]),
    metric('kerbside_policy_connected gauge whether the broker is heard', [
      { value: policy.state === 'ready' ? 1 : 0 },
    ]),
  ].join('')
}
