/** Signs once a minute what came in since the last time, and goes on after a restart where the last checkpoint ended. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CompactSign } from 'jose'
import { CHECKPOINT_TYPE, type Checkpoint, type Part, rootOf, writeCheckpoint } from '../../core/audit/checkpoint.ts'
import { HASH_BYTES, type MerkleTree, merkleTree } from '../../core/audit/merkle.ts'
import type { AuditRecord } from '../../core/audit/record.ts'
import { hashBytes, hashOfLine } from '../../io/audit/checkpoints.ts'
import { CHECKPOINTS, checkpointFile, dayOf } from '../../io/audit/layout.ts'
import { openSegment, syncDirectory } from '../../io/audit/segment.ts'
import { unwritable } from '../../io/audit/unwritable.ts'
import type { BundleKey } from '../../io/policy/bundle-keys.ts'
import { type SignedBefore, signedBefore } from './signed-before.ts'

/** Records of one chain that follow one another, as small as they can be kept. */
export type Run = {
  readonly sidecar: string
  /** Number of the first. */
  readonly from: number
  /** One after the other, each of 32 bytes. */
  readonly hashes: Uint8Array
}

/** @param records one or more, each with the number after that of the one before */
export function runOf(records: readonly Pick<AuditRecord, 'sidecar' | 'sequence' | 'hash'>[]): Run {
  const hashes = Buffer.from(records.map(({ hash }) => hash).join(''), 'hex')
  return { sidecar: records[0]?.sidecar ?? '', from: records[0]?.sequence ?? 0, hashes }
}

export type Checkpoints = {
  /** What an earlier life signed. */
  readonly before: Pick<SignedBefore, 'lastAt' | 'signedTo'>
  /** What is on disk. */
  add(run: Run): void
  /** Signs what was added. @throws KerbsideError `audit-unwritable`; what was added then waits for the next time */
  sign(): Promise<void>
}

export type CheckpointOptions = {
  /** The folder of this broker. */
  readonly root: string
  /** Its name. */
  readonly broker: string
  readonly key: BundleKey
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Told the file of each checkpoint that cannot be read any more, as far as they are looked at. */
  readonly onDamaged?: (file: string) => void
}

type Open = { readonly from: number; to: number; readonly tree: MerkleTree }

/** @throws KerbsideError `audit-unwritable` when the checkpoints that are there cannot be read */
export async function openCheckpoints(options: CheckpointOptions): Promise<Checkpoints> {
  const { root, broker, key, clock, onDamaged = () => {} } = options
  const folder = join(root, CHECKPOINTS)
  const before = await signedBefore(folder, onDamaged)
  let { number, previous } = before
  /** By chain; after a gap a chain has a second part. */
  let open = new Map<string, Open[]>()

  return {
    before,
    add({ sidecar, from, hashes }) {
      const parts = open.get(sidecar) ?? []
      open.set(sidecar, parts)
      const last = parts.at(-1)
      const part = last?.to === from ? last : { from, to: from, tree: merkleTree(hashBytes) }
      if (part !== last) parts.push(part)
      for (let at = 0; at < hashes.length; at += HASH_BYTES) part.tree.add(hashes.subarray(at, at + HASH_BYTES))
      part.to += hashes.length / HASH_BYTES
    },
    async sign() {
      const signing = open
      if (signing.size === 0) return
      open = new Map()
      const parts = [...signing].toSorted(([one], [other]) => (one < other ? -1 : 1)).flatMap(toParts)
      const now = clock()
      const time = new Date(now).toISOString()
      const checkpoint: Checkpoint = {
        format: 1,
        broker,
        number,
        time,
        previous,
        parts,
        root: rootOf(parts, hashBytes),
      }
      try {
        const line = await jwsOf(writeCheckpoint(checkpoint), key)
        await append(folder, checkpointFile(root, dayOf(now)), line)
        number += 1
        previous = hashOfLine(line)
      } catch (failure) {
        for (const [sidecar, later] of open) signing.set(sidecar, [...(signing.get(sidecar) ?? []), ...later])
        open = signing
        throw unwritable(root, failure)
      }
    },
  }
}

const toParts = ([sidecar, parts]: readonly [string, readonly Open[]]): readonly Part[] =>
  parts.map(({ from, to, tree }) => ({ sidecar, from, to, root: tree.root() }))

const jwsOf = (payload: string, { id, algorithm, key }: BundleKey): Promise<string> =>
  new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: algorithm, kid: id, typ: CHECKPOINT_TYPE }).sign(key)

async function append(folder: string, file: string, line: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const segment = await openSegment(file)
  try {
    if (segment.size() === 0) await syncDirectory(folder)
    await segment.append(Buffer.from(`${line}\n`))
  } finally {
    await segment.close()
  }
}
