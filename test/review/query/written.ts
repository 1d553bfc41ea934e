/** Logs of several teams as brokers keep them, for tests that ask about them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { chain, NO_HASH } from '../../../src/core/audit/chain.ts'
import type { AuditRecord, Entry, What, Who, Why } from '../../../src/core/audit/record.ts'
import type { OpenQuestions, QuestionsOptions } from '../../../src/review/query/open.ts'
import { openQuestions } from '../../../src/review/query/open.ts'
import { sha256 } from '../../core/audit/arbitrary.ts'

/** A Monday. */
export const NOW = Date.UTC(2026, 2, 2, 9)
export const HOUR = 3_600_000
/** Each of these tests opens a database; on a machine that has much else to do, that takes its time. */
export const SLOW = { timeout: 180_000 } as const

export const whoOf = (team: string, more: Partial<Who> = {}): Who => ({
  team,
  identity: `${team}-research`,
  principal: `${team}@LAB`,
  namespace: `ml-${team}`,
  pod: `train-${team}`,
  serviceAccount: 'trainer',
  node: 'node-1',
  owner: { kind: 'Job', name: `train-${team}` },
  ...more,
})

export type Operation = {
  readonly who: Who
  readonly path: string
  readonly destination?: string
  readonly operation?: string
  readonly dataset?: string
  readonly client?: string
  readonly parameters?: NonNullable<What['parameters']>
  readonly why?: Partial<Why>
  readonly isRunning?: boolean
}

let operations = 0

/** The start and the end of an operation. */
export function operation(given: Operation): readonly Entry[] {
  const {
    who,
    path,
    destination,
    operation: name = 'OPEN',
    dataset,
    client,
    parameters,
    why,
    isRunning = false,
  } = given
  const what = {
    operationId: `run-${++operations}`,
    operation: name,
    path,
    ...(destination === undefined ? {} : { destination }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(dataset === undefined ? {} : { dataset }),
    ...(client === undefined ? {} : { client }),
  }
  const decided: Why = { effect: 'allow', reason: 'granted', grants: ['g@grants.yaml:3'], bundle: 'sha256:1', ...why }
  const end = {
    status: decided.effect === 'allow' ? 200 : 403,
    bytesRead: 100,
    bytesWritten: 0,
    durationMs: 3,
    cut: false,
  }
  const start: Entry = { kind: 'start', who, what, why: decided }
  return isRunning ? [start] : [start, { kind: 'end', who, what, end }]
}

export type Written = { readonly records: readonly AuditRecord[]; readonly lines: readonly string[] }

/** Entries as a chain, a second apart, the last at `until`. */
export function written(entries: readonly Entry[], sidecar: string, until = NOW): Written {
  const records: AuditRecord[] = []
  const lines: string[] = []
  let previous = NO_HASH
  for (const [sequence, entry] of entries.entries()) {
    const time = new Date(until - (entries.length - 1 - sequence) * 1000).toISOString()
    const { record, line } = chain(entry, { previous, sidecar, sequence, time }, sha256)
    records.push(record)
    lines.push(line)
    previous = record.hash
  }
  return { records, lines }
}

export type Files = { readonly [name: string]: string }

export const fileOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

/** A directory with these files, and the questions over it, with everything in. Both are gone when the test is over. */
export async function asked(
  files: Files,
  options: Partial<QuestionsOptions> = {},
): Promise<OpenQuestions & { readonly directory: string; readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'kerbside-query-'))
  const directory = join(root, 'audit')
  await mkdir(directory)
  await put(directory, files)
  const open = await openQuestions({ directory, cache: join(root, 'cache'), clock: () => NOW, ...options })
  onTestFinished(async () => {
    await open.close()
    await rm(root, { recursive: true, force: true })
  })
  await open.look()
  return { ...open, directory, root }
}

export async function put(directory: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), text)
  }
}
