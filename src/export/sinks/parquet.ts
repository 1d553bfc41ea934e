/**
 * Parquet by day, on a disk or in HDFS. A batch is one file for each day that it holds records of; small ones are merged, and days
 * that are older than wanted are removed. Whatever is interrupted is undone or finished by the names of the files.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { KerbsideError } from '../../core/errors.ts'
import { dayOf } from '../../io/audit/layout.ts'
import type { Batch } from '../follow.ts'
import { type Engine, openEngine } from '../parquet/engine.ts'
import {
  dayFolder,
  readDayFolder,
  readPartName,
  type Sized,
  superfluous,
  toMerge,
  writePartName,
} from '../parquet/part.ts'
import type { Place } from '../parquet/place.ts'
import type { Sink } from './sink.ts'

export type ParquetOptions = {
  readonly place: Place
  /** Of this exporter. */
  readonly name: string
  readonly everyMs: number
  /** Days that are kept; without it all are. */
  readonly retentionDays: number | undefined
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

const DAY_MS = 86_400_000
const ENOUGH_BYTES = 128 << 20
/** While a day lasts: so many small files are one that is larger. */
const MERGE_AT = 16

export function parquetSink({ place, name, everyMs, retentionDays, clock }: ParquetOptions): Sink {
  let engine: Engine | undefined
  const opened = async () => (engine ??= await openEngine(place.workshop))
  /** Days that are over and stand in one file each. */
  const settled = new Set<string>()

  const unfinished = (file: string): string => join(place.workshop, `${file}.unfinished`)

  async function daysThere(): Promise<readonly string[]> {
    const found = (await place.folders()).flatMap((folder) => readDayFolder(folder) ?? [])
    return found.toSorted()
  }

  async function partsOf(day: string): Promise<readonly Sized[]> {
    const files = await place.files(dayFolder(day))
    return files.flatMap(({ name: file, bytes }) => {
      const part = readPartName(file)
      return part?.name === name ? [{ ...part, bytes }] : []
    })
  }

  const remove = async (day: string, parts: readonly Sized[]) => {
    for (const part of parts) await place.remove(dayFolder(day), writePartName(part))
  }

  async function merge(day: string, parts: readonly Sized[]): Promise<void> {
    const [first] = parts
    const last = parts.at(-1)
    if (first === undefined || last === undefined) return
    const folder = dayFolder(day)
    const paths: string[] = []
    for (const part of parts) paths.push(await place.fetch(folder, writePartName(part)))
    const merged = writePartName({ name, from: first.from, to: last.to })
    const local = unfinished(merged)
    await (await opened()).merge(paths, local)
    await place.publish(local, folder, merged)
    await remove(day, parts)
  }

  return {
    batchBytes: 64 << 20,
    everyMs,
    async resume(committed) {
      await rm(place.workshop, { recursive: true, force: true })
      await mkdir(place.workshop, { recursive: true })
      for (const day of await daysThere()) {
        const parts = await partsOf(day)
        if (parts.some(({ to }) => to > committed + 1)) {
          throw new KerbsideError(
            'bad-settings',
            `\`${place.shown}\` has later records of \`${name}\` than its state knows of`,
            {
              hint: 'give the state folder that goes with it, or another name',
            },
          )
        }
        await remove(
          day,
          parts.filter(({ to }) => to > committed),
        )
        await remove(day, superfluous(parts) as readonly Sized[])
      }
    },
    async write({ number, records }: Batch) {
      const part = writePartName({ name, from: number, to: number })
      for (const [day, taken] of Map.groupBy(records, (one) => one.day)) {
        const local = unfinished(part)
        await (await opened()).write(
          taken.map(({ line }) => line),
          local,
        )
        await place.publish(local, dayFolder(day), part)
        settled.delete(day)
      }
    },
    async tidy() {
      const now = clock()
      const today = dayOf(now)
      const oldest = retentionDays === undefined ? '' : dayOf(now - retentionDays * DAY_MS)
      for (const day of await daysThere()) {
        if (day < oldest) {
          await remove(day, await partsOf(day))
          continue
        }
        if (settled.has(day)) continue
        const isOver = day < today
        const parts = await partsOf(day)
        const row = toMerge(parts, { enoughBytes: ENOUGH_BYTES, atLeast: isOver ? 2 : MERGE_AT })
        if (row.length > 0) await merge(day, row)
        else if (isOver) settled.add(day)
      }
    },
    async close() {
      engine?.close()
    },
  }
}
