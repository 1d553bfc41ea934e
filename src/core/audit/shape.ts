/** Closed shapes: which fields an object has, in which order, of what kind. Writer and reader walk the same tables. */

/** One kind of value. `is` says which, in a word or two. `wrong` is a phrase for the sentence "`who.team` …", or nothing when the value is right. */
export type Field<T> = {
  readonly is: string
  readonly wrong: (value: unknown) => string | undefined
  /**
   * Source of a pattern for how nearly every right value stands in a line, without a `^` or a `$`: see plain.ts. What it fits is right,
   * and is written in no other way; what it does not fit may be right as well. Absent where `inner` says it.
   */
  readonly plain?: string
  readonly optional?: true
  readonly inner?: Shape
  /** Never set: it only ties the field to its type. */
  readonly type?: T
}
/** One sentence for a person who reads records, without a stop. */
export type Said = { readonly says: string }
export type Shape = { readonly [name: string]: Field<unknown> & Said }

/** The table that type `T` must have: one row for each field, optional exactly where the field is. */
export type ShapeOf<T> = {
  readonly [K in keyof T]-?: Said &
    (object extends Pick<T, K> ? Field<T[K]> & { readonly optional: true } : Field<T[K]>)
}

/** A field with its sentence. */
export const says = <F extends Field<unknown>>(sentence: string, field: F): F & Said => ({ ...field, says: sentence })

const MAX_TEXT_UNITS = 65_536
const MAX_LIST = 1_000

const wrongText = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return 'is not a text'
  return value.length <= MAX_TEXT_UNITS ? undefined : 'is too long'
}

/** ASCII that JSON leaves as it is; that it is not too long is for whoever looks at the line. */
const PLAIN_TEXT = '"[ !#-\\[\\]-~]*"'

export const text: Field<string> = { is: 'text', wrong: wrongText, plain: PLAIN_TEXT }

/** A text of a narrower type that `pattern` describes, from `^` to `$`: letters that JSON leaves as they are. */
export const matching = <T extends string>(is: string, pattern: RegExp, phrase: string): Field<T> => ({
  is,
  wrong: (value) => (typeof value === 'string' && pattern.test(value) ? undefined : phrase),
  plain: `"${pattern.source.slice(1, -1)}"`,
})

/** Words and numbers, so that each is a pattern for itself. */
export const oneOf = <const T>(...values: readonly T[]): Field<T> => ({
  is: values.map((value) => `\`${value}\``).join(' or '),
  wrong: (value) => (values.some((one) => one === value) ? undefined : `is not one of ${values.join(', ')}`),
  plain: `(?:${values.map((value) => JSON.stringify(value)).join('|')})`,
})

/** A whole number from 0. */
export const count: Field<number> = {
  is: 'whole number',
  wrong: (value) => (Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : 'is not a whole number from 0'),
  plain: '(?:0|[1-9]\\d{0,14})',
}

/** Any number from 0; JSON cannot write NaN or infinity. */
export const amount: Field<number> = {
  is: 'number',
  wrong: (value) => (Number.isFinite(value) && Number(value) >= 0 ? undefined : 'is not a number from 0'),
  // Fifteen digits are the same number again when it was read, and an exponent is for others.
  plain: '(?:0|[1-9]\\d{0,8})(?:\\.\\d{0,5}[1-9])?',
}

export const flag: Field<boolean> = {
  is: 'flag',
  wrong: (value) => (typeof value === 'boolean' ? undefined : 'is not a flag'),
  plain: '(?:true|false)',
}

/** How a list stands in a line whose items stand there like `item`. */
export const plainList = (item: string): string => `\\[(?:${item}(?:,${item}){0,${MAX_LIST - 1}})?\\]`

export const texts: Field<readonly string[]> = {
  is: 'list of texts',
  wrong: (value) => {
    if (!Array.isArray(value) || value.length > MAX_LIST) return 'is not a list of texts'
    return value.every((one) => wrongText(one) === undefined) ? undefined : 'is not a list of texts'
  },
  plain: plainList(PLAIN_TEXT),
}

export const optional = <T>(field: Field<T>): Field<T> & { readonly optional: true } => ({ ...field, optional: true })

export const nested = <T>(inner: ShapeOf<T>): Field<T> => ({
  is: 'object',
  inner: inner as Shape,
  wrong: (value) => (isObject(value) ? undefined : 'is not an object'),
})

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Parts = {
  /** Each field, and its place in the order. */
  readonly fields: ReadonlyMap<string, { readonly field: Field<unknown>; readonly at: number }>
  readonly required: readonly string[]
}

/** Shapes are tables that never change, and records come by the ten thousand: each is taken apart once. */
const taken = new WeakMap<Shape, Parts>()
function partsOf(shape: Shape): Parts {
  const known = taken.get(shape)
  if (known !== undefined) return known
  const entries = Object.entries(shape)
  const parts: Parts = {
    fields: new Map(entries.map(([name, field], at) => [name, { field, at }])),
    required: entries.filter(([, field]) => !field.optional).map(([name]) => name),
  }
  taken.set(shape, parts)
  return parts
}

/** The first thing that is wrong with a value, as a sentence; nothing when it has exactly this shape. */
export function problemIn(value: unknown, shape: Shape, at = ''): string | undefined {
  if (!isObject(value)) return at === '' ? 'it is not an object' : `\`${at}\` is not an object`
  const { fields, required } = partsOf(shape)
  const nameOf = (name: string) => `\`${at === '' ? '' : `${at}.`}${name}\``
  for (const name of Object.keys(value)) {
    const field = fields.get(name)?.field
    if (field === undefined) return `${nameOf(name.slice(0, 64))} is no field of a record`
    const given = value[name]
    if (given === undefined) continue
    const wrong = field.wrong(given)
    if (wrong !== undefined) return `${nameOf(name)} ${wrong}`
    if (field.inner !== undefined) {
      const deeper = problemIn(given, field.inner, at === '' ? name : `${at}.${name}`)
      if (deeper !== undefined) return deeper
    }
  }
  for (const name of required) if (value[name] === undefined) return `${nameOf(name)} is missing`
  return undefined
}

/** The value with its fields in the order of the shape, and none that the shape does not have; a copy where it is not so yet. */
export function inOrder(value: Readonly<Record<string, unknown>>, shape: Shape): Readonly<Record<string, unknown>> {
  if (isInOrder(value, shape)) return value
  const ordered: Record<string, unknown> = {}
  for (const [name, { field }] of partsOf(shape).fields) {
    const given = value[name]
    if (given === undefined) continue
    ordered[name] = field.inner !== undefined && isObject(given) ? inOrder(given, field.inner) : given
  }
  return ordered
}

/** Whether a value has only fields of a shape, in its order. */
export function isInOrder(value: unknown, shape: Shape): boolean {
  if (!isObject(value)) return true
  const { fields } = partsOf(shape)
  let last = -1
  for (const name of Object.keys(value)) {
    const part = fields.get(name)
    if (part === undefined || part.at <= last) return false
    last = part.at
    if (part.field.inner !== undefined && !isInOrder(value[name], part.field.inner)) return false
  }
  return true
}
