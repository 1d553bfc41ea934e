/** How a policy document is laid out: the order of its fields, what stands on one line, what needs quotes. */
import { type Document, isMap, isPair, isScalar, isSeq, type Pair, Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { printable } from '../../core/audit/printable.ts'
import { fieldsAt } from '../../core/policy/language/complaints.ts'
import { KINDS, type Kind } from '../../core/policy/language/documents.ts'

/** Columns of a line with a list. A mapping on one line is never too long: test cases are the rows of a table. */
const WIDEST_LIST = 100
/** Of text that its author folded. */
const FOLD_AT = 100

type Position = {
  readonly kind: Kind
  readonly path: readonly (string | number)[]
  /** Columns taken on the line before it. */
  readonly column: number
  readonly isInFlow: boolean
}

/** Changes the document in place; what it says stays. */
export function layOut(document: Document, kind: Kind): void {
  if (isMap(document.contents)) {
    layOutMapping(document.contents, { kind, path: [], column: 0, isInFlow: false })
  }
}

function layOutNode(node: unknown, position: Position): void {
  if (isScalar(node)) layOutScalar(node)
  else if (isMap(node)) layOutMapping(node, position)
  else if (isSeq(node)) layOutList(node, position)
}

function layOutMapping(map: YAMLMap, position: Position): void {
  const { path, column } = position
  // A document's own fields, and those of its `metadata` and `spec`, are lines.
  const isOuter = path.length < 2
  const isFlow = position.isInFlow || (map.flow === true && !isOuter && fits(map, Number.MAX_VALUE))
  map.flow = isFlow
  sortFields(map, fieldsAt(KINDS[position.kind], path))
  const indent = column - (column % 2)
  for (const pair of map.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : ''
    layOutNode(pair.key, position)
    const inner = { ...position, path: [...path, key], isInFlow: isFlow }
    layOutNode(pair.value, { ...inner, column: indent + key.length + 2 })
    if (isScalar(pair.value) && pair.value.type === Scalar.BLOCK_FOLDED) withOptions(pair, { lineWidth: FOLD_AT })
  }
  withPadding(map, ' ')
}

function layOutList(list: YAMLSeq, position: Position): void {
  const { path, column, isInFlow } = position
  const isOneLine = list.items.every((item) => isScalar(item) && !String(item.value).includes('://'))
  const isFlow = isInFlow || (isOneLine && fits(list, WIDEST_LIST - column))
  list.flow = isFlow
  for (const [index, item] of list.items.entries()) {
    layOutNode(item, { ...position, path: [...path, index], isInFlow: isFlow })
  }
  withPadding(list, '')
}

/** In the order of the schema; what it does not name stays behind, as it was. */
function sortFields(map: YAMLMap, order: readonly string[]): void {
  const rank = ({ key }: Pair): number => {
    const index = isScalar(key) ? order.indexOf(String(key.value)) : -1
    return index < 0 ? order.length : index
  }
  const [first] = map.items
  map.items.sort((one, other) => rank(one) - rank(other))
  // A comment above the first field is about it, and goes with it.
  if (first !== undefined && first !== map.items[0] && isScalar(first.key) && map.commentBefore) {
    first.key.commentBefore = [map.commentBefore, first.key.commentBefore].filter(Boolean).join('\n')
    map.commentBefore = null
  }
}

/** Text that reads the same without quotes, to YAML 1.1 and to a person. */
const PLAIN = /^(https:\/\/[\w.-]+:\d+|[A-Za-z/][\w/.@-]*( [A-Za-z/][\w/.@-]*)*)$/
const WORDS = /^(y|n|yes|no|on|off|true|false|null)$/i

function layOutScalar(scalar: Scalar): void {
  const { value, type } = scalar
  if (typeof value !== 'string' || (type !== Scalar.QUOTE_SINGLE && type !== Scalar.QUOTE_DOUBLE)) return
  if (PLAIN.test(value) && !WORDS.test(value)) scalar.type = Scalar.PLAIN
  // What cannot be seen keeps its escapes.
  else if (!value.includes("'") && printable(value) === value) scalar.type = Scalar.QUOTE_SINGLE
}

/** Whether it may stand on one line: nothing in it has a comment or a blank line above. Measured without quotes. */
const fits = (node: unknown, columns: number): boolean => widthOf(node) <= columns

function widthOf(node: unknown): number {
  if (isPair(node)) return widthOf(node.key) + 2 + widthOf(node.value)
  if (isScalar(node)) {
    const isLines = node.type === Scalar.BLOCK_FOLDED || node.type === Scalar.BLOCK_LITERAL
    return isLines ? Number.POSITIVE_INFINITY : String(node.value).length
  }
  if (!isMap(node) && !isSeq(node)) return 0
  const items: readonly unknown[] = node.items
  const isRemarked = items.some((item) =>
    isPair(item) ? hasRemark(item.key) || hasRemark(item.value) : hasRemark(item),
  )
  return isRemarked ? Number.POSITIVE_INFINITY : items.reduce<number>((sum, item) => sum + widthOf(item) + 2, 2)
}

function hasRemark(node: unknown): boolean {
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return false
  return Boolean(node.comment || node.commentBefore || node.spaceBefore)
}

type Printed = Pick<YAMLMap | YAMLSeq | Pair, 'toString'>

/** The library pads lists and mappings alike. */
function withPadding(node: Printed, flowCollectionPadding: string): void {
  const print = node.toString.bind(node)
  node.toString = (context, ...rest) => print(context && { ...context, flowCollectionPadding }, ...rest)
}

function withOptions(node: Printed, options: { readonly lineWidth: number }): void {
  const print = node.toString.bind(node)
  node.toString = (context, ...rest) =>
    print(context && { ...context, options: { ...context.options, ...options } }, ...rest)
}
