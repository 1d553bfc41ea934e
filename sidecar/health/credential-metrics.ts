/** The metrics of credentials: what an alert needs long before a job notices. */
import { CREDENTIAL_STATES } from '../../src/core/kerberos/refresh.ts'
import type { CredentialStatus } from '../credentials/session.ts'
import { type Metric, metric } from './metric.ts'

export function credentialMetrics(status: CredentialStatus): readonly Metric[] {
  const { kvno, kdcs, clockOffsetMs, failures } = status
  const kinds = [
    { kind: 'ticket', standing: status.ticket },
    { kind: 'delegation-token', standing: status.delegationToken },
  ] as const
  const secondsOf = (what: 'leftMs' | 'ageMs') =>
    kinds.flatMap(({ kind, standing }) => {
      const ms = standing[what]
      return ms === undefined ? [] : [{ labels: { kind }, value: ms / 1000 }]
    })
  return [
    metric('kerbside_credential_expires_seconds gauge until a credential ends', secondsOf('leftMs')),
    metric('kerbside_credential_age_seconds gauge since a credential was issued', secondsOf('ageMs')),
    metric(
      'kerbside_credential_state gauge 1 for the state that a credential is in',
      kinds.flatMap(({ kind, standing }) =>
        CREDENTIAL_STATES.map((state) => ({ labels: { kind, state }, value: standing.state === state ? 1 : 0 })),
      ),
    ),
    metric(
      'kerbside_credential_failures_total counter tries to get or keep a credential that failed, by the code of the error',
      failures.map(({ kind, code, count }) => ({ labels: { kind: kind.replace(' ', '-'), code }, value: count })),
    ),
    metric('kerbside_keytab_kvno gauge version of the key that the ticket came from', sampleOf(kvno)),
    metric(
      'kerbside_kdc_up gauge whether a KDC took a connection and answered when it was last tried',
      kdcs.map(({ kdc, isUp, isSilent }) => ({ labels: { kdc }, value: isUp && isSilent !== true ? 1 : 0 })),
    ),
    metric(
      'kerbside_clock_offset_seconds gauge that the clock of the KDC was ahead of ours at the last login',
      sampleOf(clockOffsetMs === undefined ? undefined : clockOffsetMs / 1000),
    ),
  ]
}

const sampleOf = (value: number | undefined) => (value === undefined ? [] : [{ value }])
