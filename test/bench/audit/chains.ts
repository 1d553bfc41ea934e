/** Chains of many sidecars as batches on disk, made before anything is measured: whoever sends them only reads. */
import { hash } from 'node:crypto'
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { chain, NO_HASH } from '../../../src/core/audit/chain.ts'
import { writeBatch } from '../../../src/core/audit/delivery.ts'
import type { Entry, Who } from '../../../src/core/audit/record.ts'

export type Load = { readonly sidecars: number; readonly batches: number; readonly perBatch: number }

export const podOf = (sidecar: number) => ({
  uid: `00000000-0000-4000-8000-${String(sidecar).padStart(12, '0')}`,
  pod: `train-${sidecar}`,
})
export const NAMESPACE = 'ml-quant'
export const SERVICE_ACCOUNT = 'trainer'

const FROM = Date.UTC(2026, 4, 1)

export function writeChains(folder: string, { sidecars, batches, perBatch }: Load): void {
  mkdirSync(folder, { recursive: true })
  for (let sidecar = 0; sidecar < sidecars; sidecar++) {
    const file = openSync(join(folder, String(sidecar)), 'w')
    const ends: number[] = []
    let [previous, size] = [NO_HASH, 0]
    for (let batch = 0; batch < batches; batch++) {
      const lines = Array.from({ length: perBatch }, (_, at) => {
        const sequence = batch * perBatch + at
        const time = new Date(FROM + batch * 1000).toISOString()
        const { record, line } = chain(
          entryOf(sidecar, sequence),
          { previous, sidecar: podOf(sidecar).uid, sequence, time },
          (text) => hash('sha256', text),
        )
        previous = record.hash
        return line
      })
      size += writeSync(file, writeBatch({ acknowledged: batch * perBatch, lines }))
      ends.push(size)
    }
    // Now, or the kernel brings it to the disk while that is what is measured.
    fdatasyncSync(file)
    closeSync(file)
    writeFileSync(join(folder, `${sidecar}.ends`), JSON.stringify(ends))
  }
}

/** Reads batches of one sidecar, in their order. */
export function readChain(folder: string, sidecar: number): (batch: number) => Buffer {
  const file = openSync(join(folder, String(sidecar)), 'r')
  const ends = JSON.parse(readFileSync(join(folder, `${sidecar}.ends`), 'utf8')) as number[]
  return (batch) => {
    const from = ends[batch - 1] ?? 0
    const bytes = Buffer.alloc((ends[batch] ?? from) - from)
    readSync(file, bytes, 0, bytes.length, from)
    return bytes
  }
}

/** Reads of a dataset, each with its end. */
export function entryOf(sidecar: number, sequence: number): Entry {
  const who: Who = {
    team: 'quant',
    identity: 'quant-research',
    principal: 'quant@LAB',
    namespace: NAMESPACE,
    pod: podOf(sidecar).pod,
    serviceAccount: SERVICE_ACCOUNT,
    node: `node-${sidecar % 40}`,
    owner: { kind: 'Job', name: 'train' },
  }
  const id = sequence >> 1
  const what = {
    operationId: String(id),
    operation: 'OPEN',
    path: `/data/market/2026/part-${id}.parquet`,
    parameters: { offset: '0' },
    dataset: 'market',
    client: 'PySpark/4.1.1',
  }
  if (sequence % 2 === 1) {
    const end = { status: 200, bytesRead: 4_194_304, bytesWritten: 0, durationMs: 12.5, cut: false }
    return { kind: 'end', who, what, end }
  }
  const grants = ['quant-reads-market@teams/quant/grants.yaml:3']
  return { kind: 'start', who, what, why: { effect: 'allow', reason: 'granted', grants, bundle: BUNDLE } }
}

const BUNDLE = `sha256:${'0'.repeat(64)}`
