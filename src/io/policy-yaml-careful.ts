/** YAML read strictly by a parser that keeps a tree: it finds all that is wrong, says where, and takes its time. */
import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  Scalar,
  visit,
} from 'yaml'
import { printable } from '../core/audit/printable.ts'
import { show } from '../core/policy/complaints.ts'
import type { Place, Problem, Source } from '../core/policy/problem.ts'

/** YAML 1.2 as policies are written in it: no `yes`, no timestamps, no number with a leading zero that is octal. */
export const STRICT_YAML = {
  version: '1.2',
  schema: 'core',
  strict: true,
  prettyErrors: false,
  logLevel: 'error',
} as const

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
  const composer = new Composer({ ...STRICT_YAML, lineCounter: lines })
  for (const document of composer.compose(new Parser(lines.addNewLine).parse(text))) {
    // The library catches its own overflow of the stack, and reports it at every level on the way out.
    if (document.errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) yield 'too-deep'
    else if (!isBlank(document)) yield toSource(file, document, place)
  }
}

/** Nothing but comments between two `---`. */
const isBlank = ({ contents, errors }: Document.Parsed): boolean =>
  errors.length === 0 && (contents === null || (isScalar(contents) && contents.source === ''))

function toSource(file: string, document: Document.Parsed, place: (offset: number) => Place): Source {
  const { problems, hasAlias, hasTag } = refusals(document, place)
  const told = [...document.errors, ...document.warnings]
  const twice = told.filter(({ code }) => code === 'DUPLICATE_KEY')
  // What comes after the first mistake in the syntax is mostly its consequence.
  const broken = told.find(({ code }) => code !== 'DUPLICATE_KEY' && code !== 'TAG_RESOLVE_FAILED')
  return {
    file,
    value: document.toJS(),
    problems: [
      ...problems,
      ...twice.map(({ pos }) => ({ ...place(pos[0]), message: 'a key is given twice in one mapping' })),
      ...(broken === undefined
        ? []
        : [{ ...place(broken.pos[0]), message: `not YAML: ${printable(lower(broken.message))}` }]),
    ],
    isIntact: broken === undefined && !hasAlias && !hasTag,
    place: (path, part = 'value') => place(offsetOf(document, path, part)),
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

/** Offset of a value or of its key; of what is not there, that of the key it would stand under. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], part: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const [depth, step] of path.entries()) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === step) : undefined
    const next = pair === undefined ? (isSeq(node) ? node.items[Number(step)] : undefined) : pair.value
    if (pair === undefined && next === undefined) return offset
    const isLast = depth === path.length - 1
    offset =
      pair === undefined ? startOf(next) : startOf(isLast && part === 'value' ? (pair.value ?? pair.key) : pair.key)
    node = next
  }
  return offset
}

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0)
