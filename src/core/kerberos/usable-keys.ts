/** Whether a keytab lets a principal log in: its newest keys, of an enctype that we accept. */
import { KerbsideError } from '../errors.ts'
import { enctypeName, isAcceptedEnctype } from './enctype.ts'
import type { KeytabEntry } from './keytab.ts'

const MOST_NAMES_SHOWN = 5

/**
 * The entries that libkrb5 would log in with: those of the newest kvno (`lookup_etypes_for_keytab`, gic_keytab.c). An
 * older AES key does not help a newest key that is RC4.
 * @throws KerbsideError `keytab-malformed` when there is none
 */
export function usableKeys(entries: readonly KeytabEntry[], principal: string): readonly KeytabEntry[] {
  const own = entries.filter((entry) => entry.principal === principal)
  const [first, ...others] = own
  if (first === undefined) {
    throw new KerbsideError(
      'keytab-malformed',
      `the keytab has no key for \`${principal}\`, only for ${names(entries)}`,
    )
  }
  const newest = others.reduce((best, entry) => (isNewer(entry, best) ? entry : best), first)
  const current = own.filter((entry) => entry.kvno === newest.kvno)
  const accepted = current.filter((entry) => isAcceptedEnctype(entry.enctype))
  if (accepted.length > 0) return accepted
  const found = current.map((entry) => enctypeName(entry.enctype)).join(', ')
  throw new KerbsideError(
    'keytab-malformed',
    `the newest key of \`${principal}\` (kvno ${newest.kvno}) is ${found}, which is refused`,
    { hint: 'give the principal an AES key and write the keytab anew' },
  )
}

/** A higher kvno is newer, but after 255 some writers begin again at 0: then the time stamp tells (MIT, kt_file.c). */
function isNewer(entry: KeytabEntry, than: KeytabEntry): boolean {
  const isWrapped = (low: KeytabEntry, high: KeytabEntry) =>
    low.kvno < 128 && high.kvno > 240 && high.kvno < 256 && low.writtenAt >= high.writtenAt
  if (isWrapped(entry, than)) return true
  if (isWrapped(than, entry)) return false
  return entry.kvno > than.kvno
}

function names(entries: readonly KeytabEntry[]): string {
  const distinct = [...new Set(entries.map((entry) => entry.principal))]
  const shown = distinct.slice(0, MOST_NAMES_SHOWN).map((name) => `\`${name}\``)
  const hidden = distinct.length - shown.length
  return shown.join(', ') + (hidden > 0 ? ` and ${hidden} more` : '')
}
