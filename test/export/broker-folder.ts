/** An audit directory as brokers write it: folders of brokers, in them folders of days, in them chains of sidecars. */
import { appendFileSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { takenFile } from '../../src/io/audit/layout.ts'
import { chained, denied, end, NOON, start } from '../io/audit/logs.ts'

export const DAY = '2026-03-02'

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'kerbside-export-'))

/** A chain of so many records, start and end in turn, some denied. */
export function chainOf(sidecar: string, count: number): readonly string[] {
  const entries = Array.from({ length: count }, (_, at) => {
    const id = `${sidecar}-${at >> 1}`
    const what = { path: `/data/market/${at % 7}/prices-${at >> 1}.csv`, client: "Robert'); DROP TABLE records;--" }
    const entry = at % 2 === 0 ? start(id, { what, ...(at % 6 === 0 ? { why: denied } : {}) }) : end(id, { what })
    return { entry, at: at * 10 }
  })
  return chained(sidecar, entries).lines
}

export type Written = {
  readonly broker: string
  readonly sidecar: string
  readonly lines: readonly string[]
  /** Of the first line. */
  readonly first: number
  readonly day?: string
}

/** Appends to the chain's file of that day, or begins it. */
export function write(directory: string, { broker, sidecar, lines, first, day = DAY }: Written): string {
  const file = takenFile(join(directory, broker), day, sidecar, first)
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, lines.map((line) => `${line}\n`).join(''))
  return file
}

/** For a program with a clock of its own: a day that is long over is read once, and not looked into again. */
export const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)

/** On the day of the records, a while after they were written. */
export const clock = (): number => NOON + 3_600_000
