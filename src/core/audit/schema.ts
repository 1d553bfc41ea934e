/**
 * The fields of a record, in the order in which they stand in a line, each with its sentence. The types are in record.ts; these
 * tables must fit them, and RECORDS.md is made from them.
 */
import { PARAMETERS } from '../hdfs/parameters.ts'
import type { Reason } from '../reasons.ts'
import type {
  Admission,
  End,
  Entry,
  Format,
  Gap,
  Owner,
  Refused,
  Release,
  ShadowWhy,
  Viewed,
  What,
  Who,
  Why,
} from './record.ts'
import type { Field, Said, Shape, ShapeOf } from './shape.ts'
import { amount, count, flag, matching, nested, oneOf, optional, plainList, says, text, texts } from './shape.ts'

/** What may name a sidecar, and so stand in the name of a file: the uid of a pod, or a word of the same letters. */
export const SIDECAR = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/** The one that is written. */
export const FORMAT = 2
export const FORMATS: readonly Format[] = [1, 2]

/** A reason that a later version has is still a reason: a log outlives the program that reads it. */
const REASON = /^[a-z][a-z0-9-]{0,63}$/
const reason = matching<Reason>('reason code', REASON, 'is not a reason code')
const reasons: Field<readonly Reason[]> = {
  is: 'list of reason codes',
  wrong: (value) =>
    texts.wrong(value) ?? ((value as string[]).every((one) => REASON.test(one)) ? undefined : 'has no reason code'),
  plain: plainList(reason.plain ?? ''),
}
const digest = matching<string>('64 hex digits', /^[0-9a-f]{64}$/, 'is not a SHA-256 in hex')
const chainName = matching<string>('name of a chain', SIDECAR, 'cannot name a sidecar')

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
/** But for the 29th of February, which not every year has. */
const PLAIN_DAY = '(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)'
const time: Field<string> = {
  is: 'UTC time with milliseconds',
  wrong: (value) => {
    const real = typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value))
    return real ? undefined : 'is not a UTC time with milliseconds'
  },
  plain: `"\\d{4}-${PLAIN_DAY}T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z"`,
}

const WHO_1: ShapeOf<Omit<Who, 'owner'>> = {
  team: says('team of the identity, to which policy grants', text),
  identity: says('identity that the pod asks for', text),
  principal: says('Kerberos principal of the identity, as HDFS sees it', text),
  namespace: says('namespace of the pod', text),
  pod: says('name of the pod', text),
  serviceAccount: says('service account of the pod', text),
  node: says('node that the pod runs on', text),
}

const OWNER: ShapeOf<Owner> = {
  kind: says('kind of what made the pod: Job, Deployment, Notebook', text),
  name: says('its name', text),
}

const WHO_2: ShapeOf<Who> = {
  ...WHO_1,
  owner: says('what made the pod, as its owner references say', optional(nested<Owner>(OWNER))),
}

/** Every parameter that is known, so that an operation may name one more as deciding and the line keeps its form. */
const DECISIVE = Object.fromEntries(
  Object.keys(PARAMETERS).map((name) => [name, says(`\`${name}\` of the request`, optional(text))]),
) as ShapeOf<NonNullable<What['parameters']>>

const WHAT: ShapeOf<What> = {
  operationId: says('shared by the start and the end of one operation, and by no other of this chain', text),
  operation: says('WebHDFS operation, or what the client called it, cut to 64 characters', text),
  path: says('canonical path; the raw target, cut and escaped, when it had none', text),
  destination: says('where RENAME leads to', optional(text)),
  parameters: says('those that can change the decision', optional(nested<NonNullable<What['parameters']>>(DECISIVE))),
  dataset: says('dataset that the path is in', optional(text)),
  client: says('User-Agent of the client, cut to 128 characters', optional(text)),
}

const SHADOW: ShapeOf<ShadowWhy> = {
  effect: says('what was decided', oneOf('allow', 'deny')),
  reason: says('why', reason),
  grants: says('the grants that it rests on, each with its file and line', texts),
}

const WHY: ShapeOf<Why> = {
  ...SHADOW,
  bundle: says('hash of the policy that was in force', text),
  shadow: says('the decision with everything enforced that is in shadow', optional(nested<ShadowWhy>(SHADOW))),
}

const END: ShapeOf<End> = {
  status: says('HTTP status told to the client; 0 when it went away before', count),
  bytesRead: says('bytes that went to the client', count),
  bytesWritten: says('bytes that came from the client', count),
  durationMs: says('milliseconds from the start to here', amount),
  cut: says('whether the transfer stopped before its end', flag),
  resumed: says('how often a read went on at another DataNode', optional(count)),
  upload: says('what became of an upload that was cut', optional(oneOf('complete', 'removed', 'left'))),
  reason: says('why what was allowed at its start was refused or cut after all', optional(reason)),
}

const ADMISSION: ShapeOf<Admission> = {
  operation: says('what was asked of the API server', oneOf('CREATE', 'UPDATE')),
  stage: says('which of the two webhooks was asked', oneOf('mutate', 'validate')),
  effect: says('what was answered', oneOf('admit', 'deny')),
  reasons: says('why not', reasons),
  review: says('uid of the AdmissionReview, as in the audit log of the API server', text),
}

