/** What a record before and one after cost an operation: the real log, beside the same bytes only appended and synced. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Entry } from '../../../src/core/audit/record.ts'
import { openAuditLog } from '../../../src/io/audit/log.ts'
import { entryOf, podOf } from './chains.ts'

export type Cost = {
  /** Microseconds of our processor for each operation: its start and its end. */
  readonly cpuUs: number
  readonly plainCpuUs: number
  /** Microseconds until a start is on disk, one after the other, p50. */
  readonly startUs: number
  readonly plainStartUs: number
}

export type Wanted = { readonly operations: number; readonly together: number; readonly alone: number }

export async function measureCost({ operations, together, alone }: Wanted): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-bench-'))
  const who = entryOf(0, 0).who
  const directory = join(folder, 'log')
  const log = await openAuditLog({ directory, sidecar: podOf(0).uid, who, clock: Date.now, maxBytes: 2 ** 32 })
  // A gateway has both at hand, for it is what it decides on; it makes them whether there is a log or not.
  const entries = Array.from({ length: operations * 4 }, (_, at) => entryOf(0, at))
  const entryAt = (at: number): Entry => ({ ...(entries[at] ?? entryOf(0, at)), who })
  const operate = async (id: number) => {
    await log.write(entryAt(id * 2))
    void log.write(entryAt(id * 2 + 1))
  }
  // As a busy gateway does: many at once, which share what the disk is asked for.
  const busy = async (from: number, to: number) => {
    for (let id = from; id < to; id += together)
      await Promise.all(Array.from({ length: together }, (_, at) => operate(id + at)))
  }
  await busy(0, operations)
  const before = process.cpuUsage()
  await busy(operations, operations * 2)
  const cpuUs = spent(before) / operations
  const startUs = await median(alone, (id) => log.write(entryOf(0, (operations * 2 + id) * 2)))
  await log.close()

  const texts = readdirSync(directory).map((name) => readFileSync(join(directory, name)))
  const bytes = Buffer.concat(texts)
  const records = operations * 4 + alone
  const perRecord = Math.floor(bytes.length / records)
  const file = await open(join(folder, 'plain'), 'a')
  const piece = perRecord * together * 2
  const plainBefore = process.cpuUsage()
  for (let at = 0; at < operations; at += together) {
    await file.write(bytes.subarray(at * perRecord * 2, at * perRecord * 2 + piece))
    await file.datasync()
  }
  const plainCpuUs = spent(plainBefore) / operations
  const plainStartUs = await median(alone, async (id) => {
    await file.write(bytes.subarray(id * perRecord, (id + 1) * perRecord))
    await file.datasync()
  })
  await file.close()
  rmSync(folder, { recursive: true })
  return { cpuUs, plainCpuUs, startUs, plainStartUs }
}

function spent(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

async function median(count: number, once: (id: number) => Promise<unknown>): Promise<number> {
  const taken: number[] = []
  for (let id = 0; id < count; id++) {
    const begun = performance.now()
    await once(id)
    taken.push((performance.now() - begun) * 1000)
  }
  return taken.sort((one, other) => one - other)[count >> 1] ?? Number.NaN
}
