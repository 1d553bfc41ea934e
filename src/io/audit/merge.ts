/** The logs of one sidecar in several folders, as one: it may have changed from one broker to another and back. */
import { headOf } from '../../core/audit/glimpse.ts'
import type { SegmentFile, SidecarLog } from './directory.ts'
import { linesForwards } from './lines.ts'

/** @throws whatever reading a segment throws */
export async function mergeLogs(logs: readonly SidecarLog[]): Promise<readonly SidecarLog[]> {
  const groups = Map.groupBy(logs, ({ sidecar }) => sidecar)
  return Promise.all([...groups.values()].map(merge))
}

async function merge(logs: readonly SidecarLog[]): Promise<SidecarLog> {
  const [only, ...more] = logs
  if (only === undefined || more.length === 0) return only ?? { sidecar: '', segments: [], modifiedAt: 0 }
  const segments = await Promise.all(logs.flatMap((log) => log.segments).map(withFirst))
  return {
    sidecar: only.sidecar,
    segments: segments.toSorted((one, other) => one.first - other.first).map(({ segment }) => segment),
    modifiedAt: Math.max(...logs.map(({ modifiedAt }) => modifiedAt)),
  }
}

/** By the number that its first record says: files are numbered by their broker, or by the sidecar. */
async function withFirst(segment: SegmentFile): Promise<{ readonly segment: SegmentFile; readonly first: number }> {
  for await (const { lines } of linesForwards(segment.path)) {
    const [line] = lines
    if (line !== undefined) return { segment, first: headOf(line)?.sequence ?? 0 }
  }
  return { segment, first: Number.POSITIVE_INFINITY }
}
