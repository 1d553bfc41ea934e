/** `POST /v1/audit`: batches of records, each known by the pod that its service-account token is bound to, whatever that pod may do. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { DELIVERY_REASONS, type DeliveryReason, MAX_BATCH_BYTES } from '../../core/audit/delivery.ts'
import { toKerbsideError } from '../../core/errors.ts'
import { BROKER_REASONS, type BrokerReason } from '../../core/reasons.ts'
import type { Claims, RecogniseClaims } from '../claims.ts'
import type { BrokerServer } from '../server.ts'
import type { Intake } from './intake.ts'
import { batchRoom, type Room } from './room.ts'

export type AuditRouteParts = {
  readonly intake: Intake
  readonly writers: RecogniseClaims
  /** Service account of the webhook, as `namespace/name`: its pods deliver admissions, and nobody else does. */
  readonly webhook: string
  readonly log: Pick<Logger, 'warn' | 'error'>
  readonly onBatch: (outcome: BatchOutcome) => void
  /** Puts it on record. Nobody waits for it. */
  readonly onRefused: (refused: RefusedBatch) => void
  /** Given by tests, which fill it. */
  readonly room?: Room | undefined
}

/** Taken, known from before, to be sent from another number, not taken now because of us or of too many others, or why it was refused. */
export type BatchOutcome = 'taken' | 'known' | 'again' | 'unavailable' | 'busy' | BatchReason
type BatchReason = DeliveryReason | Extract<BrokerReason, 'no-token' | 'bad-token' | 'not-pod-bound'>

export type RefusedBatch = {
  readonly reason: BatchReason
  readonly detail: string
  /** The pod of the token, where that is a good one. */
  readonly from: Claims | undefined
}

const SENTENCES = { ...DELIVERY_REASONS, ...BROKER_REASONS }
const STATUS: Partial<Record<BatchReason, number>> = {
  'no-token': 401,
  'bad-token': 401,
  'not-pod-bound': 403,
  'too-large': 413,
}
const WRONG_BATCH = 422
const RETRY_AFTER_SECONDS = 2

type Sender = {
  readonly claims: Claims
  /** Whoever holds the batch last gives its room back. */
  readonly leave: () => void
  isHandled: boolean
}

/** Before the server listens. */
export function addAuditRoute(server: BrokerServer, parts: AuditRouteParts): void {
  server.addContentTypeParser(
    'application/x-ndjson',
    { parseAs: 'buffer', bodyLimit: MAX_BATCH_BYTES },
    (_, body, done) => done(null, body),
  )
  const { room = batchRoom() } = parts
  const senders = new WeakMap<FastifyRequest, Sender>()
  const refuse = (request: FastifyRequest, reply: FastifyReply, { reason, detail }: Omit<RefusedBatch, 'from'>) => {
    const from = senders.get(request)?.claims
    parts.onBatch(reason)
    const pod = from === undefined ? {} : { namespace: from.namespace, pod: from.pod }
    parts.log.warn({ what: 'audit', reason, detail, ...pod, peer: request.ip }, 'records refused')
    parts.onRefused({ reason, detail, from })
    return reply.code(STATUS[reason] ?? WRONG_BATCH).send({ reason, message: SENTENCES[reason] })
  }
  const unavailable = (reply: FastifyReply, thrown: unknown) => {
    const { code, message } = toKerbsideError(thrown)
    parts.log.error({ what: 'audit', code }, message)
    parts.onBatch('unavailable')
    return reply.code(503).send({ message: 'records cannot be taken in now; keep them and try again' })
  }
  /** The sender keeps what it has, and nothing is lost. */
  const busy = (reply: FastifyReply) => {
    parts.onBatch('busy')
    const message = 'too many records come in now; keep them and try again'
    return reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).send({ reason: 'busy', message })
  }

  server.post('/v1/audit', {
    bodyLimit: MAX_BATCH_BYTES,
    // Before a byte of the body is read: a stranger gets no room in our memory.
    async onRequest(request, reply) {
      try {
        const token = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1]
        if (token === undefined) return refuse(request, reply, { reason: 'no-token', detail: 'no bearer token' })
        const claims = await parts.writers(token)
        if ('reason' in claims) return refuse(request, reply, { ...claims, reason: reasonOf(claims.reason) })
        const leave = room.take(claims.podUid, bytesOf(request))
        if (leave === undefined) return busy(reply)
        const sender: Sender = { claims, leave, isHandled: false }
        senders.set(request, sender)
        reply.raw.once('close', () => {
          if (!sender.isHandled) leave()
        })
      } catch (thrown) {
        return unavailable(reply, thrown)
      }
    },
    async handler(request, reply) {
      const sender = senders.get(request)
      if (sender === undefined) return refuse(request, reply, { reason: 'no-token', detail: 'nobody asked for it' })
      sender.isHandled = true
      try {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const verdict = await parts.intake.take(body, writerOf(sender.claims, parts.webhook))
        if ('rejected' in verdict) return refuse(request, reply, { reason: verdict.rejected, detail: verdict.detail })
        const isAgain = 'again' in verdict
        parts.onBatch(isAgain ? 'again' : verdict.fresh > 0 ? 'taken' : 'known')
        return reply.code(isAgain ? 409 : 200).send({ next: isAgain ? verdict.again : verdict.next })
      } catch (thrown) {
        return unavailable(reply, thrown)
      } finally {
        sender.leave()
      }
    },
    errorHandler(error: { readonly code?: string }, request, reply) {
      const isLarge = error.code === 'FST_ERR_CTP_BODY_TOO_LARGE'
      const detail = isLarge ? `more than ${MAX_BATCH_BYTES} bytes` : 'it is not sent as application/x-ndjson'
      return refuse(request, reply, { reason: isLarge ? 'too-large' : 'not-a-batch', detail })
    },
  })
}

/** Who does not say how much comes is given room for the most that may; more than that is refused before it is read. */
const bytesOf = ({ headers }: FastifyRequest): number =>
  Math.min(MAX_BATCH_BYTES, Number(headers['content-length'] ?? MAX_BATCH_BYTES))

/** A token of which the API server says more than that it is good is judged by where it is asked for more. */
const reasonOf = (reason: BrokerReason): BatchReason =>
  reason === 'no-token' || reason === 'not-pod-bound' ? reason : 'bad-token'

const writerOf = ({ podUid, namespace, pod, serviceAccount }: Claims, webhook: string) => ({
  program: `${namespace}/${serviceAccount}` === webhook ? ('webhook' as const) : ('sidecar' as const),
  podUid,
  namespace,
  pod,
  serviceAccount,
})
