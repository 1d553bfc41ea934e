/** For each alert a state of the world in which it must fire, and the nearest one in which it must not, as promtool writes series. */

/** Series → its values, one a minute: `0+60x30` begins at 0 and has 60 more each time, thirty times. */
export type World = Readonly<Record<string, string>>
export type AlertCase = { readonly fires: World; readonly silent: World }

const WEBHOOK = 'up{job="kerbside/kerbside-webhook",pod="w1"}'
const BROKER = 'up{job="kerbside-broker",pod="b1"}'
const EXPORT = 'up{job="kerbside/kerbside-export",pod="e1"}'
const SLOW = 'kerbside_admission_duration_seconds_bucket{stage="mutate",le='
const LAG = 'kerbside_broker_audit_lag_seconds_bucket{le='
const POD = 'namespace="ml-quant",pod="train-0"'
const DENIED = 'kerbside_admission_decisions_total{effect="deny",reason="not-allowed"}'
const ADMITTED = 'kerbside_admission_decisions_total{effect="admit",reason=""}'
const REFUSED = `kerbside_operations_total{${POD},operation="OPEN",effect="deny",reason="no-grant"}`
const DAY = 86_400
/** Tests of rules begin at the epoch; each is looked at after half an hour. */
const NOW = 1800

/** Six hours and more of one denial a second would have to be written out: the alert compares with what there is. */
export const ALERT_CASES: ReadonlyMap<string, AlertCase> = new Map([
  ['KerbsideWebhookDown', { fires: { [WEBHOOK]: '0x40' }, silent: { [WEBHOOK]: '1x40' } }],
  [
    'KerbsideWebhookSlow',
    {
      fires: { [`${SLOW}"0.5"}`]: '0+90x40', [`${SLOW}"1"}`]: '0+100x40', [`${SLOW}"+Inf"}`]: '0+100x40' },
      silent: { [`${SLOW}"0.5"}`]: '0+100x40', [`${SLOW}"1"}`]: '0+100x40', [`${SLOW}"+Inf"}`]: '0+100x40' },
    },
  ],
  [
    'KerbsideWebhookFailing',
    {
      fires: { 'kerbside_admission_refusals_total{reason="not-json"}': '0+1x40' },
      silent: { [DENIED]: '0+100x40', 'kerbside_admission_refusals_total{reason="not-json"}': '7x40' },
    },
  ],
  [
    'KerbsideWebhookNotTrusted',
    { fires: { kerbside_trust_published: '0x40' }, silent: { kerbside_trust_published: '0x3 1x40' } },
  ],
  [
    'KerbsideAdmissionDenialsSpike',
    {
      fires: { [DENIED]: '0+60x40', [ADMITTED]: '0+50x40' },
      silent: { [DENIED]: '0+60x40', [ADMITTED]: '0+70x40' },
    },
  ],
  [
    'KerbsideCertificateEnding',
    {
      fires: { 'kerbside_certificate_expiry_timestamp_seconds{pod="w1"}': `${4 * DAY}x120` },
      silent: { 'kerbside_certificate_expiry_timestamp_seconds{pod="w1"}': `${6 * DAY}x120` },
    },
  ],
  [
    'KerbsideAuthorityEnding',
    {
      fires: { kerbside_authority_expiry_timestamp_seconds: `${29 * DAY}x120` },
      silent: { kerbside_authority_expiry_timestamp_seconds: `${31 * DAY}x120` },
    },
  ],
  [
    'KerbsidePolicyStale',
    {
      fires: { 'kerbside_policy_stale{pod="b1"}': '1x40' },
      silent: { 'kerbside_policy_stale{pod="b1"}': '0x20 1x5 0x20' },
    },
  ],
  [
    'KerbsidePolicySequencesDiffer',
    {
      fires: { 'kerbside_policy_sequence{pod="w1"}': '8x40', 'kerbside_policy_sequence{pod="b1"}': '7x40' },
      silent: { 'kerbside_policy_sequence{pod="w1"}': '7x20 8x20', 'kerbside_policy_sequence{pod="b1"}': '7x22 8x18' },
    },
  ],
  ['KerbsideBrokerDown', { fires: { [BROKER]: '0x40' }, silent: { [BROKER]: '1x40' } }],
  [
    'KerbsideSidecarCutOff',
    {
      fires: {
        [`kerbside_policy_age_seconds{${POD}}`]: '0+60x40',
        [`kerbside_policy_max_age_seconds{${POD}}`]: `${NOW}x40`,
      },
      silent: {
        [`kerbside_policy_age_seconds{${POD}}`]: '14x40',
        [`kerbside_policy_max_age_seconds{${POD}}`]: `${NOW}x40`,
      },
    },
  ],
  [
    'KerbsideTicketNotRenewed',
    {
      fires: { [`kerbside_credential_state{${POD},kind="ticket",state="stale"}`]: '1x40' },
      silent: {
        [`kerbside_credential_state{${POD},kind="ticket",state="ready"}`]: '1x40',
        [`kerbside_credential_state{${POD},kind="ticket",state="stale"}`]: '0x40',
      },
    },
  ],
  [
    'KerbsideSecretStoreUnreachable',
    {
      fires: { [`kerbside_credential_failures_total{${POD},kind="ticket",code="secret-unavailable"}`]: '0+1x40' },
      silent: {
        [`kerbside_credential_failures_total{${POD},kind="ticket",code="secret-not-found"}`]: '0+1x40',
        'kerbside_broker_secrets_total{outcome="given"}': '0+9x40',
      },
    },
  ],
  [
    'KerbsideKdcDown',
    {
      fires: { [`kerbside_kdc_up{${POD},kdc="kdc1:88"}`]: '0x40' },
      silent: {
        [`kerbside_kdc_up{${POD},kdc="kdc1:88"}`]: '0x40',
        'kerbside_kdc_up{pod="other",kdc="kdc1:88"}': '1x40',
      },
    },
  ],
  [
    'KerbsideAuditNotDelivered',
    {
      fires: { [`kerbside_audit_delivery_failing{${POD}}`]: '1x40' },
      silent: { [`kerbside_audit_delivery_failing{${POD}}`]: '0x20 1x5 0x20' },
    },
  ],
  [
    'KerbsideAuditLogFilling',
    {
      fires: {
        [`kerbside_audit_log_bytes{${POD}}`]: '85x40',
        [`kerbside_audit_log_max_bytes{${POD}}`]: '100x40',
        [`kerbside_audit_undelivered_records{${POD}}`]: '7x40',
      },
      // Delivered records stay while there is room.
      silent: {
        [`kerbside_audit_log_bytes{${POD}}`]: '85x40',
        [`kerbside_audit_log_max_bytes{${POD}}`]: '100x40',
        [`kerbside_audit_undelivered_records{${POD}}`]: '0x40',
      },
    },
  ],
  [
    'KerbsideAuditLag',
    {
      fires: { [`${LAG}"60"}`]: '0+90x40', [`${LAG}"300"}`]: '0+100x40', [`${LAG}"+Inf"}`]: '0+100x40' },
      silent: { [`${LAG}"60"}`]: '0+99x40', [`${LAG}"300"}`]: '0+100x40', [`${LAG}"+Inf"}`]: '0+100x40' },
    },
  ],
  [
    'KerbsideAuditRefused',
    {
      fires: { 'kerbside_broker_audit_batches_total{outcome="forked"}': '0x20 1x20' },
      silent: { 'kerbside_broker_audit_batches_total{outcome="again"}': '0+1x40' },
    },
  ],
  [
    'KerbsideAuditRecordsLost',
    {
      fires: { [`kerbside_audit_end_records_lost_total{${POD}}`]: '0x20 1x20' },
      silent: { [`kerbside_audit_end_records_lost_total{${POD}}`]: '3x40' },
    },
  ],
  [
    'KerbsideAdmissionRecordsLost',
    {
      fires: { [`kerbside_admission_records_lost_total{${POD}}`]: '0x20 1x20' },
      silent: { [`kerbside_admission_records_lost_total{${POD}}`]: '3x40' },
    },
  ],
  [
    'KerbsideExportFailing',
    {
      fires: { 'kerbside_export_lag_seconds{sink="kafka"}': '0+60x40' },
      silent: { 'kerbside_export_failing{sink="kafka"}': '0x40', 'kerbside_export_lag_seconds{sink="kafka"}': '30x40' },
    },
  ],
  ['KerbsideExportDown', { fires: { [EXPORT]: '0x40' }, silent: { [EXPORT]: '1x10 0x5 1x40' } }],
  [
    'KerbsideDenialsSpike',
    {
      fires: { [REFUSED]: '0+1x240 240+600x120' },
      silent: { [REFUSED]: '0+600x360' },
    },
  ],
])

/** When each is looked at; long enough for its `for`. */
export const LOOKED_AT: ReadonlyMap<string, string> = new Map([
  ['KerbsideCertificateEnding', '90m'],
  ['KerbsideAuthorityEnding', '90m'],
  ['KerbsideDenialsSpike', '265m'],
])
export const USUALLY_AT = '30m'
