/** Checkpoints of brokers as they stand in files: whether they are whole and signed by a trusted key, and what they say of whom. */
import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { compactVerify, decodeProtectedHeader, errors } from 'jose'
import { NO_HASH } from '../../core/audit/chain.ts'
import { CHECKPOINT_TYPE, type Checkpoint, type Part, readCheckpoint } from '../../core/audit/checkpoint.ts'
import type { HashBytes } from '../../core/audit/merkle.ts'
import { KerbsideError } from '../../core/errors.ts'
import type { TrustedKeys } from '../policy/bundle-keys.ts'
import { CHECKPOINTS } from './layout.ts'

/** What can be wrong with a checkpoint. */
export const CHECKPOINT_FAULTS = {
  'not-signed': 'the line is no checkpoint that a trusted key signed',
  'not-a-checkpoint': 'what is signed is no checkpoint',
  'out-of-order': 'the checkpoint does not follow from the one before',
} as const

export type CheckpointFault = {
  readonly fault: keyof typeof CHECKPOINT_FAULTS
  readonly file: string
  readonly line: number
  readonly detail: string
}

/** A part, and the checkpoint that tells of it: `BROKER number 12`. */
export type Signed = Part & { readonly by: string; readonly time: string }
export type CheckpointsRead = {
  readonly count: number
  readonly bySidecar: ReadonlyMap<string, readonly Signed[]>
  /** The first of each broker: nothing that comes after it is believed. */
  readonly faults: readonly CheckpointFault[]
}

export const hashBytes: HashBytes = (bytes) => hash('sha256', bytes)
/** By which the next checkpoint names it. */
export const hashOfLine = (line: string): string => hash('sha256', line)

/** @throws KerbsideError `io-failed` when there are none, or they cannot be read */
export async function readCheckpoints(directory: string, keys: TrustedKeys): Promise<CheckpointsRead> {
  const bySidecar = new Map<string, Signed[]>()
  const faults: CheckpointFault[] = []
  let count = 0
  for (const files of (await checkpointFiles(directory)).values()) {
    let [number, previous] = [0, NO_HASH]
    reading: for (const path of files) {
      const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
      for (const [index, line] of lines.entries()) {
        const read = await readOne(line, keys)
        const wrong = 'fault' in read ? read : orderFault(read, number, previous)
        if (wrong !== undefined) {
          faults.push({ ...wrong, file: relative(directory, path), line: index + 1 })
          break reading
        }
        if ('fault' in read) break reading
        for (const part of read.parts) {
          const signed = bySidecar.get(part.sidecar) ?? []
          bySidecar.set(part.sidecar, signed)
          signed.push({ ...part, by: `${read.broker} number ${read.number}`, time: read.time })
        }
        number += 1
        previous = hashOfLine(line)
        count += 1
      }
    }
  }
  if (count === 0 && faults.length === 0) throw none(directory)
  return { count, bySidecar, faults }
}

type Wrong = Pick<CheckpointFault, 'fault' | 'detail'>

async function readOne(line: string, keys: TrustedKeys): Promise<Checkpoint | Wrong> {
  let text: string
  try {
    const { kid, typ, alg } = decodeProtectedHeader(line)
    const key = keys.get(kid ?? '')
    if (typ !== CHECKPOINT_TYPE) return { fault: 'not-signed', detail: 'its type is another' }
    if (key === undefined || key.algorithm !== alg) return { fault: 'not-signed', detail: 'its key is not trusted' }
    const { payload } = await compactVerify(line, key.key, { algorithms: [key.algorithm] })
    text = Buffer.from(payload).toString()
  } catch (thrown) {
    if (!(thrown instanceof errors.JOSEError || thrown instanceof TypeError)) throw thrown
    return { fault: 'not-signed', detail: 'the signature is not one of its key' }
  }
  const checkpoint = readCheckpoint(text, hashBytes)
  return 'problem' in checkpoint ? { fault: 'not-a-checkpoint', detail: checkpoint.problem } : checkpoint
}

function orderFault(read: Checkpoint, number: number, previous: string): Wrong | undefined {
  if (read.number === number && read.previous === previous) return undefined
  return { fault: 'out-of-order', detail: `it is number ${read.number} where ${number} should be, or follows another` }
}

/** In their order, by the folder of a broker. */
async function checkpointFiles(directory: string): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const all = await readdir(directory, { withFileTypes: true, recursive: true })
    const files = all.filter((one) => one.isFile() && /^\d{4}-\d\d-\d\d\.jws$/.test(one.name))
    const paths = files.map((one) => join(one.parentPath, one.name)).toSorted()
    return Map.groupBy(paths, (path) =>
      basename(dirname(path)) === CHECKPOINTS ? dirname(dirname(path)) : dirname(path),
    )
  } catch (cause) {
    throw new KerbsideError('io-failed', `the checkpoints in \`${directory}\` cannot be read`, { cause })
  }
}

const none = (directory: string) =>
  new KerbsideError('io-failed', `there are no checkpoints in \`${directory}\``, {
    hint: 'brokers write them to `BROKER/checkpoints` in their audit directory; keep a copy elsewhere',
  })
