/** What the Grafana dashboard shows: rows of panels, each with its queries and their unit. */

type Unit = 's' | 'ops' | 'Bps' | 'short' | 'percentunit' | 'dateTimeFromNow' | 'bytes' | 'none'
type Query = { readonly expr: string; readonly legend?: string }
export type Panel = {
  readonly title: string
  readonly says: string
  readonly unit: Unit
  readonly type?: 'timeseries' | 'stat'
  readonly queries: readonly Query[]
}
type Row = { readonly title: string; readonly panels: readonly Panel[] }

const RATE = '[$__rate_interval]'
const OF_POD = '{namespace=~"$namespace"}'

const share = (metric: string, at: number): Query => ({
  expr: `histogram_quantile(${at}, sum by (le) (rate(${metric}_bucket${RATE})))`,
  legend: `${at * 100} %`,
})

export const ROWS: readonly Row[] = [
  {
    title: 'At a glance',
    panels: [
      stat('Webhooks', 'That answer', 'none', 'sum(up{job=~"(.+/)?kerbside-webhook"})'),
      stat('Brokers', 'That answer', 'none', 'sum(up{job=~"(.+/)?kerbside-broker"})'),
      stat('Sidecars', 'Connected to a broker', 'none', 'sum(kerbside_broker_streams)'),
      stat(
        'Not ready',
        'Sidecars of which a part is not of use',
        'none',
        `count(min by (namespace, pod) (kerbside_ready${OF_POD}) == 0) or vector(0)`,
      ),
    ],
  },
  {
    title: 'Admission',
    panels: [
      graph('Pods decided on', 'A denial counts once for each of its reasons', 'ops', [
        {
          expr: `sum by (stage, effect) (rate(kerbside_admission_decisions_total${RATE}))`,
          legend: '{{stage}} {{effect}}',
        },
      ]),
      graph('Denials by reason', 'The reason is the first word of what the user was told', 'ops', [
        {
          expr: `sum by (reason) (rate(kerbside_admission_decisions_total{effect="deny"}${RATE})) or vector(0)`,
          legend: '{{reason}}',
        },
        {
          expr: `sum by (reason) (rate(kerbside_admission_refusals_total${RATE})) or vector(0)`,
          legend: 'not a review: {{reason}}',
        },
      ]),
      graph('Time to decide', 'From the last byte of the request to the answer', 's', [
        share('kerbside_admission_duration_seconds', 0.5),
        share('kerbside_admission_duration_seconds', 0.99),
      ]),
    ],
  },
  {
    title: 'Policy and certificates',
    panels: [
      graph(
        'Policy in force',
        'Sequence of the signed bundle that each program has; 0 where policy is not signed',
        'none',
        [{ expr: 'kerbside_policy_sequence', legend: '{{pod}}{{instance}}' }],
      ),
      graph('Changes of policy', 'Taken over, or refused with the code of the error', 'short', [
        { expr: 'sum by (outcome) (increase(kerbside_policy_reads_total[1h]))', legend: '{{outcome}}' },
        { expr: 'sum by (code) (increase(kerbside_policy_refusals_total[1h])) or vector(0)', legend: '{{code}}' },
      ]),
      graph(
        'Not as it should be',
        '1 where a change was not taken over, where policy is in shadow, or where our CA is not published',
        'none',
        [
          { expr: 'max(kerbside_policy_stale)', legend: 'stale' },
          { expr: 'max(kerbside_policy_shadow)', legend: 'in shadow' },
          { expr: '1 - min(kerbside_trust_published)', legend: 'not trusted' },
        ],
      ),
      graph(
        'Certificates end',
        'Leaves of webhooks and brokers, and the last authority that the API server trusts',
        'dateTimeFromNow',
        [
          { expr: 'min(kerbside_certificate_expiry_timestamp_seconds) * 1000', legend: 'first leaf' },
          { expr: 'min(kerbside_authority_expiry_timestamp_seconds) * 1000', legend: 'authority' },
        ],
      ),
    ],
  },
  {
    title: 'Broker',
    panels: [
      graph('Requests of sidecars', 'By what they ask for and what became of it', 'ops', [
        {
          expr: `sum by (what, outcome) (rate(kerbside_broker_requests_total${RATE}))`,
          legend: '{{what}} {{outcome}}',
        },
      ]),
      graph('Time until the caller is known', 'With the question to the API server', 's', [
        share('kerbside_broker_request_duration_seconds', 0.5),
        share('kerbside_broker_request_duration_seconds', 0.99),
      ]),
      graph('Slices', 'Written to sidecars, and streams ended because the identity was taken away', 'ops', [
        { expr: `sum(rate(kerbside_broker_slices_sent_total${RATE}))`, legend: 'sent' },
        { expr: `sum(rate(kerbside_broker_streams_revoked_total${RATE}))`, legend: 'revoked' },
      ]),
      graph('Secrets through the broker', 'Given, or the code of the store', 'ops', [
        { expr: `sum by (outcome) (rate(kerbside_broker_secrets_total${RATE})) or vector(0)`, legend: '{{outcome}}' },
      ]),
    ],
  },
  {
    title: 'Credentials',
    panels: [
      graph('Not ready', 'Credentials that are pending, stale or expired', 'none', [
        {
          expr: `sum by (kind, state) (kerbside_credential_state{namespace=~"$namespace",state!="ready"})`,
          legend: '{{kind}} {{state}}',
        },
      ]),
      graph('Shortest time left', 'Until the first ticket or delegation token ends', 's', [
        { expr: `min by (kind) (kerbside_credential_expires_seconds${OF_POD})`, legend: '{{kind}}' },
      ]),
      graph('Failures', 'Tries to get or keep one, by the code of the error', 'ops', [
        {
          expr: `sum by (kind, code) (rate(kerbside_credential_failures_total${OF_POD}${RATE})) or vector(0)`,
          legend: '{{kind}} {{code}}',
        },
      ]),
      graph('KDCs', '1 for one that at least one sidecar reaches', 'none', [
        { expr: `max by (kdc) (kerbside_kdc_up${OF_POD})`, legend: '{{kdc}}' },
      ]),
      graph('Clock', 'How far that of a KDC is from ours; Kerberos takes five minutes', 's', [
        { expr: `max(abs(kerbside_clock_offset_seconds${OF_POD}))`, legend: 'worst' },
      ]),
    ],
  },
  {
    title: 'Access to HDFS',
    panels: [
      graph('Operations', 'By what became of them', 'ops', [
        { expr: `sum by (effect) (rate(kerbside_operations_total${OF_POD}${RATE}))`, legend: '{{effect}}' },
      ]),
      graph('Refused, by reason', 'Which of the operations were denied, and why', 'ops', [
        {
          expr: `sum by (reason) (rate(kerbside_operations_total{namespace=~"$namespace",effect="deny"}${RATE})) or vector(0)`,
          legend: '{{reason}}',
        },
      ]),
      graph('Bytes', 'Of files, read and written', 'Bps', [
        { expr: `sum by (direction) (rate(kerbside_bytes_total${OF_POD}${RATE}))`, legend: '{{direction}}' },
      ]),
      graph('Transfers', 'Under way, and stopped before their end', 'short', [
        { expr: `sum(kerbside_streams${OF_POD})`, legend: 'under way' },
        { expr: `sum(increase(kerbside_streams_cut_total${OF_POD}[1h]))`, legend: 'cut in an hour' },
      ]),
      graph(
        'Oldest policy',
        'Since a broker last stood behind the slice, as a share of the age from which everything is refused',
        'percentunit',
        [
          {
            expr: `max(kerbside_policy_age_seconds${OF_POD} / kerbside_policy_max_age_seconds${OF_POD})`,
            legend: 'worst',
          },
          { expr: `1 - avg(kerbside_policy_connected${OF_POD})`, legend: 'without a broker' },
        ],
      ),
    ],
  },
  {
    title: 'Audit',
    panels: [
      graph('Records', 'On the disk of a broker', 'ops', [
        { expr: `sum(rate(kerbside_broker_audit_records_total${RATE}))`, legend: 'taken' },
      ]),
      graph('Batches', 'By what became of them', 'ops', [
        { expr: `sum by (outcome) (rate(kerbside_broker_audit_batches_total${RATE}))`, legend: '{{outcome}}' },
      ]),
      graph('Age of a record on its arrival', 'The newest of its batch', 's', [
        share('kerbside_broker_audit_lag_seconds', 0.5),
        share('kerbside_broker_audit_lag_seconds', 0.95),
      ]),
      graph(
        'Written by sidecars and webhooks',
        'Records in their chains, and ends of operations and decisions on pods that could not be written',
        'ops',
        [
          { expr: `sum(rate(kerbside_audit_records_total${RATE}))`, legend: 'written' },
          { expr: `sum(rate(kerbside_audit_end_records_lost_total${RATE}))`, legend: 'ends lost' },
          { expr: `sum(rate(kerbside_admission_records_lost_total${RATE}))`, legend: 'admissions lost' },
        ],
      ),
      graph('Waiting in pods', 'Records that no broker has yet', 'short', [
        { expr: 'sum(kerbside_audit_undelivered_records)', legend: 'records' },
        { expr: 'sum(kerbside_audit_delivery_failing)', legend: 'programs of which none takes any' },
        {
          expr: 'sum by (reason) (increase(kerbside_audit_batches_refused_total[1h])) or vector(0)',
          legend: 'refused in an hour: {{reason}}',
        },
      ]),
      graph('Oldest record that waits', 'Since it was written', 's', [
        { expr: 'max(kerbside_audit_undelivered_seconds)', legend: 'oldest' },
      ]),
      graph('Room for records', 'Of the fullest log; at 100 % no operation begins', 'percentunit', [
        { expr: 'max(kerbside_audit_log_bytes / kerbside_audit_log_max_bytes)', legend: 'fullest' },
      ]),
    ],
  },
  {
    title: 'Export of records',
    panels: [
      graph('Records in sinks', 'That are where a sink puts them', 'ops', [
        { expr: `sum by (sink) (rate(kerbside_export_records_total${RATE}))`, legend: '{{sink}}' },
      ]),
      graph('Behind', 'Seconds since a sink last had every record', 's', [
        { expr: 'max by (sink) (kerbside_export_lag_seconds)', legend: '{{sink}}' },
      ]),
      graph('Waiting', 'Bytes that a sink has not got', 'bytes', [
        { expr: 'max by (sink) (kerbside_export_behind_bytes)', legend: '{{sink}}' },
      ]),
      graph('Trouble', 'A sink that fails, tries that failed, records that will never be taken', 'short', [
        { expr: 'max by (sink) (kerbside_export_failing)', legend: '{{sink}} fails' },
        {
          expr: 'sum by (sink, code) (increase(kerbside_export_failures_total[1h])) or vector(0)',
          legend: '{{sink}} {{code}}',
        },
        {
          expr: 'sum by (sink) (increase(kerbside_export_rejected_total[1h])) or vector(0)',
          legend: '{{sink}} rejected',
        },
        {
          expr: 'sum by (sink) (increase(kerbside_export_unreadable_lines_total[1h]))',
          legend: '{{sink}} unreadable',
        },
      ]),
    ],
  },
]

function stat(title: string, says: string, unit: Unit, expr: string): Panel {
  return { title, says, unit, type: 'stat', queries: [{ expr }] }
}

function graph(title: string, says: string, unit: Unit, queries: readonly Query[]): Panel {
  return { title, says, unit, queries }
}
