/** Grants cut out of the text of a policy file, or given fewer actions: whatever else stands there stays as it is. */
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type YAMLSeq } from 'yaml'
import { KerbsideError } from '../core/errors.ts'
import { ACTION_WORDS, type ActionWord } from '../core/policy/action.ts'
import { edited, type LineEdits, linesOf } from '../core/policy/unused/unified-diff.ts'
import { STRICT_YAML } from './policy-yaml-careful.ts'

/** `line` is where the document's content begins, from 1, as `at` of a grant says it. */
export type Cut =
  | { readonly line: number; readonly do: 'remove' }
  | { readonly line: number; readonly do: 'narrow'; narrow(words: readonly ActionWord[]): readonly ActionWord[] }

/** What is left of a file when all its documents go is nothing: its comments were about them. */
export function cutsOf(text: string, cuts: readonly Cut[]): LineEdits {
  const edits = new Map<number, readonly string[]>()
  for (const cut of cuts) if (cut.do === 'narrow') narrow(text, cut, edits)
  const removed = new Set(cuts.flatMap((cut) => (cut.do === 'remove' ? [cut.line - 1] : [])))
  if (removed.size === 0) return edits
  const lines = linesOf(text)
  const chunks = chunksOf(lines)
  const goes = (chunk: Chunk) => [...removed].some((line) => line >= chunk.from && line < chunk.until)
  const isLeft = chunks.some((chunk) => !goes(chunk) && hasContent(lines, chunk))
  for (const chunk of chunks) {
    if (isLeft && !goes(chunk)) continue
    for (let line = isLeft ? beginOf(lines, chunk) : chunk.from; line < chunk.until; line += 1) edits.set(line, [])
  }
  const first = chunks[0]
  // What heads the file is followed by a document, not by the mark between two.
  const second = chunks.find((chunk) => chunk.from > 0 && !goes(chunk))
  if (isLeft && first !== undefined && goes(first) && second !== undefined && lines[second.from]?.trim() === '---') {
    edits.set(second.from, [])
  }
  return edits
}

/** From one `---` to the next, as lines. */
type Chunk = { readonly from: number; readonly until: number }

/** Where YAML lets `---` begin a line, a document begins. */
function chunksOf(lines: readonly string[]): readonly Chunk[] {
  const begins = lines.flatMap((line, index) => (index > 0 && /^---(\s|$)/.test(line) ? [index] : []))
  return [0, ...begins].map((from, index, all) => ({ from, until: all[index + 1] ?? lines.length }))
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

function narrow(
  text: string,
  { line, narrow: choose }: Extract<Cut, { do: 'narrow' }>,
  edits: Map<number, readonly string[]>,
): void {
  const { list, counter } = listAt(text, line)
  const items = list.items.map((item) => {
    const word = isScalar(item) ? ACTION_WORDS.find((known) => known === item.value) : undefined
    if (!isScalar(item) || word === undefined || item.range == null) throw unexpected(line)
    return { word, start: item.range[0], end: item.range[1] }
  })
  const chosen = choose(items.map(({ word }) => word))
  const added = chosen.filter((word) => !items.some((item) => item.word === word))
  const gone = items.filter(({ word }) => !chosen.includes(word))
  const [begin = 0, end = 0] = [list.range?.[0], list.range?.[1]]
  const firstLine = counter.linePos(begin).line - 1
  const lastLine = counter.linePos(Math.max(begin, end - 1)).line - 1
  const lines = linesOf(text)
  if (list.flow === true) {
    const kept = items
      .filter(({ word }) => chosen.includes(word))
      .map(({ start, end: stop }) => text.slice(start, stop))
    const whole = lines.slice(firstLine, lastLine + 1).join('')
    const offset = lines.slice(0, firstLine).join('').length
    const made = `${whole.slice(0, begin - offset)}[${[...kept, ...added].join(', ')}]${whole.slice(end - offset)}`
    for (let index = firstLine; index <= lastLine; index += 1)
      edits.set(index, index === firstLine ? linesOf(made) : [])
    return
  }
  for (const [index, { start, end: stop }] of gone.entries()) {
    const at = counter.linePos(start)
    const old = lines[at.line - 1] ?? ''
    // The first word that goes makes room for those that come.
    const made =
      index > 0 ? [] : added.map((word) => `${old.slice(0, at.col - 1)}${word}${old.slice(at.col - 1 + stop - start)}`)
    edits.set(at.line - 1, made)
  }
}

function listAt(text: string, line: number): { readonly list: YAMLSeq; readonly counter: LineCounter } {
  const counter = new LineCounter()
  const documents = parseAllDocuments(text, { ...STRICT_YAML, lineCounter: counter })
  for (const { contents } of Array.isArray(documents) ? documents : []) {
    if (!isMap(contents) || counter.linePos(contents.range?.[0] ?? 0).line !== line) continue
    const list: unknown = contents.getIn(['spec', 'actions'])
    if (isSeq(list)) return { list, counter }
  }
  throw unexpected(line)
}

const unexpected = (line: number): KerbsideError =>
  new KerbsideError(
    'internal',
    `no actions of a grant were found at line ${line} of a policy file that was read before`,
  )

/** The text after its cuts. */
export const cut = (text: string, cuts: readonly Cut[]): string => edited(text, cutsOf(text, cuts))
