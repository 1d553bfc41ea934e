/** One record with its line, its neighbours, and what is proved of it by them and by whoever countersigned. */
import { createHash } from 'node:crypto'
import { NO_HASH } from '../../../core/audit/chain.ts'
import { fromLine, type Line } from '../../../core/audit/line.ts'
import { fromHex, merkleTree } from '../../../core/audit/merkle.ts'
import { hashBytes, readCheckpoints, type Signed } from '../../../io/audit/checkpoints.ts'
import { readTrustedKeys } from '../../../io/policy/bundle-keys.ts'
import type { LinkState, Neighbour, OneRecord, Proof, RecordAsked } from '../record.ts'
import type { Scope } from '../scope.ts'
import type { Asking } from '../store/database.ts'
import type { ChainSources } from './chains.ts'
import { linesOf } from './lines-of.ts'
import { itemsOf } from './one.ts'

/** On either side. */
const NEIGHBOURS = 3

export async function record(
  asking: Asking,
  { sidecar, sequence }: RecordAsked,
  { scope, directory, checkpoints }: ChainSources & { readonly scope: Scope },
): Promise<OneRecord | undefined> {
  const [from, to] = [Math.max(0, sequence - NEIGHBOURS), sequence + NEIGHBOURS + 1]
  const items = await itemsOf(asking, { sidecar, from, to: to - 1 }, scope)
  const item = items.find((one) => one.sequence === sequence)
  if (item === undefined) return undefined
  const signed = await signedPart(checkpoints, { sidecar, sequence })
  const range = { sidecar, from: Math.min(from, signed?.from ?? from), to: Math.max(to, signed?.to ?? to) }
  const placed = await linesOf(directory, range)
  const lines = new Map<number, Line>()
  for (const [number, { text }] of placed) {
    const read = fromLine(text)
    if ('record' in read) lines.set(number, read)
  }
  const at = placed.get(sequence)
  const neighbours = [...lines].flatMap(([number, { record: near }]): readonly Neighbour[] => {
    if (number === sequence || number < from || number >= to) return []
    const shown = items.find((one) => one.sequence === number)
    return [{ sequence: number, hash: near.hash, ...(shown === undefined ? {} : { item: shown }) }]
  })
  return {
    item,
    ...(at === undefined || !lines.has(sequence) ? {} : { line: { text: at.text, file: at.file, number: at.line } }),
    neighbours: neighbours.toSorted((one, other) => one.sequence - other.sequence),
    proof: { ...links(sequence, lines), ...(signed === undefined ? {} : { signed: judged(signed, lines) }) },
  }
}

function links(sequence: number, lines: ReadonlyMap<number, Line>): Omit<Proof, 'signed'> {
  const line = lines.get(sequence)
  const [previous, next] = [lines.get(sequence - 1), lines.get(sequence + 1)]
  if (line === undefined) return { hash: 'missing', before: 'missing', after: 'missing' }
  const before: LinkState =
    sequence === 0
      ? line.record.previous === NO_HASH
        ? 'beginning'
        : 'broken'
      : previous === undefined
        ? 'missing'
        : linkState(previous, line)
  const hasMore = [...lines.keys()].some((number) => number > sequence)
  const after: LinkState = next === undefined ? (hasMore ? 'missing' : 'newest') : linkState(line, next)
  return { hash: holds(line) ? 'holds' : 'broken', before, after }
}

const holds = ({ record: { hash }, hashed }: Line): boolean =>
  createHash('sha256').update(hashed).digest('hex') === hash
const linkState = (before: Line, after: Line): LinkState =>
  after.record.previous === before.record.hash && holds(before) && holds(after) ? 'holds' : 'broken'

async function signedPart(
  given: ChainSources['checkpoints'],
  { sidecar, sequence }: RecordAsked,
): Promise<Signed | undefined> {
  if (given === undefined) return undefined
  const { bySidecar } = await readCheckpoints(given.directory, await readTrustedKeys(given.keysFile))
  return bySidecar.get(sidecar)?.find(({ from, to }) => from <= sequence && sequence < to)
}

function judged({ by, time, from, to, root }: Signed, lines: ReadonlyMap<number, Line>): NonNullable<Proof['signed']> {
  // Without one of them the root is another one.
  const tree = merkleTree(hashBytes)
  for (let number = from; number < to; number += 1) {
    const line = lines.get(number)
    if (line !== undefined && holds(line)) tree.add(fromHex(line.record.hash))
  }
  return { by, time, from, to, root, holds: tree.root() === root }
}
