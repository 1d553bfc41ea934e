/**
 * How far a sink has come, on disk: a journal with a line for each batch that it took, so that a step costs as much as the step and
 * not as much as all that was ever seen. It is written anew when it is opened and when it has grown.
 */
import { mkdir, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Ranges } from '../core/audit/seen.ts'
import { KerbsideError } from '../core/errors.ts'
import { openSegment, type SegmentFile, syncDirectory } from '../io/audit/segment.ts'
import { writeWhole } from '../io/write-whole.ts'

export type Chain = {
  readonly ranges: Ranges
  /** Day on which something new came. */
  readonly day: string
}

/** What a batch changes. Names of files and folders are relative to the directory that is followed. */
export type Step = {
  /** Number of the batch, from 1. */
  readonly batch: number
  /** Bytes of each file that were read. */
  readonly files?: Readonly<Record<string, number>>
  readonly chains?: Readonly<Record<string, Chain>>
  /** Folders in which nothing more will come and everything was read: their files need not be known any longer. */
  readonly closed?: readonly string[]
  /** Folders and files that are gone, and chains of which nothing came for long. */
  readonly forgotten?: { readonly [of in 'folders' | 'files' | 'chains']?: readonly string[] }
}

export type Position = {
  batch: number
  readonly files: Map<string, number>
  readonly chains: Map<string, Chain>
  readonly closed: Set<string>
}

export type Cursor = {
  readonly position: Position
  /** Resolves when it is on disk. @throws KerbsideError `io-failed` */
  commit(step: Step): Promise<void>
  close(): Promise<void>
}

const LEAST_BYTES = 1 << 20

/** @throws KerbsideError `io-failed`, also when the journal is not one */
export async function openCursor(file: string): Promise<Cursor> {
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      if (cause instanceof KerbsideError) throw cause
      throw new KerbsideError('io-failed', `\`${file}\` cannot be read or written`, { cause })
    }
  }
  const position = await attempt(() => readJournal(file))
  let whole = await attempt(() => writeAnew(file, position))
  let journal: SegmentFile = await attempt(() => openSegment(file))

  return {
    position,
    commit: (step) =>
      attempt(async () => {
        apply(position, step)
        await journal.append(Buffer.from(`${JSON.stringify(step)}\n`))
        if (journal.size() < Math.max(LEAST_BYTES, 4 * whole)) return
        await journal.close()
        whole = await writeAnew(file, position)
        journal = await openSegment(file)
      }),
    close: () => attempt(() => journal.close()),
  }
}

/** Whole lines only: one without an end was being written when the process was killed, and its batch comes again. */
async function readJournal(file: string): Promise<Position> {
  const position: Position = { batch: 0, files: new Map(), chains: new Map(), closed: new Set() }
  await mkdir(dirname(file), { recursive: true })
  const text = await readFile(file, 'utf8').catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'ENOENT') return ''
    throw failure
  })
  for (const line of text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)) {
    apply(position, readStep(line, file))
  }
  return position
}

function readStep(line: string, file: string): Step {
  try {
    const step = JSON.parse(line) as Step
    if (Number.isSafeInteger(step.batch)) return step
  } catch {
    // Told below.
  }
  throw new KerbsideError('io-failed', `\`${file}\`: a line of it is no step of ours`, {
    hint: 'move it away: then everything is sent again, under another name where parts of it are already',
  })
}

function apply(position: Position, { batch, files, chains, closed, forgotten }: Step): void {
  position.batch = batch
  for (const [name, bytes] of Object.entries(files ?? {})) position.files.set(name, bytes)
  for (const [name, chain] of Object.entries(chains ?? {})) position.chains.set(name, chain)
  for (const folder of closed ?? []) {
    position.closed.add(folder)
    for (const name of position.files.keys()) if (dirname(name) === folder) position.files.delete(name)
  }
  for (const folder of forgotten?.folders ?? []) position.closed.delete(folder)
  for (const name of forgotten?.files ?? []) position.files.delete(name)
  for (const chain of forgotten?.chains ?? []) position.chains.delete(chain)
}

/** Bytes that it has. */
async function writeAnew(file: string, { batch, files, chains, closed }: Position): Promise<number> {
  const step: Step = {
    batch,
    files: Object.fromEntries(files),
    chains: Object.fromEntries(chains),
    closed: [...closed],
  }
  await writeWhole(file, `${JSON.stringify(step)}\n`, 0o640)
  await syncDirectory(dirname(file))
  return (await stat(file)).size
}
