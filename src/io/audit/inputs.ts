/** Records as a person names them for a command: directories of segments, single files, or standard input as `-`. */
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { readSegmentName } from '../../core/audit/segment-name.ts'
import { KerbsideError } from '../../core/errors.ts'
import { bySidecar, oldestFirst } from './copies.ts'
import { readAuditDirectory, type SegmentFile, type SidecarLog } from './directory.ts'
import { linesForwards } from './lines.ts'

export type AuditInput = {
  /** Or the number of an open file. */
  readonly path: string | number
  /** As it is shown: relative to the directory that was named. */
  readonly name: string
  /** 0 where it is not known. */
  readonly bytes: number
  /** The logs of a sidecar that is in several folders; they are read as one. */
  readonly copies?: readonly SidecarLog[]
}

export type LinesOfInput = {
  readonly input: AuditInput
  /** Number of the first of them, from 1. */
  readonly first: number
  readonly lines: readonly string[]
}

/** Not by a name such as `/dev/stdin`, which cannot be opened where it is a socket. */
const STANDARD_INPUT = 0

/** @throws KerbsideError `io-failed` when one of them is not there or cannot be read */
export async function auditInputs(given: readonly string[]): Promise<readonly AuditInput[]> {
  const found = await Promise.all(given.map(inputOrLogs))
  const logs = found.flatMap((one) => ('logs' in one ? one.logs : []))
  return [...found.flatMap((one) => ('logs' in one ? [] : [one])), ...bySidecar(logs).flatMap(toInputs)]
}

async function inputOrLogs(path: string): Promise<AuditInput | { readonly logs: readonly SidecarLog[] }> {
  if (path === '-') return { path: STANDARD_INPUT, name: '-', bytes: 0 }
  const { isDirectory, bytes } = await lookAt(path)
  return isDirectory ? { logs: await readAuditDirectory(path) } : { path, name: path, bytes }
}

function toInputs(copies: readonly SidecarLog[]): readonly AuditInput[] {
  const [only, another] = copies
  if (only !== undefined && another === undefined) return only.segments
  const bytes = copies.flatMap(({ segments }) => segments).reduce((sum, segment) => sum + segment.bytes, 0)
  return [{ path: '', name: only?.sidecar ?? '', bytes, copies }]
}

/**
 * Blocks of whole lines. A last line without an end is left out: its record is not yet, or never was, written.
 * @throws KerbsideError `io-failed` when an input cannot be read
 */
export async function* linesOfInputs(inputs: readonly AuditInput[]): AsyncGenerator<LinesOfInput> {
  for (const input of inputs) {
    if (input.copies !== undefined) {
      yield* linesOfCopies(input, input.copies)
      continue
    }
    let first = 1
    try {
      for await (const { lines } of linesForwards(input.path)) {
        yield { input, first, lines }
        first += lines.length
      }
    } catch (cause) {
      if (cause instanceof KerbsideError) throw cause
      throw new KerbsideError('io-failed', `\`${input.name}\` cannot be read`, { cause })
    }
  }
}

/** Each record once, in the order of the chain. */
async function* linesOfCopies(input: AuditInput, copies: readonly SidecarLog[]): AsyncGenerator<LinesOfInput> {
  for await (const [one, other] of oldestFirst(copies)) {
    if (one === undefined) continue
    if (other !== undefined) {
      const where = `\`${one.file}\`, line ${one.line}, and \`${other.file}\`, line ${other.line}`
      const hint = 'nothing is said about the rest: `kerbside audit verify` says more'
      throw new KerbsideError('io-failed', `two folders have different records of one number: ${where}`, { hint })
    }
    yield { input: { ...input, name: one.file }, first: one.line, lines: [one.text] }
  }
}

/**
 * The same as whole logs, for their chains to be followed.
 * @throws KerbsideError `io-failed` as above; `bad-usage` for what has no chain to follow from its beginning
 */
export async function auditLogs(given: readonly string[]): Promise<readonly SidecarLog[]> {
  const logs = new Map<string, { sidecar: string; segments: SegmentFile[]; modifiedAt: number }>()
  const whole: SidecarLog[] = []
  for (const path of given) {
    const segment = readSegmentName(basename(path))
    const { isDirectory, bytes } = path === '-' ? { isDirectory: false, bytes: 0 } : await lookAt(path)
    if (isDirectory) {
      whole.push(...(await readAuditDirectory(path)))
      continue
    }
    if (segment === undefined) {
      const hint = 'give the directory, or all segments of a log by their own names'
      throw new KerbsideError('bad-usage', `the chain of \`${path}\` cannot be followed: it is no segment of a log`, {
        hint,
      })
    }
    const key = `${dirname(path)}\n${segment.sidecar}`
    const log = logs.get(key) ?? { sidecar: segment.sidecar, segments: [], modifiedAt: 0 }
    logs.set(key, log)
    log.segments.push({ number: segment.number, path, name: path, bytes })
  }
  for (const { segments } of logs.values()) segments.sort((one, other) => one.number - other.number)
  return [...whole, ...logs.values()]
}

async function lookAt(path: string): Promise<{ readonly isDirectory: boolean; readonly bytes: number }> {
  try {
    const about = await stat(path)
    return { isDirectory: about.isDirectory(), bytes: about.isFile() ? about.size : 0 }
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw new KerbsideError('io-failed', `\`${path}\` ${isAbsent ? 'is not there' : 'cannot be read'}`, {
      cause,
      hint: 'name the folder that sidecars write their `*.ndjson` to, such a file, or `-`',
    })
  }
}