const RELEASE: ShapeOf<Release> = {
  path: says('where policy says that the secret is', text),
  key: says('which part of it', text),
  version: says('its version, as the store counts', optional(text)),
  outcome: says('`given`, or the code of what the store answered', text),
}

const REFUSED: ShapeOf<Refused> = {
  asked: says('what was asked for', oneOf('slices', 'secrets', 'events', 'audit')),
  reason: says('why not, as the caller was told', reason as Field<Refused['reason']>),
  detail: says('what was found, as the caller was not told', text),
}

const GAP: ShapeOf<Gap> = {
  of: says('chain whose records did not come here', chainName),
  from: says('first number that is missing', count),
  to: says('first number that is there again', count),
  detail: says('what the sidecar says about them', text),
}

const VIEWED: ShapeOf<Viewed> = {
  reader: says('who looked: issuer and subject of the login, or `local` where the page has none', text),
  role: says('what that reader may see', oneOf('reviewer', 'team-lead', 'auditor', 'none')),
  url: says('path and query that were asked for, cut to 8,192 characters', text),
  effect: says('whether it was shown', oneOf('allow', 'deny')),
}

const bundle = says('hash of the policy that was in force', text)
const detail = says('what happened, for a person', text)

type Body<K extends Entry['kind']> = ShapeOf<Omit<Extract<Entry, { kind: K }>, 'kind' | 'who'>>
const BODIES: { readonly [K in Entry['kind']]: Body<K> } = {
  start: {
    what: says('what was asked', nested<What>(WHAT)),
    why: says('what was decided', nested<Why>(WHY)),
  },
  end: { what: says('what was asked', nested<What>(WHAT)), end: says('how it ended', nested<End>(END)) },
  credential: { state: says('ready, stale, expired, renewed, refused and so on', text), detail },
  policy: { bundle, detail },
  admission: { admission: says('what was decided of a pod', nested<Admission>(ADMISSION)), bundle },
  release: { release: says('a secret that was handed out, or not', nested<Release>(RELEASE)), bundle },
  refusal: { refusal: says('what a caller was refused', nested<Refused>(REFUSED)) },
  gap: { gap: says('records that are not here', nested<Gap>(GAP)) },
  view: { view: says('somebody looked at the records', nested<Viewed>(VIEWED)) },
  open: { detail },
  close: { detail },
}

/** One sentence for each kind, and since which format there is such a record. */
export const KINDS: { readonly [K in Entry['kind']]: Said & { readonly since: Format } } = {
  start: { since: 1, says: 'who asked for what, and why it was allowed or denied; on disk before anything happens' },
  end: { since: 1, says: 'how it ended; has the `operationId` of its start' },
  credential: { since: 1, says: 'a ticket or delegation token came, went stale, or could not be had' },
  policy: {
    since: 1,
    says: 'another policy is in force, or was refused, for a sidecar or for a whole broker or webhook',
  },
  admission: {
    since: 2,
    says: 'the webhook admitted a pod or denied it; on disk after the API server was told, so that no pod waits for it',
  },
  release: {
    since: 2,
    says: 'the broker handed out a secret, or its store did not give it; on disk before a byte leaves',
  },
  refusal: { since: 2, says: 'the broker refused a caller; who it is may be a guess of its own, and is mostly empty' },
  gap: { since: 2, says: 'records of a sidecar did not come to this broker: another one has them, or nobody' },
  view: { since: 2, says: 'somebody looked at the audit pages, or was refused; on disk before anything is shown' },
  open: { since: 1, says: 'the chain was opened: a new one, or which record it continues and what was cut off' },
  close: { since: 1, says: 'the chain was closed in good order' },
}

const headOf = (format: Format, kind: Entry['kind']) => ({
  format: says('version of this table', oneOf(format)),
  sidecar: says('whose chain it is: uid of the pod of a sidecar, or the name of a broker or webhook', chainName),
  sequence: says('number in its chain, from 0 and without gaps', count),
  time: says('when it was written', time),
  kind: says('what kind of record it is', oneOf(kind)),
  who: says('on whose behalf', format === 1 ? nested<Omit<Who, 'owner'>>(WHO_1) : nested<Who>(WHO_2)),
})

const shapesOf = (format: Format): ReadonlyMap<unknown, Shape> =>
  new Map(
    (Object.keys(KINDS) as Entry['kind'][])
      .filter((kind) => KINDS[kind].since <= format)
      .map((kind) => {
        const previous = says('hash of the record before; 64 zeros for the first', digest)
        return [kind, { ...headOf(format, kind), ...BODIES[kind], previous } as Shape]
      }),
  )

/** Everything that the hash covers, by format and kind. */
export const SHAPES: ReadonlyMap<unknown, ReadonlyMap<unknown, Shape>> = new Map(
  FORMATS.map((format) => [format, shapesOf(format)]),
)

export const hashField: Field<string> & Said = says('SHA-256 over the line without this field', digest)
