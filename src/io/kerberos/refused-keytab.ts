/** What became of a keytab that the KDC refused, on the memory volume: it outlives a restart of the container, and ends with the pod. */
import { createHmac, randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { uptime } from 'node:os'
import { type ErrorCode, KerbsideError } from '../../core/errors.ts'
import { heldBackMs, type Refused, refusedAgain } from '../../core/kerberos/lockout.ts'
import { writeRunFile } from './run-files.ts'

const REFUSED: ErrorCode = 'kerberos-refused'
/** The volume ends with the machine at the latest, so the time since its start is a clock that nobody sets. */
const sinceBootMs = () => uptime() * 1000

/**
 * Shows a keytab to the KDC, unless it was refused three times and not a quarter of an hour ago.
 * @throws KerbsideError `kerberos-refused`, also without asking; and what `show` throws
 */
export async function showUnlessHeldBack(
  file: string,
  keytab: Uint8Array,
  principal: string,
  show: () => Promise<void>,
): Promise<void> {
  const before = await readRefused(file)
  const salt = before?.salt ?? randomBytes(16).toString('hex')
  const fingerprint = fingerprintOf(salt, principal, keytab)
  const waitMs = heldBackMs(before, fingerprint, sinceBootMs())
  if (before !== undefined && waitMs > 0) throw heldBack(before, waitMs)
  try {
    await show()
  } catch (thrown) {
    if (thrown instanceof KerbsideError && thrown.code === REFUSED) {
      const { message, hint } = thrown
      const next = { fingerprint, lastAt: sinceBootMs(), message, ...(hint === undefined ? {} : { hint }) }
      await writeRunFile(file, JSON.stringify({ ...refusedAgain(before, next), salt }))
    }
    throw thrown
  }
  if (before !== undefined) await rm(file, { force: true })
}

/** What a KDC said of this very keytab when it refused it; undefined when it never did. Changes nothing. */
export async function refusedBefore(file: string, keytab: Uint8Array, principal: string): Promise<Refused | undefined> {
  const before = await readRefused(file)
  if (before === undefined) return undefined
  return before.fingerprint === fingerprintOf(before.salt, principal, keytab) ? before : undefined
}

/** The file lies beside the ticket and is as closed, yet a bare hash would let a key made from a password be guessed. */
const fingerprintOf = (salt: string, principal: string, keytab: Uint8Array): string =>
  createHmac('sha256', salt).update(principal).update('\0').update(keytab).digest('hex')

/** What is not readable counts as nothing: it is ours alone, and a KDC that refuses says so again. */
async function readRefused(file: string): Promise<(Refused & { readonly salt: string }) | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}

function heldBack({ count, message, hint }: Refused, waitMs: number): KerbsideError {
  const minutes = Math.ceil(waitMs / 60_000)
  const when = `shown ${count} times, the next time in ${minutes} min or when the secret store has another`
  return new KerbsideError(REFUSED, `${message}; ${when}`, hint === undefined ? {} : { hint })
}
