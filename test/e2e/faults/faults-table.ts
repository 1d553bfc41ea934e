/** Every fault that is tried, one row each: the tests hold each row true, and the page `sidecar/FAULTS.md` is made of it. */
import type { ErrorCode } from '../../../src/core/errors.ts'
import type { CredentialState } from '../../../src/core/kerberos/refresh.ts'

export type Fault = {
  readonly fault: string
  /** What the job is told beside what it asked for, while the fault is there and until all is well again; nothing if empty. */
  readonly job: readonly string[]
  /** What stands in `/readyz` and in the log for whoever has to mend it; undefined when there is nothing to mend. */
  readonly engineer?: Trouble | Notice
  readonly recovery: Recovery
}

/** A credential that is not as it should be. */
export type Trouble = {
  readonly part: 'ticket' | 'delegation token'
  readonly state: CredentialState
  readonly code: ErrorCode
  /** A piece of the sentence. */
  readonly says: string
}

/** All is well, but somebody should know. */
export type Notice = {
  /** A piece of a warning in the log. */
  readonly warning: string
  /** Where it shows in numbers. */
  readonly metric: string
}

/** How all becomes well again once the fault is gone, without a restart; and what that means in time. */
export const RECOVERIES = {
  'none needed': 'nothing was lost',
  'next request': 'the first request after it finds out, and is itself answered',
  'new login': 'the clocks are looked at each 5 seconds, and a jump of any of them is followed by a login at once',
  'next try': 'tries are seconds apart at first, further the longer the fault lasts, and never more than 2 minutes',
  'next try or keytab':
    'as the next try; a key that the KDC refused three times is shown again each 15 minutes, or at once when the store has another keytab',
} as const
export type Recovery = keyof typeof RECOVERIES

const stale = (code: ErrorCode, says: string) => ({ part: 'ticket', state: 'stale', code, says }) as const

