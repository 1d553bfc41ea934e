/** Entries as the gateway writes them, and a log read back the way an auditor does. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sha256 } from '../../../src/core/audit/chain.ts'
import { fromLine } from '../../../src/core/audit/line.ts'
import type { AuditRecord, Entry, Who } from '../../../src/core/audit/record.ts'
import { readSegmentName } from '../../../src/core/audit/segment-name.ts'

export const sha256: Sha256 = (text) => createHash('sha256').update(text).digest('hex')

export const WHO: Who = {
  team: 'quant',
  identity: 'quant-research',
  principal: 'quant@LAB',
  namespace: 'ml-quant',
  pod: 'train-0',
  serviceAccount: 'trainer',
  node: 'node-1',
}

export const start = (operationId: string, path = '/data/market/prices.csv'): Entry => ({
  kind: 'start',
  who: WHO,
  what: { operationId, operation: 'OPEN', path, dataset: 'market' },
  why: { effect: 'allow', reason: 'granted', grants: ['quant-reads-market@grants.yaml:3'], bundle: 'sha256:1' },
})

export const end = (operationId: string, path = '/data/market/prices.csv'): Entry => ({
  kind: 'end',
  who: WHO,
  what: { operationId, operation: 'OPEN', path, dataset: 'market' },
  end: { status: 200, bytesRead: 100, bytesWritten: 0, durationMs: 3, cut: false },
})

/** Every line of every segment, in order; throws on a line that is no record. */
export function readLog(directory: string): AuditRecord[] {
  const segments = readdirSync(directory).toSorted((one, other) => number(one) - number(other))
  return segments.flatMap((name) => {
    const lines = readFileSync(join(directory, name), 'utf8').split('\n')
    if (lines.pop() !== '') throw new Error(`\`${name}\` does not end with a whole line`)
    return lines.map((line) => {
      const read = fromLine(line)
      if ('problem' in read) throw new Error(`${read.problem}: ${line}`)
      return read.record
    })
  })
}

const number = (name: string): number => readSegmentName(name)?.number ?? -1
