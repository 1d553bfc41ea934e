/** Grants cut out of the text of a policy file, or given fewer actions: whatever else stands there stays as it is. */
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type YAMLSeq } from 'yaml'
import { KerbsideError } from '../../core/errors.ts'
import { ACTION_WORDS } from '../../core/policy/action.ts'
import type { Cut } from '../../core/policy/unused/cuts.ts'
import { type LineEdits, linesOf } from '../../core/policy/unused/unified-diff.ts'
import { STRICT_YAML } from './yaml-careful.ts'

/**
 * Of a file all of whose documents go, nothing is left: its comments were about them.
 * @throws KerbsideError `internal` when the text is not the one that the cuts were made for
 */
export function cutsOf(text: string, cuts: readonly Cut[]): LineEdits {
  const lines = linesOf(text)
  const edits = new Map<number, readonly string[]>()
  const narrowing = cuts.filter((cut) => cut.do === 'narrow')
  if (narrowing.length > 0) {
    const written = readLists(text)
    for (const cut of narrowing) narrow({ text, lines, edits }, written, cut)
  }
  remove(lines, new Set(cuts.flatMap((cut) => (cut.do === 'remove' ? [cut.line - 1] : []))), edits)
  return edits
}

function remove(lines: readonly string[], starts: ReadonlySet<number>, edits: Map<number, readonly string[]>): void {
  if (starts.size === 0) return
  const chunks = chunksOf(lines, starts)
  const isLeft = chunks.some((chunk) => !chunk.goes && hasContent(lines, chunk))
  for (const chunk of chunks) {
    if (isLeft && !chunk.goes) continue
    for (let line = isLeft ? beginOf(lines, chunk) : chunk.from; line < chunk.until; line += 1) edits.set(line, [])
  }
  // What heads the file is followed by a document, not by the mark between two.
  const next = chunks.find(({ goes }) => !goes)
  if (isLeft && next !== undefined && next.from > 0 && lines[next.from]?.trim() === '---') edits.set(next.from, [])
}

/** Lines from one `---` to the next. */
type Chunk = { readonly from: number; readonly until: number; readonly goes: boolean }

/** Wherever YAML lets `---` begin a line, a document begins. */
function chunksOf(lines: readonly string[], starts: ReadonlySet<number>): readonly Chunk[] {
  const begins = [0, ...lines.flatMap((line, index) => (index > 0 && /^---(\s|$)/.test(line) ? [index] : []))]
  return begins.map((from, index) => {
    const until = begins[index + 1] ?? lines.length
    return { from, until, goes: lines.slice(from, until).some((_, offset) => starts.has(from + offset)) }
  })
}

const isComment = (line: string): boolean => /^\s*(#|$)/.test(line)
const hasContent = (lines: readonly string[], { from, until }: Chunk): boolean =>
  lines.slice(from, until).some((line) => !isComment(line) && !/^---\s*(#|$)/.test(line))

/** Comments at the head of a file are about the file, such as the line that tells an editor its schema. */
function beginOf(lines: readonly string[], { from, until }: Chunk): number {
  if (from > 0) return from
  const first = lines.findIndex((line, index) => index < until && !isComment(line))
  return first < 0 ? from : first
}

type Written = { readonly lists: ReadonlyMap<number, YAMLSeq>; readonly counter: LineCounter }

/** The lists of actions of all documents, by the line where the document's content begins. */
function readLists(text: string): Written {
  const counter = new LineCounter()
  const documents = parseAllDocuments(text, { ...STRICT_YAML, lineCounter: counter })
  const lists = new Map<number, YAMLSeq>()
  for (const { contents } of Array.isArray(documents) ? documents : []) {
    const list: unknown = isMap(contents) ? contents.getIn(['spec', 'actions']) : undefined
    if (isSeq(list)) lists.set(counter.linePos(contents?.range?.[0] ?? 0).line, list)
  }
  return { lists, counter }
}

type Editing = {
  readonly text: string
  readonly lines: readonly string[]
  readonly edits: Map<number, readonly string[]>
}

function narrow(editing: Editing, { lists, counter }: Written, cut: Extract<Cut, { do: 'narrow' }>): void {
  const list = lists.get(cut.line)
  if (list === undefined) throw unexpected(cut.line)
  const items = list.items.map((item) => {
    const word = isScalar(item) ? ACTION_WORDS.find((known) => known === item.value) : undefined
    if (!isScalar(item) || word === undefined || item.range == null) throw unexpected(cut.line)
    return { word, start: item.range[0], end: item.range[1] }
  })
  const chosen = cut.narrow(items.map(({ word }) => word))
  const added = chosen.filter((word) => !items.some((item) => item.word === word))
  const { text, lines, edits } = editing
  if (list.flow === true) {
    const [begin, end] = [list.range?.[0] ?? 0, list.range?.[1] ?? 0]
    const first = counter.linePos(begin)
    const last = counter.linePos(end)
    const kept = items.filter(({ word }) => chosen.includes(word)).map((item) => text.slice(item.start, item.end))
    const before = (lines[first.line - 1] ?? '').slice(0, first.col - 1)
    const after = (lines[last.line - 1] ?? '').slice(last.col - 1)
    edits.set(first.line - 1, [`${before}[${[...kept, ...added].join(', ')}]${after}`])
    for (let line = first.line; line < last.line; line += 1) edits.set(line, [])
    return
  }
  for (const [index, { start, end }] of items.filter(({ word }) => !chosen.includes(word)).entries()) {
    const { line, col } = counter.linePos(start)
    const old = lines[line - 1] ?? ''
    // The first word that goes makes room for those that come.
    const come = index > 0 ? [] : added
    const made = come.map((word) => `${old.slice(0, col - 1)}${word}${old.slice(col - 1 + end - start)}`)
    edits.set(line - 1, made)
  }
}

const unexpected = (line: number): KerbsideError =>
  new KerbsideError(
    'internal',
    `no actions of a grant were found at line ${line} of a policy file that was read before`,
  )
