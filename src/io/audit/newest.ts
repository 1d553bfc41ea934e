/** All lines of a directory, newest first. Memory is bounded by the number of logs that were written at the same time. */
import type { Glimpse } from '../../core/audit/glimpse.ts'
import { glimpse } from '../../core/audit/glimpse.ts'
import { bySidecar, newestFirst } from './copies.ts'
import type { SidecarLog } from './directory.ts'

export type Glimpsed = { readonly line: string /** Nothing when it is no record. */; readonly at: Glimpse | undefined }

/** A log that is read, with its newest line that was not given yet. */
type Source = {
  readonly blocks: AsyncGenerator<readonly string[]>
  lines: readonly string[]
  next: number
  newest: Glimpsed
  /** Of the newest line; of the one before when that is no record. */
  time: string
}

/**
 * Within one log the order is that of its chain, whatever its clock did; between logs it is time. A log is opened when the
 * search gets back to when it was last written: old logs cost nothing until then.
 * @throws KerbsideError `io-failed` when a segment cannot be read
 */
export async function* newestLines(logs: readonly SidecarLog[]): AsyncGenerator<Glimpsed> {
  const closed = bySidecar(logs)
    .map(toChain)
    .toSorted((one, other) => other.modifiedAt - one.modifiedAt)
  /** In the order of time, newest last. */
  const open: Source[] = []
  let source: Source | undefined
  try {
    for (;;) {
      for (let log = closed[0]; log !== undefined && isNewer(log, open.at(-1)); log = closed[0]) {
        closed.shift()
        const opened = openLog(log)
        if (await advance(opened)) insert(open, opened)
      }
      source = open.pop()
      if (source === undefined) return
      yield source.newest
      if (await advance(source)) insert(open, source)
    }
  } finally {
    await Promise.all([...open, source].map((each) => each?.blocks.return(undefined)))
  }
}

/** The logs of one sidecar, in as many folders as there are. */
type Chain = { readonly copies: readonly SidecarLog[]; readonly modifiedAt: number }

const toChain = (copies: readonly SidecarLog[]): Chain => ({
  copies,
  modifiedAt: Math.max(...copies.map(({ modifiedAt }) => modifiedAt)),
})

const isNewer = (log: Chain, source: Source | undefined): boolean =>
  source === undefined || log.modifiedAt >= Date.parse(source.time)

function insert(open: Source[], source: Source): void {
  let at = open.length
  while (at > 0 && (open[at - 1]?.time ?? '') > source.time) at -= 1
  open.splice(at, 0, source)
}

function openLog({ copies, modifiedAt }: Chain): Source {
  const time = new Date(modifiedAt).toISOString()
  return { blocks: newestFirst(copies), lines: [], next: 0, newest: { line: '', at: undefined }, time }
}

/** Goes to the next older line; false when there is none. */
async function advance(source: Source): Promise<boolean> {
  while (source.next >= source.lines.length) {
    const block = await source.blocks.next()
    if (block.done) return false
    source.lines = block.value
    source.next = 0
  }
  const line = source.lines[source.next] ?? ''
  const at = glimpse(line)
  source.next += 1
  source.newest = { line, at }
  source.time = at?.time ?? source.time
  return true
}
