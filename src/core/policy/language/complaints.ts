/** What a schema found wrong, as sentences with a place: the schema library's own speak of inputs and options. */
import { z } from 'zod'
import { printable } from '../../audit/printable.ts'
import { nearest } from '../../nearest.ts'
import { didYouMean, type Problem, type Source } from './problem.ts'

const LONGEST_SHOWN = 80
const MOST_CHOICES = 20

/** One problem for each issue, but for unknown fields, where each field is one. */
export function complaints(issue: z.core.$ZodIssue, source: Source, schema: z.ZodType): readonly Problem[] {
  const { path } = issue
  const field = `\`${nameOf(path)}\``
  const here = source.place(path)
  switch (issue.code) {
    case 'unrecognized_keys':
      // The reader has refused `__proto__` already, also where this library passes over it.
      return issue.keys
        .filter((key) => key !== '__proto__')
        .map((key) => ({
          ...source.place([...path, key], 'key'),
          message: `unknown field ${show(key)}${path.length === 0 ? '' : ` in ${field}`}`,
          ...didYouMean(nearest(key, fieldsAt(schema, path))),
        }))
    case 'invalid_type':
      if (issue.input === undefined) return [{ ...here, message: `${field} is missing` }]
      return [
        {
          ...here,
          message: `${field} must be ${kindOf(issue.expected)}, and is ${describe(issue.input)}`,
        },
      ]
    case 'invalid_value': {
      if (issue.input === undefined) return [{ ...here, message: `${field} is missing` }]
      const choices = issue.values.map(String)
      const near = didYouMean(nearest(String(issue.input), choices))
      if (choices.length > MOST_CHOICES)
        return [{ ...here, message: `${describe(issue.input)} in ${field} is not known`, ...near }]
      const said = choices.length > 1 ? `must be one of ${choices.join(', ')}` : `must be \`${choices.join()}\``
      return [{ ...here, message: `${describe(issue.input)} in ${field} ${said}`, ...near }]
    }
    case 'too_small': {
      if (issue.origin === 'array') return [{ ...here, message: `${field} is an empty list` }]
      const least = `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
      return [{ ...here, message: `${describe(issue.input)} in ${field} must be ${least}` }]
    }
    case 'too_big':
      return [{ ...here, message: `${describe(issue.input)} in ${field} must be at most ${issue.maximum}` }]
    case 'invalid_union': {
      // Where it is of one of the kinds, what is wrong is inside of it.
      const inside = issue.errors.find((issues) => issues.every((one) => one.path.length > 0)) ?? []
      if (inside.length > 0) {
        return inside.flatMap((one) => complaints({ ...one, path: [...path, ...one.path] }, source, schema))
      }
      const kinds = issue.errors.flat().flatMap((one) => (one.code === 'invalid_type' ? [kindOf(one.expected)] : []))
      return [{ ...here, message: `${field} must be ${kinds.join(' or ')}, and is ${describe(issue.input)}` }]
    }
    case 'invalid_key':
      return [
        {
          ...source.place(path, 'key'),
          message: `${show(path.at(-1))} in \`${nameOf(path.slice(0, -1))}\` ${issue.issues[0]?.message}`,
        },
      ]
    default:
      return [{ ...here, message: `${describe(issue.input)} in ${field} ${issue.message}` }]
  }
}

/** `spec.cases[2].path`. */
export function nameOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`
    return name === '' ? String(key) : `${name}.${String(key)}`
  }, '')
}

/** Text from a file, safe to print: cut, controls escaped, in backticks. */
export const show = (text: unknown): string => `\`${printable(String(text), LONGEST_SHOWN)}\``

function describe(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string'
    ? show(value)
    : `the ${typeof value === 'boolean' ? 'truth value' : typeof value} ${show(value)}`
}

const KIND_OF = new Map([
  ['string', 'text'],
  ['boolean', '`true` or `false`'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['array', 'a list'],
  ['object', 'a mapping'],
  ['record', 'a mapping'],
])

const kindOf = (expected: string): string => KIND_OF.get(expected) ?? expected

/** Names of the fields that a schema knows at a path. */
export function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = schema
  for (const key of [...path, undefined]) {
    if (at instanceof z.ZodOptional) at = at.unwrap()
    if (key === undefined) break
    if (at instanceof z.ZodObject) at = new Map(Object.entries(at.shape)).get(String(key))
    else if (at instanceof z.ZodArray) at = at.element
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}
