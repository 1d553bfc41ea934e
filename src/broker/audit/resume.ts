/** What is on disk and not signed yet, because the process was killed before the minute was over. */

import { headOf } from '../../core/audit/glimpse.ts'
import { fromLine } from '../../core/audit/line.ts'
import { readAuditDirectory, type SidecarLog } from '../../io/audit/directory.ts'
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
  const logs = await readAuditDirectory(root)
  for (const log of logs)
    if (log.modifiedAt >= checkpoints.lastAt - SLACK_MS) await addFrom(log, { checkpoints, onDamaged })
}

type Adding = { readonly checkpoints: Checkpoints; readonly onDamaged: (file: string) => void }

async function addFrom({ sidecar, segments }: SidecarLog, { checkpoints, onDamaged }: Adding): Promise<void> {
  const from = checkpoints.signedTo(sidecar)
  for (const { path, name } of segments) {
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
