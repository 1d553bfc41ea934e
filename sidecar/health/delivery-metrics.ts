/** The metrics of records on their way to a broker. None of them makes the sidecar unready: it works until its log is full. */
import type { DeliveryStatus } from '../../src/io/audit/delivery-status.ts'
import { type Metric, metric } from './metric.ts'

export function deliveryMetrics(status: DeliveryStatus): readonly Metric[] {
  const { acknowledged, written, oldestAgeMs, bytes, maxBytes, refused, problem } = status
  return [
    metric('kerbside_audit_records_total counter audit records in our chain, all on disk', [{ value: written }]),
    metric('kerbside_audit_undelivered_records gauge audit records on our disk that no broker has yet', [
      { value: written - acknowledged },
    ]),
    metric(
      'kerbside_audit_undelivered_seconds gauge since the oldest audit record was written that no broker has yet',
      [{ value: oldestAgeMs / 1000 }],
    ),
    metric('kerbside_audit_delivery_failing gauge whether no broker takes audit records now', [
      { value: problem === undefined ? 0 : 1 },
    ]),
    metric(
      'kerbside_audit_batches_refused_total counter batches of audit records that were not taken, by why',
      [...refused].map(([reason, value]) => ({ labels: { reason }, value })),
    ),
    metric('kerbside_audit_log_bytes gauge that the audit log takes on our disk', [{ value: bytes }]),
    metric('kerbside_audit_log_max_bytes gauge that the audit log may take; then no operation begins', [
      { value: maxBytes },
    ]),
  ]
}
