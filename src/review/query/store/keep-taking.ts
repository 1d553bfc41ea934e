/** Looks into the audit directory again and again and takes what is new, apart from questions: they see what is in. */
import { readdir, rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { toKerbsideError } from '../../../core/errors.ts'
import type { SidecarLog } from '../../../io/audit/directory.ts'
import { readAuditDirectory } from '../../../io/audit/directory.ts'
import type { Intake } from '../health.ts'
import { countByNames } from './alike.ts'
import type { Database } from './database.ts'
import { newLines } from './new-lines.ts'
import { adopt, settle } from './segments.ts'
import type { Portion } from './take-lines.ts'
import { takeLines } from './take-lines.ts'

export type Taking = {
  /** How far it is. */
  intake(): Intake
  /** Looks now; resolves when everything that was there is in, or why it is not stands in `intake`. */
  look(): Promise<void>
  stop(): Promise<void>
}

export type TakingOptions = {
  readonly directory: string
  /** Folders with Parquet of records besides, as a sink writes it. */
  readonly parquet: readonly string[]
  /** Between two looks. */
  readonly everyMs: number
  /** That paths are counted by: all that any known policy says. */
  readonly names: () => Promise<ReadonlySet<string>>
  readonly segmentRecords?: number
  /** Lines that go in together. */
  readonly batchLines?: number
}

const BATCH_LINES = 50_000

export function keepTaking(database: Database, options: TakingOptions): Taking {
  const { directory, parquet, everyMs, names, segmentRecords, batchLines = BATCH_LINES } = options
  let intake: Intake = { bytesTaken: 0, bytesTotal: 0, records: 0, isCurrent: false }
  let looking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  async function lookOnce(): Promise<void> {
    try {
      await countByNames(database, await names(), () => isStopped)
      for (const folder of parquet)
        for (const file of await parquetIn(folder)) if (!isStopped) await adopt(database, file)
      const logs = await readAuditDirectory(directory)
      const known = await standing(database)
      const total = logs.flatMap(({ segments }) => segments).reduce((sum, { bytes }) => sum + bytes, 0)
      const say = (isCurrent: boolean, bytesTaken: number, records: number) => {
        intake = { bytesTaken, bytesTotal: Math.max(total, bytesTaken), records, isCurrent }
      }
      let taken = [...known.sources.values()].reduce((sum, { bytes }) => sum + bytes, 0)
      let records = known.records
      say(false, taken, records)
      for await (const portions of batches(logs, known.sources, batchLines)) {
        if (isStopped) return
        await takeLines(database, portions)
        for (const { path, to, lines } of portions) {
          taken += to.bytes - (known.sources.get(path)?.bytes ?? 0)
          known.sources.set(path, to)
          records += lines.length
        }
        say(false, taken, records)
        await settle(database, segmentRecords)
      }
      say(true, taken, (await standing(database)).records)
    } catch (thrown) {
      const { code, message } = toKerbsideError(thrown)
      intake = { ...intake, isCurrent: false, problem: code === 'internal' ? message : code }
    }
  }

  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => {
      looking = undefined
      clearTimeout(timer)
      if (!isStopped) timer = setTimeout(look, everyMs).unref()
    })
    return looking
  }

  return {
    intake: () => intake,
    look,
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await looking
    },
  }
}

type Sources = Map<string, { readonly bytes: number; readonly lines: number }>

/** What of each log is in, and how many records that is. */
async function standing(database: Database): Promise<{ readonly sources: Sources; readonly records: number }> {
  return database.reading(async ({ ask, segments }) => {
    const rows = await ask(
      "SELECT path, bytes::DOUBLE AS bytes, lines::DOUBLE AS lines FROM sources WHERE NOT ends_with(path, '.parquet')",
    )
    const [tail] = await ask('SELECT count(*)::DOUBLE AS records FROM tail')
    const settled = segments.reduce((sum, { records }) => sum + records, 0)
    return {
      sources: new Map(
        rows.map(({ path, bytes, lines }) => [String(path), { bytes: Number(bytes), lines: Number(lines) }]),
      ),
      records: settled + Number(tail?.['records']),
    }
  })
}

/** Small logs together, large ones in parts. */
async function* batches(
  logs: readonly SidecarLog[],
  sources: Sources,
  most: number,
): AsyncGenerator<readonly Portion[]> {
  let portions: Portion[] = []
  let lines = 0
  for (const { path, name, bytes } of logs.toReversed().flatMap(({ segments }) => segments)) {
    const from = sources.get(path) ?? { bytes: 0, lines: 0 }
    // Shorter than it was: it is another file than the one that was read. Its numbers are in, or new.
    const begin = bytes < from.bytes ? { bytes: 0, lines: 0 } : from
    if (bytes === begin.bytes) continue
    try {
      for await (const { lines: fresh, damaged, to } of newLines(path, begin)) {
        portions.push({ path, name, lines: fresh, damaged, to })
        lines += fresh.length
        if (lines < most) continue
        yield portions
        portions = []
        lines = 0
      }
    } catch (thrown) {
      if (!(thrown instanceof Error && 'syscall' in thrown)) throw thrown
      // Looked at again when it has grown: the others are served.
      portions.push({ path, name, lines: [], damaged: [{ line: 0, problem: thrown.message }], to: { ...begin, bytes } })
    }
  }
  if (portions.length > 0) yield portions
}

async function parquetIn(folder: string): Promise<readonly string[]> {
  const all = await readdir(folder, { withFileTypes: true, recursive: true })
  return all
    .filter((entry) => entry.isFile() && extname(entry.name) === '.parquet' && !entry.name.startsWith('.'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted()
}

/** Files that were written and never became part of the store, because the program ended in between. */
export async function removeOrphans(database: Database): Promise<void> {
  const kept = await database.reading(async ({ segments }) => new Set(segments.map(({ file }) => basename(file))))
  for (const name of await readdir(database.cache))
    if (extname(name) === '.parquet' && !kept.has(name)) await rm(join(database.cache, name), { force: true })
}
