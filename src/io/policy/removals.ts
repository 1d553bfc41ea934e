/** Documents and items of lists cut out of the text of a policy file: whatever else stands there stays as it is. */
import { isMap, isNode, isSeq, LineCounter, type Node, parseAllDocuments, type YAMLSeq } from 'yaml'
import { linesOf } from '../../core/policy/unused/unified-diff.ts'
import { cutsOf } from './cuts.ts'
import { STRICT_YAML } from './yaml-careful.ts'

export type Removal = {
  /** Where the document's content begins, from 1. */
  readonly line: number
  /** To an item of a list, not its first; empty for the whole document. */
  readonly path: readonly PropertyKey[]
}

export type Removed = {
  readonly text: string
  /** Those that were left: a comment stands beside the item, which a person must read first. */
  readonly left: readonly Removal[]
}

/** Offsets, `from <= offset < until`. */
type Range = { readonly from: number; readonly until: number }

export function withoutRemovals(text: string, removals: readonly Removal[]): Removed {
  const whole = removals.filter(({ path }) => path.length === 0)
  const lines = new Set(whole.map(({ line }) => line))
  const items = removals
    .filter(({ line, path }) => path.length > 0 && !lines.has(line))
    .map((removal) => ({ removal, range: rangeOf(text, removal) }))
  const ranges = [...documentRanges(text, whole), ...items.flatMap(({ range }) => range ?? [])]
  return {
    text: ranges
      .sort((one, other) => other.from - one.from)
      .reduce((so, { from, until }) => so.slice(0, from) + so.slice(until), text),
    left: items.flatMap(({ removal, range }) => (range === undefined ? [removal] : [])),
  }
}

function documentRanges(text: string, removals: readonly Removal[]): readonly Range[] {
  if (removals.length === 0) return []
  const gone = cutsOf(
    text,
    removals.map(({ line }) => ({ line, do: 'remove' })),
  )
  let from = 0
  return linesOf(text).flatMap((line, index) => {
    const range = { from, until: from + line.length }
    from = range.until
    return gone.get(index)?.length === 0 ? [range] : []
  })
}

function rangeOf(text: string, { line, path }: Removal): Range | undefined {
  const counter = new LineCounter()
  const documents = parseAllDocuments(text, { ...STRICT_YAML, lineCounter: counter })
  for (const { contents } of Array.isArray(documents) ? documents : []) {
    if (!isMap(contents) || counter.linePos(contents.range?.[0] ?? 0).line !== line) continue
    const list: unknown = contents.getIn(path.slice(0, -1))
    const range = isSeq(list) ? itemRange(text, list, Number(path.at(-1))) : undefined
    return range === undefined || text.slice(range.from, range.until).includes('#') ? undefined : range
  }
  return undefined
}

/** In brackets from the end of the item before it, otherwise the lines that it stands on. */
function itemRange(text: string, { items, flow }: YAMLSeq, index: number): Range | undefined {
  const [before, item] = [items[index - 1], items[index]]
  if (!isNode(before) || !isNode(item)) return undefined
  const until = endOf(item)
  if (flow === true) return { from: endOf(before), until }
  const newline = text.indexOf('\n', until)
  return { from: text.lastIndexOf('\n', item.range?.[0] ?? 0) + 1, until: newline < 0 ? text.length : newline + 1 }
}

const endOf = ({ range }: Node): number => range?.[1] ?? 0
