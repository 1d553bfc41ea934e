/** What is on disk and not signed yet, because the process was killed before the minute was over. */

import { basename, dirname } from 'node:path'
import { headOf } from '../../core/audit/glimpse.ts'
import { fromLine } from '../../core/audit/line.ts'
import { readAuditDirectory, type SegmentFile, type SidecarLog } from '../../io/audit/directory.ts'
import { isDay } from '../../io/audit/layout.ts'
import { linesForwards } from '../../io/audit/lines.ts'
import { type Checkpoints, runOf } from './checkpoints.ts'

/** A log that was written to before the last checkpoint has nothing new in it; clocks of disks may be a little behind. */
const SLACK_MS = 120_000

/**
 * A line that is no record is not signed, and keeps nobody from being served: its chain is broken there for whoever verifies it.
 * @param onDamaged called with the file of each such line
 * @throws KerbsideError `io-failed`
 */
export async function addUnsigned(
  root: string,
  checkpoints: Checkpoints,
  onDamaged: (file: string) => void,
): Promise<void> {
  const { lastAt, signedTo } = checkpoints.before
  const logs = (await readAuditDirectory(root)).filter(({ modifiedAt }) => modifiedAt >= lastAt - SLACK_MS)
  const signed = await signedTo(new Map(logs.map((log) => [log.sidecar, firstDay(log)])))
  for (const log of logs) await addFrom(log, signed.get(log.sidecar) ?? 0, { checkpoints, onDamaged })
}

/** Of records that came from elsewhere; our own are in no folder of a day. */
function firstDay({ segments: [first] }: SidecarLog): string {
  const folder = basename(dirname(first?.path ?? ''))
  return isDay(folder) ? folder : ''
}

type Adding = { readonly checkpoints: Checkpoints; readonly onDamaged: (file: string) => void }

async function addFrom({ segments }: SidecarLog, from: number, { checkpoints, onDamaged }: Adding): Promise<void> {
  for (const { path, name } of await reaching(segments, from)) {
    for await (const { lines } of linesForwards(path)) {
      const unsigned = lines.filter((line) => (headOf(line)?.sequence ?? Number.POSITIVE_INFINITY) >= from)
      for (const line of unsigned) {
        const read = fromLine(line)
        if ('problem' in read) onDamaged(name)
        else checkpoints.add(runOf([read.record]))
      }
    }
  }
}

/** Without those that end before a number: what was signed long ago is not read again. */
async function reaching(segments: readonly SegmentFile[], from: number): Promise<readonly SegmentFile[]> {
  for (const [index, { path }] of [...segments.entries()].toReversed()) {
    const first = await firstIn(path)
    if (first !== undefined && first <= from) return segments.slice(index)
  }
  return segments
}

async function firstIn(path: string): Promise<number | undefined> {
  for await (const { lines } of linesForwards(path)) return headOf(lines[0] ?? '')?.sequence
  return undefined
}
