/** Who looked at what: a chained log of its own, written before anything is shown. */
import { hostname } from 'node:os'
import type { Viewed, Who } from '../core/audit/record.ts'
import { openAuditLog } from '../io/audit/log.ts'

export type Journal = {
  /** Resolves when it is on disk. @throws KerbsideError `audit-unwritable`: then nothing is shown */
  viewed(view: Viewed): Promise<void>
  close(): Promise<void>
}

/** Most of a URL that is kept: a longer one is no link of ours. */
const LONGEST_URL = 8192
const MAX_BYTES = 2 ** 34

/** Where nobody signs in, whoever asks is on this machine and may read the files. */
export const NO_JOURNAL: Journal = { viewed: () => Promise.resolve(), close: () => Promise.resolve() }

/**
 * @param clock milliseconds since the epoch
 * @throws KerbsideError `audit-unwritable`
 */
export async function openJournal(directory: string, clock: () => number): Promise<Journal> {
  const name = `review-${hostname().replaceAll(/[^\w.-]/g, '-')}`.slice(0, 128)
  const who: Who = { ...NOBODY, pod: name }
  const log = await openAuditLog({ directory, sidecar: name, who, clock, maxBytes: MAX_BYTES })
  return {
    async viewed({ url, ...view }) {
      const written = { ...view, url: url.slice(0, LONGEST_URL) }
      await log.write({ kind: 'view', who, view: written })
    },
    close: () => log.close(),
  }
}

const NOBODY: Who = { team: '', identity: '', principal: '', namespace: '', pod: '', serviceAccount: '', node: '' }
