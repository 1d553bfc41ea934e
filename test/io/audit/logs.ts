/** Logs of made-up sidecars, written as the sidecar writes them: whole chains, in segments, with times as given. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chain, NO_HASH } from '../../../src/core/audit/chain.ts'
import type { AuditRecord, Entry, What, Who, Why } from '../../../src/core/audit/record.ts'
import { writeSegmentName } from '../../../src/core/audit/segment-name.ts'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
export const NOON = Date.UTC(2026, 2, 2, 12)

export const who = (more: Partial<Who> = {}): Who => ({
  team: 'quant',
  identity: 'quant-research',
  principal: 'quant@LAB',
  namespace: 'ml-quant',
  pod: 'train-0',
  serviceAccount: 'trainer',
  node: 'node-1',
  ...more,
})

export const start = (
  operationId: string,
  more: { who?: Partial<Who>; what?: Partial<What>; why?: Partial<Why> } = {},
): Entry => ({
  kind: 'start',
  who: who(more.who),
  what: { operationId, operation: 'OPEN', path: '/data/market/prices.csv', dataset: 'market', ...more.what },
  why: {
    effect: 'allow',
    reason: 'granted',
    grants: ['quant-reads-market@quant/grants.yaml:3'],
    bundle: 'sha256:1',
    ...more.why,
  },
})

export const end = (operationId: string, more: { who?: Partial<Who>; what?: Partial<What> } = {}): Entry => ({
  kind: 'end',
  who: who(more.who),
  what: { operationId, operation: 'OPEN', path: '/data/market/prices.csv', dataset: 'market', ...more.what },
  end: { status: 200, bytesRead: 1000, bytesWritten: 0, durationMs: 12, cut: false },
})

export const denied: Partial<Why> = { effect: 'deny', reason: 'no-dataset', grants: [] }

export type Timed = { readonly entry: Entry /** Milliseconds after noon. */; readonly at: number }

export function chained(sidecar: string, entries: readonly Timed[]): { records: AuditRecord[]; lines: string[] } {
  const records: AuditRecord[] = []
  const lines: string[] = []
  for (const [sequence, { entry, at }] of entries.entries()) {
    const previous = records.at(-1)?.hash ?? NO_HASH
    const { record, line } = chain(
      entry,
      { previous, sidecar, sequence, time: new Date(NOON + at).toISOString() },
      sha256,
    )
    records.push(record)
    lines.push(line)
  }
  return { records, lines }
}

/** @param perSegment lines in each segment */
export function writeLog(
  directory: string,
  sidecar: string,
  lines: readonly string[],
  perSegment = Number.MAX_SAFE_INTEGER,
): void {
  for (let number = 0, from = 0; from < lines.length; number++, from += perSegment) {
    const text = lines.slice(from, from + perSegment).map((line) => `${line}\n`)
    writeFileSync(join(directory, writeSegmentName({ sidecar, number })), text.join(''))
  }
}
