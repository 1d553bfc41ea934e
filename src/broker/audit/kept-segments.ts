/** The file of each chain that was written last, kept open: a sidecar comes every second, and to open and close costs as much as to write. */
import { openSegment, type SegmentFile } from '../../io/audit/segment.ts'

export type KeptSegments = {
  /** Open at the end of this file, for nobody else until it is kept again. */
  take(sidecar: string, file: string): Promise<SegmentFile>
  /** What nothing went wrong with; another one must be closed. */
  keep(sidecar: string, file: string, segment: SegmentFile): Promise<void>
  close(): Promise<void>
}

/** Of more chains than this the file is opened again. */
const MOST_KEPT = 512

export function keptSegments(most = MOST_KEPT): KeptSegments {
  /** Whoever came last stands last. */
  const kept = new Map<string, { readonly file: string; readonly segment: SegmentFile }>()
  return {
    async take(sidecar, file) {
      const found = kept.get(sidecar)
      kept.delete(sidecar)
      // What somebody removed, with what is in it, takes nothing more.
      if (found?.file === file && found.segment.isThere()) return found.segment
      await found?.segment.close()
      return openSegment(file)
    },
    async keep(sidecar, file, segment) {
      kept.set(sidecar, { file, segment })
      if (kept.size <= most) return
      const [oldest] = kept
      if (oldest === undefined) return
      kept.delete(oldest[0])
      await oldest[1].segment.close()
    },
    async close() {
      for (const { segment } of kept.values()) await segment.close()
      kept.clear()
    },
  }
}
