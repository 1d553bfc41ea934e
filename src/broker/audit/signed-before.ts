/**
 * What this broker signed before it was started: from its own checkpoints, newest first and no further back than is asked about, since
 * a year of them is large. A line that was damaged meanwhile is told, and keeps nobody from a start: `kerbside audit verify` finds it.
 */
import { mkdir, readdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { NO_HASH } from '../../core/audit/chain.ts'
import { type Checkpoint, readCheckpoint } from '../../core/audit/checkpoint.ts'
import { hashBytes, hashOfLine } from '../../io/audit/checkpoints.ts'
import { orUnwritable } from '../../io/audit/unwritable.ts'

export type SignedBefore = {
  /** Of the next checkpoint: its number, and the hash of the line before it. */
  readonly number: number
  readonly previous: string
  /** When the newest that can be read was signed, milliseconds since the epoch; 0 where none is. */
  readonly lastAt: number
  /**
   * Number up to which each of these chains is signed; absent where nothing of it is.
   * @param since by chain the day of its first record here; `''` where nobody knows it
   * @throws KerbsideError `audit-unwritable` when the checkpoints cannot be read
   */
  signedTo(since: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, number>>
}

/** @throws KerbsideError `audit-unwritable` when the checkpoints that are there cannot be read */
export async function signedBefore(folder: string, onDamaged: (file: string) => void): Promise<SignedBefore> {
  const files = await orUnwritable(folder, () => newestFirst(folder))
  return orUnwritable(folder, async () => ({
    ...(await newest(folder, files, onDamaged)),
    signedTo: (since) => orUnwritable(folder, () => signedTo(folder, files, since)),
  }))
}

async function newestFirst(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  return (await readdir(folder))
    .filter((one) => one.endsWith('.jws'))
    .toSorted()
    .toReversed()
}

/** The hash is over the line as it stands; its number follows from the newest line that can be read. */
async function newest(folder: string, files: readonly string[], onDamaged: (file: string) => void) {
  let previous: string | undefined
  let damaged = 0
  for (const name of files) {
    for (const line of (await wholeLines(join(folder, name))).toReversed()) {
      previous ??= hashOfLine(line)
      const read = readOwn(line)
      if (read !== undefined) return { number: read.number + damaged + 1, previous, lastAt: Date.parse(read.time) }
      onDamaged(name)
      damaged += 1
    }
  }
  return { number: damaged, previous: previous ?? NO_HASH, lastAt: 0 }
}

async function signedTo(folder: string, files: readonly string[], since: ReadonlyMap<string, string>) {
  const wanted = new Map(since)
  const found = new Map<string, number>()
  for (const name of files) {
    for (const [sidecar, day] of wanted) if (`${day}.jws` > name) wanted.delete(sidecar)
    if (wanted.size === 0) break
    for (const line of (await wholeLines(join(folder, name))).toReversed())
      for (const { sidecar, to } of readOwn(line)?.parts.toReversed() ?? [])
        if (wanted.delete(sidecar)) found.set(sidecar, to)
  }
  return found
}

/** Who signed it nobody proves here. */
function readOwn(line: string): Checkpoint | undefined {
  const read = readCheckpoint(Buffer.from(line.split('.')[1] ?? '', 'base64url').toString(), hashBytes)
  return 'problem' in read ? undefined : read
}

/** A line that was never finished is cut off: nobody was told of it, and the next one begins where it began. */
async function wholeLines(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'latin1')
  const end = text.lastIndexOf('\n') + 1
  if (end < text.length) await truncate(file, end)
  return text.slice(0, end).split('\n').slice(0, -1)
}
