/** YAML read strictly: no anchors, aliases or tags, no key twice, every value with its line. What is wrong is said, all of it. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  Scalar,
  visit,
} from 'yaml'
import { printable } from '../core/audit/printable.ts'
import { show } from '../core/policy/complaints.ts'
import type { Place, Problem, Source } from '../core/policy/problem.ts'

/** One source a document; a file that is no YAML at all, or no text, is one source too, with its problems. */
export function readYaml(file: string, bytes: Uint8Array): readonly Source[] {
  const text = decode(bytes)
  if (typeof text !== 'string') return [unreadable(file, text.problem)]
  const lines = new LineCounter()
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const options = {
    version: '1.2',
    schema: 'core',
    strict: true,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter: lines,
  } as const
  const documents = [...parseAllDocuments(text, options)]
  // The library catches its own overflow of the stack, and reports it at every level on the way out.
  if (documents.some(({ errors }) => errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION'))) {
    return [unreadable(file, 'is nested too deep')]
  }
  return documents.filter((document) => !isBlank(document)).map((document) => toSource(file, document, place))
}

/** A source for a file of which nothing is known but why. */
export function unreadable(file: string, message: string): Source {
  const place = { file, line: 1, column: 1 }
  return { file, value: undefined, problems: [{ ...place, message }], isIntact: false, place: () => place }
}

function decode(bytes: Uint8Array): string | { readonly problem: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith('\ufeff') ? { problem: 'begins with a byte order mark' } : text
  } catch {
    return { problem: 'is not UTF-8' }
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
