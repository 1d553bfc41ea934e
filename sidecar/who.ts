/** On whose behalf the sidecar acts, and what it notes in the audit log on its own account. */
import type { Entry, Who } from '../src/core/audit/record.ts'
import { toKerbsideError } from '../src/core/errors.ts'
import type { SliceHead } from '../src/core/policy/kept-slice.ts'
import type { Settings } from '../src/core/settings.ts'
import type { Log } from './log.ts'
import type { AuditLog, CurrentSlice } from './ports.ts'

type PodSettings = Pick<Settings, 'identity' | 'namespace' | 'pod' | 'serviceAccount' | 'node'>

/** By the newest slice there was: a record must be written also when none counts any more. */
export function whoOf(settings: PodSettings, slices: CurrentSlice, first: SliceHead): () => Who {
  const { identity, namespace, pod, serviceAccount, node } = settings
  let { team, principal } = first
  slices.onChange((slice) => {
    ;({ team, principal } = slice)
  })
  return () => {
    const owner = slices.owner?.()
    const own = owner === undefined ? {} : { owner }
    return { team, identity, principal, namespace, pod, serviceAccount, node, ...own }
  }
}

type OwnEntry = Extract<Entry, { kind: 'credential' | 'policy' }>
/** An entry without the `who` that every entry has. */
export type Note = OwnEntry extends infer One ? (One extends OwnEntry ? Omit<One, 'who'> : never) : never

/** Nothing waits for these records, so that they may wait for the log to be open; one that cannot be written is told in the other log. */
export function noteIn(audit: Promise<AuditLog>, who: () => Who, log: Log): (note: Note) => void {
  return (note) => {
    const written = audit.then((log) => log.write({ ...note, who: who() }))
    written.catch((thrown: unknown) => log.error(toKerbsideError(thrown).message))
  }
}
