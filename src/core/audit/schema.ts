/** The fields of a record, in the order in which they stand in a line. The types are in record.ts; these tables must fit them. */
import { PARAMETERS } from '../hdfs/parameters.ts'
import type { Reason } from '../reasons.ts'
import type { AuditRecord, End, Entry, ShadowWhy, What, Who, Why } from './record.ts'
import type { Field, Shape, ShapeOf } from './shape.ts'
import { amount, count, flag, matching, nested, oneOf, optional, text, texts } from './shape.ts'

/** What may name a sidecar, and so stand in the name of a file: the uid of a pod, or a word of the same letters. */
export const SIDECAR = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/** A reason that a later version has is still a reason: a log outlives the program that reads it. */
const reason = matching<Reason>(/^[a-z][a-z0-9-]{0,63}$/, 'is not a reason code')
const digest = matching<string>(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex')

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const time: Field<string> = {
  wrong: (value) => {
    const real = typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value))
    return real ? undefined : 'is not a UTC time with milliseconds'
  },
}

const WHO: ShapeOf<Who> = {
  team: text,
  identity: text,
  principal: text,
  namespace: text,
  pod: text,
  serviceAccount: text,
  node: text,
}

/** Every parameter that is known, so that an operation may name one more as deciding and the line keeps its form. */
const DECISIVE = Object.fromEntries(Object.keys(PARAMETERS).map((name) => [name, optional(text)])) as ShapeOf<
  NonNullable<What['parameters']>
>

const WHAT: ShapeOf<What> = {
  operationId: text,
  operation: text,
  path: text,
  destination: optional(text),
  parameters: optional(nested<NonNullable<What['parameters']>>(DECISIVE)),
  dataset: optional(text),
  client: optional(text),
}

const SHADOW: ShapeOf<ShadowWhy> = { effect: oneOf('allow', 'deny'), reason, grants: texts }

const WHY: ShapeOf<Why> = { ...SHADOW, bundle: text, shadow: optional(nested<ShadowWhy>(SHADOW)) }

const END: ShapeOf<End> = {
  status: count,
  bytesRead: count,
  bytesWritten: count,
  durationMs: amount,
  cut: flag,
  resumed: optional(count),
  upload: optional(oneOf('complete', 'removed', 'left')),
  reason: optional(reason),
}

const who = nested<Who>(WHO)
const what = nested<What>(WHAT)

type Body<K extends Entry['kind']> = ShapeOf<Omit<Extract<Entry, { kind: K }>, 'kind'>>
const BODIES: { readonly [K in Entry['kind']]: Body<K> } = {
  start: { who, what, why: nested<Why>(WHY) },
  end: { who, what, end: nested<End>(END) },
  credential: { who, state: text, detail: text },
  policy: { who, bundle: text, detail: text },
  open: { who, detail: text },
  close: { who, detail: text },
}

type Head = Pick<AuditRecord, 'format' | 'sidecar' | 'sequence' | 'time'>
const HEAD: ShapeOf<Head> = {
  format: oneOf(1),
  sidecar: matching<string>(SIDECAR, 'cannot name a sidecar'),
  sequence: count,
  time,
}

export const KINDS = Object.keys(BODIES) as readonly Entry['kind'][]

/** Everything that the hash covers, by kind. */
export const SHAPES: ReadonlyMap<unknown, Shape> = new Map(
  KINDS.map((kind) => [kind, { ...HEAD, kind: oneOf(kind), ...BODIES[kind], previous: digest } as Shape]),
)

export const hashField: Field<string> = digest
