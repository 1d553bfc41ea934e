/** A policy file in its one layout. What it says, its comments and the order of its documents stay; all of it is checked. */
import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isScalar, isSeq, Lexer, parseAllDocuments, visit } from 'yaml'
import { canonicalText } from '../../core/policy/language/build-bundle.ts'
import type { Problem } from '../../core/policy/language/problem.ts'
import { type PolicyDocument, readDocument } from '../../core/policy/language/read-document.ts'
import { layOut } from './layout.ts'
import { readYaml } from './yaml.ts'
import { STRICT_YAML } from './yaml-careful.ts'

export type Formatted = { readonly text: string } | { readonly problems: readonly Problem[] }

/**
 * The file's text as it would be written, or what is wrong with it: a file with any mistake of its own is left alone. Names
 * that other files declare are not looked up.
 */
export function formatPolicy(file: string, bytes: Uint8Array): Formatted {
  const before = documentsOf(file, bytes)
  if ('problems' in before) return before
  const source = new TextDecoder().decode(bytes)
  if (before.documents.length === 0) return { text: source }
  const text = settled(source, before.documents)
  if (text === source) return { text }
  const after = documentsOf(file, new TextEncoder().encode(text ?? ''))
  const isSame =
    text !== undefined &&
    'documents' in after &&
    isDeepStrictEqual(contentsOf(before.documents), contentsOf(after.documents)) &&
    isDeepStrictEqual(commentsOf(source), commentsOf(text))
  if (isSame) return { text }
  return { problems: [{ file, line: 1, column: 1, message: 'cannot be laid out without a change in what it says' }] }
}

function documentsOf(
  file: string,
  bytes: Uint8Array,
): { readonly documents: readonly PolicyDocument[] } | { readonly problems: readonly Problem[] } {
  const read = readYaml(file, bytes).map(readDocument)
  const problems = read.flatMap((one) => ('kind' in one ? [] : one))
  return problems.length > 0 ? { problems } : { documents: read.filter((one): one is PolicyDocument => 'kind' in one) }
}

/** One by one, since their order is kept. */
const contentsOf = (documents: readonly PolicyDocument[]): readonly string[] =>
  documents.map((document) => canonicalText([document]))

/** Each comment, wherever it stands. */
const commentsOf = (text: string): readonly string[] =>
  [...new Lexer().lex(text)]
    .filter((lexeme) => lexeme.startsWith('#'))
    .map((comment) => comment.trimEnd())
    .sort()

/** The library puts some comments where it would read them differently: a few rounds, and they have found their place. */
const MOST_ROUNDS = 6

function settled(source: string, documents: readonly PolicyDocument[]): string | undefined {
  let text = source
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = write(text, documents)
    if (next === text) return text
    text = next
  }
  return undefined
}

function write(source: string, documents: readonly PolicyDocument[]): string {
  const kinds = documents.map(({ kind }) => kind)
  const parsed: readonly Document[] = [...parseAllDocuments(source, STRICT_YAML)]
  const texts = parsed.flatMap((document) => {
    const kind = isMap(document.contents) ? kinds.shift() : undefined
    if (kind === undefined) return commentsAlone(document)
    withoutBlankBeginnings(document)
    withCommentsBesideKeys(document, source)
    layOut(document, kind)
    return [document.toString({ lineWidth: 0, singleQuote: true, directives: false })]
  })
  return texts.join('---\n')
}

/** A document that says nothing is kept for its comments only. */
function commentsAlone({ commentBefore, comment, contents }: Document): readonly string[] {
  const inner = isScalar(contents) ? [contents.commentBefore, contents.comment] : []
  const comments = [commentBefore, ...inner, comment].filter((one) => one !== null && one !== undefined && one !== '')
  return comments.length === 0 ? [] : [`${comments.map((one) => one?.replace(/^/gm, '#')).join('\n')}\n`]
}

/** No blank line below a key, nor above the first thing in a list or mapping. */
function withoutBlankBeginnings(document: Document): void {
  visit(document, {
    Collection(_, { items: [first] }) {
      for (const node of [first, isMap(first) ? first.items[0]?.key : undefined]) {
        const target = node !== null && typeof node === 'object' && 'key' in node ? node.key : node
        if (isScalar(target) || isMap(target)) target.spaceBefore = false
      }
    },
    Pair(_, { value }) {
      if (value !== null && typeof value === 'object' && 'spaceBefore' in value) value.spaceBefore = false
    },
  })
}

/** `spec: # why` is read as a comment above the value, and would be written there. */
function withCommentsBesideKeys(document: Document, source: string): void {
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !(isScalar(value) || isMap(value) || isSeq(value)) || !value.commentBefore) return
      const beside = /^ *: *#([^\r\n]*)/.exec(source.slice(key.range?.[1], value.range?.[0]))?.[1]
      const [first, ...rest] = value.commentBefore.split('\n')
      if (beside === undefined || first?.trimEnd() !== beside.trimEnd()) return
      key.comment = beside
      value.commentBefore = rest.join('\n').replace(/^\n+/, '')
    },
  })
}
