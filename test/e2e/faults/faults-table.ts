/** Every fault that is tried, one row each: the tests hold each row true, and the page `sidecar/FAULTS.md` is made of it. */
import type { ErrorCode } from '../../../src/core/errors.ts'
import type { CredentialState } from '../../../src/core/kerberos/refresh.ts'

export type Fault = {
  readonly fault: string
  /** What the job is told beside what it asked for, while the fault is there and until all is well again; nothing if empty. */
  readonly job: readonly string[]
  /** What stands in `/readyz` and in the log for whoever has to mend it; undefined when there is nothing to mend. */
  readonly engineer?: {
    readonly part: 'ticket' | 'delegation token'
    readonly state: CredentialState
    readonly code: ErrorCode
    /** A piece of the sentence. */
    readonly says: string
  }
  readonly recovery: Recovery
}

/** How all becomes well again once the fault is gone, without a restart; and what that means in time. */
export const RECOVERIES = {
  'none needed': 'nothing was lost',
  'next request': 'the first request after it finds out, and is itself answered',
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
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS
