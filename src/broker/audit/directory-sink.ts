/** The directory of segments: what stands in it is what this broker acknowledged, so it also says how far each chain came. */
import { hash } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Standing } from '../../core/audit/delivery.ts'
import { readSegmentName } from '../../core/audit/segment-name.ts'
import { dayOf, isDay, takenFile } from '../../io/audit/layout.ts'
import { recover } from '../../io/audit/recover.ts'
import { syncDirectory } from '../../io/audit/segment.ts'
import { orUnwritable } from '../../io/audit/unwritable.ts'
import { type KeptSegments, keptSegments } from './kept-segments.ts'
import type { AuditSink, TakenLines } from './sink.ts'

const SEGMENT_BYTES = 64 << 20

export type DirectorySink = AuditSink & {
  /** How far a chain came; a line that was never finished, and so never acknowledged, is cut off. */
  standingOf(sidecar: string): Promise<Standing | undefined>
  /** Chains of which something is here. */
  sidecars(): readonly string[]
}

export type DirectorySinkOptions = {
  /** The folder of this broker. */
  readonly root: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** A file that has grown to this is followed by another; as a rule 64 MiB. */
  readonly segmentBytes?: number
}

/** Of a chain: the newest file, and the number after its last record. */
type Newest = { day: string; first: number; next: number | undefined; bytes: number }

const sha256 = (text: string): string => hash('sha256', text)

/** @throws KerbsideError `audit-unwritable` */
export async function directorySink(options: DirectorySinkOptions): Promise<DirectorySink> {
  const { root, clock, segmentBytes = SEGMENT_BYTES } = options
  const newest = await orUnwritable(root, () => findNewest(root))
  const kept = keptSegments()

  async function standingOf(sidecar: string): Promise<Standing | undefined> {
    let at = newest.get(sidecar)
    while (at !== undefined) {
      const { day } = at
      const { next, previous, bytes } = await orUnwritable(root, () => recover(join(root, day), sidecar, sha256))
      if (next > 0) {
        newest.set(sidecar, { ...at, next, bytes })
        return { next, previous }
      }
      // Killed before the first line of a new day was whole: how far the chain came stands in an older one.
      at = (await orUnwritable(root, () => findNewest(root, (older) => older < day))).get(sidecar)
    }
    return undefined
  }

  return {
    standingOf,
    sidecars: () => [...newest.keys()],
    append: (taken) =>
      orUnwritable(root, async () => {
        const before = newest.get(taken.sidecar)
        const isLarge = before !== undefined && before.bytes >= segmentBytes
        const at = placeFor(taken, isLarge ? undefined : before, dayOf(clock()))
        await write({ root, kept, at, sidecar: taken.sidecar, lines: taken.bytes })
        const next = taken.first + taken.count
        newest.set(taken.sidecar, { ...at, next, bytes: at.bytes + taken.bytes.length })
      }),
    close: () => orUnwritable(root, kept.close),
  }
}

/** Another file on another day, and after a gap: within a file no number is missing. */
function placeFor({ first }: TakenLines, at: Newest | undefined, day: string): Newest {
  const goesOn = at !== undefined && at.day === day && at.next === first
  return goesOn ? at : { day, first, next: first, bytes: 0 }
}

type Writing = { root: string; kept: KeptSegments; at: Newest; sidecar: string; lines: Uint8Array }

async function write({ root, kept, at: { day, first, bytes }, sidecar, lines }: Writing): Promise<void> {
  if (bytes === 0) {
    await mkdir(join(root, day), { recursive: true })
    await syncDirectory(root)
  }
  const file = takenFile(root, day, sidecar, first)
  const segment = await kept.take(sidecar, file)
  try {
    if (bytes === 0) await syncDirectory(join(root, day))
    await segment.append(lines)
  } catch (failure) {
    await segment.close().catch(() => {})
    throw failure
  }
  await kept.keep(sidecar, file, segment)
}

async function findNewest(root: string, isWanted: (day: string) => boolean = isDay): Promise<Map<string, Newest>> {
  await mkdir(root, { recursive: true })
  const found = new Map<string, Newest>()
  for (const day of (await readdir(root)).filter((name) => isDay(name) && isWanted(name)).toSorted()) {
    for (const name of await readdir(join(root, day))) {
      const segment = readSegmentName(name)
      if (segment === undefined) continue
      const before = found.get(segment.sidecar)
      if (before?.day === day && before.first > segment.number) continue
      found.set(segment.sidecar, { day, first: segment.number, next: undefined, bytes: 0 })
    }
  }
  return found
}