export const FAULTS = {
  'kdc-down': {
    fault: 'the KDC is down',
    job: [],
    engineer: stale('kdc-unreachable', 'no KDC answers'),
    recovery: 'next try',
  },
  'kdc-silent': {
    fault: 'the KDC takes connections and says nothing',
    job: [],
    engineer: stale('kdc-unreachable', 'no KDC answered in time'),
    recovery: 'next try',
  },
  'kdc-restarted': {
    fault: 'the KDC is restarted',
    job: [],
    recovery: 'none needed',
  },
  'keytab-deleted': {
    fault: 'the keytab is deleted from the store',
    job: [],
    engineer: stale('secret-not-found', '`keytab` is not in the folder'),
    recovery: 'next try',
  },
  'keytab-of-another': {
    fault: 'the store has the keytab of another principal',
    job: [],
    engineer: stale('keytab-malformed', 'has no key for'),
    recovery: 'next try',
  },
  'rotated-kdc-first': {
    fault: 'the key is changed at the KDC, and in the store only later',
    job: [],
    engineer: stale('kerberos-refused', 'the KDC has another key for the principal than the keytab'),
    recovery: 'next try or keytab',
  },
  'rotated-store-first': {
    fault: 'the key is changed in the store, and at the KDC only later',
    job: [],
    engineer: stale('kerberos-refused', 'the KDC has another key for the principal than the keytab'),
    recovery: 'next try or keytab',
  },
  'clock-ahead': {
    fault: 'the clock of the machine is set 10 minutes ahead, and back',
    job: [],
    engineer: { warning: 'the clock of this machine was set', metric: 'kerbside_clock_offset_seconds' },
    recovery: 'new login',
  },
  'clock-behind': {
    fault: 'the clock of the machine is set 10 minutes behind, and back',
    job: [],
    engineer: { warning: 'the clock of this machine was set', metric: 'kerbside_clock_offset_seconds' },
    recovery: 'new login',
  },
  slept: {
    fault: 'the machine sleeps for longer than a ticket holds',
    job: [],
    engineer: { warning: 'this machine slept', metric: 'kerbside_credential_age_seconds' },
    recovery: 'new login',
  },
  'volume-full': {
    fault: 'the memory volume is full',
    job: [],
    engineer: stale('disk-full', 'the run folder cannot be written: ENOSPC'),
    recovery: 'next try',
  },
  'kinit-killed': {
    fault: '`kinit` dies by SIGSEGV while it works',
    job: [],
    engineer: stale('kerberos-failed', 'kinit died by SIGSEGV'),
    recovery: 'next try',
  },
  'acquire-killed': {
    fault: 'the program that makes a login dies by SIGSEGV while it works',
    job: [],
    engineer: stale('internal', 'acquire (SIGSEGV) ended without an answer'),
    recovery: 'next try',
  },
  'siege-while-expired': {
    fault: 'the KDC is down until the ticket has ended, HDFS forgets the delegation token, and 200 requests come',
    job: ['503 RetriableException: no KDC answers (kdc-unreachable)'],
    engineer: { part: 'ticket', state: 'expired', code: 'kdc-unreachable', says: 'no KDC answers' },
    recovery: 'next try',
  },
  'namenode-restarted': {
    fault: 'the active NameNode is restarted, and its delegation tokens are lost',
    job: ['503 RetriableException: no NameNode is active (hdfs-no-active)'],
    engineer: {
      warning: 'answers StandbyException',
      metric: 'kerbside_operations_total{effect="error",reason="hdfs-no-active"}',
    },
    recovery: 'next request',
  },
  'failover-at-renewal': {
    fault: 'no NameNode is active when the delegation token is to be renewed, and then the other one is',
    job: ['503 RetriableException: no NameNode is active (hdfs-no-active)'],
    engineer: {
      part: 'delegation token',
      state: 'stale',
      code: 'hdfs-no-active',
      says: 'is not active (StandbyException)',
    },
    recovery: 'next try',
  },
  'store-forbidden': {
    fault: 'the policy that lets the role read the secret is removed at the store (403)',
    job: [],
    engineer: stale('secret-forbidden', 'HTTP 403'),
    recovery: 'next try',
  },
  'store-secret-deleted': {
    fault: 'the secret is deleted from the store (404)',
    job: [],
    engineer: stale('secret-not-found', 'HTTP 404'),
    recovery: 'next try',
  },
  'store-cannot-audit': {
    fault: 'the disk for the audit log of the store is full (500)',
    job: [],
    engineer: stale('secret-unavailable', 'HTTP 500'),
    recovery: 'next try',
  },
  'store-sealed': {
    fault: 'the store is sealed (503)',
    job: [],
    engineer: stale('secret-unavailable', 'HTTP 503: Vault is sealed'),
    recovery: 'next try',
  },
  'store-silent': {
    fault: 'the store takes connections and says nothing',
    job: [],
    engineer: stale('secret-unavailable', 'does not answer in time'),
    recovery: 'next try',
  },
  'store-certificate-expired': {
    fault: 'the certificate of the store has expired',
    job: [],
    engineer: stale('secret-unavailable', 'its certificate is not accepted (CERT_HAS_EXPIRED)'),
    recovery: 'next try',
  },
  'store-certificate-of-another': {
    fault: 'the certificate of the store is of another CA',
    job: [],
    engineer: stale('secret-unavailable', 'KERBSIDE_CA must hold the CA that signed its certificate'),
    recovery: 'next try',
  },
  'token-expired': {
    fault: 'the service-account token in its volume has ended, and is replaced only later',
    job: [],
    engineer: stale('secret-unauthenticated', 'the kubelet should have replaced it'),
    recovery: 'next try',
  },
  'service-account-deleted': {
    fault: 'the service account is deleted',
    job: [],
    engineer: stale('secret-unauthenticated', 'HTTP 403'),
    recovery: 'next try',
  },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS
