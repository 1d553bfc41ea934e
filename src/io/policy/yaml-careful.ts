/** YAML read strictly by a parser that keeps a tree: it finds all that is wrong, says where, and takes its time. */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  Parser,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml'
import { printable } from '../../core/audit/printable.ts'
import { show } from '../../core/policy/language/complaints.ts'
import type { Place, Problem, Source } from '../../core/policy/language/problem.ts'

/** YAML 1.2 as policies are written in it: no `yes`, no timestamps, no number with a leading zero that is octal. */
export const STRICT_YAML = {
  version: '1.2',
  schema: 'core',
  strict: true,
  // The library compares each key with all before it: `refusals` finds them in one pass.
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'error',
} as const

const DEEPEST = 200

/**
 * Yields a source for each document, so that its caller may pause between them. `too-deep` is about the whole file: of
 * what came before, nothing counts.
 */
export function* readCarefully(file: string, text: string): Generator<Source | 'too-deep'> {
  const lines = new LineCounter()
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  let isDeep = false
  function* shallow(tokens: Iterable<CST.Token>): Generator<CST.Token> {
    for (const token of tokens) {
      isDeep ||= isTooDeep(token)
      if (isDeep) return
      yield token
    }
  }
  const composer = new Composer({ ...STRICT_YAML, lineCounter: lines })
  for (const document of composer.compose(shallow(firstOfErrors(new Parser(lines.addNewLine).parse(text))))) {
    if (!isBlank(document)) yield toSource(file, document, place)
  }
  if (isDeep) yield 'too-deep'
}

/** The library goes down by recursion, and where its stack ends depends on how much of it was compiled by then. */
function isTooDeep(root: CST.Token): boolean {
  const open: [token: CST.Token, depth: number][] = [[root, 0]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, depth] = next
    if (depth > DEEPEST) return true
    if (token.type === 'document' && token.value !== undefined) open.push([token.value, depth])
    if (!('items' in token)) continue
    for (const { key, value } of token.items) {
      if (key != null) open.push([key, depth + 1])
      if (value != null) open.push([value, depth + 1])
    }
  }
  return false
}

/** A megabyte of `]` is a million errors, of which one is told. */
function* firstOfErrors(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  let isTold = false
  for (const token of tokens) {
    if (token.type !== 'error' || !isTold) yield token
    if (token.type !== 'space' && token.type !== 'newline') isTold = token.type === 'error'
  }
}

/** Nothing but comments between two `---`. */
const isBlank = ({ contents, errors }: Document.Parsed): boolean =>
  errors.length === 0 && (contents === null || (isScalar(contents) && contents.source === ''))

function toSource(file: string, document: Document.Parsed, place: (offset: number) => Place): Source {
  const { problems, hasAlias, hasTag } = refusals(document, place)
  // What comes after the first mistake in the syntax is mostly its consequence.
  const broken = [...document.errors, ...document.warnings].find(({ code }) => code !== 'TAG_RESOLVE_FAILED')
  const fields = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>()
  return {
    file,
    value: document.toJS(),
    problems: [
      ...problems,
      ...(broken === undefined
        ? []
        : [{ ...place(broken.pos[0]), message: `not YAML: ${printable(lower(broken.message))}` }]),
    ],
    isIntact: broken === undefined && !hasAlias && !hasTag,
    place: (path, part = 'value') => place(offsetOf({ document, fields }, path, part)),
  }
}

const lower = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`

/** What YAML would allow and a policy does not: whatever makes a value come from somewhere else than where it is read. */
function refusals(document: Document.Parsed, place: (offset: number) => Place) {
  const problems: Problem[] = []
  let hasAlias = false
  let hasTag = false
  const refuse = (node: unknown, message: string) => problems.push({ ...place(startOf(node)), message })
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || typeof key.value !== 'string') refuse(key, 'a key must be text')
      else if (key.value === '__proto__') refuse(key, '`__proto__` is not a field')
    },
    Node(_, node) {
      if (isAlias(node)) {
        hasAlias = true
        refuse(node, `alias ${show(`*${node.source}`)}: write the value out, policies take no aliases`)
        // Resolved, it could be as large as the author likes.
        return new Scalar(null)
      }
      for (const key of isMap(node) ? keysGivenAgain(node.items) : []) {
        refuse(key, `the key ${show(key.value)} is given twice in one mapping`)
      }
      if (node.anchor !== undefined) {
        refuse(node, `anchor ${show(`&${node.anchor}`)}: policies take no anchors`)
      }
      if (node.tag === undefined) return undefined
      hasTag = true
      refuse(node, `tag ${show(node.tag)}: policies take no tags`)
      return undefined
    },
  })
  return { problems, hasAlias, hasTag }
}

function keysGivenAgain(pairs: readonly Pair[]): readonly Scalar[] {
  const known = new Set<unknown>()
  return pairs.flatMap(({ key }) => {
    if (!isScalar(key)) return []
    if (known.has(key.value)) return [key]
    known.add(key.value)
    return []
  })
}

type Searched = {
  readonly document: Document.Parsed
  /** Of the mappings that were searched before: a large one may have as many mistakes as fields. */
  readonly fields: Map<YAMLMap, ReadonlyMap<unknown, Pair>>
}

/** Offset of a value or of its key; of what is not there, that of the key it would stand under. */
function offsetOf({ document, fields }: Searched, path: readonly PropertyKey[], part: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const [depth, step] of path.entries()) {
    const pair = isMap(node) ? fieldsOf(node, fields).get(step) : undefined
    const next = pair === undefined ? (isSeq(node) ? node.items[Number(step)] : undefined) : pair.value
    if (pair === undefined && next === undefined) return offset
    const isLast = depth === path.length - 1
    offset =
      pair === undefined ? startOf(next) : startOf(isLast && part === 'value' ? (pair.value ?? pair.key) : pair.key)
    node = next
  }
  return offset
}

function fieldsOf(map: YAMLMap, known: Searched['fields']): ReadonlyMap<unknown, Pair> {
  const before = known.get(map)
  if (before !== undefined) return before
  // Of a key given twice, the first counts.
  const fields = new Map(
    map.items.flatMap((pair) => (isScalar(pair.key) ? [[pair.key.value, pair] as const] : [])).reverse(),
  )
  known.set(map, fields)
  return fields
}

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0)
