/** An audit directory of a million records of jobs under the large policy: whole chains, in segments as sidecars write them. */
import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chain, NO_HASH } from '../../src/core/audit/chain.ts'
import type { Entry } from '../../src/core/audit/record.ts'
import { writeSegmentName } from '../../src/core/audit/segment-name.ts'
import { LARGE, prefixOf, teamName } from './large-policy.ts'

export type LargeAudit = { readonly folder: string; readonly records: number }

/** Half of them begin an operation, half end one. */
export const RECORDS = 1_000_000
const SIDECARS = 200
const FROM = Date.UTC(2026, 4, 1)
const PER_WRITE = 1000

/** In a fresh temporary folder, which whoever calls removes. About 800 MB. */
export function writeLargeAudit(records = RECORDS): LargeAudit {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-bench-audit-'))
  for (let sidecar = 0; sidecar < SIDECARS; sidecar++) writeLog(folder, sidecar, records / SIDECARS)
  return { folder, records }
}

function writeLog(folder: string, team: number, records: number): void {
  const sidecar = `00000000-0000-4000-8000-${String(team).padStart(12, '0')}`
  const file = openSync(join(folder, writeSegmentName({ sidecar, number: 0 })), 'w')
  let previous = NO_HASH
  let lines: string[] = []
  for (let sequence = 0; sequence < records; sequence++) {
    const time = new Date(FROM + sequence * 1000).toISOString()
    const { record, line } = chain(entryOf(team, sequence), { previous, sidecar, sequence, time }, sha256)
    previous = record.hash
    lines.push(line)
    if (lines.length < PER_WRITE && sequence < records - 1) continue
    writeSync(file, `${lines.join('\n')}\n`)
    lines = []
  }
  closeSync(file)
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Reads of the team's own datasets and of others', some refused then; each followed by its end. */
function entryOf(team: number, sequence: number): Entry {
  const operation = sequence >> 1
  const isOwn = operation % 4 !== 0
  const index = isOwn
    ? team + LARGE.teams * (operation % (LARGE.datasets / LARGE.teams))
    : (operation * 7919) % LARGE.datasets
  const name = teamName(team)
  const who = {
    team: name,
    identity: `${name}-jobs`,
    principal: `${name}@LAB`,
    namespace: `ml-${name}`,
    pod: `${name}-train-0`,
    serviceAccount: 'trainer',
    node: `node-${team % 40}`,
  }
  const what = {
    operationId: String(operation),
    operation: operation % 10 === 9 ? 'LISTSTATUS' : 'OPEN',
    path: operation % 10 === 9 ? prefixOf(index) : `${prefixOf(index)}/part-${operation}.parquet`,
    client: 'PySpark/4.1.1',
  }
  if (sequence % 2 === 1) {
    const end = { status: isOwn ? 200 : 403, bytesRead: 4_194_304, bytesWritten: 0, durationMs: 12.5, cut: false }
    return { kind: 'end', who, what, end }
  }
  const grants = isOwn ? [`${name}-owns-${index}@teams/${name}/grants.yaml:1`] : []
  const why = {
    effect: isOwn ? 'allow' : 'deny',
    reason: isOwn ? 'granted' : 'no-dataset',
    grants,
    bundle: BUNDLE,
  } as const
  return { kind: 'start', who, what, why }
}

const BUNDLE = `sha256:${'0'.repeat(64)}`
