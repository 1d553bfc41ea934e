/**
 * What a broker signs once a minute: which records it has of whom, as one Merkle root for each chain and one over all of them.
 * Each checkpoint names the one before by its hash. Leaf of a chain's tree: the 32 bytes of a record's hash; leaf of the tree
 * above: the line of JSON that tells of a chain.
 */
import type { HashBytes } from './merkle.ts'
import { merkleTree } from './merkle.ts'
import { SIDECAR } from './schema.ts'
import type { Field, Shape, ShapeOf } from './shape.ts'
import { count, inOrder, matching, oneOf, problemIn, says } from './shape.ts'

/** Records of one chain, from one number to before another. */
export type Part = {
  readonly sidecar: string
  readonly from: number
  readonly to: number
  readonly root: string
}

export type Checkpoint = {
  readonly format: 1
  /** Who signs: the name that the broker goes by. */
  readonly broker: string
  /** From 0, without gaps, within a broker. */
  readonly number: number
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string
  /** SHA-256 over the line of the checkpoint before, 64 zeros for the first. */
  readonly previous: string
  readonly parts: readonly Part[]
  readonly root: string
}

/** Type in the header of the signature: one over something else is none over a checkpoint. */
export const CHECKPOINT_TYPE = 'kerbside-checkpoint+jws'

const digest = matching<string>('64 hex digits', /^[0-9a-f]{64}$/, 'is not a SHA-256 in hex')
const name = matching<string>('name of a chain', SIDECAR, 'cannot name a chain')
const time: Field<string> = {
  is: 'UTC time',
  wrong: (value) => (typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? undefined : 'is not a time'),
}
const PART: ShapeOf<Part> = {
  sidecar: says('whose records', name),
  from: says('first number', count),
  to: says('number after the last', count),
  root: says('Merkle root over their hashes', digest),
}
const CHECKPOINT: ShapeOf<Checkpoint> = {
  format: says('version', oneOf(1)),
  broker: says('who signs', name),
  number: says('number, from 0 and without gaps', count),
  time: says('when', time),
  previous: says('hash of the line before', digest),
  parts: says('one for each chain', {
    is: 'list',
    wrong: (value) => {
      if (!Array.isArray(value)) return 'is not a list'
      const wrong = value.map((one) => problemIn(one, PART as Shape)).find((problem) => problem !== undefined)
      return wrong ?? (value.every(({ from, to }) => from < to) ? undefined : 'has a part without records')
    },
  }),
  root: says('Merkle root over the parts', digest),
}

/** The text that is signed. */
export const writeCheckpoint = (checkpoint: Checkpoint): string =>
  JSON.stringify({
    ...inOrder(checkpoint, CHECKPOINT as Shape),
    parts: checkpoint.parts.map((part) => inOrder(part, PART as Shape)),
    root: checkpoint.root,
  })

/** A checkpoint as {@link writeCheckpoint} would write it, whose root is that of its parts. */
export function readCheckpoint(text: string, hash: HashBytes): Checkpoint | { readonly problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'it is not JSON' }
  }
  const problem = problemIn(value, CHECKPOINT as Shape)
  if (problem !== undefined) return { problem }
  const checkpoint = value as Checkpoint
  if (writeCheckpoint(checkpoint) !== text) return { problem: 'it is not written as Kerbside writes it' }
  return rootOf(checkpoint.parts, hash) === checkpoint.root
    ? checkpoint
    : { problem: 'its root is not that of its parts' }
}

export function rootOf(parts: readonly Part[], hash: HashBytes): string {
  const tree = merkleTree(hash)
  for (const part of parts) tree.add(asciiBytes(JSON.stringify(inOrder(part, PART as Shape))))
  return tree.root()
}

const asciiBytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
